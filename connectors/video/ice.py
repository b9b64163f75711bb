"""Which STUN and TURN servers a page is told, with credentials that hold for a few hours.

The credentials are those of coturn's `use-auth-secret` (draft-uberti-behave-turn-rest): the user's name is the end of
its validity, the password is made from it with the secret that we share with the TURN server.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

VALID = timedelta(hours=4)
"""TURN asks for them again while a call runs, so they must outlive it; a page that reconnects gets new ones."""

Address = Annotated[str, Field(pattern=r"^(stun|stuns|turn|turns):[^\s/]+$")]


class IceServer(BaseModel):
    """One entry, as `RTCPeerConnection` takes it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    urls: Annotated[list[Address], Field(min_length=1)]
    username: str | None = None
    credential: str | None = None

    @property
    def wants_credentials(self) -> bool:
        """Whether it is a TURN server whose credentials are made by us."""
        return self.credential is None and any(url.startswith("turn") for url in self.urls)


class IceServers:
    """The servers of the setting `BANGBAN_ICE_SERVERS`, and the secret that a TURN server shares with us."""

    def __init__(self, servers: list[IceServer], secret: str = "") -> None:
        self._servers = servers
        self._secret = secret

    def told(self, whom: str, at: datetime) -> list[dict[str, Any]]:
        """What a page gets. `whom` stands in the TURN server's log: a page's id, nobody's name."""
        return [self._told(server, whom, at) for server in self._servers]

    def _told(self, server: IceServer, whom: str, at: datetime) -> dict[str, Any]:
        plain = server.model_dump(exclude_none=True)
        if not (self._secret and server.wants_credentials):
            return plain
        username = f"{int((at + VALID).timestamp())}:{whom}"
        mac = hmac.new(self._secret.encode(), username.encode(), hashlib.sha1).digest()
        return plain | {"username": username, "credential": base64.b64encode(mac).decode()}


def read_servers(text: str) -> list[IceServer]:
    """The setting's JSON: a list of `{"urls": ["turn:…"], "username"?, "credential"?}`. Raises ValueError."""
    if not text.strip():
        return []
    try:
        return TypeAdapter(list[IceServer]).validate_json(text)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"no list of ICE servers: {where} {first['msg']}".replace("  ", " ")) from None
