"""What WeCom's 微信客服 can be asked to do. Facts: developer.work.weixin.qq.com, 微信客服."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.platforms.client import Downloaded, PlatformClient

LARGEST_MEDIA = 10 * 1024 * 1024
MOST_ITEMS = 1000
AMR = 0
POOL, SERVICER, OVER = 2, 3, 4
"""Session states: waiting for a person in WeCom, with one, ended. 0 and 1 are ours."""

NO_ID = re.compile(r"[^0-9a-zA-Z_-]")
LONGEST_ID = 32


def sent_id(id: str) -> str:
    """Our id as the platform takes it: at most 32 of [0-9a-zA-Z_-]."""
    return NO_ID.sub("-", id)[-LONGEST_ID:]


@dataclass(frozen=True, slots=True)
class Pulled:
    """A page of what happened. `cursor`: where the next page begins."""

    items: tuple[Mapping[str, Any], ...]
    cursor: str
    has_more: bool


class CustomerService:
    """One corporation's accounts. Everything raises ApiUnavailable, ApiRefused.

    `receiving`: a servicer's status in the list of them while they are 接待中.
    """

    def __init__(self, client: PlatformClient, receiving: int = 0) -> None:
        self._client = client
        self._receiving = receiving

    async def pull(self, account: str, cursor: str, token: str) -> Pulled:
        """What came since the cursor (empty: of three days). `token`: the call-back's, good for ten minutes."""
        body: dict[str, Any] = {"open_kfid": account, "limit": MOST_ITEMS, "voice_format": AMR}
        body |= {key: value for key, value in (("cursor", cursor), ("token", token)) if value}
        answer = await self._client.call("/cgi-bin/kf/sync_msg", body)
        items = tuple(each for each in answer.get("msg_list", ()) if isinstance(each, Mapping))
        return Pulled(items, str(answer.get("next_cursor") or cursor), bool(answer.get("has_more")))

    async def say(self, account: str, user: str, id: str, kind: str, content: Mapping[str, Any]) -> str:
        """A message; its id. The same `id` again is the same message. That it went out is not that it arrived."""
        body = {"touser": user, "open_kfid": account, "msgid": id, "msgtype": kind, kind: content}
        return str((await self._client.call("/cgi-bin/kf/send_msg", body)).get("msgid") or id)

    async def say_at_event(self, code: str, id: str, text: str) -> None:
        """The one message that an event allows, within twenty seconds: they opened the chat, or it has ended."""
        body = {"code": code, "msgid": id, "msgtype": "text", "text": {"content": text}}
        await self._client.call("/cgi-bin/kf/send_msg_on_event", body)

    async def state(self, account: str, user: str) -> int:
        """In whose hands the session is: 0 nobody's, 1 ours, 2 the pool, 3 a person in WeCom, 4 ended."""
        body = {"open_kfid": account, "external_userid": user}
        return int((await self._client.call("/cgi-bin/kf/service_state/get", body))["service_state"])

    async def hand_over(self, account: str, user: str, servicer: str = "") -> None:
        """The session goes to that person in WeCom (their userid), who must be receiving; to the pool without one."""
        body: dict[str, Any] = {"open_kfid": account, "external_userid": user}
        to = {"service_state": SERVICER, "servicer_userid": servicer} if servicer else {"service_state": POOL}
        await self._client.call("/cgi-bin/kf/service_state/trans", body | to)

    async def receiving(self, account: str) -> list[str]:
        """The userids of the account's people in WeCom who are receiving now."""
        answer = await self._client.call("/cgi-bin/kf/servicer/list", params={"open_kfid": account})
        people = [each for each in answer.get("servicer_list", ()) if isinstance(each, Mapping)]
        return [str(each["userid"]) for each in people if each.get("status") == self._receiving and each.get("userid")]

    async def accounts(self) -> list[str]:
        """The names of the accounts that this application may use."""
        answer = await self._client.call("/cgi-bin/kf/account/list", {"offset": 0, "limit": 100})
        return [str(each.get("name") or each.get("open_kfid")) for each in answer.get("account_list", ())]

    async def fetch(self, media_id: str) -> Downloaded:
        """A file that somebody sent."""
        return await self._client.download("/cgi-bin/media/get", {"media_id": media_id}, LARGEST_MEDIA)

    async def store(self, kind: str, name: str, content: bytes) -> str:
        """A file to be sent: its media id, good for three days. `kind`: image, voice (AMR)."""
        answer = await self._client.upload("/cgi-bin/media/upload", {"type": kind}, name, content)
        return str(answer["media_id"])
