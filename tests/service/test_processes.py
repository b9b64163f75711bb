"""The service as processes: killed, ended in the middle of a turn, several on one port, on broken ground."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from redis.asyncio import Redis

from tests.pairs import Pair
from tests.service.conftest import ROOT, Resident, arrive, serving, texts
from tests.service.trouble import children, gateway, path_of, port_is_closed, turn_is_running, write_lock


async def test_after_a_kill_the_conversation_goes_on_where_it_was(pair: Pair, data_dir: Path) -> None:
    async with serving(pair, data_dir) as server, aiohttp.ClientSession(server.address) as client:
        before = await arrive(client)
        await before.say("80岁老人高龄津贴怎么办")
        await server.end(signal.SIGKILL)
    async with serving(pair, data_dir) as server, aiohttp.ClientSession(server.address) as client:
        after = Resident(client, before.id, before.token)
        answer = await after.say("要带什么")
        assert answer["replies"][0]["data"]["code"] == "M005"
        assert [line["text"] for line in await after.transcript()].count("80岁老人高龄津贴怎么办") == 1


async def test_a_turn_that_was_killed_is_answered_when_its_message_is_sent_again(
    data_dir: Path, embedded: Pair
) -> None:
    async with serving(embedded, data_dir) as server, aiohttp.ClientSession(server.address) as client:
        resident = await arrive(client)
        with write_lock(embedded):
            turn = asyncio.create_task(resident.say("怎么申请低保", id="the-one"))
            await turn_is_running(client)
            await server.end(signal.SIGKILL)
            with pytest.raises(aiohttp.ClientError):
                await turn
    async with serving(embedded, data_dir) as server, aiohttp.ClientSession(server.address) as client:
        again = Resident(client, resident.id, resident.token)
        assert "低保" in texts(await again.say("怎么申请低保", id="the-one"))
        assert [line["from"] for line in await again.transcript()].count("resident") == 1


async def test_sigterm_in_the_middle_of_a_turn_ends_the_turn_first(data_dir: Path, embedded: Pair) -> None:
    async with (
        serving(embedded, data_dir) as server,
        aiohttp.ClientSession(server.address) as client,
    ):
        resident = await arrive(client)
        with write_lock(embedded):
            turn = asyncio.create_task(resident.say("怎么申请低保"))
            await turn_is_running(client)
            server.process.terminate()
            await port_is_closed(server)
        assert "低保" in texts(await turn)
        assert await server.process.wait() == 0


async def test_while_the_database_is_locked_a_message_is_refused_and_then_answered_under_its_id(
    data_dir: Path, embedded: Pair
) -> None:
    async with (
        serving(embedded, data_dir) as server,
        aiohttp.ClientSession(server.address) as client,
    ):
        resident = await arrive(client)
        with write_lock(embedded):
            status, problem = await resident.post({"id": "kept", "text": "怎么申请低保"})
            assert status == 503
            assert "没有丢" in problem["detail"]
        assert "低保" in texts(await resident.say("怎么申请低保", id="kept"))


async def test_while_the_database_is_down_the_service_says_so_and_recovers(data_dir: Path, servers: Pair) -> None:
    async with (
        gateway(5432) as postgresql,
        serving(
            Pair(servers.database_url.replace(":5432", f":{postgresql.port}"), servers.redis_url), data_dir
        ) as server,
        aiohttp.ClientSession(server.address) as client,
    ):
        resident = await arrive(client)
        await postgresql.cut()
        status, _ = await resident.post({"id": "kept", "text": "怎么申请低保"})
        assert status == 503
        async with client.get("/readyz") as response:
            assert response.status == 503
        async with client.get("/healthz") as response:
            assert response.status == 200
        postgresql.mend()
        assert "低保" in texts(await resident.say("怎么申请低保", id="kept"))


async def test_redis_emptied_at_any_moment_loses_nothing(data_dir: Path, servers: Pair) -> None:
    async with (
        serving(servers, data_dir, "--workers", "2") as server,
        aiohttp.ClientSession(server.address) as client,
    ):
        resident = await arrive(client)
        redis = Redis.from_url(servers.redis_url)
        said = [f"第{number}句 低保要带什么" for number in range(12)]
        turns = [asyncio.create_task(resident.say(text)) for text in said]
        while not all(turn.done() for turn in turns):
            await redis.flushdb()
            await asyncio.sleep(0)
        await redis.aclose()
        assert all(answer["replies"] for answer in await asyncio.gather(*turns))
        assert sorted(heard(await resident.transcript())) == sorted(said)


async def test_two_workers_take_turns_in_one_conversation_and_keep_its_order(data_dir: Path, servers: Pair) -> None:
    async with (
        serving(servers, data_dir) as first,
        serving(servers, data_dir) as second,
        aiohttp.ClientSession(first.address) as one,
        aiohttp.ClientSession(second.address) as other,
    ):
        resident = await arrive(one)
        beside = Resident(other, resident.id, resident.token)
        redis = Redis.from_url(servers.redis_url)
        said = [f"第{number}句 低保要带什么" for number in range(10)]
        # somebody holds the conversation while the ten arrive one after the other, at the two processes in turn
        queue = f"bangban:turns:{resident.id}"
        await redis.rpush(queue, "holder")
        await redis.set("bangban:alive:holder", 1, px=20_000)
        turns = []
        for number, text in enumerate(said):
            turns.append(asyncio.create_task((resident, beside)[number % 2].say(text)))
            while await redis.llen(queue) < number + 2:
                await asyncio.sleep(0)
        await redis.delete("bangban:alive:holder")
        await asyncio.gather(*turns)
        await redis.aclose()
        assert heard(await resident.transcript()) == said


async def test_several_workers_share_one_port_and_a_dead_one_is_replaced(data_dir: Path, servers: Pair) -> None:
    async with (
        serving(servers, data_dir, "--workers", "2") as server,
        aiohttp.ClientSession(server.address) as client,
    ):
        resident = await arrive(client)
        workers = children(server.process.pid)
        assert len(workers) == 2
        os.kill(workers[0], signal.SIGKILL)
        while len(set(children(server.process.pid)) - {workers[0]}) < 2:
            await asyncio.sleep(0.05)
        assert "低保" in texts(await resident.say("怎么申请低保"))
        assert await server.end(signal.SIGTERM) == 0


async def run(*arguments: str, **environment: str) -> tuple[int, str]:
    """Run `bangban`; its exit code and what it said on standard error."""
    process = await asyncio.create_subprocess_exec(
        *("python", "-m", "bot", *arguments),
        cwd=ROOT,
        env={**os.environ, "PATH": f"{ROOT / '.venv/bin'}:{os.environ['PATH']}", **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, error = await process.communicate()
    return process.returncode or 0, error.decode()


async def test_a_port_in_use_ends_serve_with_one_line(data_dir: Path, embedded: Pair) -> None:
    async with serving(embedded, data_dir) as server:
        port = server.address.rpartition(":")[2]
        code, said = await run("serve", "--port", port, "--data-dir", str(data_dir))
        assert code == 1
        assert (
            said.strip()
            == f"bangban: port {port} on 127.0.0.1 is in use by another program; choose another with --port"
        )


async def test_several_workers_without_redis_end_serve_with_one_line(data_dir: Path) -> None:
    code, said = await run("serve", "--workers", "2", "--data-dir", str(data_dir), BANGBAN_REDIS_URL="")
    assert code == 1
    assert "BANGBAN_REDIS_URL" in said
    assert said.count("\n") == 1


async def test_a_database_that_is_not_there_ends_serve_with_one_line(data_dir: Path) -> None:
    code, said = await run(
        "serve", "--port", "0", "--data-dir", str(data_dir), "--database", "postgresql+asyncpg://root@127.0.0.1:1/none"
    )
    assert code == 1
    assert "the database does not answer" in said.splitlines()[-1]


async def test_a_damaged_model_is_put_aside_and_trained_anew(data_dir: Path, embedded: Pair) -> None:
    model = data_dir / "model.tar.gz"
    whole = model.read_bytes()
    model.unlink()
    model.write_bytes(whole[: len(whole) // 2])
    async with (
        serving(embedded, data_dir) as server,
        aiohttp.ClientSession(server.address) as client,
    ):
        assert "低保" in texts(await (await arrive(client)).say("怎么申请低保"))
    assert (data_dir / "model.tar.damaged").exists()


async def test_a_read_only_database_ends_serve_with_one_line(data_dir: Path, embedded: Pair) -> None:
    async with serving(embedded, data_dir):
        pass
    read_only = f"sqlite+aiosqlite:///file:{path_of(embedded)}?mode=ro&uri=true"
    code, said = await run("serve", "--port", "0", "--data-dir", str(data_dir), "--database", read_only)
    assert code == 1
    assert "readonly database" in said.splitlines()[-1]


def behind(postgresql: gateway, pair: Pair) -> Pair:
    """The pair as it is reached through a gateway."""
    return Pair(pair.database_url.replace(":5432", f":{postgresql.port}"), pair.redis_url)


def heard(lines: list[dict[str, Any]]) -> list[str]:
    """What the resident said, in the transcript's order."""
    return [line["text"] for line in lines if line["from"] == "resident"]
