"""Files of a conversation, name and content sealed: photos that residents send, forms and results that they get."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select
from sqlalchemy.exc import IntegrityError
from ulid import ULID

from knowledge.database import Database
from knowledge.keyring import Keyring
from knowledge.sealing import context
from knowledge.tables.resident import StoredFileRow


class FileMissing(LookupError):
    """There is no such file in that conversation, or not any more."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file without its content. `size` in bytes; `sha256` of the content; `stored_at` in UTC."""

    id: str
    conversation_id: str
    name: str = field(repr=False)
    media_type: str
    size: int
    sha256: bytes = field(repr=False)
    stored_at: datetime


COLUMNS = [getattr(StoredFileRow, name) for name in StoredFile.__dataclass_fields__]


class Files:
    """The files in a database. Reading them raises, besides what is named, KeyMissing and SealBroken."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring

    async def put(self, conversation_id: str, name: str, media_type: str, content: bytes, at: datetime) -> StoredFile:
        """Store a file. The same content again in the conversation is the file that is there, under its first name."""
        digest = hashlib.sha256(content).digest()
        if known := await self.with_content(conversation_id, digest):
            return known
        file = StoredFile(str(ULID()), conversation_id, name, media_type, len(content), digest, at)
        sealed = await asyncio.to_thread(self._sealed, file, content)
        async with self._database.transaction() as session:
            try:
                async with session.begin_nested():
                    await session.execute(insert(StoredFileRow).values(sealed))
            except IntegrityError:  # the same photo at the same moment from another connection
                known = await self.with_content(conversation_id, digest)
                if known is None:
                    raise
                return known
        return file

    async def get(self, conversation_id: str, file_id: str) -> tuple[StoredFile, bytes]:
        """A file of that conversation with its content. Raises FileMissing."""
        return await self._opened(StoredFileRow.conversation_id == conversation_id, file_id)

    async def content(self, file_id: str) -> tuple[StoredFile, bytes]:
        """A file of any conversation, for the service's own use (an application that moved on). Raises FileMissing."""
        return await self._opened(StoredFileRow.id == file_id, file_id)

    async def find(self, file_id: str) -> StoredFile:
        """A file of any conversation without its content, for the service's own use. Raises FileMissing."""
        async with self._database.looking() as session:
            row = (await session.execute(select(*COLUMNS).where(StoredFileRow.id == file_id))).mappings().one_or_none()
        if row is None:
            raise FileMissing(file_id)
        return self._file(row)

    async def listed(self, conversation_id: str) -> list[StoredFile]:
        """The conversation's files, the oldest first."""
        query = select(*COLUMNS).where(StoredFileRow.conversation_id == conversation_id)
        async with self._database.looking() as session:
            rows = await session.execute(query.order_by(StoredFileRow.stored_at, StoredFileRow.id))
            return [self._file(row) for row in rows.mappings()]

    async def with_content(self, conversation_id: str, sha256: bytes) -> StoredFile | None:
        """The conversation's file whose content has that SHA-256."""
        query = select(*COLUMNS).where(StoredFileRow.conversation_id == conversation_id)
        async with self._database.looking() as session:
            row = (await session.execute(query.where(StoredFileRow.sha256 == sha256))).mappings().one_or_none()
        return self._file(row) if row else None

    async def delete(self, conversation_id: str, file_id: str) -> None:
        """Delete a file of that conversation. Raises FileMissing."""
        theirs = delete(StoredFileRow).where(
            StoredFileRow.id == file_id, StoredFileRow.conversation_id == conversation_id
        )
        async with self._database.transaction() as session:
            if await session.scalar(theirs.returning(StoredFileRow.id)) is None:
                raise FileMissing(file_id)

    async def _opened(self, whose: ColumnElement[bool], file_id: str) -> tuple[StoredFile, bytes]:
        query = select(*COLUMNS, StoredFileRow.content).where(StoredFileRow.id == file_id, whose)
        async with self._database.looking() as session:
            row = (await session.execute(query)).mappings().one_or_none()
        if row is None:
            raise FileMissing(file_id)
        sealed = context(StoredFileRow.content, file_id)
        return self._file(row), await asyncio.to_thread(self._keyring.unseal, row["content"], sealed)

    def _sealed(self, file: StoredFile, content: bytes) -> dict[str, Any]:
        """The row. In a thread: ten megabytes take some ten milliseconds."""
        row = {name: getattr(file, name) for name in StoredFile.__dataclass_fields__}
        return row | {
            "name": self._keyring.seal(file.name.encode(), context(StoredFileRow.name, file.id)),
            "content": self._keyring.seal(content, context(StoredFileRow.content, file.id)),
        }

    def _file(self, row: Any) -> StoredFile:
        known = {name: row[name] for name in StoredFile.__dataclass_fields__}
        plain = self._keyring.unseal(known["name"], context(StoredFileRow.name, known["id"]))
        return StoredFile(**known | {"name": plain.decode()})
