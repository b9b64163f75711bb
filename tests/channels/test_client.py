"""The one client: token, tries, limits, and no secret in any log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from functools import partial
from typing import Any

import pytest
from fakeredis import FakeAsyncRedis, FakeServer
from pydantic import ValidationError
from structlog.testing import capture_logs

from bot.clock import now
from bot.settings import Settings
from connectors.platforms.client import PlatformClient, stable_token
from connectors.platforms.errors import ApiRefused, ApiUnavailable, kinds
from connectors.platforms.tokens import Tokens
from connectors.wechat.account import OfficialAccount
from knowledge.database import Database
from knowledge.keyring import Keyring, new_key
from knowledge.platform_tokens import PlatformTokens
from tests.fake_wechat import Account, FakeWechat, Trouble, serving

RING = Keyring({1: new_key(1)})


@asynccontextmanager
async def talking(
    database: Database, redis: Any, platform: FakeWechat, address: str, **more: Any
) -> AsyncIterator[OfficialAccount]:
    """What one process has."""
    client = PlatformClient(address, now, **more)
    secret = more.pop("secret", platform.account.secret)
    fetch = partial(stable_token, client, platform.account.appid, secret)
    client.use(Tokens("wechat:wx1", fetch, PlatformTokens(database, RING), redis, now))
    try:
        yield OfficialAccount(client)
    finally:
        await client.aclose()


@pytest.fixture
async def platform() -> AsyncIterator[tuple[FakeWechat, str]]:
    wechat = FakeWechat(Account())
    wechat.fan("o").windows["message"] = [1000, wechat.clock() + 3600]
    async with serving(wechat) as address:
        yield wechat, address


async def test_all_processes_use_one_token_and_fetch_it_once(
    database: Database, second_database: Database, platform: tuple[FakeWechat, str]
) -> None:
    wechat, address = platform
    server = FakeServer()
    redis, other = (FakeAsyncRedis(server=server, decode_responses=True) for _ in range(2))
    async with (
        talking(database, redis, wechat, address) as here,
        talking(second_database, other, wechat, address) as there,
    ):
        await asyncio.gather(*(each.say("o", "text", {"content": "好"}) for each in (here, there) for _ in range(20)))
        assert wechat.fetched == 1
        await redis.flushdb()
        async with talking(second_database, other, wechat, address) as later:
            await later.say("o", "text", {"content": "好"})
        assert wechat.fetched == 1, "a new process, and Redis empty: SQL has it"


async def test_a_token_that_is_refused_is_fetched_once_and_the_call_is_made_again(
    database: Database, platform: tuple[FakeWechat, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    wechat, address = platform
    monkeypatch.setattr("connectors.platforms.tokens.NOT_AGAIN_WITHIN", now() - now())
    async with talking(database, FakeAsyncRedis(decode_responses=True), wechat, address) as account:
        await account.say("o", "text", {"content": "一"})
        wechat.expire_tokens()
        await asyncio.gather(*(account.say("o", "text", {"content": "二"}) for _ in range(10)))
        assert wechat.fetched == 2
        assert len(wechat.fan("o").seen) == 11


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_a_token_that_is_refused_for_ever_is_no_loop(
    database: Database, platform: tuple[FakeWechat, str], code: int
) -> None:
    wechat, address = platform
    wechat.troubles[:] = [Trouble("custom/send", code=code, times=None)]
    async with talking(database, FakeAsyncRedis(decode_responses=True), wechat, address) as account:
        for _ in range(5):
            with pytest.raises(ApiUnavailable):
                await account.say("o", "text", {"content": "一"})
        assert wechat.fetched <= 2
        assert sum("custom/send" in path for path, _ in wechat.calls) == 10


async def test_a_busy_platform_is_asked_three_times(database: Database, platform: tuple[FakeWechat, str]) -> None:
    wechat, address = platform
    async with talking(database, FakeAsyncRedis(decode_responses=True), wechat, address, chance=lambda: 0.0) as account:
        wechat.troubles[:] = [Trouble("custom/send", code=-1, times=2)]
        await account.say("o", "text", {"content": "一"})
        wechat.troubles[:] = [Trouble("custom/send", code=-1, times=None)]
        with pytest.raises(ApiUnavailable, match="busy"):
            await account.say("o", "text", {"content": "二"})
        assert sum("custom/send" in path for path, _ in wechat.calls) == 6


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [(Trouble(status=500, times=None), "status 500"), (Trouble("custom", seconds=0.3, times=None), "slow")],
    ids=["500", "slow"],
)
async def test_no_answer_is_unavailable(
    database: Database, platform: tuple[FakeWechat, str], trouble: Trouble, reason: str
) -> None:
    wechat, address = platform
    wechat.troubles[:] = [trouble]
    async with talking(database, FakeAsyncRedis(decode_responses=True), wechat, address, timeout=0.2) as account:
        with pytest.raises(ApiUnavailable, match=reason):
            await account.say("o", "text", {"content": "一"})


async def test_an_api_that_is_used_up_is_left_alone(database: Database, platform: tuple[FakeWechat, str]) -> None:
    wechat, address = platform
    async with talking(database, FakeAsyncRedis(decode_responses=True), wechat, address) as account:
        for code, most in ((45011, 60), (45009, 86_400)):
            wechat.troubles[:], wechat.calls = [Trouble("custom/send", code=code)], []
            if code == 45009:
                account._client._paused.clear()
            for _ in range(5):
                with pytest.raises(ApiUnavailable) as refused:
                    await account.say("o", "text", {"content": "一"})
                assert 0 < (refused.value.seconds or 0) <= most + 10
            assert sum("custom/send" in path for path, _ in wechat.calls) == 1
        await account.typing("o")


async def test_no_more_calls_a_minute_than_are_allowed(database: Database, platform: tuple[FakeWechat, str]) -> None:
    wechat, address = platform
    async with talking(database, FakeAsyncRedis(decode_responses=True), wechat, address, per_minute=3) as account:
        for _ in range(3):
            await account.say("o", "text", {"content": "一"})
        with pytest.raises(ApiUnavailable, match="too many"):
            await account.say("o", "text", {"content": "一"})


async def test_files_go_by_their_id_and_are_bounded(
    database: Database, platform: tuple[FakeWechat, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    wechat, address = platform
    async with talking(database, FakeAsyncRedis(decode_responses=True), wechat, address) as account:
        media_id = await account.store("image", "p.jpg", b"\xff\xd8picture")
        fetched = await account.fetch(media_id)
        assert (fetched.media_type, fetched.content) == ("image/jpeg", b"\xff\xd8picture")
        with pytest.raises(ApiRefused) as refused:
            await account.fetch("no-such-id")
        assert (refused.value.code, refused.value.kind) == (40007, "media")
        monkeypatch.setattr("connectors.wechat.account.LARGEST_MEDIA", 4)
        with pytest.raises(ApiRefused):
            await account.fetch(media_id)


async def test_no_secret_and_no_token_is_in_a_log_or_an_error(
    database: Database, platform: tuple[FakeWechat, str]
) -> None:
    wechat, address = platform
    errors = []
    with capture_logs() as logs:
        async with talking(database, FakeAsyncRedis(decode_responses=True), wechat, address, timeout=0.2) as account:
            await account.say("o", "text", {"content": "一"})
            troubles = [Trouble("custom", code=40164), Trouble("custom", status=502), Trouble("custom", seconds=0.4)]
            for trouble in [*troubles, Trouble("custom", code=40001, times=None)]:
                wechat.troubles[:] = [trouble]
                with pytest.raises((ApiUnavailable, ApiRefused)) as refused:
                    await account.say("o", "text", {"content": "一"})
                errors.append(repr(refused.value))
        async with talking(database, FakeAsyncRedis(decode_responses=True), wechat, "http://127.0.0.1:9") as account:
            with pytest.raises(ApiUnavailable) as refused:
                await account.say("o", "text", {"content": "一"})
            errors.append(repr(refused.value))
    written = repr(logs) + repr(errors)
    secrets = [wechat.account.secret, *wechat.tokens]
    assert wechat.tokens
    assert not [secret for secret in secrets if secret in written]


def test_every_code_of_the_notes_has_its_action() -> None:
    noted = {
        *(-1, 40001, 40014, 42001, 40003, 40007, 40013, 40125, 40164, 43004, 50005, 43019, 43101, 43107, 43108, 45168),
        *(45002, 45008, 45009, 45011, 45015, 45047, 47001, 47003, 48001, 48002, 48004, 44991, 61010, 70000),
    }
    assert noted <= kinds().keys()
    actions = {"again", "token", "minute", "day", "used", "gone", "long", "media", "barred", "settings", "refused"}
    assert set(kinds().values()) == actions


async def test_a_code_may_mean_something_else_by_setting(platform: tuple[FakeWechat, str]) -> None:
    wechat, address = platform
    client = PlatformClient(address, now, codes={95018: "refused"})
    async with aclosing(client):
        for code, kind in ((95018, "refused"), (45047, "used")):
            wechat.troubles[:] = [Trouble("stable_token", code=code)]
            with pytest.raises(ApiRefused) as refused:
                await client.call("/cgi-bin/stable_token", {"appid": "a"}, token=False)
            assert (refused.value.code, refused.value.kind) == (code, kind)


def test_the_setting_of_codes_is_checked() -> None:
    assert Settings(wechat_codes='{"95018": "used", "-1": "again"}').api[1] == {95018: "used", -1: "again"}
    for wrong in ('{"95018": "later"}', '{"abc": "used"}', '["used"]', "{"):
        with pytest.raises(ValidationError):
            Settings(wechat_codes=wrong)
