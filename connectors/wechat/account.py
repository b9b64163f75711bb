"""What an official account can be asked to do: say something, show that we write, notify, its menu, codes and media."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from connectors.platforms.client import Downloaded, PlatformClient

LARGEST_MEDIA = 10 * 1024 * 1024
SHOW_CODE = "https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket="
LONGEST_SCENE_SECONDS = 2_592_000


class OfficialAccount:
    """One account. Everything raises ApiUnavailable, ApiRefused."""

    def __init__(self, client: PlatformClient) -> None:
        self._client = client

    async def say(self, openid: str, kind: str, content: Mapping[str, Any]) -> None:
        """A customer-service message: `text`, `image`, `voice`, `news`, `msgmenu`, `miniprogrampage` …"""
        await self._client.call("/cgi-bin/message/custom/send", {"touser": openid, "msgtype": kind, kind: content})

    async def typing(self, openid: str) -> None:
        """Show that an answer is being written."""
        await self._client.call("/cgi-bin/message/custom/typing", {"touser": openid, "command": "Typing"})

    async def notify(self, openid: str, template: str, fields: Mapping[str, str], url: str, once: str) -> str | None:
        """A template message, outside any allowance; its id. `once`: the same again is sent once."""
        values = {key: {"value": value} for key, value in fields.items()}
        body = {"touser": openid, "template_id": template, "url": url, "client_msg_id": once, "data": values}
        return id_of(await self._client.call("/cgi-bin/message/template/send", {k: v for k, v in body.items() if v}))

    async def notify_subscriber(self, openid: str, template: str, fields: Mapping[str, str], url: str) -> str | None:
        """A subscription message (订阅通知), only to who has subscribed to it; its id, where the platform tells one."""
        values = {key: {"value": value} for key, value in fields.items()}
        body = {"touser": openid, "template_id": template, "page": url, "data": values}
        path = "/cgi-bin/message/subscribe/bizsend"
        return id_of(await self._client.call(path, {k: v for k, v in body.items() if v}))

    async def set_menu(self, buttons: Sequence[Mapping[str, Any]]) -> None:
        """The menu below the chat: at most three buttons, each with at most five below it."""
        await self._client.call("/cgi-bin/menu/create", {"button": list(buttons)})

    async def code(self, scene: str, seconds: int | None = None) -> tuple[str, str]:
        """A QR code: what it holds, and the address of its picture. Lasting without `seconds` (100,000 an account)."""
        action = "QR_STR_SCENE" if seconds else "QR_LIMIT_STR_SCENE"
        body: dict[str, Any] = {"action_name": action, "action_info": {"scene": {"scene_str": scene}}}
        if seconds:
            body["expire_seconds"] = min(seconds, LONGEST_SCENE_SECONDS)
        answer = await self._client.call("/cgi-bin/qrcode/create", body)
        return str(answer["url"]), SHOW_CODE + quote(str(answer["ticket"]), safe="")

    async def address(self, scene: str) -> str:
        """What the lasting QR code of that scene holds."""
        return (await self.code(scene))[0]

    async def fetch(self, media_id: str) -> Downloaded:
        """A file that somebody sent, by its id; never by an address from a message."""
        return await self._client.download("/cgi-bin/media/get", {"media_id": media_id}, LARGEST_MEDIA)

    async def store(self, kind: str, name: str, content: bytes) -> str:
        """A file to be sent: its media id, good for three days. `kind`: image, voice, video, thumb."""
        answer = await self._client.upload("/cgi-bin/media/upload", {"type": kind}, name, content)
        return str(answer["media_id"])


def id_of(answer: Mapping[str, Any]) -> str | None:
    """What the platform names a message by that it has just taken."""
    return str(answer["msgid"])[:64] if answer.get("msgid") else None
