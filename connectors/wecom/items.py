"""What `sync_msg` gives, read: messages of residents and events. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.wechat.messages import place_sent

CUSTOMER = 3
"""`origin`: only what residents wrote is answered (4: the system, 5: a person in WeCom)."""

LONGEST_TEXT = 300
CHOICE = re.compile(r"[\w.:-]{1,64}", re.ASCII)
MESSAGE_ID = re.compile(r"[\w.:-]{1,64}", re.ASCII)
TAKEN, PASSED_ON, ENDED, REOPENED = 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that happened. `kind`: text, image, voice, location, unknown, or an event's type."""

    id: str
    user: str = field(repr=False)
    kind: str
    at: int = 0
    text: str = field(default="", repr=False)
    choice: str | None = None
    media_id: str | None = None
    told: str = ""
    is_event: bool = False
    about: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def as_dict(self) -> dict[str, Any]:
        """What the answer's row is kept with."""
        kind = "audio" if self.kind == "voice" else self.kind
        told = {"text": self.text, "choice": self.choice, "media_id": self.media_id, "told": self.told}
        return {"id": self.id, "kind": kind, **told}


def read_item(values: Mapping[str, Any]) -> Item | None:
    """An item; None: nothing that concerns us, or nothing that can be read."""
    id, kind = values.get("msgid"), values.get("msgtype")
    if not (isinstance(id, str) and MESSAGE_ID.fullmatch(id) and isinstance(kind, str)):
        return None
    at = values.get("send_time")
    at = at if isinstance(at, int) else 0
    if kind == "event":
        return _event(id, at, _part(values, "event"))
    user = values.get("external_userid")
    if values.get("origin") != CUSTOMER or not (isinstance(user, str) and 0 < len(user) <= 128):
        return None
    return Item(id, user, kind, at, **_said(kind, _part(values, kind)))


def _event(id: str, at: int, event: Mapping[str, Any]) -> Item | None:
    user, kind = event.get("external_userid"), event.get("event_type")
    if not (isinstance(user, str) and user and isinstance(kind, str)):
        return None
    return Item(id, user, kind, at, is_event=True, about=event)


def _said(kind: str, part: Mapping[str, Any]) -> dict[str, Any]:
    if kind == "text":
        chosen, text = str(part.get("menu_id") or ""), str(part.get("content") or "")
        if CHOICE.fullmatch(chosen):
            return {"choice": chosen}
        return {"text": text} if len(text) <= LONGEST_TEXT else {"told": "too_long"}
    if kind in ("image", "voice"):
        media_id = part.get("media_id")
        return {"media_id": media_id} if isinstance(media_id, str) and media_id else {"told": "media"}
    if kind == "location":
        return place_sent(part.get("latitude"), part.get("longitude"))
    return {"told": "unknown"}


def _part(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = values.get(name)
    return part if isinstance(part, Mapping) else {}
