"""微信客服 as a channel: replies as its texts and menus, files by media id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.channels.rendering import Reply, add_text, numbered_apart, reply_texts, stands_beside
from connectors.channels.service import AllowanceUsed, Nudge, Outgoing, SendRefused
from connectors.channels.splitting import size
from connectors.channels.voice import ReadsAloud, read_aloud, recording_of
from connectors.message import Inbound
from connectors.wechat.channel import as_delivery, media_of, notice, picture_of
from connectors.wechat.messages import words
from connectors.wecom.customer_service import CustomerService, sent_id
from connectors.wecom.people import PeopleThere
from knowledge.channel_users import ChannelUser
from knowledge.files import FileMissing, Files
from knowledge.wecom_cursors import WecomCursors

NAME = "wecom"
TEXT_BYTES = 2048
HEAD_BYTES, LABEL_BYTES, ID_BYTES, MOST_CHOICES = 1024, 128, 64, 10
"""A menu's head, a choice's words and id, and how many there may be."""


class WecomChannel:
    """Delivers through the accounts of one corporation: an address's `account` is the account's open_kfid."""

    name = NAME
    text_limit = TEXT_BYTES
    is_limited = True

    def __init__(
        self,
        service: CustomerService,
        files: Files,
        cursors: WecomCursors,
        people: PeopleThere | None = None,
        reader: ReadsAloud | None = None,
    ) -> None:
        self._service = service
        self._files = files
        self._cursors = cursors
        self._people = people
        self._reader = reader

    async def inbound(self, user: ChannelUser, payload: Mapping[str, Any]) -> Inbound:
        """A message that was pulled, its file fetched. Raises TryLater, SendRefused."""
        if payload.get("told"):
            raise SendRefused(str(payload["told"]))
        id, media_id = str(payload["id"]), payload.get("media_id")
        if media_id is None:
            return Inbound(user.conversation, id, str(payload.get("text") or ""), payload.get("choice"))
        async with as_delivery():
            fetched = await self._service.fetch(str(media_id))
        return Inbound(user.conversation, id, media=media_of(str(payload["kind"]), id, fetched))

    def lost(self) -> Sequence[Reply]:
        """What they sent can't be taken up: they are told what can."""
        return [notice(words("program_lost"))]

    def compose(self, replies: Sequence[Reply], page: str = "") -> list[Outgoing]:
        """A menu where the choices fit one, texts otherwise; neighbouring texts joined; a picture after its text.

        Last of all the chat is passed to the people in WeCom, where a reply says that it is: after that nothing of
        ours is taken.
        """
        outgoing: list[Outgoing] = []
        for reply in replies:
            if menu := _menu(reply):
                outgoing.append(menu)
            else:
                for text in reply_texts(reply, TEXT_BYTES, None, page):
                    add_text(outgoing, text, TEXT_BYTES)
            if picture := picture_of(reply):
                outgoing.append(Outgoing(rich={"file": picture}))
        outgoing += read_aloud(replies) if self._reader else []
        passed = (reply["data"]["handoff"] for reply in replies if reply.get("data", {}).get("pass_on") == NAME)
        outgoing += [Outgoing(rich={"pass_on": handoff}, is_counted=False) for handoff in passed]
        return outgoing

    async def send(self, user: ChannelUser, message: Outgoing, id: str) -> str | None:
        """One message; the platform's id for it. Raises TryLater, AllowanceUsed, Unreachable, SendRefused."""
        if await self._cursors.with_person(user.address.account, user.address.external):
            raise AllowanceUsed("a person in WeCom has it")
        async with as_delivery():
            if message.rich and "pass_on" in message.rich:
                assert self._people is not None, "nothing says `pass_on` unless they answer"
                await self._people.take_over(user.address, str(message.rich["pass_on"]))
                return None
            if message.rich and "file" in message.rich:
                return await self._send_picture(user, str(message.rich["file"]), id)
            if message.rich and "voice" in message.rich:
                return await self._send_voice(user, message.rich["voice"], id)
            if message.rich:
                return await self._say(user, id, "msgmenu", message.rich["msgmenu"])
            return await self._say(user, id, "text", {"content": message.text})

    async def before_again(self, user: ChannelUser) -> None:
        """A message with an id of ours is shown once, however often it is sent."""

    async def nudge(self, user: ChannelUser, replies: Sequence[Reply]) -> Nudge | None:
        """There is no message outside the allowance here: a short message is the next."""
        return None

    async def _say(self, user: ChannelUser, id: str, kind: str, content: Mapping[str, Any]) -> str:
        address = user.address
        return await self._service.say(address.account, address.external, sent_id(id), kind, content)

    async def _send_picture(self, user: ChannelUser, file: str, id: str) -> str | None:
        try:
            stored, content = await self._files.get(user.conversation, file)
        except FileMissing:
            return None
        media_id = await self._service.store("image", "picture." + stored.media_type.partition("/")[2], content)
        return await self._say(user, id, "image", {"media_id": media_id})

    async def _send_voice(self, user: ChannelUser, numbers: Sequence[int], id: str) -> str | None:
        assert self._reader is not None, "there is no voice part without one"
        recording = await recording_of(self._reader, user.conversation, numbers, "amr")
        if recording is None:
            return None
        media_id = await self._service.store("voice", "reply.amr", recording)
        return await self._say(user, id, "voice", {"media_id": media_id})


def _menu(reply: Reply) -> Outgoing | None:
    """The choices as a menu that is tapped, numbered as in the text; None where something is too long for one."""
    choices = reply.get("choices") or ()
    head, lines = numbered_apart(str(reply["text"]), len(choices))
    if lines is None and (beside := stands_beside(head, choices)):
        lines = [each["label"] for each in beside]
    if not (0 < len(choices) <= MOST_CHOICES) or lines is None or not 0 < size(head) <= HEAD_BYTES:
        return None
    if any(size(choice["id"]) > ID_BYTES for choice in choices) or any(size(line) > LABEL_BYTES for line in lines):
        return None
    rows = [
        {"type": "click", "click": {"id": choice["id"], "content": line}}
        for choice, line in zip(choices, lines, strict=True)
    ]
    return Outgoing(rich={"msgmenu": {"head_content": head, "list": rows}})
