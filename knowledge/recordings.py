"""Recordings of calls: taken in parts as the agent's browser makes them, each part sealed, given back in order."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Select, cast, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from ulid import ULID

from knowledge.call import CallEnded, NoConsent, staff_seat
from knowledge.calls import Calls
from knowledge.database import Database
from knowledge.keyring import Keyring
from knowledge.sealing import context
from knowledge.tables.call import RecordingPartRow, RecordingRow

MOST_PARTS = 10_000
"""At five seconds a part that is fourteen hours: nobody talks longer."""


class RecordingNotFound(LookupError):
    """There is no such recording, or it is another agent's."""


class PartOutOfPlace(Exception):
    """A part of that number has other content, or the recording has fewer parts."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording without its content. Times are aware, in UTC; `parts` is None until it is whole.

    `stored`: how many parts there are, `size`: their bytes.
    """

    id: str
    call_id: str
    conversation_id: str
    staff_id: int | None
    media_type: str
    started_at: datetime
    ended_at: datetime | None
    parts: int | None
    stored: int = 0
    size: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether all its parts are there."""
        return self.parts is not None and self.stored >= self.parts


COLUMNS = [getattr(RecordingRow, name) for name in list(Recording.__dataclass_fields__)[:-2]]


class Recordings:
    """The recordings in a database. Reading their content raises, besides what is named, KeyMissing and SealBroken."""

    def __init__(self, database: Database, keyring: Keyring, calls: Calls) -> None:
        self._database = database
        self._keyring = keyring
        self._calls = calls

    async def begin(self, call_id: str, staff_id: int, media_type: str, at: datetime) -> Recording:
        """A new recording of a call that the other side agreed to. Raises CallNotFound, CallEnded, NoConsent."""
        call = await self._calls.find(call_id)
        if call.ended_at is not None or call.conversation_id is None:
            raise CallEnded(call_id)
        if call.recording != "agreed" or call.recording_answered_by == staff_seat(staff_id):
            raise NoConsent(call_id)
        row = {"id": str(ULID()), "conversation_id": call.conversation_id, "media_type": media_type}
        whose = {"call_id": call_id, "staff_id": staff_id, "started_at": at}
        async with self._database.transaction() as session:
            await session.execute(insert(RecordingRow).values(row | whose))
        return await self.find(row["id"])

    async def find(self, recording_id: str, staff_id: int | None = None) -> Recording:
        """With `staff_id` only that agent's. Raises RecordingNotFound."""
        found = await self._listed(RecordingRow.id == recording_id)
        if not found or (staff_id is not None and found[0].staff_id != staff_id):
            raise RecordingNotFound(recording_id)
        return found[0]

    async def of_call(self, call_id: str) -> list[Recording]:
        """All of a call, the oldest first."""
        return await self._listed(RecordingRow.call_id == call_id)

    async def of_conversation(self, conversation_id: str) -> list[Recording]:
        """All of a conversation, the oldest first."""
        return await self._listed(RecordingRow.conversation_id == conversation_id)

    async def missing(self, recording_id: str, upto: int) -> list[int]:
        """The numbers below `upto` that are not there yet: where an upload goes on."""
        query = select(RecordingPartRow.number).where(RecordingPartRow.recording_id == recording_id)
        async with self._database.looking() as session:
            there = set((await session.scalars(query)).all())
        return [number for number in range(upto) if number not in there]

    async def put(self, recording_id: str, staff_id: int, number: int, content: bytes) -> None:
        """Store part `number` (from 0); the same again changes nothing. Raises RecordingNotFound, PartOutOfPlace."""
        recording = await self.find(recording_id, staff_id)
        if number >= (MOST_PARTS if recording.parts is None else recording.parts):
            raise PartOutOfPlace(number)
        digest = hashlib.sha256(content).digest()
        if await self._has(recording_id, number, digest):
            return
        id = str(ULID())
        sealed = await asyncio.to_thread(self._keyring.seal, content, context(RecordingPartRow.content, id))
        row = {"id": id, "recording_id": recording_id, "number": number, "size": len(content), "sha256": digest}
        try:
            async with self._database.transaction() as session:
                await session.execute(insert(RecordingPartRow).values(row | {"content": sealed}))
        except IntegrityError as error:  # the same part from another tab at the same moment, or forgotten meanwhile
            if not await self._has(recording_id, number, digest):
                raise RecordingNotFound(recording_id) from error

    async def finish(self, recording_id: str, staff_id: int, parts: int, at: datetime) -> Recording:
        """It has that many parts, some of which may still be on their way. The first word counts.

        Raises RecordingNotFound.
        """
        await self.find(recording_id, staff_id)
        ended = update(RecordingRow).where(RecordingRow.id == recording_id, RecordingRow.ended_at.is_(None))
        async with self._database.transaction() as session:
            await session.execute(ended.values(ended_at=at, parts=parts))
        return await self.find(recording_id)

    async def content(self, recording_id: str) -> AsyncIterator[bytes]:
        """Its parts in order, up to the first that is missing: what a player can play."""
        number = 0
        while (part := await self._part(recording_id, number)) is not None:
            yield part
            number += 1

    async def older_than(self, started_before: datetime, limit: int = 200) -> list[Recording]:
        """Those that began before, the oldest first: for whoever deletes what is kept long enough."""
        return (await self._listed(RecordingRow.started_at < started_before))[:limit]

    async def delete(self, recording_id: str) -> None:
        """Delete a recording with its parts. Raises RecordingNotFound."""
        async with self._database.transaction() as session:
            gone = delete(RecordingRow).where(RecordingRow.id == recording_id).returning(RecordingRow.id)
            if await session.scalar(gone) is None:
                raise RecordingNotFound(recording_id)

    async def _has(self, recording_id: str, number: int, digest: bytes) -> bool:
        """Whether that part is there. Raises PartOutOfPlace when another one is."""
        query = select(RecordingPartRow.sha256).where(
            RecordingPartRow.recording_id == recording_id, RecordingPartRow.number == number
        )
        async with self._database.looking() as session:
            known = await session.scalar(query)
        if known is not None and known != digest:
            raise PartOutOfPlace(number)
        return known is not None

    async def _part(self, recording_id: str, number: int) -> bytes | None:
        query = select(RecordingPartRow.id, RecordingPartRow.content).where(
            RecordingPartRow.recording_id == recording_id, RecordingPartRow.number == number
        )
        async with self._database.looking() as session:
            row = (await session.execute(query)).one_or_none()
        if row is None:
            return None
        return await asyncio.to_thread(self._keyring.unseal, row.content, context(RecordingPartRow.content, row.id))

    async def _listed(self, wanted: Any) -> list[Recording]:
        query: Select[Any] = (
            select(
                *COLUMNS,
                func.count(RecordingPartRow.id),
                cast(func.coalesce(func.sum(RecordingPartRow.size), 0), BigInteger),
            )
            .outerjoin(RecordingPartRow, RecordingPartRow.recording_id == RecordingRow.id)
            .where(wanted)
            .group_by(RecordingRow.id)
            .order_by(RecordingRow.started_at, RecordingRow.id)
        )
        async with self._database.looking() as session:
            return [Recording(*row) for row in await session.execute(query)]
