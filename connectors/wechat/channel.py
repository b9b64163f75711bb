"""The official account as a channel: replies as its messages, and what its error codes mean for a delivery."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

import structlog

from connectors.channels.rendering import Reply, add_text, reply_texts
from connectors.channels.service import AllowanceUsed, Nudge, Outgoing, SendRefused, TryLater, Unreachable
from connectors.channels.splitting import joined, split
from connectors.channels.voice import ReadsAloud, read_aloud, recording_of
from connectors.message import Inbound, Media
from connectors.platforms.client import Downloaded
from connectors.platforms.errors import ApiRefused, ApiUnavailable
from connectors.wechat.account import OfficialAccount
from connectors.wechat.messages import words
from knowledge.channel_users import ChannelUser
from knowledge.files import FileMissing, Files
from knowledge.working_days import CHINA

log = structlog.get_logger()

NAME = "wechat"
TEXT_BYTES = 2048
"""What a text may be long; only widely used, not written down by the platform: 45002 makes us cut in half."""

PICTURES = ("image/jpeg", "image/png")
LARGEST_PICTURE = 2 * 1024 * 1024
LONGEST_NOTICE = 20
"""Characters of a template's `thing` field."""


@dataclass(frozen=True, slots=True)
class Notices:
    """How people are told outside the allowance. Ids of templates, "" where there is none; `fields` of both.

    A field's words may hold {what} and {time}.
    """

    template: str = ""
    subscription: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


class WechatChannel:
    """Delivers through one official account. `links`: choices as bizmsgmenu links over the numbered text."""

    name = NAME
    text_limit = TEXT_BYTES
    is_limited = True

    def __init__(
        self,
        account: OfficialAccount,
        files: Files,
        clock: Callable[[], datetime],
        *,
        links: bool = True,
        notices: Notices | None = None,
        speaks: bool = True,
        page: str = "",
        reader: ReadsAloud | None = None,
    ) -> None:
        """`speaks`: whether the account may send customer-service messages (认证); `page`: the page's address."""
        self._account = account
        self._reader = reader
        self._files = files
        self._clock = clock
        self._link = menu_link if links else None
        self._notices = notices or Notices()
        self._speaks = speaks
        self._page = page

    async def inbound(self, user: ChannelUser, payload: Mapping[str, Any]) -> Inbound:
        """A message that was kept, its file fetched. Raises TryLater, SendRefused."""
        id, text, choice = str(payload["id"]), str(payload.get("text") or ""), payload.get("choice")
        media_id = payload.get("media_id")
        if media_id is None:
            return Inbound(user.conversation, id, text, choice, spoken=payload.get("kind") == "voice")
        try:
            async with as_delivery():
                fetched = await self._account.fetch(str(media_id))
        except TryLater as error:
            if isinstance(error.__cause__, ApiRefused) and error.__cause__.kind == "media":
                raise SendRefused("media") from error
            raise
        return Inbound(user.conversation, id, media=media_of(str(payload["kind"]), id, fetched))

    def lost(self) -> Sequence[Reply]:
        """Their file can't be had: they are asked for it again."""
        return [notice(words("media"))]

    def compose(self, replies: Sequence[Reply], page: str = "") -> list[Outgoing]:
        """Texts, neighbours joined; after a file that is a picture, the picture."""
        outgoing: list[Outgoing] = []
        for reply in replies:
            texts = joined(reply_texts(reply, TEXT_BYTES, self._link, page), TEXT_BYTES, "\n")
            for text in texts:
                add_text(outgoing, text, TEXT_BYTES)
            if picture := picture_of(reply):
                outgoing.append(Outgoing(rich={"file": picture}))
        return outgoing + (read_aloud(replies) if self._reader else [])

    async def send(self, user: ChannelUser, message: Outgoing, id: str) -> str | None:
        """One customer-service message. Raises TryLater, AllowanceUsed, Unreachable, SendRefused."""
        if not self._speaks:
            raise AllowanceUsed("no customer-service messages")
        openid = user.address.external
        async with as_delivery():
            if message.rich and "file" in message.rich:
                await self._send_picture(openid, user.conversation, str(message.rich["file"]))
            elif message.rich and "voice" in message.rich:
                await self._send_voice(openid, user.conversation, message.rich["voice"])
            elif message.rich:
                await self._account.say(openid, str(message.rich["kind"]), message.rich["content"])
            else:
                await self._send_text(openid, message.text)
        return None

    async def before_again(self, user: ChannelUser) -> None:
        """WeChat knows no ids of ours and shows a message as often as it takes it: it must answer in time again first.

        It is asked to show that we write, which is of no harm. Raises TryLater.
        """
        try:
            await self._account.typing(user.address.external)
        except ApiUnavailable as error:
            raise TryLater(str(error), error.seconds) from error
        except ApiRefused as error:
            log.info("typing_not_shown", reason=str(error))

    async def nudge(self, user: ChannelUser, replies: Sequence[Reply]) -> Nudge | None:
        """A template message, else a subscription message: that there is news. Raises what `send` raises."""
        told = self._notices
        if not (told.template or told.subscription):
            return None
        what = split(str(replies[0]["text"]) if replies else words("news"), 3 * LONGEST_NOTICE)[0][:LONGEST_NOTICE]
        time = f"{self._clock().astimezone(CHINA):%Y-%m-%d %H:%M}"
        fields = {key: value.format(what=what, time=time) for key, value in told.fields.items()}
        openid, once = user.address.external, f"{user.id[-10:]}{int(user.heard_at.timestamp())}"
        async with as_delivery():
            if told.template:
                try:
                    return Nudge(
                        "template", await self._account.notify(openid, told.template, fields, self._page, once)
                    )
                except ApiRefused as error:
                    log.info("template_refused", code=error.code)
                    if not told.subscription:
                        raise
            sent = await self._account.notify_subscriber(openid, told.subscription, fields, self._page)
        return Nudge("subscription", sent or told.subscription)

    async def typing(self, openid: str) -> None:
        """Show that an answer is on its way; nothing depends on it."""
        if self._speaks:
            try:
                await self._account.typing(openid)
            except (ApiUnavailable, ApiRefused) as error:
                log.info("typing_not_shown", reason=str(error))

    async def _send_text(self, openid: str, text: str) -> None:
        try:
            await self._account.say(openid, "text", {"content": text})
        except ApiRefused as error:
            if error.kind != "long":
                raise
            for half in split(text, max(200, len(text.encode()) // 2 + 60)):
                await self._account.say(openid, "text", {"content": half})

    async def _send_picture(self, openid: str, conversation: str, file: str) -> None:
        try:
            stored, content = await self._files.get(conversation, file)
        except FileMissing:
            return
        if stored.media_type not in PICTURES or len(content) > LARGEST_PICTURE:
            return  # the text before it has the address of the page
        media_id = await self._account.store("image", "picture." + stored.media_type.partition("/")[2], content)
        await self._account.say(openid, "image", {"media_id": media_id})

    async def _send_voice(self, openid: str, conversation: str, numbers: Sequence[int]) -> None:
        assert self._reader is not None, "there is no voice part without one"
        if recording := await recording_of(self._reader, conversation, numbers, "mp3"):
            media_id = await self._account.store("voice", "reply.mp3", recording)
            await self._account.say(openid, "voice", {"media_id": media_id})


def notice(text: str) -> Reply:
    """A sentence that comes from no turn."""
    return {"id": "notice", "kind": "notice", "text": text, "choices": [], "data": {}}


def menu_link(id: str, number: str, line: str) -> str:
    """A choice that is tapped: its words come back as the resident's text, its id as bizmsgmenuid."""
    label = line.partition(". ")[2] or line
    address = f"weixin://bizmsgmenu?msgmenucontent={quote(label, safe='')}&msgmenuid={quote(id, safe='')}"
    return f'<a href="{address}">{line}</a>'


@asynccontextmanager
async def as_delivery() -> AsyncIterator[None]:
    """The platform's answers as what they mean for a delivery."""
    try:
        yield
    except ApiUnavailable as error:
        raise TryLater(str(error), error.seconds, sent=error.sent) from error
    except ApiRefused as error:
        if error.kind in ("used", "barred"):
            raise AllowanceUsed(str(error.code)) from error
        if error.kind == "gone":
            raise Unreachable(str(error.code)) from error
        if error.kind in ("settings", "media"):
            raise TryLater(str(error.code), 600.0 if error.kind == "settings" else None) from error
        raise SendRefused(str(error.code)) from error


def media_of(kind: str, id: str, fetched: Downloaded) -> Media:
    """What was fetched, as a message's file. `kind`: image or audio."""
    media_type = fetched.media_type
    if not media_type.startswith(f"{kind}/"):
        media_type = "image/jpeg" if kind == "image" else "audio/amr"
    ending = {"image": "jpg", "audio": "amr"}[kind]
    return Media(f"wechat-{id[-12:]}.{ending}", media_type, fetched.content)


def picture_of(reply: Reply) -> str | None:
    """The id of a reply's file, if it is a picture."""
    data = reply.get("data") or {}
    told = data.get("file")
    if reply["kind"] != "file" or not told:
        return None
    media_type = told.get("media_type") if isinstance(told, Mapping) else data.get("media_type")
    if media_type not in PICTURES:
        return None
    return str(told["url"]).rpartition("/")[2] if isinstance(told, Mapping) else str(told)
