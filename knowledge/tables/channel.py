"""Where people are: who writes from which channel, what is still to reach them there, how a chat is carried over."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.sealing import fingerprint_column, sealed_column
from knowledge.tables import Base, Json, UtcDateTime
from knowledge.tables.conversation import RowNumber


def _conversation() -> Mapped[str]:
    return mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)


class ChannelUserRow(Base):
    """Somebody on a channel (`wechat`), with one of our accounts there, under the id that the account knows them by.

    `conversation_id`: where they talk. `heard_at`: their last message from here. `grants`: what may still be sent to
    them (knowledge/allowance.py). `reachable`: false once they no longer follow. `nudged_at`: when they were last told
    outside the allowance that something waits; `nudge_id`: that message on the platform, until it says what became of
    it. A worker that delivers to them holds them until `lease_until`.
    """

    __tablename__ = "channel_user"
    __table_args__ = (
        UniqueConstraint("channel", "account", "external_fingerprint"),
        {"info": {"forget": "delete"}},
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    account: Mapped[str] = mapped_column(String(64))
    external: Mapped[bytes] = sealed_column()
    external_fingerprint: Mapped[bytes] = fingerprint_column("external")
    conversation_id: Mapped[str] = _conversation()
    heard_at: Mapped[datetime] = mapped_column(UtcDateTime)
    grants: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    reachable: Mapped[bool] = mapped_column(default=True)
    nudged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    nudge_id: Mapped[str | None] = mapped_column(String(64))
    worker: Mapped[str | None] = mapped_column(String(40))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DeliveryRow(Base):
    """What is to reach somebody through their channel: a pushed `line`, or the answer to their message `message_id`.

    `payload`: the message as the channel read it, for a turn that was not ready in time; gone when it is delivered.
    `state`: waiting, held (until they write again: nothing more may be sent now), sent, delivered (the channel says
    so), seen (on the page), failed. `way`: how it went. `sent_id`: the message that it went with; while it is still to
    go, the one that may have brought it already. `given_with`: the message whose immediate answer brought it.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("channel_user_id", "line"),
        UniqueConstraint("channel_user_id", "message_id"),
        Index("ix_delivery_state_due_at", "state", "due_at"),
        {"info": {"forget": "delete", "retain": "logs", "since": "ended_at"}},
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    channel_user_id: Mapped[str] = mapped_column(ForeignKey("channel_user.id", ondelete="CASCADE"), index=True)
    conversation_id: Mapped[str] = _conversation()
    line: Mapped[int | None] = mapped_column(RowNumber)
    message_id: Mapped[str | None] = mapped_column(String(64))
    payload: Mapped[bytes | None] = sealed_column(nullable=True)
    was_late: Mapped[bool] = mapped_column(default=False)
    page_first: Mapped[bool] = mapped_column(default=False)
    parts_sent: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    way: Mapped[str] = mapped_column(String(20), default="")
    sent_id: Mapped[str | None] = mapped_column(String(64), index=True)
    given_with: Mapped[str | None] = mapped_column(String(64))
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    error: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CarryRow(Base):
    """A code or a link with which a conversation goes on elsewhere: its hash. `used_by`: a channel user, or `page`."""

    __tablename__ = "carry"
    __table_args__ = ({"info": {"forget": "delete"}},)

    hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    conversation_id: Mapped[str] = _conversation()
    kind: Mapped[str] = mapped_column(String(10))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    used_by: Mapped[str | None] = mapped_column(String(26))


class ConversationTokenRow(Base):
    """Another token of a conversation: the page's, for one that did not begin there."""

    __tablename__ = "conversation_token"
    __table_args__ = ({"info": {"forget": "delete"}},)

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    conversation_id: Mapped[str] = _conversation()
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PlatformTokenRow(Base):
    """The access token of an account of ours at a platform: `wechat:wx…`. All processes use the same."""

    __tablename__ = "platform_token"

    account: Mapped[str] = mapped_column(String(100), primary_key=True)
    token: Mapped[bytes] = sealed_column()
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    fetched_at: Mapped[datetime] = mapped_column(UtcDateTime)


class WecomCursorRow(Base):
    """How far an account of 微信客服 was pulled. `token`: of the last call-back; `wanted_at`: pull it (again) then.

    `lease_until`: one puller has it. `asked`: counts the call-backs, so that one during a pull is not lost.
    """

    __tablename__ = "wecom_cursor"

    account: Mapped[str] = mapped_column(String(64), primary_key=True)
    cursor: Mapped[str] = mapped_column(String(64), default="")
    token: Mapped[str] = mapped_column(String(128), default="")
    asked: Mapped[int] = mapped_column(default=0)
    wanted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class WecomPersonRow(Base):
    """A session of 微信客服 that a person in WeCom has: the fingerprint of whose it is."""

    __tablename__ = "wecom_person"

    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(36), primary_key=True)
