"""Opens what a resident sent: bytes → upright pictures, judged by the bytes and never by a name. Runs in the worker."""

from __future__ import annotations

import io
import re
import struct
import warnings
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pillow_heif
import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageOps, UnidentifiedImageError

MAX_PIXELS = 60_000_000
"""Of a picture that must be unpacked whole (PNG, HEIC …): 180 MB. A JPEG is unpacked at a fraction of its size."""

MAX_JPEG_PIXELS = 120_000_000
"""More than any telephone takes; a progressive one needs 6 bytes a pixel all the same."""

LONGEST = 3200
"""Pixels; what is larger is made smaller. Twice what a page needs, so that a small card can be looked at."""

MAX_PAGES = 8
PAGE_LONGEST = 1700

PICTURES = {
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
    "image/gif": re.compile(rb"GIF8[79]a"),
    "image/bmp": re.compile(rb"BM"),
    "image/tiff": re.compile(rb"II\*\0|MM\0\*"),
    "image/heic": re.compile(rb"....ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1|avif)", re.DOTALL),
}
PDF = "application/pdf"
ACTIVE = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData)\b")
"""What a paper never needs and a trap does: scripts, programs to start, files inside, forms that send themselves."""


BROKEN = (
    *(UnidentifiedImageError, OSError, EOFError, SyntaxError, ValueError, TypeError),
    *(LookupError, ArithmeticError, struct.error, zlib.error),
)
"""What Pillow's decoders raise for a broken picture."""


class Refused(Exception):
    """The file is not opened. The first argument is a key of refusals.yml, `values` fill its sentence."""

    def __init__(self, reason: str, **values: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.values: Mapping[str, int] = values


@dataclass(frozen=True, slots=True)
class Opened:
    """A file's pictures, RGB and upright as far as the camera knew, one at a time; `pages`: how many there are."""

    media_type: str
    pages: int
    pictures: Iterator[Image.Image] = field(repr=False)


def media_type(content: bytes) -> str | None:
    """What the bytes are; None: neither a picture nor a PDF. A PDF may begin with up to 1 KB of something else."""
    if b"%PDF-" in content[:1024]:
        return PDF
    return next((name for name, magic in PICTURES.items() if magic.match(content)), None)


def open_file(content: bytes) -> Opened:
    """Raises Refused: empty, kind_unknown, damaged, too_many_pixels, encrypted, too_many_pages, active."""
    if not content:
        raise Refused("empty")
    kind = media_type(content)
    if kind is None:
        raise Refused("kind_unknown")
    if kind == PDF:
        return _open_pdf(content)
    return Opened(kind, 1, iter([_open_picture(content)]))


def _open_picture(content: bytes) -> Image.Image:
    pillow_heif.register_heif_opener()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of large pictures: the limits here are our own; of broken ones: refused
            with Image.open(io.BytesIO(content)) as picture:
                return _upright(picture)
    except Image.DecompressionBombError as error:
        raise Refused("too_many_pixels") from error
    except BROKEN as error:
        raise Refused("damaged") from error


def _upright(picture: Image.Image) -> Image.Image:
    limit = MAX_JPEG_PIXELS if picture.format == "JPEG" else MAX_PIXELS
    if picture.width * picture.height > limit:
        raise Refused("too_many_pixels")
    picture.draft("RGB", (LONGEST, LONGEST))  # a JPEG is unpacked at ½, ¼ or ⅛
    picture.thumbnail((LONGEST, LONGEST), reducing_gap=2.0)
    upright = ImageOps.exif_transpose(picture)
    if upright.mode in ("RGBA", "LA", "PA", "P"):
        return _on_white(upright.convert("RGBA"))
    return upright.convert("RGB")


def _on_white(picture: Image.Image) -> Image.Image:
    white = Image.new("RGB", picture.size, "white")
    white.paste(picture, mask=picture.getchannel("A"))
    return white


def _open_pdf(content: bytes) -> Opened:
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        raise Refused("encrypted" if _last_error() == pdfium.FPDF_ERR_PASSWORD else "damaged") from error
    if len(document) > MAX_PAGES:
        raise Refused("too_many_pages", pages=len(document), limit=MAX_PAGES)
    if not len(document):
        raise Refused("damaged")
    if pdfium.FPDFDoc_GetJavaScriptActionCount(document) > 0 or ACTIVE.search(_unpacked(content, document)):
        raise Refused("active")
    return Opened(PDF, len(document), (_render(page) for page in document))


def _last_error() -> int:
    return int(pdfium.FPDF_GetLastError())


def _unpacked(content: bytes, document: Any) -> bytes:
    """The file and a copy without packed objects, in which a script can't hide."""
    copy = io.BytesIO()
    document.save(copy)
    return content + copy.getvalue()


def _render(page: Any) -> Image.Image:
    width, height = page.get_size()
    longest = max(width, height)
    if not 0 < longest < 20_000 or min(width, height) <= 0:
        raise Refused("damaged")
    bitmap = page.render(scale=PAGE_LONGEST / longest, may_draw_forms=True)
    picture: Image.Image = bitmap.to_pil().convert("RGB")
    return picture
