"""Signing in at the desk: two steps where one must, the county's single sign-on, wrong and forged."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import jwt
import pyotp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from cryptography.hazmat.primitives.asymmetric import ec

from bot.clock import now
from connectors.desk.login import LoginRoutes
from connectors.desk.session import Sessions, own_pages_only
from connectors.desk.sso import SingleSignOnRoutes
from connectors.oidc import Provider
from connectors.web.problems import problems_middleware
from knowledge.database import Database
from knowledge.staff import Role, StaffAccounts
from knowledge.two_steps import TwoSteps
from tests.store.personal import ring

PASSWORD = "correct horse 电池"
OURS = {"Sec-Fetch-Site": "same-origin"}
Client = TestClient[Any, Any]


class NoLimit:
    async def admits(self, name: str, address: str) -> bool:
        return True

    async def forget(self, name: str, address: str) -> None:
        return


@asynccontextmanager
async def desk(database: Database, provider: Provider | None = None) -> AsyncIterator[Client]:
    accounts, steps = StaffAccounts(database, now), TwoSteps(database, ring(), now)
    app = web.Application(middlewares=[problems_middleware({}), own_pages_only()])
    app.add_routes(LoginRoutes(accounts, Sessions(accounts, steps), NoLimit(), steps).routes())
    app.add_routes(SingleSignOnRoutes(provider, "一号通用", accounts, ring()).routes())
    jar = aiohttp.CookieJar(unsafe=True)
    async with TestClient(TestServer(app), cookie_jar=jar, headers=OURS) as client:
        yield client


async def account(database: Database, role: Role, name: str = "李主管") -> None:
    await StaffAccounts(database, now).add(name, role, PASSWORD)


async def log_in(client: Client, **more: str) -> tuple[int, Any]:
    async with client.post("/desk/api/session", json={"name": "李主管", "password": PASSWORD, **more}) as response:
        return response.status, await response.json()


async def test_a_supervisor_sets_up_the_second_step_first_and_then_signs_in_with_it(database: Database) -> None:
    await account(database, "supervisor")
    async with desk(database) as client:
        status, me = await log_in(client)
        assert (status, me["setup_needed"]) == (200, True)
        assert (await client.get("/desk/review", allow_redirects=False)).headers["Location"] == "/desk/login"
        async with client.post("/desk/api/session/totp") as response:
            begun = await response.json()
        assert begun["qr"].startswith("<svg")
        totp = pyotp.parse_uri(begun["uri"])
        assert isinstance(totp, pyotp.TOTP)
        assert (await client.put("/desk/api/session/totp", json={"code": "000000"})).status in (422, 200)
        code = totp.now()
        async with client.put("/desk/api/session/totp", json={"code": code}) as response:
            assert (response.status, (await response.json())["setup_needed"]) == (200, False)
        assert (await client.get("/desk/review")).status == 200
        assert (await client.post("/desk/api/session/totp")).status == 409
        await client.delete("/desk/api/session")
        assert (await log_in(client))[1]["type"] == "urn:bangban:problem:code_needed"
        assert (await log_in(client, code=code))[1]["type"] == "urn:bangban:problem:code_refused"  # used already
        assert (await log_in(client, code=totp.at(time.time() + 30)))[0] == 200


async def test_an_agent_signs_in_with_the_password_alone_unless_they_want_two_steps(database: Database) -> None:
    await account(database, "agent")
    async with desk(database) as client:
        status, me = await log_in(client)
        rights = ["answer", "appointments", "reveal", "search", "tickets", "visits"]
        assert (status, me["setup_needed"], me["rights"]) == (200, False, rights)
        assert (await client.get("/desk", allow_redirects=False)).status == 303
        async with client.get("/desk/api/sign-in") as response:
            assert await response.json() == {"single_sign_on": None}
        assert (await client.get("/desk/sso")).status == 404


async def test_all_devices_are_logged_out_at_once(database: Database) -> None:
    await account(database, "agent")
    async with desk(database) as client:
        await log_in(client)
        stolen = client.session.cookie_jar.filter_cookies(client.make_url("/desk"))["bangban_desk"].value
        await log_in(client)
        assert (await client.delete("/desk/api/session?all=1")).status == 204
        assert (await client.get("/desk/api/session", headers={"Cookie": f"bangban_desk={stolen}"})).status == 401


class Authority:
    """A small OpenID Connect provider. `claims` are what its next token says; `lie` changes one on the way."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.codes: dict[str, dict[str, str]] = {}
        self.lie: dict[str, Any] = {}
        self.claims: dict[str, Any] = {"sub": "u-7", "preferred_username": "李主管"}

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        app = web.Application()
        app.add_routes(
            [
                web.get("/.well-known/openid-configuration", self.described),
                web.get("/keys", self.keys),
                web.get("/authorise", self.authorise),
                web.post("/token", self.token),
            ]
        )
        async with TestServer(app) as server:
            self.issuer = str(server.make_url("/")).rstrip("/")
            yield self.issuer

    async def described(self, request: web.Request) -> web.Response:
        paths = {"authorization_endpoint": "authorise", "token_endpoint": "token", "jwks_uri": "keys"}
        return web.json_response(
            {"issuer": self.issuer, **{name: f"{self.issuer}/{path}" for name, path in paths.items()}}
        )

    async def keys(self, request: web.Request) -> web.Response:
        public = jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return web.json_response({"keys": [{**public, "kid": "1", "use": "sig"}]})

    async def authorise(self, request: web.Request) -> web.Response:
        asked = dict(request.query)
        assert asked["code_challenge_method"] == "S256"
        self.codes["c1"] = asked
        raise web.HTTPFound(f"{asked['redirect_uri']}?code=c1&state={self.lie.get('state', asked['state'])}")

    async def token(self, request: web.Request) -> web.Response:
        form = await request.post()
        asked = self.codes.pop(str(form["code"]))
        digest = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]
        at = int(time.time())
        told = {"iss": self.issuer, "aud": asked["client_id"], "nonce": asked["nonce"], "iat": at, "exp": at + 60}
        claims = told | self.claims | {name: lie for name, lie in self.lie.items() if name in told}
        key, kid = self.lie.get("key", self.key), self.lie.get("kid", "1")
        token = jwt.encode(claims, key, "ES256", headers={"kid": kid})
        return web.json_response({"id_token": token, "token_type": "Bearer", "access_token": "a"})


@pytest.fixture
def authority() -> Authority:
    return Authority()


@asynccontextmanager
async def joined(database: Database, authority: Authority) -> AsyncIterator[Client]:
    async with (
        authority.serving() as issuer,
        desk(database, Provider(issuer, "bangban", "secret", "preferred_username")) as client,
    ):
        yield client


async def sign_on(client: Client) -> str:
    """Where the browser ends up: the desk, or the login with a problem."""
    async with client.get("/desk/sso") as response:
        if response.status == 200 and response.url.path == "/desk/sso/back":
            assert "url=/desk" in await response.text()
            return "/desk"
        return parse_qs(urlsplit(str(response.url)).query)["problem"][0]


async def test_a_county_signs_in_with_what_it_has_and_the_account_is_bound_for_good(
    database: Database, authority: Authority
) -> None:
    await account(database, "supervisor")
    async with joined(database, authority) as client:
        async with client.get("/desk/api/sign-in") as response:
            assert (await response.json())["single_sign_on"] == {"label": "一号通用", "path": "/desk/sso"}
        assert await sign_on(client) == "/desk"
        async with client.get("/desk/api/session") as response:
            me = await response.json()
        assert (me["name"], me["setup_needed"]) == ("李主管", False)  # the second step is the provider's
        authority.claims["sub"] = "u-8"
        assert await sign_on(client) == "subject_unknown"
        assert (await log_in(client))[0] == 401


async def test_what_the_provider_did_not_sign_for_us_just_now_gets_nobody_in(
    database: Database, authority: Authority
) -> None:
    await account(database, "agent")
    lies: list[dict[str, Any]] = [
        {"state": "another"},
        {"nonce": "another"},
        {"aud": "somebody-else"},
        {"iss": "https://evil.example"},
        {"exp": int(time.time()) - 3600},
        {"kid": "2"},
        {"key": ec.generate_private_key(ec.SECP256R1())},
    ]
    async with joined(database, authority) as client:
        for lie in lies:
            authority.lie = lie
            assert await sign_on(client) == "sign_on_refused", lie
        authority.lie = {}
        async with client.get("/desk/sso/back?code=c1&state=x", allow_redirects=False) as response:
            assert response.headers["Location"] == "/desk/login?problem=sign_on_refused"
        assert (await client.get("/desk/api/session")).status == 401


async def test_a_provider_that_is_down_is_said_and_the_password_still_works(database: Database) -> None:
    await account(database, "agent")
    async with desk(database, Provider("http://127.0.0.1:9", "bangban", "secret", "preferred_username")) as client:
        async with client.get("/desk/sso", allow_redirects=False) as response:
            assert response.headers["Location"] == "/desk/login?problem=sign_on_unavailable"
        assert (await log_in(client))[0] == 200
