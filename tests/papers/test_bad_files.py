"""Files that are broken, too large or a trap are refused by what they are, never by what they are called."""

from __future__ import annotations

import io
import struct
import zlib

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from connectors.ocr.opening import MAX_PAGES, PICTURES, Refused, media_type, open_file
from tests.papers.pictures import cat, pages, pdf, saved

MAGIC = [
    b"\xff\xd8\xff\xe0",
    b"\x89PNG\r\n\x1a\n",
    b"RIFF\0\0\0\0WEBP",
    b"GIF89a",
    b"BM",
    b"II*\0",
    b"\0\0\0\x18ftypheic",
]


def reason(content: bytes) -> str:
    with pytest.raises(Refused) as refused:
        list(open_file(content).pictures)
    return refused.value.reason


def bomb(width: int, height: int) -> bytes:
    """A PNG of some hundred bytes that would unpack to gigabytes."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


def with_script(how: str) -> bytes:
    plain = pages(1)
    return plain.replace(b"/Type/Catalog", b"/Type/Catalog" + how.encode(), 1)


@pytest.mark.parametrize("size", [(50_000, 50_000), (9_000, 9_000), (2**31 - 1, 2**31 - 1)])
def test_a_decompression_bomb_is_not_unpacked(size: tuple[int, int]) -> None:
    assert reason(bomb(*size)) == "too_many_pixels"


def test_a_pdf_of_300_pages_is_refused_with_how_many(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Refused) as refused:
        open_file(pages(300))
    assert (refused.value.reason, dict(refused.value.values)) == ("too_many_pages", {"pages": 300, "limit": MAX_PAGES})


@pytest.mark.parametrize(
    "how",
    [
        "/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>",
        "/OpenAction<</S/Launch/F(cmd.exe)>>",
        "/AA<</WC<</S/JavaScript/JS(1)>>>>",
        "/AcroForm<</XFA(x)>>",
    ],
)
def test_a_pdf_with_something_to_run_in_it_is_refused(how: str) -> None:
    assert reason(with_script(how)) == "active"


def test_a_pdf_whose_script_is_packed_away_is_refused_too() -> None:
    hidden = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"
    packed = zlib.compress(b"5 0 " + hidden)
    parts = [
        b"1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction 5 0 R>>endobj\n",
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n",
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj\n",
        b"4 0 obj<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n%s\nendstream endobj\n"
        % (len(packed), packed),
    ]
    body, places = b"%PDF-1.5\n", []
    for part in parts:
        places.append(len(body))
        body += part
    table = b"".join(struct.pack(">BHB", *row) for row in [(0, 0, 0), *((1, at, 0) for at in places), (2, 4, 0)])
    table += struct.pack(">BHB", 1, len(body), 0)
    body += (
        b"6 0 obj<</Type/XRef/Size 7/W[1 2 1]/Root 1 0 R/Length %d>>stream\n%s\nendstream endobj\n"
        b"startxref\n%d\n%%%%EOF" % (len(table), table, len(body))
    )
    assert b"/JavaScript" not in body
    assert len(pypdfium2.PdfDocument(body)) == 1
    assert reason(body) == "active"


def test_a_pdf_with_a_password_is_refused() -> None:
    locked = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
        b"3 0 obj<</Filter/Standard/V 1/R 2/O<" + b"41" * 32 + b">/U<" + b"42" * 32 + b">/P -4>>endobj\n"
        b"trailer<</Root 1 0 R/Encrypt 3 0 R/ID[<41><41>]>>\n"
    )
    assert reason(locked) == "encrypted"


@pytest.mark.parametrize("content", [b"%PDF-1.4\nnothing", b"\xff\xd8\xff\xe0broken", saved(cat(), "PNG")[:3000]])
def test_half_a_file_is_called_damaged(content: bytes) -> None:
    assert reason(content) == "damaged"


def test_the_bytes_tell_the_kind() -> None:
    assert media_type(saved(cat(), "PNG")) == "image/png"
    assert media_type(b"junk before\n" + pdf(cat())) == "application/pdf"
    assert media_type(b"MZ\x90\0 a program called photo.jpg") is None
    assert open_file(pdf(cat(), cat())).pages == 2


def test_a_transparent_picture_stands_on_white() -> None:
    clear = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    [picture] = open_file(saved(clear, "PNG")).pictures
    assert picture.getpixel((5, 5)) == (255, 255, 255)


def test_a_grey_or_four_coloured_picture_opens_as_colours() -> None:
    for mode in ("L", "CMYK", "1"):
        out = io.BytesIO()
        cat().convert(mode).save(out, "TIFF")
        [picture] = open_file(out.getvalue()).pictures
        assert picture.mode == "RGB"


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([*MAGIC, b"%PDF-1.4\n"]), st.binary(max_size=400))
def test_whatever_follows_the_first_bytes_is_opened_or_refused(magic: bytes, rest: bytes) -> None:
    try:
        pictures = list(open_file(magic + rest).pictures)
    except Refused:
        return
    assert all(picture.mode == "RGB" for picture in pictures)


def test_every_kind_that_is_opened_is_tried_above() -> None:
    assert {media_type(each + b"\0" * 12) for each in MAGIC} == set(PICTURES)
