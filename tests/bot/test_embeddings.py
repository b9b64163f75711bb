"""A sentence model behind an address, over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest

from connectors.embeddings import FAILURES, EmbeddingsClient, EmbeddingsMalformed, EmbeddingsUnavailable
from tests.embedding_server import DIMENSIONS, EmbeddingServer, embed_hashed, embedding_server

KEY = "sk-secret-of-the-county"


@pytest.fixture
async def server() -> AsyncIterator[EmbeddingServer]:
    async with embedding_server() as running:
        yield running


@pytest.fixture
async def client(server: EmbeddingServer) -> AsyncIterator[EmbeddingsClient]:
    asking = EmbeddingsClient(server.url, "bge-m3", KEY)
    yield asking
    await asyncio.to_thread(asking.close)


async def asked(client: EmbeddingsClient, *texts: str) -> np.ndarray:
    return await asyncio.to_thread(client.embed, list(texts))


async def test_vectors_come_in_the_order_of_the_texts_whatever_order_the_server_answers_in(
    server: EmbeddingServer, client: EmbeddingsClient
) -> None:
    texts = ["低保", "建房", "残疾证"]
    vectors = await asked(client, *texts)
    np.testing.assert_allclose(vectors, embed_hashed(texts), atol=1e-6)
    assert vectors.dtype == np.float32
    assert server.questions == [{"model": "bge-m3", "input": texts}]


async def test_the_key_goes_into_the_header_and_without_one_there_is_no_header(
    server: EmbeddingServer, client: EmbeddingsClient
) -> None:
    await asked(client, "低保")
    keyless = EmbeddingsClient(server.url, "bge-m3")
    await asked(keyless, "低保")
    await asyncio.to_thread(keyless.close)
    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"
    assert "Authorization" not in server.headers[1]


async def test_who_asks_is_masked_before_a_text_leaves(server: EmbeddingServer, client: EmbeddingsClient) -> None:
    await asked(client, "我叫王小明，住3组12号，电话13800138000，要办低保", "幺三八零零幺三八零零零", "低保" * 120)
    named, number, long = server.texts
    assert "王小明" not in named
    assert "12号" not in named
    assert "13800138000" not in named
    assert named.endswith("要办低保")
    assert number and not set(number) & set("幺三八零")
    assert len(long) == 240


async def test_an_address_that_nobody_listens_at_is_named_as_such(unused_tcp_port: int) -> None:
    client = EmbeddingsClient(f"http://127.0.0.1:{unused_tcp_port}/v1", "m", KEY)
    with pytest.raises(EmbeddingsUnavailable, match="no connection") as caught:
        await asked(client, "低保")
    await asyncio.to_thread(client.close)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("status", [307, 401, 404, 429, 500, 503])
async def test_a_refusal_is_named_by_its_status_alone(
    server: EmbeddingServer, client: EmbeddingsClient, status: int
) -> None:
    server.status = status
    with pytest.raises(EmbeddingsUnavailable, match=f"^it answers {status}$"):
        await asked(client, "低保")


async def test_an_answer_that_does_not_come_in_time_is_given_up(server: EmbeddingServer) -> None:
    server.gate.clear()
    client = EmbeddingsClient(server.url, "m", seconds=0.6)
    with pytest.raises(EmbeddingsUnavailable, match=r"no answer within 0\.6 s"):
        await asked(client, "低保")
    await asyncio.to_thread(client.close)


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"error": {"message": "低保"}},
        {"data": []},
        {"data": [{"index": 1, "embedding": [1.0, 0.0]}]},
        {"data": [{"index": 0, "embedding": "AACAPw=="}]},
        {"data": [{"index": 0, "embedding": []}]},
        {"data": [{"index": 0, "embedding": [0.0, 0.0]}]},
        {"data": [{"index": 0, "embedding": [float("nan"), 0.0]}]},
        {"data": [{"index": 0, "embedding": [1.0]}, {"index": 0, "embedding": [1.0]}]},
    ],
)
async def test_an_answer_of_another_shape_is_refused_and_never_repeated(
    server: EmbeddingServer, client: EmbeddingsClient, body: object
) -> None:
    server.body = lambda _: body
    with pytest.raises(EmbeddingsMalformed) as caught:
        await asked(client, "低保")
    assert "低保" not in str(caught.value)


async def test_vectors_of_different_lengths_in_one_answer_are_refused(
    server: EmbeddingServer, client: EmbeddingsClient
) -> None:
    server.body = lambda _: {"data": [{"index": 0, "embedding": [1.0]}, {"index": 1, "embedding": [1.0, 2.0]}]}
    with pytest.raises(EmbeddingsMalformed, match="different lengths"):
        await asked(client, "低保", "建房")


async def test_a_model_that_was_changed_behind_the_address_is_noticed_by_its_dimensions(
    server: EmbeddingServer, client: EmbeddingsClient
) -> None:
    await asked(client, "低保")
    server.dimensions = 8
    with pytest.raises(EmbeddingsMalformed, match=f"8 numbers, before {DIMENSIONS}"):
        await asked(client, "低保")


async def test_after_some_failures_nothing_is_asked_for_a_while_and_then_again(server: EmbeddingServer) -> None:
    server.status = 500
    client = EmbeddingsClient(server.url, "m", pause=1)
    for _ in range(FAILURES):
        with pytest.raises(EmbeddingsUnavailable, match="500"):
            await asked(client, "低保")
    with pytest.raises(EmbeddingsUnavailable, match="asked again in 1 s"):
        await asked(client, "低保")
    assert len(server.questions) == FAILURES
    server.status = 200
    async with asyncio.timeout(10):
        while len(server.questions) == FAILURES:
            try:
                await asked(client, "低保")
            except EmbeddingsUnavailable:
                await asyncio.sleep(0.05)
    await asked(client, "低保")
    await asyncio.to_thread(client.close)


async def test_closing_gives_up_what_is_being_asked(server: EmbeddingServer, client: EmbeddingsClient) -> None:
    server.gate.clear()
    waiting = asyncio.create_task(asked(client, *["低保"] * 64))
    async with asyncio.timeout(10):
        while not server.questions:
            await asyncio.sleep(0.01)
        await asyncio.to_thread(client.close)
        with pytest.raises(EmbeddingsUnavailable):
            await waiting
