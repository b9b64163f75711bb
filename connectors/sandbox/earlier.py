"""Cases that were there before: handed in at the window, so that a resident finds more than what Bangban did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from importlib import resources
from typing import Any

import yaml

from connectors.sandbox.case_record import with_event
from connectors.sandbox.cases import KIND
from connectors.sandbox.matters import matters
from connectors.sandbox.people import People, identity_json
from connectors.sandbox.store import Store


def put_earlier_cases(store: Store, people: People, now: datetime) -> None:
    """Those of `earlier.yml`, into a sandbox that has no case yet. Nothing is called back."""
    if store.rows("SELECT 1 FROM document WHERE kind = ? LIMIT 1", KIND):
        return
    for place, entry in enumerate(_entries(), 1):
        case = _case(entry, place, people, now)
        store.put(KIND, case["number"], case)


def _entries() -> Sequence[dict[str, Any]]:
    loaded: list[dict[str, Any]] = yaml.safe_load(
        resources.files(__package__).joinpath("earlier.yml").read_text("utf-8")
    )
    return loaded


def _case(entry: dict[str, Any], place: int, people: People, now: datetime) -> dict[str, Any]:
    everybody = ((seed, person) for seed in people.seeds for person in seed.household.members)
    seed, person = next(each for each in everybody if each[1].name == entry["applicant"])
    began = now - timedelta(days=entry["events"][0]["days_ago"])
    case: dict[str, Any] = {
        "number": f"{seed.household.region[:6]}{began:%Y%m%d}{place:05d}",
        "reference": "",
        "matter": {"code": entry["matter"], "name": matters()[entry["matter"]].name},
        "bundle": None,
        "region": seed.household.region,
        "authorisation": None,
        "applicant": identity_json(person),
        "id_number": person.id_number,
        "proxy": None,
        "values": {},
        "materials": [],
        "supplements": [],
        "submitted_at": began.isoformat(),
        "due_on": None,
        "result": entry.get("result", False),
        "history": [],
    }
    for event in entry["events"]:
        due = (now + timedelta(days=event["due_in"])).date() if "due_in" in event else None
        at = now - timedelta(days=event["days_ago"])
        case = with_event(case, event["state"], at, event["text"], event.get("materials", ()), due)
    return case
