"""Filled forms on paper: PDF with its font inside, or Word, on the official layout where there is one, ready to sign.

Making a PDF takes about 0.3 s of one core: call it in a thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Literal

from knowledge.matter import Form, Matter
from knowledge.printing.font import undrawable
from knowledge.printing.general import generally_laid_out, words
from knowledge.printing.layout import laid_out, layouts
from knowledge.printing.making import docx_of, pdf_of
from knowledge.printing.printout import Printout, with_annex
from knowledge.printing.written import Written, plain_values, written

Kind = Literal["pdf", "docx"]

MEDIA_TYPES: Mapping[Kind, str] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_MAKERS: Mapping[Kind, Callable[[Printout], bytes]] = {"pdf": pdf_of, "docx": docx_of}


def print_form(form: Form, values: Mapping[str, Any], matter: Matter, *, kind: Kind = "pdf") -> bytes:
    """The filled form as a file. `values` by the form's keys, plain or as `Value`; what is missing stays free."""
    return _MAKERS[kind](printout_of(form, values, matter, every_sign=kind == "docx"))


def printout_of(form: Form, values: Mapping[str, Any], matter: Matter, *, every_sign: bool = False) -> Printout:
    """The form laid out. `every_sign`: the reader's own fonts draw the characters that ours has not."""
    filled = Written(form, plain_values(values))
    layout = layouts().get(form.code)
    printout = laid_out(layout, filled) if layout else generally_laid_out(filled, matter)
    missing = "" if every_sign else unprintable(values)
    notes = (words()["missing_signs"].format(signs=_named(missing)),) if missing else ()
    return with_annex(replace(printout, footer=_footer(matter), notes=(*printout.notes, *notes)))


def unprintable(values: Mapping[str, Any]) -> str:
    """The characters of the values that no PDF of ours can draw (a very rare name); they are left to be written."""
    return undrawable(map(written, plain_values(values).values()))


def file_name(form: Form, *, kind: Kind = "pdf") -> str:
    """What the file is called when it is sent."""
    return f"{form.name}.{kind}"


def _named(signs: str) -> str:
    return "、".join(f"U+{ord(sign):X}" for sign in signs)


def _footer(matter: Matter) -> str:
    version = f"第{matter.version}版" if matter.version else ""
    return str(words()["footer"].format(code=f"{matter.name}（{matter.code}）", version=version)).strip()
