"""OpenID Connect: somebody signs in at the county's single sign-on (code flow with PKCE, state and nonce)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
import jwt

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Only signatures by the provider's own key: neither `none` nor one made with the client's secret."""
CLOCKS_DIFFER = 60
KNOWN_SECONDS = 3600
SCOPE = "openid profile"


class ProviderUnavailable(Exception):
    """The provider does not answer, or not as one."""


class SignOnRefused(Exception):
    """What came back is not what was asked for, not signed by the provider, too old, or not for us."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a sign-in was begun with; it is kept by the browser, sealed, until the provider sends it back."""

    state: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignedOn:
    """Whom the provider knows. `subject`: its address and its own name for them, which never changes."""

    subject: str
    name: str


class Provider:
    """One provider, found by its issuer's address."""

    def __init__(self, issuer: str, client: str, secret: str, name_claim: str, timeout: float = 8.0) -> None:
        """`name_claim`: which claim holds the account's name."""
        self._issuer = issuer.rstrip("/")
        self._client = client
        self._secret = secret
        self._name_claim = name_claim
        self._timeout = aiohttp.ClientTimeout(timeout)
        self._known: tuple[float, Mapping[str, Any], jwt.PyJWKSet] | None = None

    async def begin(self, back: str) -> tuple[str, Asked]:
        """The address to send the browser to, and what to keep. `back`: ours. Raises ProviderUnavailable."""
        described, _ = await self._described()
        asked = Asked(*(secrets.token_urlsafe(32) for _ in range(3)))
        digest = hashlib.sha256(asked.verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": self._client,
            "redirect_uri": back,
            "scope": SCOPE,
            "state": asked.state,
            "nonce": asked.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        address = str(described["authorization_endpoint"])
        return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}", asked

    async def finish(self, asked: Asked, came_back: Mapping[str, str], back: str) -> SignedOn:
        """Who it is. Raises ProviderUnavailable, SignOnRefused."""
        if not hmac.compare_digest(came_back.get("state", "").encode(), asked.state.encode()):
            raise SignOnRefused("another state")
        if "code" not in came_back:
            raise SignOnRefused(came_back.get("error", "no code")[:60])
        described, keys = await self._described()
        if came_back.get("iss", described["issuer"]) != described["issuer"]:  # RFC 9207
            raise SignOnRefused("another issuer")
        token = await self._token(str(described["token_endpoint"]), came_back["code"], asked.verifier, back)
        claims = await self._claims(token, keys)
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), asked.nonce.encode()):
            raise SignOnRefused("another nonce")
        return SignedOn(f"{self._issuer}#{claims['sub']}", str(claims.get(self._name_claim, "")))

    async def _claims(self, token: str, keys: jwt.PyJWKSet) -> dict[str, Any]:
        try:
            wanted = jwt.get_unverified_header(token).get("kid")
        except jwt.PyJWTError as error:
            raise SignOnRefused(type(error).__name__) from error
        fitting = [key for key in keys.keys if wanted is None or key.key_id == wanted]
        if not fitting:  # the provider changed its keys
            self._known = None
            _, keys = await self._described()
            fitting = [key for key in keys.keys if key.key_id == wanted]
        return self._verified(token, fitting)

    def _verified(self, token: str, fitting: list[jwt.PyJWK]) -> dict[str, Any]:
        if not fitting:
            raise SignOnRefused("an unknown key")
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                fitting[0],
                algorithms=ALGORITHMS,
                audience=self._client,
                issuer=self._issuer_names,
                leeway=CLOCKS_DIFFER,
                options={"require": ["exp", "iat", "sub", "aud", "iss"]},
            )
        except jwt.PyJWTError as error:
            raise SignOnRefused(type(error).__name__) from error
        if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != self._client:
            raise SignOnRefused("for another client")
        return claims

    @property
    def _issuer_names(self) -> list[str]:
        return [self._issuer, f"{self._issuer}/"]

    async def _token(self, address: str, code: str, verifier: str, back: str) -> str:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        form |= {"client_id": self._client, "client_secret": self._secret}
        answer = await self._ask("POST", address, data=form)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise SignOnRefused(str(answer.get("error", "no id_token"))[:60])
        return token

    async def _described(self) -> tuple[Mapping[str, Any], jwt.PyJWKSet]:
        """What the provider says of itself, and its keys; asked for once an hour."""
        if self._known is not None and time.monotonic() - self._known[0] < KNOWN_SECONDS:
            return self._known[1], self._known[2]
        described = await self._ask("GET", f"{self._issuer}/.well-known/openid-configuration")
        if described.get("issuer") not in self._issuer_names:
            raise ProviderUnavailable("it calls itself otherwise")
        try:
            keys = jwt.PyJWKSet.from_dict(await self._ask("GET", str(described["jwks_uri"])))
            self._known = (time.monotonic(), described, keys)
            _ = described["authorization_endpoint"], described["token_endpoint"]
        except (KeyError, jwt.PyJWTError) as error:
            raise ProviderUnavailable(type(error).__name__) from error
        return described, keys

    async def _ask(self, method: str, address: str, **options: Any) -> dict[str, Any]:
        try:
            async with (
                aiohttp.ClientSession(timeout=self._timeout) as session,
                session.request(method, address, allow_redirects=False, **options) as response,
            ):
                if response.status >= 500:
                    raise ProviderUnavailable(str(response.status))
                answer = await response.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise ProviderUnavailable(type(error).__name__) from error
        if not isinstance(answer, dict):
            raise ProviderUnavailable("no JSON object")
        return answer
