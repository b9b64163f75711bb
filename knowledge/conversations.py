"""Conversations and their transcript: opened, found by token, a turn stored as a whole."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Integer, Select, String, bindparam, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from ulid import ULID

from knowledge.database import Database
from knowledge.deliveries import deliver_line, seen_on_page, waits_for_page
from knowledge.tables.channel import ConversationTokenRow
from knowledge.tables.conversation import ConversationRow, MessageRow
from knowledge.tables.resident import ConversationResidentRow

TRANSCRIPT_LENGTH = 100
TOKENS_KEPT = 10_000
SENT, DELIVERED, FAILED = "sent", "delivered", "failed"
SYSTEM = "system"
"""The sender of what is said outside a turn by nobody: news of a case, a reminder."""


class ConversationNotFound(Exception):
    """There is no such conversation."""


class TokenRefused(Exception):
    """The token is not this conversation's."""


class TurnConflict(Exception):
    """Another turn was stored first (the lock was lost): this one must be taken again."""


# Built once: every turn runs these three, and SQLAlchemy takes longer to build one than SQLite to run it.
_row_of = ConversationRow
FIND = (
    select(
        *(_row_of.id, _row_of.channel, _row_of.region_code, _row_of.elder, _row_of.mode, _row_of.turn, _row_of.tracker),
        _row_of.token_hash,
        MessageRow.turn,
    )
    .outerjoin(
        MessageRow,
        (MessageRow.conversation_id == _row_of.id) & (MessageRow.client_id == bindparam("client", type_=String)),
    )
    .where(_row_of.id == bindparam("conversation"))
)
STEP = (
    update(ConversationRow.__table__)  # type: ignore[arg-type]
    .where(_row_of.id == bindparam("conversation"), _row_of.turn == bindparam("before"))
    .values(
        turn=bindparam("after"),
        tracker=bindparam("state"),
        updated_at=bindparam("at"),
        elder=bindparam("large"),
    )
    .returning(_row_of.mode)
)
ADD_LINES = insert(MessageRow.__table__).returning(  # type: ignore[arg-type]
    MessageRow.number, sort_by_parameter_order=True
)


PUSHED = (
    select(MessageRow.number, MessageRow.sender, MessageRow.text, MessageRow.reply, MessageRow.sent_at)
    .add_columns(MessageRow.delivery)
    .where(MessageRow.conversation_id == bindparam("conversation"), MessageRow.number > bindparam("after"))
    .where(MessageRow.pushed)
    .order_by(MessageRow.number)
    .limit(bindparam("most", type_=Integer))
)


@dataclass(frozen=True, slots=True)
class Conversation:
    """Where a conversation stands. `turn` counts its stored turns, `tracker` is the engine's state."""

    id: str
    channel: str
    region_code: str | None
    elder: bool
    mode: str
    turn: int
    tracker: dict[str, Any] | None
    token_hash: bytes

    def admits(self, token: str) -> bool:
        """Whether that token is this conversation's, in constant time."""
        return hmac.compare_digest(_hash(token), self.token_hash)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the transcript. `reply` is what the channel shows; a resident's line has one only for a file.

    `delivery`, of what staff and the system say: sent, delivered, failed. `client_id`: what its sender called it.
    """

    number: int
    sender: str
    text: str
    reply: dict[str, Any] | None
    sent_at: datetime
    delivery: str | None = None
    client_id: str | None = None


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """What a turn leaves: the resident's message (`attached`: its file), the replies, the engine's new state."""

    conversation: Conversation
    client_id: str
    text: str | None
    intent: str
    replies: Sequence[dict[str, Any]]
    tracker: dict[str, Any] | None
    at: datetime
    elder: bool | None = None
    attached: dict[str, Any] | None = None


class Stored(NamedTuple):
    """A stored turn's replies with their ids, who has the conversation after it, and the numbers of its lines."""

    replies: list[dict[str, Any]]
    mode: str
    numbers: Sequence[int]


class Conversations:
    """The conversations in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: OrderedDict[str, bytes] = OrderedDict()

    async def open(self, channel: str, region_code: str | None, elder: bool, at: datetime) -> tuple[str, str]:
        """A new conversation's id and token. Only the token's hash is kept."""
        conversation, token = str(ULID()), secrets.token_urlsafe(32)
        async with self._database.transaction() as session:
            session.add(
                ConversationRow(
                    id=conversation,
                    channel=channel,
                    token_hash=_hash(token),
                    region_code=region_code,
                    elder=elder,
                    created_at=at,
                    updated_at=at,
                )
            )
            await session.flush()
        return conversation, token

    async def find(self, conversation: str, token: str | None = None) -> Conversation:
        """The conversation as stored. Raises ConversationNotFound, TokenRefused."""
        found, _ = await self.find_with_answer(conversation, None)
        if token is not None and not found.admits(token) and not await self._is_another(conversation, token):
            raise TokenRefused(conversation)
        return found

    async def admit(self, conversation: str, token: str) -> None:
        """The same check as `find`'s, without a statement where the conversation was found before.

        A token never changes. Raises ConversationNotFound, TokenRefused.
        """
        known = self._known.get(conversation)
        if known is None:
            known = (await self.find(conversation)).token_hash
            self._known[conversation] = known
            if len(self._known) > TOKENS_KEPT:
                self._known.popitem(last=False)
        if not hmac.compare_digest(_hash(token), known) and not await self._is_another(conversation, token):
            raise TokenRefused(conversation)

    async def another_token(self, conversation: str, at: datetime) -> str:
        """One more token for a conversation that goes on on a page, in the running transaction."""
        token = secrets.token_urlsafe(32)
        row = {"token_hash": _hash(token), "conversation_id": conversation, "created_at": at}
        async with self._database.transaction() as session:
            await session.execute(insert(ConversationTokenRow).values(**row))
        return token

    async def _is_another(self, conversation: str, token: str) -> bool:
        theirs = select(ConversationTokenRow.token_hash).where(ConversationTokenRow.token_hash == _hash(token))
        async with self._database.reading() as session:
            found = await session.scalar(theirs.where(ConversationTokenRow.conversation_id == conversation))
        return found is not None

    async def find_with_answer(self, conversation: str, client_id: str | None) -> tuple[Conversation, int | None]:
        """The conversation, and the turn that answered the message of that client id already (None: new).

        One statement, since every turn begins with it. Raises ConversationNotFound.
        """
        values = {"conversation": conversation, "client": client_id or ""}
        async with self._database.reading_connection() as connection:
            found = (await connection.execute(FIND, values)).one_or_none()
        if found is None:
            raise ConversationNotFound(conversation)
        *columns, answered = found
        return Conversation(*columns), answered

    async def answer(self, conversation: str, turn: int) -> list[dict[str, Any]]:
        """The replies that a turn gave, as stored."""
        query = (
            select(MessageRow.number, MessageRow.reply)
            .where(MessageRow.conversation_id == conversation, MessageRow.turn == turn)
            .where(MessageRow.reply.is_not(None), MessageRow.pushed.is_(False), MessageRow.sender != "resident")
            .order_by(MessageRow.number)
        )
        async with self._database.reading() as session:
            return [_with_id(number, reply) for number, reply in await session.execute(query)]

    async def store_turn(self, turn: StoredTurn) -> Stored:
        """Store a turn in the running transaction. Who has the conversation is not its to change (`Handoffs`).

        Raises TurnConflict when another turn of the conversation came first, or the message is stored already.
        """
        conversation, number = turn.conversation, turn.conversation.turn + 1
        async with self._database.transaction() as session:
            connection = await session.connection()  # bare: both statements are no business of the ORM
            mode: str | None = await connection.scalar(
                STEP,
                {
                    "conversation": conversation.id,
                    "before": conversation.turn,
                    "after": number,
                    "state": turn.tracker,
                    "at": turn.at,
                    "large": conversation.elder if turn.elder is None else turn.elder,
                },
            )
            if mode is None:
                raise TurnConflict(conversation.id)
            if turn.elder is not None:
                await self.set_elder(conversation.id, turn.elder)
            common = {"conversation_id": conversation.id, "turn": number, "pushed": False, "sent_at": turn.at}
            rows = [_row(common, "bot", reply["text"], reply=reply) for reply in turn.replies]
            if turn.text is not None:
                told = {"client_id": turn.client_id, "intent": turn.intent, "reply": turn.attached}
                rows.insert(0, _row(common, "resident", turn.text, **told))
            try:
                numbers = (await connection.scalars(ADD_LINES, rows)).all()
            except IntegrityError as error:
                raise TurnConflict(conversation.id) from error
        of_replies = numbers[len(numbers) - len(turn.replies) :]
        replies = [_with_id(number, reply) for number, reply in zip(of_replies, turn.replies, strict=True)]
        return Stored(replies, mode, numbers)

    async def push(
        self, conversation: str, sender: str, reply: dict[str, Any], at: datetime, client_id: str | None = None
    ) -> int:
        """Store what staff or a reminder says, outside a turn; the event's number.

        With a `client_id` the same again is stored once: the first one's number. What staff and the system say is
        delivered when the resident's page says that it has it.
        """
        common = {"conversation_id": conversation, "turn": 0, "pushed": True, "sent_at": at}
        delivery = SENT if client_id is not None or sender == SYSTEM else None
        row = _row(common, sender, reply["text"], reply=reply, client_id=client_id, delivery=delivery)
        pushed = insert(MessageRow).returning(MessageRow.number)
        async with self._database.transaction() as session:
            number = await self._pushed_as(session, conversation, client_id)
            if number is not None:
                return number
            try:
                async with session.begin_nested():
                    number = await session.scalar(pushed, row)
            except IntegrityError:  # the other of two that came at once
                number = await self._pushed_as(session, conversation, client_id)
            else:
                assert number is not None
                await deliver_line(session, conversation, number, at)
        assert number is not None
        return number

    @staticmethod
    async def _pushed_as(session: AsyncSession, conversation: str, client_id: str | None) -> int | None:
        if client_id is None:
            return None
        same = select(MessageRow.number).where(
            MessageRow.conversation_id == conversation, MessageRow.client_id == client_id
        )
        return await session.scalar(same)

    async def delivered(self, conversation: str, number: int) -> bool:
        """The resident's page has all up to that event; whether something of staff's was not known to be there."""
        news = (
            MessageRow.conversation_id == conversation,
            MessageRow.number <= number,
            MessageRow.delivery == SENT,
        )
        async with self._database.reading() as session:  # most times there is nothing, and no lock is taken for it
            if await session.scalar(select(MessageRow.number).where(*news).limit(1)) is None:
                return False
        async with self._database.transaction() as session:
            await session.execute(update(MessageRow).where(*news).values(delivery=DELIVERED))
        return True

    async def seen(self, conversation: str, number: int, at: datetime) -> None:
        """The resident's page has all up to that event: it needn't go to a channel too."""
        async with self._database.reading() as session:
            if not await waits_for_page(session, conversation, number):
                return
        async with self._database.transaction() as session:
            await seen_on_page(session, conversation, number, at)

    async def reached(self, conversation: str, number: int) -> None:
        """The resident's channel has that line, whoever said it."""
        line = update(MessageRow).where(MessageRow.conversation_id == conversation, MessageRow.number == number)
        async with self._database.transaction() as session:
            await session.execute(line.values(delivery=DELIVERED))

    async def failed(self, conversation: str, number: int) -> None:
        """The resident's channel refused what staff said."""
        refused = update(MessageRow).where(MessageRow.conversation_id == conversation, MessageRow.number == number)
        async with self._database.transaction() as session:
            await session.execute(refused.where(MessageRow.delivery == SENT).values(delivery=FAILED))

    async def transcript(self, conversation: str, limit: int = TRANSCRIPT_LENGTH) -> list[Line]:
        """The last `limit` lines, oldest first."""
        return (await self._lines(_lines_of(conversation).order_by(MessageRow.number.desc()).limit(limit)))[::-1]

    async def label_of(self, conversation: str, choice: str) -> str | None:
        """The words on the newest button of that id in the transcript; None: none was shown."""
        replies = select(MessageRow.reply).where(
            MessageRow.conversation_id == conversation, MessageRow.reply.is_not(None)
        )
        async with self._database.looking() as session:
            rows = await session.scalars(replies.order_by(MessageRow.number.desc()).limit(TRANSCRIPT_LENGTH))
            shown = (each for row in rows for each in (row or {}).get("choices", ()))
            return next((each["label"] for each in shown if each["id"] == choice), None)

    async def pushed_after(self, conversation: str, number: int, limit: int = TRANSCRIPT_LENGTH) -> list[Line]:
        """What was pushed after that event, oldest first."""
        async with self._database.reading_connection() as connection:
            found = await connection.execute(PUSHED, {"conversation": conversation, "after": number, "most": limit})
            return [_line(*row) for row in found]

    async def lines_before(self, conversation: str, number: int, limit: int = TRANSCRIPT_LENGTH) -> list[Line]:
        """The last lines before that one, oldest first."""
        before = _lines_of(conversation).where(MessageRow.number < number)
        return (await self._lines(before.order_by(MessageRow.number.desc()).limit(limit)))[::-1]

    async def lines(self, numbers: Collection[int]) -> dict[int, Line]:
        """Lines of any conversation by their numbers."""
        wanted = _columns().where(MessageRow.number.in_(numbers))
        return {line.number: line for line in await self._lines(wanted)} if numbers else {}

    async def line(self, conversation: str, number: int) -> Line | None:
        """One line of that conversation."""
        found = await self._lines(_lines_of(conversation).where(MessageRow.number == number))
        return found[0] if found else None

    async def line_of(self, conversation: str, client_id: str) -> Line | None:
        """The line that was stored under that client id."""
        found = await self._lines(_lines_of(conversation).where(MessageRow.client_id == client_id))
        return found[0] if found else None

    async def lines_after(self, conversation: str, number: int, limit: int = TRANSCRIPT_LENGTH) -> list[Line]:
        """All lines after that one, oldest first: what a desk that shows the conversation has to add."""
        return await self._lines(_after(conversation, number, limit))

    async def remember(self, conversation: str, **slots: Any) -> None:
        """Set slots of the dialogue from outside a turn. A turn that runs meanwhile is taken again."""
        row = select(ConversationRow.tracker).where(ConversationRow.id == conversation).with_for_update()
        changed = update(ConversationRow).where(ConversationRow.id == conversation)
        async with self._database.transaction() as session:
            state = await session.scalar(row)
            if state is not None:
                state = {**state, "slots": {**state.get("slots", {}), **slots}}
                await session.execute(changed.values(tracker=state, turn=ConversationRow.turn + 1))

    async def is_elder(self, conversation: str) -> bool:
        """Whether the conversation is in 长辈版."""
        query = select(ConversationRow.elder).where(ConversationRow.id == conversation)
        async with self._database.looking() as session:
            return bool(await session.scalar(query))

    async def set_elder(self, conversation: str, elder: bool) -> None:
        """Remember 长辈版 for the conversation, and for all others of the resident whose it is."""
        whose, row = ConversationResidentRow, ConversationRow
        resident = select(whose.resident_id).where(whose.conversation_id == conversation).scalar_subquery()
        theirs = select(whose.conversation_id).where(whose.resident_id == resident)
        changed = update(row).where(or_(row.id == conversation, row.id.in_(theirs)), row.elder.is_not(elder))
        async with self._database.transaction() as session:
            await session.execute(changed.values(elder=elder))

    async def _lines(self, query: Select[Any]) -> list[Line]:
        async with self._database.reading() as session:
            return [_line(*row) for row in await session.execute(query)]


def _columns() -> Select[Any]:
    columns = (MessageRow.number, MessageRow.sender, MessageRow.text, MessageRow.reply, MessageRow.sent_at)
    return select(*columns, MessageRow.delivery, MessageRow.client_id)


def _lines_of(conversation: str) -> Select[Any]:
    return _columns().where(MessageRow.conversation_id == conversation)


def _after(conversation: str, number: int, limit: int) -> Select[Any]:
    return _lines_of(conversation).where(MessageRow.number > number).order_by(MessageRow.number).limit(limit)


def _row(common: dict[str, Any], sender: str, text: str, **more: Any) -> dict[str, Any]:
    reply = more.get("reply") or {}
    data = reply.get("data", {})
    columns = {"client_id": None, "intent": None, "reply": None, "delivery": None}
    matter = {"matter_code": data.get("code"), "matter_version": data.get("version")}
    return {**common, **columns, **matter, "sender": sender, "text": text, **more}


def _line(number: int, sender: str, text: str, reply: dict[str, Any] | None, *more: Any) -> Line:
    return Line(number, sender, text, _with_id(number, reply) if reply else None, *more)


def _with_id(number: int, reply: dict[str, Any]) -> dict[str, Any]:
    return {"id": str(number), **reply}


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
