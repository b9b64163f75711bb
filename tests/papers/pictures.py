"""Photos and files of papers for the tests, of invented people."""

from __future__ import annotations

import io
import random
from datetime import date
from functools import cache
from typing import Any

import pillow_heif
import pypdfium2
from PIL import Image, ImageDraw

from bot.bench.papers.drawing import Drawn, draw, layouts, values_of
from bot.bench.papers.people import Inventor
from bot.bench.papers.photographing import Manner, Spot, photograph
from knowledge.household import Identity

pillow_heif.register_heif_opener()

TODAY = date(2026, 11, 27)
WOMAN = Identity("罗桂香", "43042319430503002X")
BACK = {"valid_from": "2015-03-02", "valid_until": "2035-03-02"}


@cache
def drawn(kind: str, part: str = "", **told: str) -> Drawn:
    """A paper of the woman, or of whomever is told."""
    layout = next(each for each in layouts() if each["kind"] == kind and each.get("part", "") == part)
    hers = {"name": WOMAN.name, "id_number": WOMAN.id_number, "birth": "1943-05-03", "gender": "女"}
    return draw(layout, values_of(Inventor(7, TODAY), **{**hers, **BACK, **told}))


def photo(paper: Drawn, manner: Manner = "phone", turned: int = 0, spot: Spot | None = None) -> bytes:
    """A JPEG."""
    return photograph(paper.image, manner, random.Random(5), turned, spot)


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    """A picture in that format."""
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def pdf(*pictures: Image.Image) -> bytes:
    """A PDF with a page a picture."""
    return saved(pictures[0], "PDF", save_all=True, append_images=pictures[1:])


def pages(count: int) -> bytes:
    """A PDF of empty pages."""
    document = pypdfium2.PdfDocument.new()
    for _ in range(count):
        document.new_page(595, 842)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def cat() -> Image.Image:
    """A cat on a sofa."""
    picture = Image.new("RGB", (1200, 900), (120, 90, 70))
    pen = ImageDraw.Draw(picture)
    pen.ellipse((400, 300, 800, 800), fill=(200, 150, 90))
    pen.ellipse((470, 160, 730, 420), fill=(200, 150, 90))
    pen.polygon([(480, 220), (500, 90), (570, 180)], fill=(190, 140, 80))
    pen.polygon([(720, 220), (700, 90), (630, 180)], fill=(190, 140, 80))
    for eye in (540, 640):
        pen.ellipse((eye, 250, eye + 30, 290), fill=(40, 120, 40))
    return picture
