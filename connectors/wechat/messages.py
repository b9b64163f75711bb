"""What comes from an official account: all kinds of messages and events, as one `Received`. Pure.

Facts: developers.weixin.qq.com/doc/service (receiving messages and events). Event names are not consistent in case.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

import yaml

from knowledge.allowance import Allows, Grant

MESSAGE = Allows("message", 5, timedelta(hours=48))
CLICK = Allows("click", 3, timedelta(minutes=1))
"""What may be said after a message of theirs; after a click on the menu, a follow or a scan."""

BELIEVED = timedelta(minutes=10)
"""So much a message's own time may differ from ours."""

LONGEST_TEXT = 300
CHOICE = re.compile(r"[\w.:-]{1,100}", re.ASCII)
PLACE = re.compile(r"find_nearest:-?\d{1,3}(\.\d{1,20})?:-?\d{1,3}(\.\d{1,20})?", re.ASCII)
"""A place on the map as the choice that asks for the nearest office: latitude, longitude in degrees."""
MESSAGE_ID = re.compile(r"[\w.:-]{1,64}", re.ASCII)
SAY = "say:"
"""A menu key that is words: `say:人工`. Any other key is the id of a choice."""
SCANNED_LINK = re.compile(r"/q/(\w{1,12})(?:[?#].*)?$", re.ASCII)
CLICKS = {"click", "subscribe", "scan", "scancode_push", "scancode_waitmsg"}


class MessageBroken(Exception):
    """It is XML, but no message: who, when or what is missing."""


OF_NOTICES = frozenset(
    {
        *("templatesendjobfinish", "subscribe_msg_sent_event"),
        *("subscribe_msg_popup_event", "subscribe_msg_change_event"),  # 43101 tells whether they accept
    }
)


@dataclass(frozen=True, slots=True)
class NoticeEnded:
    """What became of a template or subscription message. `names`: of the message and of its template.

    `problem`: "" where it arrived.
    """

    names: frozenset[str]
    problem: str


@dataclass(frozen=True, slots=True)
class Received:
    """One message or event.

    `id`: the same for the same message. One of `text`, `choice`, `media_id` (`kind`: image, audio), `scene` (a scan; ""
    a follow without one), `told` (a sentence of words.yml that is all there is to say) is set, or none: nothing to do.
    """

    openid: str = field(repr=False)
    account: str
    id: str
    kind: str
    allows: Allows | None = None
    text: str = field(default="", repr=False)
    choice: str | None = None
    media_id: str | None = None
    scene: str | None = None
    told: str = ""
    ends: bool = False
    notices: tuple[NoticeEnded, ...] = ()
    at: int = 0

    def grant(self, now: datetime) -> Grant | None:
        """What may be said to them because of it, from when they did it: again the same for the same message."""
        if self.allows is None:
            return None
        told = datetime.fromtimestamp(self.at, UTC) if 0 < self.at < 2**32 else now
        return self.allows.at(told if abs(told - now) < BELIEVED else now)

    @property
    def is_of_notices(self) -> bool:
        """Whether the platform tells of template or subscription messages: nothing that lets us say more."""
        return self.kind in OF_NOTICES

    @property
    def wants_answer(self) -> bool:
        """Whether it is something said, and not only that something happened."""
        return bool(self.text or self.choice or self.media_id)

    def as_dict(self) -> dict[str, Any]:
        """What a late turn is kept with."""
        return {"id": self.id, "kind": self.kind, "text": self.text, "choice": self.choice, "media_id": self.media_id}


def received(values: Mapping[str, Any]) -> Received:
    """From the callback's XML. Raises MessageBroken."""
    openid, account, kind = (_text(values, name) for name in ("FromUserName", "ToUserName", "MsgType"))
    if not (0 < len(openid) <= 128 and 0 < len(account) <= 64 and kind):
        raise MessageBroken
    kind = kind.lower()
    created = _text(values, "CreateTime")
    at = int(created) if created.isascii() and created.isdigit() and len(created) < 12 else 0
    if kind == "event":
        return replace(_event(values, openid, account), at=at)
    given = _text(values, "MsgId")
    id = given if MESSAGE_ID.fullmatch(given) else _id_of(openid, created, kind)
    read = {"text": _words, "image": _image, "voice": _voice, "location": _place}.get(kind)
    more: dict[str, Any] = {"kind": kind, "allows": MESSAGE}
    more |= read(values) if read else {"told": _answer_to(kind)}
    return Received(openid, account, id, at=at, **more)


def words(key: str) -> str:
    """A sentence of words.yml."""
    return _sentences()[key]


def _words(values: Mapping[str, Any]) -> dict[str, Any]:
    tapped, text = _text(values, "bizmsgmenuid"), _text(values, "Content")
    if tapped:  # counts as a click: it does not begin 48 hours anew
        return {"choice": tapped, "allows": CLICK} if CHOICE.fullmatch(tapped) else {"text": text, "allows": CLICK}
    if len(text) > LONGEST_TEXT:
        return {"told": "too_long"}
    return {"text": text}


def _image(values: Mapping[str, Any]) -> dict[str, Any]:
    return _media(values, "MediaId") | {"kind": "image"}


def _voice(values: Mapping[str, Any]) -> dict[str, Any]:
    """A recognition of the platform's counts as what was said; else the recording, best at 16 kHz."""
    heard = _text(values, "Recognition")
    if heard:
        return {"text": heard[:LONGEST_TEXT], "kind": "voice"}
    better = _text(values, "MediaId16K")
    return _media(values, "MediaId16K" if better else "MediaId") | {"kind": "audio"}


def _media(values: Mapping[str, Any], name: str) -> dict[str, Any]:
    media_id = _text(values, name)
    return {"media_id": media_id} if 0 < len(media_id) <= 256 else {"told": "media"}


def _place(values: Mapping[str, Any]) -> dict[str, Any]:
    return place_sent(_text(values, "Location_X"), _text(values, "Location_Y"))


def place_sent(latitude: object, longitude: object) -> dict[str, Any]:
    """A place on the map (degrees, GCJ-02) asks for the nearest office; what is none is told so."""
    choice = f"find_nearest:{latitude}:{longitude}"
    return {"choice": choice} if PLACE.fullmatch(choice) else {"told": "place"}


def _answer_to(kind: str) -> str:
    return {"video": "video", "shortvideo": "video", "link": "link"}.get(kind, "unknown")


def _event(values: Mapping[str, Any], openid: str, account: str) -> Received:
    event, key = _text(values, "Event").lower(), _text(values, "EventKey")
    id = _id_of(openid, _text(values, "CreateTime"), f"{event}:{key}")
    allows = CLICK if event in CLICKS else None
    if event in ("subscribe", "scan"):
        return Received(openid, account, id, event, allows, scene=key)
    if event == "unsubscribe":
        return Received(openid, account, id, event, ends=True)
    if event == "click":
        return Received(openid, account, id, event, allows, **_clicked(key))
    if event in ("scancode_push", "scancode_waitmsg"):
        return Received(openid, account, id, event, allows, **_scanned(values))
    if event in ("templatesendjobfinish", "subscribe_msg_sent_event"):
        return Received(openid, account, id, event, notices=tuple(_notices_ended(values)))
    return Received(openid, account, id, event or "event", allows)


def _notices_ended(values: Mapping[str, Any]) -> Iterator[NoticeEnded]:
    """TEMPLATESENDJOBFINISH; subscribe_msg_sent_event in XML and in the forms of its JSON. Others are left out."""
    if "Status" in values:
        status = _text(values, "Status")
        yield NoticeEnded(frozenset({_text(values, "MsgID")}), "" if status == "success" else status or "unknown")
    told = values.get("SubscribeMsgSentEvent")
    told = told.get("List") if isinstance(told, Mapping) else told
    for each in told if isinstance(told, list) else [told]:
        if isinstance(each, Mapping):
            id, code = (str(each.get(name) or "") for name in ("MsgID", "ErrorCode"))
            problem = "" if code in ("", "0") else f"{code} {_text(each, 'ErrorStatus')}"
            yield NoticeEnded(frozenset({id, _text(each, "TemplateId")}) - {""}, problem)


def _clicked(key: str) -> dict[str, Any]:
    if key.startswith(SAY):
        return {"text": key.removeprefix(SAY)[:LONGEST_TEXT]}
    return {"choice": key} if CHOICE.fullmatch(key) else {}


def _scanned(values: Mapping[str, Any]) -> dict[str, Any]:
    """The menu's scanner: only our own short links mean something; nothing that was scanned is ever opened."""
    scan = values.get("ScanCodeInfo")
    found = SCANNED_LINK.search(_text(scan, "ScanResult")) if isinstance(scan, Mapping) else None
    return {"scene": f"q.{found[1]}"} if found else {}


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""


def _id_of(*parts: str) -> str:
    """Messages without an id: who, when and what; two events may come in one second."""
    return "h" + hashlib.sha256("\0".join(parts).encode()).hexdigest()[:40]


@cache
def _sentences() -> dict[str, str]:
    loaded: dict[str, str] = yaml.safe_load(resources.files(__package__).joinpath("words.yml").read_text("utf-8"))
    return loaded
