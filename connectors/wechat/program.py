"""What a mini program can be asked to do, and the mini program as a channel.

Its customer-service messages are the official account's; who somebody is, telephone numbers, the check of what is said,
subscription messages and links are its own. Facts: developers.weixin.qq.com/miniprogram/dev/OpenApiDoc.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import structlog

from connectors.channels.rendering import Reply
from connectors.channels.service import SendRefused
from connectors.message import Inbound
from connectors.platforms.client import PlatformClient
from connectors.platforms.errors import ApiRefused, ApiUnavailable
from connectors.wechat.account import OfficialAccount, id_of
from connectors.wechat.channel import WechatChannel, notice
from connectors.wechat.messages import words
from knowledge.channel_users import ChannelUser

log = structlog.get_logger()

NAME = "miniprogram"
PAGE = "pages/chat/chat"
LONGEST_CHECKED = 2500
SOCIAL = 4
"""The scene of what people write to each other (社交日志), the nearest to a chat."""

MOST_SECONDS = 30 * 24 * 3600
Suggestion = Literal["pass", "review", "risky"]


class CodeRefused(Exception):
    """A code of wx.login or getPhoneNumber is used up, too old, or not of this mini program."""


class MiniProgram(OfficialAccount):
    """One mini program. Everything raises ApiUnavailable, ApiRefused."""

    def __init__(self, client: PlatformClient, appid: str, secret: str) -> None:
        super().__init__(client)
        self._appid, self._secret = appid, secret

    async def openid(self, code: str) -> str:
        """Who it is, by a code of wx.login, which works once. The session key is not kept. Raises CodeRefused."""
        params = {"appid": self._appid, "secret": self._secret, "js_code": code, "grant_type": "authorization_code"}
        answer = await self._code(self._client.call("/sns/jscode2session", params=params, token=False))
        openid = answer.get("openid")
        if not isinstance(openid, str) or not openid:
            raise ApiUnavailable("no openid")
        return openid

    async def telephone(self, code: str) -> str:
        """The telephone number behind a tap on getPhoneNumber, digits only. Raises CodeRefused."""
        answer = await self._code(self._client.call("/wxa/business/getuserphonenumber", {"code": code}))
        number = answer.get("phone_info", {}).get("purePhoneNumber")
        if not isinstance(number, str) or not number.isdigit():
            raise ApiUnavailable("no telephone number")
        return number

    async def typing(self, openid: str) -> None:
        """Show that an answer is being written."""
        body = {"touser": openid, "command": "Typing"}
        await self._client.call("/cgi-bin/message/custom/business/typing", body)

    async def notify_subscriber(self, openid: str, template: str, fields: Mapping[str, str], url: str) -> str | None:
        """A subscription message, which opens the chat; its id, where the platform tells one."""
        values = {key: {"value": value} for key, value in fields.items()}
        body = {"touser": openid, "template_id": template, "page": PAGE, "data": values}
        return id_of(await self._client.call("/cgi-bin/message/subscribe/send", body))

    async def suggestion(self, openid: str, text: str) -> Suggestion:
        """What the platform's content check (msg_sec_check 2.0) says of a text. They must have been here within 2 h."""
        body = {"openid": openid, "scene": SOCIAL, "version": 2, "content": text[:LONGEST_CHECKED]}
        answer = await self._client.call("/wxa/msg_sec_check", body)
        found = answer.get("result", {}).get("suggest")
        return found if found in ("pass", "review", "risky") else "review"

    async def link(self, query: str, seconds: int) -> str:
        """An address that opens the mini program from outside WeChat (URL Link), e.g. from a short message."""
        seconds = max(1, min(seconds, MOST_SECONDS))
        body = {"path": PAGE, "query": query, "expire_type": 1, "expire_interval": -(-seconds // 86400)}
        return str((await self._client.call("/wxa/generate_urllink", body))["url_link"])

    async def _code(self, called: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = await called
        except ApiRefused as error:
            if error.kind in ("refused", "gone"):  # 40029 used or wrong, 40163 used, 40226 blocked
                raise CodeRefused(str(error.code)) from error
            raise
        return answer


class MiniProgramChannel(WechatChannel):
    """Brings what is said outside a turn: customer-service messages while they are allowed, else subscription messages.

    `check`: texts that the platform calls risky are not taken up.
    """

    name = NAME

    def __init__(self, program: MiniProgram, *given: Any, check: bool = False, **more: Any) -> None:
        super().__init__(program, *given, links=False, **more)
        self._program, self.checks = program, check

    async def inbound(self, user: ChannelUser, payload: Mapping[str, Any]) -> Inbound:
        """A message of the customer-service chat. Raises TryLater, SendRefused (nothing that can be read)."""
        if payload.get("told"):
            raise SendRefused(str(payload["told"]))
        taken = await super().inbound(user, payload)
        if self.checks and taken.text and await self.is_risky(user, taken.text):
            raise SendRefused("risky")
        return taken

    def lost(self) -> Sequence[Reply]:
        """What they sent can't be taken up: they are told what can."""
        return [notice(words("program_lost"))]

    def risky(self) -> Sequence[Reply]:
        """WeChat calls risky what they wrote: they are asked for other words."""
        return [notice(words("risky"))]

    async def is_risky(self, user: ChannelUser, text: str) -> bool:
        """Whether WeChat's content check says so. One that can't be made stops nobody: a person reads it anyway."""
        try:
            return await self._program.suggestion(user.address.external, text) == "risky"
        except (ApiRefused, ApiUnavailable) as error:
            log.warning("not_checked", reason=str(error))
            return False
