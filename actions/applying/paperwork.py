"""What is printed for an application: its filled forms, and the letters of promise, ready to sign."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial
from typing import Any

from actions.applying.draft import Draft
from actions.applying.needed import requirements_of, said_name
from actions.services import Services
from actions.turn import Turn
from connectors.message import file_of
from knowledge.forms.filling import completed
from knowledge.forms.form import Form
from knowledge.letters import letters
from knowledge.matter import Matter
from knowledge.printing import MEDIA_TYPES, file_name, print_form
from knowledge.printing.letters import Due, print_letter, print_promised, print_put_off

PDF = MEDIA_TYPES["pdf"]


class Paperwork:
    """Prints, keeps the files in the conversation, and shows them."""

    def __init__(self, services: Services) -> None:
        self._files = services.files
        self._clock = services.clock

    async def show(self, turn: Turn, draft: Draft) -> None:
        """Each filled form as PDF to sign and as .docx to change, then the letters."""
        values = completed(draft.form, draft.application.values)
        for matter, form, own in _forms(draft, values):
            for kind, media_type in MEDIA_TYPES.items():
                content = await asyncio.to_thread(print_form, form, own, matter, kind=kind)
                response = "utter_file" if kind == "pdf" else "utter_file_to_change"
                await self._show(turn, response, file_name(form, kind=kind), media_type, content)
            for title, printed in _letters(draft, matter, form, own):
                await self._show(turn, "utter_letter", f"{title}.pdf", PDF, await asyncio.to_thread(printed))

    async def _show(self, turn: Turn, response: str, name: str, media_type: str, content: bytes) -> None:
        stored = await self._files.put(turn.conversation, name, media_type, content, self._clock())
        file = file_of(turn.conversation, stored.id, name, media_type, stored.size)
        turn.say(response, kind="file", data={"file": file}, name=name)


def _forms(draft: Draft, values: Mapping[str, Any]) -> Iterator[tuple[Matter, Form, Mapping[str, Any]]]:
    """Each form that is printed, with its matter and its own values."""
    if not draft.bundle:
        yield draft.matter, draft.form, values
        return
    merged, printed = draft.merged, set()
    for matter in draft.matters:
        for form in matter.forms[:1]:
            if form.code not in printed:
                printed.add(form.code)
                yield matter, form, merged.values_of(form.code, values)


def _letters(draft: Draft, matter: Matter, form: Form, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Title and printer of each letter that goes with a matter: its own, of what follows, of what is promised."""
    mine = [each for each in requirements_of(draft) if matter.code in each.matters]
    for each in mine:
        letter = letters().of(matter.code, each.material.name)
        if letter:
            yield letter.title, partial(print_letter, letter, form, values, matter)
    due = [Due(said_name(each), day) for each in mine if (day := _day(draft, each.material.name))]
    if due:
        yield letters().put_off.title, partial(print_put_off, matter, matter.name, due)
    promised = [said_name(each) for each in mine if each.state == "promised"]
    if promised:
        yield letters().promised.title, partial(print_promised, matter, matter.name, promised)


def _day(draft: Draft, material: str) -> date | None:
    """By when a paper that was put off has to follow; None: it was not."""
    kept = draft.application.papers.get(material) or {}
    day = kept.get("due_on") if kept.get("state") == "later" else None
    return date.fromisoformat(day) if isinstance(day, str) else day
