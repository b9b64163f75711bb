"""The hash chain of a conversation's record: pure, so that an export can be checked by whoever has it.

An entry's digest is SHA-256 of its salt and its content as canonical JSON (UTF-8, keys sorted, no spaces). Its hash is
SHA-256 of the hash before (32 zero bytes for the first) and, as canonical JSON, of
`{"at", "conversation", "digest", "key", "place", "source"}`. Changing, removing, adding or moving anything breaks it.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import orjson

NOTHING_BEFORE = bytes(32)
FORGOTTEN = "forgotten"
"""The source of the entry that says: up to here contents were deleted because the resident wanted it."""

Why = Literal["place", "chain", "changed", "missing", "forgotten_untold", "unrecorded", "anchor"]
WHYS: dict[Why, str] = {
    "place": "an entry was taken out or put in",
    "chain": "the entry was changed",
    "changed": "what it is about was changed",
    "missing": "what it is about is gone",
    "forgotten_untold": "its salt is gone, and no entry says that the resident was forgotten",
    "unrecorded": "something stands in the conversation that was never recorded",
    "anchor": "the record is not what it was when it was anchored",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as stored. `salt` None: the resident was forgotten, the content with them."""

    conversation: str
    place: int
    source: str
    key: str
    at: datetime
    salt: bytes | None
    digest: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Broken:
    """Where a record is not what it was. `place` 0: of the whole conversation."""

    conversation: str
    place: int
    why: Why
    source: str = ""
    key: str = ""

    def __str__(self) -> str:
        where = f"entry {self.place}" if self.place else "the conversation"
        return f"{self.conversation}, {where} ({self.source} {self.key}): {WHYS[self.why]}"


def canonical(value: Any) -> bytes:
    """JSON with sorted keys and no spaces; times in UTC, to the microsecond."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME)


def new_salt() -> bytes:
    """16 random bytes: without them the digest of a short text could be guessed."""
    return secrets.token_bytes(16)


def digest_of(salt: bytes, content: Mapping[str, Any]) -> bytes:
    """What an entry says about its content."""
    return hashlib.sha256(salt + canonical(content)).digest()


def hash_of(before: bytes, conversation: str, place: int, source: str, key: str, at: datetime, digest: bytes) -> bytes:
    """An entry's hash, over the one before."""
    fields = {"conversation": conversation, "place": place, "source": source, "key": key, "at": at}
    return hashlib.sha256(before + canonical({**fields, "digest": digest.hex()})).digest()


def check(entries: Sequence[Entry], contents: Mapping[tuple[str, str], Mapping[str, Any]]) -> Iterable[Broken]:
    """What is wrong with one conversation's entries, in their order, against what they are about now.

    `contents`: (source, key) → content; entries whose own content went with a forgotten resident need none.
    """
    before, last_forgotten = NOTHING_BEFORE, max((e.place for e in entries if e.source == FORGOTTEN), default=0)
    for place, entry in enumerate(entries, 1):
        why = _wrong(entry, place, before, contents.get((entry.source, entry.key)), last_forgotten)
        if why is not None:
            yield Broken(entry.conversation, entry.place, why, entry.source, entry.key)
        before = entry.hash


def _wrong(
    entry: Entry, place: int, before: bytes, content: Mapping[str, Any] | None, last_forgotten: int
) -> Why | None:
    if entry.place != place:
        return "place"
    fields = (entry.conversation, entry.place, entry.source, entry.key, entry.at, entry.digest)
    if hash_of(before, *fields) != entry.hash:
        return "chain"
    if entry.source == FORGOTTEN:
        return None
    if entry.salt is None:
        return None if entry.place < last_forgotten else "forgotten_untold"
    if content is None:
        return "missing"
    return None if digest_of(entry.salt, content) == entry.digest else "changed"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(type(value).__name__)
