"""A record as a file: of one case, of all that its resident said and did, or of one conversation; checkable by itself.

Form values and files are only in it when they are asked for (`full`): a problem case is mostly looked into without.
"""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select

from knowledge.applications import Applications
from knowledge.cases import CaseNotFound, Cases
from knowledge.chain import FORGOTTEN, Broken, Entry, canonical, check
from knowledge.conversations import ConversationNotFound, Conversations
from knowledge.database import Database
from knowledge.files import Files
from knowledge.keyring import Keyring
from knowledge.reach import conversations_of
from knowledge.records import Records
from knowledge.tables.case import CaseRow
from knowledge.tables.resident import ApplicationRow

FORMAT = "bangban record 1"
HOW = (
    "digest = SHA-256(salt + content), hash = SHA-256(hash before + {at, conversation, digest, key, place, source}); "
    "JSON with sorted keys, no spaces; the hash before the first is 32 zero bytes. `bangban record check` checks it."
)


class SubjectUnknown(LookupError):
    """There is no such case or conversation."""


class NoRecord(ValueError):
    """The file is no record that was exported."""


@dataclass(frozen=True, slots=True)
class Export:
    """A record: what `record.json` says, and the files beside it by their names there."""

    told: dict[str, Any]
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def broken(self) -> int:
        """How many things are not as they were recorded."""
        return sum(len(each["broken"]) for each in self.told["conversations"])

    def as_json(self) -> bytes:
        """`record.json`."""
        return orjson.dumps(self.told, option=orjson.OPT_INDENT_2)

    def as_zip(self) -> bytes:
        """`record.json` and the files."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("record.json", self.as_json())
            for name, content in self.files.items():
                archive.writestr(f"files/{name}", content)
        return packed.getvalue()


class Evidence:
    """Exports. Whoever asks for one is in the record themselves, with the reason."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._records = Records(database, keyring)
        self._cases, self._files = Cases(database, keyring), Files(database, keyring)
        self._applications = Applications(database, keyring)
        self._conversations = Conversations(database)

    async def export(
        self, subject: str, by: str, reason: str, at: datetime, *, whole: bool = False, full: bool = False
    ) -> Export:
        """Of a case (our reference or the platform's number) or a conversation (its id).

        `whole`: all conversations and cases of the case's resident. `full`: form values and files too.
        Raises SubjectUnknown, KeyMissing, SealBroken.
        """
        cases, conversations = await self._reached(subject, whole)
        for conversation in conversations:
            await self._records.note(conversation, "exported", at, by=by, reason=reason, of=subject, full=full)
        await self._records.sweep()
        told = {
            "format": FORMAT,
            "how": HOW,
            "of": subject,
            "made_at": at,
            "made_by": by,
            "reason": reason,
            "cases": [await self._case(reference) for reference in cases],
            "conversations": [await self._conversation(each, at) for each in conversations],
        }
        if not full:
            return Export(told)
        told["applications"] = await self._forms(conversations)
        told["files"], files = await self._stored(conversations)
        return Export(told, files)

    async def regions(self, subject: str, *, whole: bool = False) -> list[str]:
        """The divisions that an export would speak of; "" for a conversation that says none. Raises SubjectUnknown."""
        cases, conversations = await self._reached(subject, whole)
        theirs = [(await self._cases.find(reference)).region for reference in cases]
        return theirs or [(await self._conversations.find(each)).region_code or "" for each in conversations]

    async def _reached(self, subject: str, whole: bool) -> tuple[list[str], list[str]]:
        try:
            case = await self._cases.find(subject)
        except CaseNotFound:
            try:
                return [], [(await self._conversations.find(subject)).id]
            except ConversationNotFound as error:
                raise SubjectUnknown(subject) from error
        cases = [case.reference]
        if whole and case.resident_id:
            theirs = select(CaseRow.reference).where(CaseRow.resident_id == case.resident_id)
            async with self._database.reading() as session:
                cases = list(await session.scalars(theirs.order_by(CaseRow.submitted_at)))
        return cases, sorted(await conversations_of(self._database, cases, residents=whole))

    async def _case(self, reference: str) -> dict[str, Any]:
        case, steps = await self._cases.find(reference), await self._cases.history(reference)
        return asdict(case) | {"steps": [asdict(step) for step in steps]}

    async def _conversation(self, conversation: str, at: datetime) -> dict[str, Any]:
        contents = await self._records.contents(conversation)
        entries = [
            _entry(each, contents.get((each.source, each.key))) for each in await self._records.entries(conversation)
        ]
        broken = [str(each) for each in await self._records.verify(conversation, at)]
        return {"id": conversation, "entries": entries, "broken": broken}

    async def _forms(self, conversations: Sequence[str]) -> list[dict[str, Any]]:
        query = select(ApplicationRow.id).where(ApplicationRow.conversation_id.in_(conversations))
        async with self._database.reading() as session:
            ids = (await session.scalars(query.order_by(ApplicationRow.id))).all()
        return [asdict(await self._applications.find(id)) for id in ids]

    async def _stored(self, conversations: Sequence[str]) -> tuple[list[dict[str, Any]], dict[str, bytes]]:
        told, contents = [], {}
        for conversation in conversations:
            for file in await self._files.listed(conversation):
                name = f"{file.id}-{file.name}".replace("/", "_").replace("\\", "_")
                _, contents[name] = await self._files.get(conversation, file.id)
                told.append(asdict(file) | {"sha256": file.sha256.hex(), "in": f"files/{name}"})
        return told, contents


async def packed(export: Export) -> bytes:
    """The zip, made in a thread: photos have megabytes."""
    return await asyncio.to_thread(export.as_zip)


def check_export(content: bytes) -> tuple[int, list[Broken]]:
    """How many entries a `record.json` (or the zip around it) has, and what is wrong with them. Raises NoRecord."""
    told = _read(content)
    count, broken = 0, list[Broken]()
    try:
        for conversation in told["conversations"]:
            entries = [_as_entry(conversation["id"], each) for each in conversation["entries"]]
            known = {
                (each["source"], each["key"]): each["content"]
                for each in conversation["entries"]
                if each["content"] is not None
            }
            count += len(entries)
            broken += check(entries, known)
    except (KeyError, TypeError, ValueError) as error:
        raise NoRecord(str(error)) from error
    return count, broken


def _read(content: bytes) -> dict[str, Any]:
    try:
        if content.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                content = archive.read("record.json")
        told: dict[str, Any] = orjson.loads(content)
        if told["format"] != FORMAT:
            raise NoRecord(str(told["format"]))
    except (orjson.JSONDecodeError, zipfile.BadZipFile, KeyError, TypeError) as error:
        raise NoRecord(str(error)) from error
    return told


def _entry(entry: Entry, content: Mapping[str, Any] | None) -> dict[str, Any]:
    salt = None if entry.salt is None else entry.salt.hex()
    chained = {"digest": entry.digest.hex(), "hash": entry.hash.hex(), "salt": salt}
    named = {"place": entry.place, "source": entry.source, "key": entry.key, "at": entry.at}
    return {**named, **chained, "content": None if entry.source == FORGOTTEN else _plain(content)}


def _plain(content: Mapping[str, Any] | None) -> Any:
    """The content as its digest was made of it: times as canonical texts."""
    return None if content is None else orjson.loads(canonical(content))


def _as_entry(conversation: str, told: Mapping[str, Any]) -> Entry:
    salt = None if told["salt"] is None else bytes.fromhex(told["salt"])
    digest, hash = bytes.fromhex(told["digest"]), bytes.fromhex(told["hash"])
    at = datetime.fromisoformat(told["at"])
    return Entry(conversation, told["place"], told["source"], told["key"], at, salt, digest, hash)
