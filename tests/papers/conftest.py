"""One worker reads all photos of the tests, once; nothing it does may go over the network."""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import Mapping

import pytest
from PIL import Image

from bot.bench.papers.photographing import Spot
from connectors.ocr.reader import WorkerReader
from connectors.ocr.service import FileRefused
from knowledge.paper import Reading
from tests.papers.pictures import cat, drawn, pdf, photo, saved

WITHOUT_NETWORK = """
import os, sys
os.nice = lambda _: 0  # nobody talks beside the tests
def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "urllib.Request"):
        raise RuntimeError("the worker wanted the network")
sys.addaudithook(refuse)
from connectors.ocr.worker import main
main()
"""


def _files() -> dict[str, bytes]:
    front, back = drawn("居民身份证", "人像面"), drawn("居民身份证", "国徽面")
    sideways = Image.open(io.BytesIO(photo(front, "clean", turned=90)))
    exif = Image.Exif()
    exif[0x0112] = 8  # the camera was held so that a quarter back makes it upright
    return {
        "front": photo(front),
        "front, turned by 90": photo(front, turned=90),
        "front, turned by 180": photo(front, turned=180),
        "front, turned by 270": photo(front, turned=270),
        "front, as a camera held sideways stores it": saved(sideways, "JPEG", exif=exif),
        "front, 40 megapixels": saved(front.image.resize((7680, 5200), Image.Resampling.NEAREST), "JPEG", quality=50),
        "front, HEIC": saved(front.image, "HEIF"),
        "front, glare": photo(front, "glare", spot=Spot(0.86, 0.87)),
        "front, cut off": photo(front, "cut_off"),
        "both sides in a PDF": pdf(front.image, back.image),
        "page of a household": photo(drawn("居民户口簿", "个人页", relation="户主")),
        "bank card": saved(drawn("银行卡").image, "PNG"),
        "cat": saved(cat(), "PNG"),
        "empty": b"",
        "text that calls itself a photo": "我是身份证.jpg".encode(),
    }


async def _read(files: Mapping[str, bytes]) -> dict[str, Reading | FileRefused]:
    reader = WorkerReader(seconds=60, command=(sys.executable, "-c", WITHOUT_NETWORK))
    seen: dict[str, Reading | FileRefused] = {}
    for name, content in files.items():
        try:
            seen[name] = await reader.read(content)
        except FileRefused as refused:
            seen[name] = refused
    await reader.close()
    return seen


@pytest.fixture(scope="session")
def read() -> dict[str, Reading | FileRefused]:
    """What the service's reader says of each file."""
    pytest.importorskip("rapidocr")
    with asyncio.Runner() as runner:
        return runner.run(_read(_files()))
