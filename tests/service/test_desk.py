"""The desk over HTTP: who gets in, from where, and what the review answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import aiohttp
import jsonschema
import pytest
from aiohttp.test_utils import TestClient

from bot.app import RUNNING, Bangban
from bot.clock import now
from bot.logins import LOGINS_BY_NAME
from connectors.web.openapi import contract
from knowledge.staff import Role
from knowledge.unsure import Sighting, UnsureSayings

pytestmark = pytest.mark.asyncio(loop_scope="session")

Client = TestClient[Any, Any]
PASSWORD = "correct horse 电池"
CONTRACT = contract()


def bangban(client: Client) -> Bangban:
    return client.server.app[RUNNING]  # type: ignore[attr-defined,no-any-return]


async def account(client: Client, role: Role = "supervisor") -> str:
    name = f"{role}-{uuid4().hex[:8]}"
    await bangban(client).base.accounts.add(name, role, PASSWORD)
    return name


@asynccontextmanager
async def browser(client: Client, **headers: str) -> AsyncIterator[aiohttp.ClientSession]:
    """A browser of its own on the desk, which says where its requests come from."""
    address = str(client.make_url("/"))
    headers = headers or {"Origin": address.rstrip("/")}
    jar = aiohttp.CookieJar(unsafe=True)  # the address is an IP
    async with aiohttp.ClientSession(address, headers=headers, cookie_jar=jar) as session:
        yield session


async def log_in(session: aiohttp.ClientSession, name: str, password: str = PASSWORD) -> aiohttp.ClientResponse:
    return await session.post("/desk/api/session", json={"name": name, "password": password})


async def sighted(client: Client, *texts: str) -> list[str]:
    """Texts that nobody said before, as sighted."""
    unique = [f"{text}{uuid4().hex[:6]}" for text in texts]
    await UnsureSayings(bangban(client).base.database).sight([Sighting(text, text, "none") for text in unique], now())
    return unique


async def decide(session: aiohttp.ClientSession, **decision: Any) -> tuple[int, Any]:
    async with session.post("/desk/api/review", json=decision) as response:
        return response.status, await response.json(content_type=None)


async def waiting(session: aiohttp.ClientSession) -> dict[str, dict[str, Any]]:
    """The sayings that wait, by their text; the answer is held to the contract."""
    async with session.get("/desk/api/review") as response:
        body = await response.json()
    assert response.headers["Cache-Control"] == "no-store"
    path = CONTRACT["paths"]["/desk/api/review"]["get"]["responses"]["200"]
    schema = path["content"]["application/json"]["schema"] | {"components": CONTRACT["components"]}
    jsonschema.Draft202012Validator(schema).validate(body)
    return {saying["text"]: saying for group in body["groups"] for saying in group["sayings"]}


async def test_a_login_is_a_cookie_that_scripts_and_other_sites_do_not_get(client: Client) -> None:
    name = await account(client)
    async with browser(client) as session:
        response = await log_in(session, name)
        me = await response.json()
        assert (response.status, me["name"], me["role"], me["region"]) == (200, name, "supervisor", "")
        assert ("review" in me["rights"], me["setup_needed"]) == (True, False)
        flags = {part.strip().lower() for part in response.headers["Set-Cookie"].split(";")}
        assert {"httponly", "samesite=strict", "path=/desk"} <= flags
        assert "secure" not in flags
        async with session.get("/desk/api/session") as who:
            assert (await who.json())["name"] == name
        async with session.get("/desk/review") as page:
            assert (page.status, str(page.url.path)) == (200, "/desk/review")


async def test_behind_https_the_cookie_never_goes_in_the_clear(client: Client) -> None:
    name = await account(client)
    async with browser(client) as session:
        body = {"name": name, "password": PASSWORD}
        async with session.post("/desk/api/session", json=body, headers={"X-Forwarded-Proto": "https"}) as response:
            assert "secure" in response.headers["Set-Cookie"].lower()


async def test_after_the_logout_and_after_being_disabled_the_cookie_is_worth_nothing(client: Client) -> None:
    for ending in ("log out", "disable"):
        name = await account(client)
        async with browser(client) as session:
            response = await log_in(session, name)
            cookie = response.cookies["bangban_desk"].value
            if ending == "log out":
                assert (await session.delete("/desk/api/session")).status == 204
            else:
                await bangban(client).base.accounts.disable(name)
            stolen = {"Cookie": f"bangban_desk={cookie}"}
            async with aiohttp.ClientSession(client.make_url("/")) as thief:
                assert (await thief.get("/desk/api/session", headers=stolen)).status == 401
        if ending == "disable":
            async with browser(client) as session:
                assert (await log_in(session, name)).status == 401


async def test_too_many_wrong_passwords_lock_the_name_for_a_while_the_right_one_too(client: Client) -> None:
    name = await account(client)
    async with browser(client) as session:
        refused = [(await log_in(session, name, "wrong")).status for _ in range(LOGINS_BY_NAME)]
        assert refused == [401] * LOGINS_BY_NAME
        locked = await log_in(session, name)
        assert (locked.status, locked.headers["Retry-After"]) == (429, "900")
        assert (await log_in(session, await account(client))).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"User-Agent": "says neither"},
        {"Origin": "null"},
    ],
    ids=str,
)
async def test_what_does_not_come_from_a_page_of_ours_changes_nothing(client: Client, headers: dict[str, str]) -> None:
    name = await account(client)
    async with browser(client) as ours, browser(client, **headers) as theirs:
        await log_in(ours, name)
        theirs.cookie_jar.update_cookies(ours.cookie_jar.filter_cookies(client.make_url("/desk")))
        (text,) = await sighted(client, "夜里过河")
        saying = (await waiting(ours))[text]["id"]
        status, problem = await decide(theirs, sayings=[saying], state="missing")
        assert (status, problem["type"]) == (403, "urn:bangban:problem:cross_origin")
        assert (await log_in(theirs, name)).status == 403
        assert (await theirs.delete("/desk/api/session")).status == 403
        assert text in await waiting(ours)


async def test_the_browsers_own_word_is_enough_where_a_proxy_changed_the_host(client: Client) -> None:
    async with browser(client, **{"Sec-Fetch-Site": "same-origin", "Origin": "https://bangban.example"}) as session:
        assert (await log_in(session, await account(client))).status == 200


async def test_without_a_login_there_is_the_login_and_nothing_else(client: Client) -> None:
    async with browser(client) as session:
        async with session.get("/desk") as response:
            assert response.url.path == "/desk/login"
            assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
        for path in ("review", "review/decided", "review/matters?q=低保", "session"):
            async with session.get(f"/desk/api/{path}") as response:
                assert response.status == 401
        assert (await decide(session, sayings=[1], state="missing"))[0] == 401


@pytest.mark.parametrize("role", ["agent", "clerk"])
async def test_agents_and_clerks_do_not_decide_what_words_mean(client: Client, role: Role) -> None:
    async with browser(client) as session:
        await log_in(session, await account(client, role))
        async with session.get("/desk/api/review") as response:
            assert response.status == 403
        assert (await decide(session, sayings=[1], state="missing"))[0] == 403


async def test_a_saying_is_decided_shown_with_who_did_it_and_taken_back(client: Client) -> None:
    name = await account(client, "admin")
    async with browser(client) as session:
        await log_in(session, name)
        (text,) = await sighted(client, "夜里过河")
        saying = (await waiting(session))[text]["id"]
        assert await decide(session, sayings=[saying], state="missing", note="报县局") == (200, {"aliases": []})
        assert text not in await waiting(session)
        async with session.get("/desk/api/review/decided") as response:
            shown = next(each for each in (await response.json())["sayings"] if each["id"] == saying)
        assert (shown["state"], shown["decided_by"], shown["note"]) == ("missing", name, "报县局")
        assert (await decide(session, sayings=[saying], state="missing"))[0] == 409
        assert (await decide(session, sayings=[saying], state="open"))[0] == 200
        assert (await decide(session, sayings=[saying], state="open"))[0] == 409
        assert text in await waiting(session)


@pytest.mark.parametrize(
    ("decision", "status"),
    [
        ({"sayings": [], "state": "missing"}, 422),
        ({"sayings": [1], "state": "alias"}, 422),
        ({"sayings": [1], "state": "missing", "matter": "M001"}, 422),
        ({"sayings": [1, 2], "state": "alias", "matter": "M001", "words": "夜渡"}, 422),
        ({"sayings": [987654321], "state": "missing"}, 404),
        ({"sayings": [987654321], "state": "alias", "matter": "M001"}, 404),
    ],
    ids=str,
)
async def test_a_decision_that_makes_no_sense_is_refused(client: Client, decision: dict[str, Any], status: int) -> None:
    async with browser(client) as session:
        await log_in(session, await account(client))
        assert (await decide(session, **decision))[0] == status


async def test_an_alias_wants_a_matter_that_is_there_and_words_that_are_not_masked(client: Client) -> None:
    async with browser(client) as session:
        await log_in(session, await account(client))
        await UnsureSayings(bangban(client).base.database).sight([Sighting("****", "****", "none")], now())
        saying = (await waiting(session))["****"]
        assert saying["words"] == ""
        status, problem = await decide(session, sayings=[saying["id"]], state="alias", matter="M001")
        assert (status, problem["type"]) == (422, "urn:bangban:problem:no_words_for_alias")
        assert (await decide(session, sayings=[saying["id"]], state="alias", matter="M999", words="夜渡"))[0] == 404
        assert (await decide(session, sayings=[saying["id"]], state="missing"))[0] == 200


async def test_matters_are_found_by_code_and_by_words(client: Client) -> None:
    async with browser(client) as session:
        await log_in(session, await account(client))
        for words in ("m001", "最低生活保障"):
            async with session.get("/desk/api/review/matters", params={"q": words}) as response:
                assert (await response.json())[0]["code"] == "M001"
        async with session.get("/desk/api/review/matters", params={"q": " "}) as response:
            assert response.status == 422


async def test_what_could_not_be_handed_in_is_seen_sent_again_and_dropped_by_a_supervisor(client: Client) -> None:
    service = bangban(client)
    outbox, subject = service.services.outbox, f"BB-{uuid4().hex[:8]}"
    await outbox.put("submit", subject, {"reference": subject}, f"submit-{subject}", now())
    (letter,) = [each for each in await outbox.claim("w", now(), 10) if each.subject == subject]
    await outbox.dead(letter, "缺少联系电话", now())
    async with browser(client) as session:
        assert (await session.get("/desk/api/outbox")).status == 401
        await log_in(session, await account(client, "agent"))
        assert (await session.get("/desk/api/outbox")).status == 403
        await log_in(session, await account(client))
        assert (await session.get("/desk/outbox")).status == 200
        async with session.get("/desk/api/outbox") as response:
            body = await response.json()
        schema = {"$ref": "#/components/schemas/Outbox", "components": CONTRACT["components"]}
        jsonschema.Draft202012Validator(schema).validate(body)
        assert [(each["case"], each["error"]) for each in body["dead"]] == [(subject, "缺少联系电话")]
        for wrong in (
            {"letters": [letter.id], "action": "drop"},
            {"letters": [letter.id], "action": "drop", "reason": " "},
            {"letters": [], "action": "send_again"},
            {"letters": [letter.id], "action": "burn"},
        ):
            assert (await session.post("/desk/api/outbox", json=wrong)).status == 422
        unknown = {"letters": ["01ARZ3NDEKTSV4RRFFQ69G5FAV"], "action": "send_again"}
        assert (await session.post("/desk/api/outbox", json=unknown)).status == 404


async def test_the_platforms_calls_are_refused_without_a_signature(client: Client) -> None:
    async with client.post("/channels/intake", json={"type": "case_changed"}) as response:
        assert response.status == 401
        assert (await response.json())["type"] == "urn:bangban:problem:signature_refused"
