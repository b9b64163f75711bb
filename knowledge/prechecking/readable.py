"""Whether what a paper must show can be read, and if not, what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from knowledge.forms.formats import is_id_number
from knowledge.paper import Defect, Finding, Sheet
from knowledge.paper_rules import PaperKind
from knowledge.prechecking.saying import Saying, called, in_words

EXCUSES = ("blurred", "glare", "dark", "small", "cut_off")
"""Defects of a picture, the likeliest cause first."""


def unreadable(sheet: Sheet, kind: PaperKind, say: Saying) -> Iterator[Finding]:
    """A finding when something that is needed can't be read, with the defect that is to blame."""
    missing = unseen(sheet, kind)
    glare = next((each for each in sheet.defects if each.name == "glare"), None)
    if missing:
        yield blamed(sheet.defects, missing, say, called(kind))
    elif glare:
        yield say("glare_somewhere", called(kind), place=glare.place)
    elif any(each.name == "dark" for each in sheet.defects):
        yield say("dim", called(kind))


def blamed(defects: Sequence[Defect], labels: Sequence[str], say: Saying, paper: str = "") -> Finding:
    """The finding of the likeliest of the picture's defects; `unreadable` when it has none."""
    found = {defect.name: defect for defect in defects}
    for name in EXCUSES:
        if name in found:
            return say(name, paper, place=found[name].place, unseen=in_words(labels))
    return say("unreadable", paper, unseen=in_words(labels))


def unseen(sheet: Sheet, kind: PaperKind) -> list[str]:
    """The labels of what is needed on the parts that are there and can't be read, or was read wrongly for a defect.

    Of a paper that is cut off all is needed: a window wants its four corners. In the dark what is read is doubtful,
    and what is missing tells it.
    """
    cut = any(each.name in ("cut_off", "dark") for each in sheet.defects)
    needed = {
        key: field
        for key, field in kind.fields.items()
        if (cut or field.needed) and (not field.part or field.part in sheet.parts)
    }
    return [field.label for key, field in needed.items() if key not in sheet.fields or _is_misread(key, sheet)]


def _is_misread(key: str, sheet: Sheet) -> bool:
    """A number whose check digit is wrong, on a picture that explains it."""
    return key == "id_number" and not is_checked(sheet.fields[key]) and bool(sheet.defects)


def is_checked(number: str) -> bool:
    """Whether it can be an ID number: a real birthday, and the last character fits."""
    return is_id_number(number)
