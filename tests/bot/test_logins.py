"""Failed logins are counted in Redis, by name and by address; without Redis nobody is locked out."""

from __future__ import annotations

from bot.coordination import LoginKeys, open_redis
from bot.logins import LOGIN_SECONDS, LOGINS_BY_ADDRESS, LOGINS_BY_NAME, LoginLimit


async def test_after_five_tries_a_name_waits_and_others_do_not() -> None:
    limit = LoginLimit(open_redis(""))
    tries = [await limit.admits("李主管", "10.0.0.1") for _ in range(LOGINS_BY_NAME + 1)]
    assert tries == [True] * LOGINS_BY_NAME + [False]
    assert not await limit.admits("李主管", "10.0.0.2")
    assert await limit.admits("王五", "10.0.0.1")


async def test_an_address_that_tries_many_names_waits() -> None:
    limit = LoginLimit(open_redis(""))
    tries = [await limit.admits(f"{number}", "10.0.0.1") for number in range(LOGINS_BY_ADDRESS + 1)]
    assert tries == [True] * LOGINS_BY_ADDRESS + [False]


async def test_a_right_login_forgets_the_wrong_ones() -> None:
    limit = LoginLimit(open_redis(""))
    for _ in range(LOGINS_BY_NAME):
        await limit.admits("李主管", "10.0.0.1")
    await limit.forget("李主管", "10.0.0.1")
    assert await limit.admits("李主管", "10.0.0.1")


async def test_the_count_ends_by_itself_and_keeps_no_name() -> None:
    redis = open_redis("")
    limit = LoginLimit(redis)
    for _ in range(3):
        await limit.admits("李主管", "10.0.0.1")
    for key in await redis.keys():
        assert 0 < await redis.ttl(key) <= LOGIN_SECONDS
        assert "李主管" not in key
    assert LoginKeys("李主管", "").of_name in await redis.keys()


async def test_without_redis_a_login_is_tried() -> None:
    assert await LoginLimit(open_redis("redis://127.0.0.1:1/0")).admits("李主管", "10.0.0.1")


async def test_of_a_hundred_wrong_passwords_five_are_looked_at_and_colleagues_still_get_in() -> None:
    limit = LoginLimit(open_redis(""))
    looked_at = [await limit.admits("李主管", "10.0.0.1") for _ in range(100)]
    assert looked_at.count(True) == LOGINS_BY_NAME
    assert await limit.admits("王五", "10.0.0.2")
