"""`bangban links`: codes and posters from the command line."""

from __future__ import annotations

from pathlib import Path

import pypdfium2

from tests.commands.command_line import bangban

ADDRESS = "https://bangban.example.cn"


def test_links_are_made_once_printed_and_taken_down(tmp_path: Path) -> None:
    where = ("--data-dir", tmp_path)
    made = bangban("links", "make", "M005", "B01", "O-430423101218", "--place", "村部", *where)
    again = bangban("links", "make", "M005", "--place", "村部", *where)
    assert made.code == 0, made.error
    lines = [line.split("\t") for line in made.out.splitlines()]
    assert [(kind, target) for _, kind, target, *_ in lines] == [
        ("matter", "M005"),
        ("bundle", "B01"),
        ("office", "O-430423101218"),
    ]
    assert again.out.splitlines()[0].split("\t")[0] == lines[0][0]
    out = tmp_path / "posters.pdf"
    printed = bangban("links", "posters", out, "--size", "A3", "--address", ADDRESS, *where)
    assert printed.out == f"{out}: 3 pages\n"
    document = pypdfium2.PdfDocument(out)
    texts = [document[number].get_textpage().get_text_range() for number in range(len(document))]
    document.close()
    for code, *_ in lines:
        assert any(f"bangban.example.cn/q/{code}" in text for text in texts)
    assert bangban("links", "end", lines[0][0], *where).code == 0
    listed = bangban("links", "list", *where).out
    assert lines[0][0] not in listed
    assert "村民建房一件事" in listed
    assert bangban("links", "scans", *where).out.startswith("日期,码")


def test_what_cannot_be_is_said_in_one_line(tmp_path: Path) -> None:
    where = ("--data-dir", tmp_path)
    assert bangban("links", "make", "M999", *where).complaint == "there is no M999 in 430423101218"
    assert "BANGBAN_PUBLIC_URL" in bangban("links", "posters", tmp_path / "x.pdf", *where).complaint
    refused = bangban("links", "posters", tmp_path / "x.pdf", "--address", ADDRESS, *where)
    assert "bangban links make" in refused.complaint
    assert bangban("links", "end", "ABCDEF", *where).complaint == "there is no link ABCDEF"
