"""Applications (办件草稿) in the database: opened, saved, found again on any channel. What they hold is sealed."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, insert, select, update
from ulid import ULID

from knowledge.application import Application, State, Value, dump, load
from knowledge.database import Database
from knowledge.keyring import Keyring
from knowledge.sealing import context
from knowledge.tables.resident import ApplicationRow

__all__ = ["Application", "ApplicationConflict", "ApplicationNotFound", "Applications", "State", "Value"]


class ApplicationNotFound(LookupError):
    """There is no such application, or not any more."""


class ApplicationConflict(Exception):
    """The application was changed (or deleted) since it was read: read it again and make the change there."""


PLAIN = [name for name in Application.__dataclass_fields__ if name not in ("values", "papers", "notes")]
COLUMNS = [getattr(ApplicationRow, name) for name in PLAIN]
FIXED = {"id", "created_at"}


class Applications:
    """The applications in a database. Inside a turn's transaction they are stored with the turn, and seen there.

    Reading them raises, besides what is named, KeyMissing and SealBroken.
    """

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring

    async def open(
        self, conversation_id: str, matter_code: str, matter_version: int, at: datetime, **more: Any
    ) -> Application:
        """A new draft. `more`: other fields of an Application (resident_id, bundle, step, values, staff_id …)."""
        application = Application(
            id=str(ULID()),
            conversation_id=conversation_id,
            matter_code=matter_code,
            matter_version=matter_version,
            created_at=at,
            updated_at=at,
            **{"resident_id": None, "bundle": None, **more},
        )
        async with self._database.transaction() as session:
            await session.execute(insert(ApplicationRow).values(self._row(application)))
        return application

    async def save(self, application: Application, at: datetime) -> Application:
        """Store what was changed of an application that was read; the application as it is now.

        Raises ApplicationConflict: somebody else saved it since, and nothing of this one is stored.
        """
        saved = replace(application, version=application.version + 1, updated_at=at)
        values = {name: value for name, value in self._row(saved).items() if name not in FIXED}
        as_read = (ApplicationRow.id == application.id) & (ApplicationRow.version == application.version)
        changed = update(ApplicationRow).where(as_read).values(values).returning(ApplicationRow.id)
        async with self._database.transaction() as session:
            if await session.scalar(changed) is None:
                raise ApplicationConflict(application.id)
        return saved

    async def find(self, application_id: str) -> Application:
        """Raises ApplicationNotFound."""
        found = await self._listed(_all().where(ApplicationRow.id == application_id))
        if not found:
            raise ApplicationNotFound(application_id)
        return found[0]

    async def latest(self, conversation_id: str, states: Sequence[State] = ("draft",)) -> Application | None:
        """The one that was changed last in that conversation, in one of these states."""
        found = await self._listed(_newest(states).where(ApplicationRow.conversation_id == conversation_id).limit(1))
        return found[0] if found else None

    async def by_resident(self, resident_id: str, states: Sequence[State] = ("draft",)) -> list[Application]:
        """A resident's, from any channel, the one that was changed last first."""
        return await self._listed(_newest(states).where(ApplicationRow.resident_id == resident_id))

    def sealed(self, application: Application) -> str:
        """Where it stands and what it holds, sealed, for `restore`."""
        content = self._keyring.seal(dump(application), context(ApplicationRow.content, application.id))
        return f"{application.step}:{b64encode(content).decode()}"

    async def restore(self, application: Application, sealed: str, at: datetime) -> Application:
        """Give an application back what it held when `sealed` was made. Raises as `save`, KeyMissing, SealBroken."""
        step, _, content = sealed.rpartition(":")
        plain = self._keyring.unseal(b64decode(content), context(ApplicationRow.content, application.id))
        return await self.save(replace(application, step=step, **load(plain)), at)

    async def delete(self, application_id: str) -> None:
        """Drop an application and what it holds. Raises ApplicationNotFound."""
        dropped = delete(ApplicationRow).where(ApplicationRow.id == application_id).returning(ApplicationRow.id)
        async with self._database.transaction() as session:
            if await session.scalar(dropped) is None:
                raise ApplicationNotFound(application_id)

    async def _listed(self, query: Select[Any]) -> list[Application]:
        async with self._database.looking() as session:
            return [self._application(row) for row in (await session.execute(query)).mappings()]

    def _row(self, application: Application) -> dict[str, Any]:
        sealed = self._keyring.seal(dump(application), context(ApplicationRow.content, application.id))
        return {name: getattr(application, name) for name in PLAIN} | {"content": sealed}

    def _application(self, row: Any) -> Application:
        plain = self._keyring.unseal(row["content"], context(ApplicationRow.content, row["id"]))
        return Application(**{name: row[name] for name in PLAIN}, **load(plain))


def _all() -> Select[Any]:
    return select(*COLUMNS, ApplicationRow.content)


def _newest(states: Sequence[State]) -> Select[Any]:
    chosen = _all().where(ApplicationRow.state.in_(states))
    return chosen.order_by(ApplicationRow.updated_at.desc(), ApplicationRow.id.desc())
