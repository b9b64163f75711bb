"""What residents are told of their cases, in the words of case_news.yml."""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib import resources

import yaml

from connectors.message import Reply, file_of
from knowledge.case import Case, CaseEvent
from nlu.text import mask_personal


def news_of(case: Case, event: CaseEvent, has_result: bool = False) -> Reply:
    """What is said when a case has come into this event's state."""
    name = "approved_with_result" if has_result and event.state == "approved" else event.state
    return _reply(
        name,
        case,
        text=_sentence("said", event.text),
        due=_dated("due", case.due_on),
        until=_dated("until", event.due_on),
        materials="、".join(event.materials) or _words()["no_materials"],
    )


def failure_of(case: Case, kind: str, reason: str) -> Reply:
    """What is said when a letter of that kind can't be delivered; `reason`: the platform's, or empty."""
    name = f"failed_{kind}" if f"failed_{kind}" in _words() else "failed"
    return _reply(name, case, text=_sentence("platform_said", reason))


def dropped(case: Case) -> Reply:
    """What is said when staff gave up handing the case in."""
    return _reply("dropped", case)


def overdue(case: Case) -> Reply:
    """What is said when the promised day has passed."""
    return _reply("overdue", case, day=_dated("day", case.due_on))


def supplemented(case: Case) -> Reply:
    """What is said when the platform has what it asked for."""
    return _reply("supplemented", case)


def result_of(case: Case, file_id: str, name: str, size: int) -> Reply:
    """The result document."""
    said = _reply("result", case, file=name)
    file = file_of(case.conversation_id or "", file_id, name, "application/pdf", size)
    return Reply(said.text, "file", data={**said.data, "file": file})


def result_name(case: Case) -> str:
    """How the result document is called."""
    return _words()["result_name"].format(matter=case.matter_name, reference=case.reference)


def _reply(name: str, case: Case, **values: str) -> Reply:
    known = {"matter": case.matter_name, "reference": case.reference, "number": case.platform_number or case.reference}
    text = _words()[name].format(**known, **values)
    data = {"case": case.reference, "number": case.platform_number, "state": case.state, "code": case.matter_code}
    return Reply(text, "notice", data=data)


def _sentence(name: str, text: str) -> str:
    said = mask_personal(text).strip().rstrip("。.;；")
    return _words()[name].format(text=said) if said else ""


def _dated(name: str, day: date | None) -> str:
    return _words()[name].format(day=f"{day.month}月{day.day}日") if day else ""


@cache
def _words() -> dict[str, str]:
    loaded: dict[str, str] = yaml.safe_load(resources.files(__package__).joinpath("case_news.yml").read_text("utf-8"))
    return loaded
