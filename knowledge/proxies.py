"""Authorisations (帮代办): asked for by a proxy, agreed to by the principal, used, and revoked by either.

A state changes by one `UPDATE … WHERE state … RETURNING`. An authorisation is used in the transaction that hands the
case in: who revokes it meanwhile comes either before (nothing is handed in) or after (the case is). Of the code only a
hash is kept. Names are sealed, ID numbers are fingerprints. At the window the yes is a signature, seen by a witness.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Select, func, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from ulid import ULID

from knowledge.case import ENDED
from knowledge.database import Database
from knowledge.id_number import standard
from knowledge.keyring import Keyring
from knowledge.links import prefix_of
from knowledge.proxy_rules import ProxyRule
from knowledge.sealing import context
from knowledge.tables.case import CaseRow
from knowledge.tables.proxy import ProxyActRow, ProxyRow
from knowledge.working_days import CHINA

ASKED, ACTIVE, REFUSED, REVOKED = "asked", "active", "refused", "revoked"
PRINCIPAL, PROXY, STAFF = "principal", "proxy", "staff"
CHANNEL, WINDOW = "channel", "window"
CODE_GOOD_FOR = timedelta(days=1)
CODE_DIGITS = 8
MOST_LISTED = 200


class ProxyRefused(Exception):
    """It can't be: the argument names the reason, one of `own`, `unknown`, `not_principal`, `principals`, `cases`,
    and at the window `past`, `too_long`, `witness`."""


class NotAuthorised(Exception):
    """There is no such authorisation, or it is over, revoked or not agreed to."""


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody by name and ID number, as an authorisation takes them."""

    name: str = field(repr=False)
    id_number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Seen:
    """The yes at the window: who recorded it, the photo of the signature (a stored file's id), who else saw it."""

    staff_id: int
    signature: str
    witness: str = field(repr=False)
    conversation: str
    resident: str | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """What was done by an authorisation: a case that was handed in."""

    case: str
    matter: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Authority:
    """An authorisation as stored. Times are aware, in UTC. `acts`: the cases handed in by it.

    `relation`: what the proxy is to the principal, where the window was told; `witness`: who saw the signature;
    `reason`: why staff ended it. `by`, `of`: marks that are equal for the same proxy, the same principal.
    """

    id: str
    state: str
    proxy: str = field(repr=False)
    principal: str = field(repr=False)
    matters: Sequence[str]
    region: str
    until: datetime
    asked_at: datetime
    decided_at: datetime | None
    ended_at: datetime | None
    ended_by: str | None
    how: str | None
    witness_id: int | None
    conversation_id: str | None
    principal_conversation: str | None
    acts: Sequence[str] = ()
    signature: str | None = None
    relation: str = ""
    witness: str = field(default="", repr=False)
    reason: str = field(default="", repr=False)
    by: str = ""
    of: str = ""

    def holds(self, at: datetime) -> bool:
        """Whether one may act by it then."""
        return self.state == ACTIVE and self.until > at


class Proxies:
    """The authorisations in a database. Inside a turn's transaction they are stored with the turn."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring

    async def ask(
        self,
        conversation: str,
        who: Party,
        principal: Party,
        matters: Sequence[str],
        rule: ProxyRule,
        at: datetime,
        region: str = "",
    ) -> tuple[Authority, str]:
        """Ask for an authorisation: it, and the code that the principal says. `region`: where. Raises ProxyRefused."""
        async with self._database.transaction() as session:
            await self._may_ask(session, who, principal, rule, at)
            same = (
                ProxyRow.conversation_id == conversation,
                ProxyRow.principal_key == self._key(principal.id_number),
            )
            stale = update(ProxyRow).where(*same, ProxyRow.state == ASKED)
            await session.execute(stale.values(state=REVOKED, ended_at=at, ended_by=PROXY, code_hash=None))
            code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
            told: dict[str, Any] = {
                "code_hash": _hash(code),
                "code_until": at + CODE_GOOD_FOR,
                "conversation_id": conversation,
            }
            until = at + timedelta(days=rule.days)
            id = await self._add(session, who, principal, matters, until, region or rule.region, at, **told)
        return await self.find(id), code

    async def entrust(
        self,
        who: Party,
        relation: str,
        principal: Party,
        matters: Sequence[str],
        until: datetime,
        seen: Seen,
        rule: ProxyRule,
        region: str,
        at: datetime,
    ) -> Authority:
        """The principal, who is at the window, lets somebody act for them; the same again is the same one.

        Raises ProxyRefused.
        """
        if until <= at:
            raise ProxyRefused("past")
        if until > last_of(rule, at):
            raise ProxyRefused("too_long")
        async with self._database.transaction() as session:
            await self._may_ask(session, who, principal, rule, at)
            held = await self.holding(who.id_number, principal.id_number, matters, at)
            if held and (set(held.matters), held.until, held.how) == (set(matters), until, WINDOW):
                return held
            id = await self._add(session, who, principal, matters, until, region, at, relation=relation)
            return await self.witness(id, seen, rule, at)

    async def by_code(self, code: str, at: datetime) -> Authority:
        """What is asked for with that code. Raises NotAuthorised."""
        good = (ProxyRow.code_hash == _hash(code), ProxyRow.code_until > at)
        return await self._one(select(ProxyRow).where(*good))

    async def find(self, id: str) -> Authority:
        """Raises NotAuthorised where there is none."""
        return await self._one(select(ProxyRow).where(ProxyRow.id == id))

    async def agree(
        self, id: str, conversation: str, number: str | None, resident: str | None, rule: ProxyRule, at: datetime
    ) -> Authority:
        """The principal's yes in their own conversation; the same yes again changes nothing.

        `number`, `resident`: who said who they are there; None: nobody yet. Raises ProxyRefused, NotAuthorised.
        """
        async with self._database.transaction() as session:
            row = await self._row(session, id)
            if row.conversation_id == conversation or (number and self._key(number) != row.principal_key):
                raise ProxyRefused("not_principal")
            if rule.known and number is None:
                raise ProxyRefused("unknown")
            if row.state == ACTIVE and row.principal_conversation == conversation:
                return await self._whole(session, row)
            await self._alone(session, row.proxy_key)
            await self._within(session, rule, row.proxy_key, row.principal_key, at)
            told = {"principal_conversation": conversation, "resident_id": resident, "how": CHANNEL}
            return await self._change(id, (ASKED,), ProxyRow.code_until > at, state=ACTIVE, decided_at=at, **told)

    async def witness(self, id: str, seen: Seen, rule: ProxyRule, at: datetime) -> Authority:
        """The principal's yes at the window. Raises ProxyRefused (`witness`: one of the two), NotAuthorised."""
        async with self._database.transaction() as session:
            row = await self._row(session, id)
            names = self._details(row)
            if seen.witness in (names["proxy"], names["principal"]):
                raise ProxyRefused("witness")
            await self._alone(session, row.proxy_key)
            await self._within(session, rule, row.proxy_key, row.principal_key, at)
            told: dict[str, Any] = {
                "principal_conversation": seen.conversation,
                "resident_id": seen.resident,
                "code_hash": None,
            }
            told |= {"witness_id": seen.staff_id, "signature": seen.signature, "how": WINDOW}
            told |= {"details": self._sealed(id, names | {"witness": seen.witness})}
            return await self._change(id, (ASKED,), ProxyRow.until > at, state=ACTIVE, decided_at=at, **told)

    async def end(self, id: str, reason: str, at: datetime) -> Authority:
        """Staff end it, for a reason that stays with it. Raises NotAuthorised."""
        async with self._database.transaction() as session:
            details = self._sealed(id, self._details(await self._row(session, id)) | {"reason": reason})
            ended = {"ended_at": at, "ended_by": STAFF, "code_hash": None, "details": details}
            return await self._change(id, (ASKED, ACTIVE), state=REVOKED, **ended)

    async def refuse(self, id: str, conversation: str, at: datetime) -> Authority:
        """The principal's no. Raises NotAuthorised."""
        told = {"principal_conversation": conversation, "code_hash": None}
        return await self._change(id, (ASKED,), state=REFUSED, decided_at=at, **told)

    async def revoke(self, id: str, conversation: str, at: datetime, resident_key: bytes | None = None) -> Authority:
        """Either of the two takes it back, from a conversation of theirs. Raises NotAuthorised."""
        async with self._database.transaction() as session:
            row = await self._row(session, id)
            principal = row.principal_conversation == conversation or resident_key == row.principal_key
            if not (principal or row.conversation_id == conversation or resident_key == row.proxy_key):
                raise NotAuthorised(id)
            by = PRINCIPAL if principal else PROXY
            return await self._change(id, (ASKED, ACTIVE), state=REVOKED, ended_at=at, ended_by=by, code_hash=None)

    async def holding(self, proxy: str, principal: str, matters: Collection[str], at: datetime) -> Authority | None:
        """The authorisation by which the one may act for the other (ID numbers) in all these matters."""
        both = (ProxyRow.proxy_key == self._key(proxy), ProxyRow.principal_key == self._key(principal))
        query = select(ProxyRow).where(*both, ProxyRow.state == ACTIVE, ProxyRow.until > at)
        found = await self._all(query.order_by(ProxyRow.until.desc()))
        return next((each for each in found if set(matters) <= set(each.matters)), None)

    async def use(self, id: str, at: datetime, matters: Collection[str]) -> Authority:
        """Act by it now in these matters; whoever revokes it waits for this transaction's end. Raises NotAuthorised."""
        if not set(matters) <= set((await self.find(id)).matters):
            raise NotAuthorised(id)
        return await self._change(id, (ACTIVE,), ProxyRow.until > at, uses=ProxyRow.uses + 1)

    async def note(self, id: str, case: str, at: datetime) -> None:
        """What was done by it."""
        async with self._database.transaction() as session:
            if await session.get(ProxyActRow, case) is None:
                row = {"case_reference": case, "authorisation_id": id, "at": at}
                await session.execute(insert(ProxyActRow).values(**row))

    async def of(self, conversation: str, number: str | None = None) -> list[Authority]:
        """Those in which a conversation, or the person of that ID number, is one of the two; the newest first."""
        mine: list[ColumnElement[bool]] = [
            ProxyRow.conversation_id == conversation,
            ProxyRow.principal_conversation == conversation,
        ]
        if number:
            key = self._key(number)
            mine += [ProxyRow.proxy_key == key, ProxyRow.principal_key == key]
        return await self._all(select(ProxyRow).where(or_(*mine)).order_by(ProxyRow.asked_at.desc(), ProxyRow.id))

    def key(self, number: str) -> bytes:
        """The fingerprint by which somebody is found again."""
        return self._key(number)

    async def given_by(self, number: str) -> list[Authority]:
        """Those in which the person of that ID number is the principal; the newest first."""
        query = select(ProxyRow).where(ProxyRow.principal_key == self._key(number))
        return await self._all(query.order_by(ProxyRow.asked_at.desc(), ProxyRow.id))

    async def listed(self, area: str) -> list[Authority]:
        """Those of which the proxy talks from an area, the newest first, for the desk."""
        query = select(ProxyRow).where(ProxyRow.region_code.startswith(prefix_of(area)))
        return await self._all(query.order_by(ProxyRow.asked_at.desc(), ProxyRow.id))

    async def acts_of(self, ids: Collection[str]) -> dict[str, list[Act]]:
        """What was done by these authorisations, the oldest first."""
        columns = (ProxyActRow.authorisation_id, CaseRow.reference, CaseRow.matter_name, ProxyActRow.at)
        joined = select(*columns).join(CaseRow, CaseRow.reference == ProxyActRow.case_reference)
        query = joined.where(ProxyActRow.authorisation_id.in_(ids)).order_by(ProxyActRow.at, CaseRow.reference)
        found: dict[str, list[Act]] = {}
        async with self._database.looking() as session:
            for id, case, matter, done_at in await session.execute(query):
                found.setdefault(id, []).append(Act(case, matter, done_at))
        return found

    async def _may_ask(
        self, session: AsyncSession, who: Party, principal: Party, rule: ProxyRule, at: datetime
    ) -> None:
        """Raises ProxyRefused."""
        proxy_key, principal_key = self._key(who.id_number), self._key(principal.id_number)
        if proxy_key == principal_key:
            raise ProxyRefused("own")
        await self._alone(session, proxy_key)
        await self._within(session, rule, proxy_key, principal_key, at)

    async def _add(
        self,
        session: AsyncSession,
        who: Party,
        principal: Party,
        matters: Sequence[str],
        until: datetime,
        region: str,
        at: datetime,
        relation: str = "",
        **told: Any,
    ) -> str:
        id, names = str(ULID()), {"proxy": who.name, "principal": principal.name}
        row = {
            "id": id,
            "proxy_key": self._key(who.id_number),
            "principal_key": self._key(principal.id_number),
            "region_code": region,
            "matters": list(matters),
            "details": self._sealed(id, names | ({"relation": relation} if relation else {})),
            "state": ASKED,
            "uses": 0,
            "asked_at": at,
            "until": until,
        }
        await session.execute(insert(ProxyRow).values(**row, **told))
        return id

    async def _within(
        self, session: AsyncSession, rule: ProxyRule, proxy: bytes, principal: bytes, at: datetime
    ) -> None:
        """Raises ProxyRefused at a limit of the rule."""
        live = (ProxyRow.proxy_key == proxy, ProxyRow.state == ACTIVE, ProxyRow.until > at)
        others = select(func.count(ProxyRow.principal_key.distinct()))
        if int(await session.scalar(others.where(*live, ProxyRow.principal_key != principal)) or 0) >= rule.principals:
            raise ProxyRefused("principals")
        if await self._open_cases(session, proxy) >= rule.open_cases:
            raise ProxyRefused("cases")

    @staticmethod
    async def _open_cases(session: AsyncSession, proxy: bytes) -> int:
        acts = select(func.count()).select_from(ProxyActRow).join(ProxyRow, ProxyRow.id == ProxyActRow.authorisation_id)
        opened = acts.join(CaseRow, CaseRow.reference == ProxyActRow.case_reference)
        return int(await session.scalar(opened.where(ProxyRow.proxy_key == proxy, CaseRow.state.not_in(ENDED))) or 0)

    async def _alone(self, session: AsyncSession, proxy: bytes) -> None:
        """Let one process count a proxy's authorisations at a time; on SQLite there is one writer anyway."""
        if not self._database.is_sqlite:
            number = int.from_bytes(hashlib.sha256(proxy).digest()[:8], "big", signed=True)
            await session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})

    async def _change(self, id: str, states: Collection[str], *where: ColumnElement[bool], **values: Any) -> Authority:
        still = (ProxyRow.id == id, ProxyRow.state.in_(states), ProxyRow.details.is_not(None), *where)
        changed = update(ProxyRow).where(*still).values(**values).returning(ProxyRow)
        async with self._database.transaction() as session:
            row = await session.scalar(changed.execution_options(synchronize_session=False, populate_existing=True))
            if row is None:
                raise NotAuthorised(id)
            return await self._whole(session, row)

    async def _row(self, session: AsyncSession, id: str) -> ProxyRow:
        row = await session.get(ProxyRow, id, populate_existing=True)
        if row is None or row.details is None:
            raise NotAuthorised(id)
        return row

    async def _one(self, query: Select[ProxyRow]) -> Authority:
        found = await self._all(query)
        if not found:
            raise NotAuthorised
        return found[0]

    async def _all(self, query: Select[ProxyRow]) -> list[Authority]:
        async with self._database.looking() as session:
            rows = (await session.scalars(query.where(ProxyRow.details.is_not(None)).limit(MOST_LISTED))).all()
            return [await self._whole(session, row) for row in rows]

    async def _whole(self, session: AsyncSession, row: ProxyRow) -> Authority:
        acts = select(ProxyActRow.case_reference).where(ProxyActRow.authorisation_id == row.id)
        done = (await session.scalars(acts.order_by(ProxyActRow.at))).all()
        return self._authority(row, done)

    def _authority(self, row: ProxyRow, acts: Sequence[str]) -> Authority:
        names = self._details(row)
        return Authority(
            id=row.id,
            state=row.state,
            proxy=names["proxy"],
            principal=names["principal"],
            matters=tuple(row.matters),
            region=row.region_code,
            until=row.until,
            asked_at=row.asked_at,
            decided_at=row.decided_at,
            ended_at=row.ended_at,
            ended_by=row.ended_by,
            how=row.how,
            witness_id=row.witness_id,
            conversation_id=row.conversation_id,
            principal_conversation=row.principal_conversation,
            acts=acts,
            signature=row.signature,
            relation=names.get("relation", ""),
            witness=names.get("witness", ""),
            reason=names.get("reason", ""),
            by=_hash(row.proxy_key.hex())[:6].hex(),
            of=_hash(row.principal_key.hex())[:6].hex(),
        )

    def _details(self, row: ProxyRow) -> dict[str, str]:
        assert row.details is not None
        told: dict[str, str] = orjson.loads(self._keyring.unseal(row.details, context(ProxyRow.details, row.id)))
        return told

    def _sealed(self, id: str, details: Mapping[str, str]) -> bytes:
        return self._keyring.seal(orjson.dumps(details), context(ProxyRow.details, id))

    def _key(self, number: str) -> bytes:
        return self._keyring.fingerprint(standard(number))


def last_of(rule: ProxyRule, at: datetime) -> datetime:
    """Until when one that is given now may hold: the end of the rule's last day, in China."""
    return end_of_day((at + timedelta(days=rule.days)).astimezone(CHINA).date())


def end_of_day(day: date) -> datetime:
    """The end of a day in China."""
    return datetime.combine(day + timedelta(days=1), time(), CHINA).astimezone(UTC)


def last_day(until: datetime) -> date:
    """The last day, in China, of what ends at that moment: the day of `end_of_day`."""
    return (until - timedelta(seconds=1)).astimezone(CHINA).date()


def _hash(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()
