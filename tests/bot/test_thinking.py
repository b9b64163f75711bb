"""The second opinion in the running service: in time, off the event loop, and without it all goes on."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError
from structlog.testing import capture_logs

import nlu.embedding
from bot.matching import MatcherKeeper
from bot.settings import Settings
from bot.thinking import Thinking, second_opinion
from knowledge.catalogue import Catalogue
from knowledge.database import Database
from knowledge.matter import Matter
from knowledge.matter_store import DRAFT, store
from knowledge.publishing import publish
from nlu.linking import current_matcher, link, publish_matcher
from nlu.meaning import Vector, Vectors
from nlu.sayings import collected, index_of
from nlu.second_opinion import SecondOpinion
from nlu.vector_file import VectorFile
from nlu.weights import Weights
from tests.conftest import fresh_place
from tests.embedding_server import DIMENSIONS, EmbeddingServer, embed_hashed, embedding_server
from tests.nlu.starter import starter_situations, starter_subjects

KEY = "sk-secret-of-the-county"
FERRY = Matter("X1", "渡口夜间摆渡登记", region="430423000000", version=1)
POOR = Matter("X2", "最低生活保障", region="430423000000", version=1)


@pytest.fixture
async def server() -> AsyncIterator[EmbeddingServer]:
    async with embedding_server() as running:
        yield running


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """On SQLite alone: what is tested here reads nothing that the databases do differently."""
    async with fresh_place("sqlite", tmp_path) as place:
        opened = place.open()
        yield opened
        await opened.close()


@pytest.fixture(scope="module")
def indexes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built indexes: the tests publish the same catalogue."""
    return tmp_path_factory.mktemp("indexes")


@pytest.fixture(autouse=True)
def no_matcher() -> Iterator[None]:
    before = current_matcher()
    yield
    publish_matcher(before)


def settings(folder: Path, server: EmbeddingServer | None = None, **others: object) -> Settings:
    address = {"embeddings_url": server.url, "embeddings_model": "bge-m3", "embeddings_key": KEY} if server else {}
    return Settings.model_validate({"data_dir": folder, **address, **others})


def hashed_opinion(embed: Callable[[list[str]], Vector] = embed_hashed) -> SecondOpinion:
    vectors = Vectors.none_of("hashed")
    vectors.centre_on(["低保", "建房", "残疾证"], embed_hashed)
    return SecondOpinion(vectors, embed)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.02)


async def published(database: Database, *matters: Matter) -> None:
    async with database.transaction() as session:
        await store(session, matters, DRAFT)
    await publish(database)


# What is asked


async def test_what_understanding_will_want_is_there_before_it_runs() -> None:
    opinion = hashed_opinion()
    heard: list[tuple[str, bool]] = []

    def understand(text: str) -> None:
        whole = opinion.vector_of(text)
        heard.append((text, whole is not None))
        if whole is not None:  # a clause is only wanted once the whole is known
            heard.append(("半句", opinion.vector_of("半句") is not None))

    await opinion.consider("整句", understand)
    assert heard == [("整句", False), ("整句", True), ("半句", False)]
    heard.clear()
    understand("整句")
    assert heard == [("整句", True), ("半句", True)]


async def test_the_loop_goes_on_while_the_model_works() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(texts: list[str]) -> Vector:
        begun.set()
        assert go_on.wait(20)
        return embed_hashed(texts)

    opinion = hashed_opinion(slow)
    considered = asyncio.create_task(opinion.consider("低保", opinion.vector_of))
    await until(begun.is_set)
    assert not considered.done()
    go_on.set()
    await considered
    assert opinion.vector_of("低保") is not None


async def test_a_turn_waits_half_a_second_at_most_and_the_log_says_it_once_a_minute() -> None:
    go_on = threading.Event()

    def stuck(texts: list[str]) -> Vector:
        assert go_on.wait(20)
        return embed_hashed(texts)

    opinion = hashed_opinion(stuck)
    publish_matcher(None)
    thinking = Thinking(opinion)
    wanted = asyncio.create_task(opinion.consider("低保", opinion.vector_of))
    with capture_logs() as logs:
        began = time.monotonic()
        for _ in range(2):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("bot.thinking.link", opinion.vector_of)
                await thinking.consider("低保")
        assert time.monotonic() - began < 2.0
    go_on.set()
    await wanted
    assert [(line["event"], line["reason"]) for line in logs] == [
        ("second_opinion_missing", "it took longer than 0.5 s")
    ]


async def test_an_address_that_fails_leaves_the_first_opinion_and_no_key_in_the_log(
    server: EmbeddingServer, tmp_path: Path
) -> None:
    server.status = 500
    async with Thinking(second_opinion(settings(tmp_path, server)), seldom=0) as thinking:
        assert thinking.opinion is not None
        with capture_logs() as logs, pytest.MonkeyPatch.context() as patch:
            patch.setattr("bot.thinking.link", thinking.opinion.vector_of)
            for _ in range(3):
                await thinking.consider("低保")
        assert thinking.opinion.vector_of("低保") is None
    assert [line["reason"] for line in logs][:2] == ["it answers 500"] * 2
    assert "asked again in" in logs[2]["reason"]
    assert len(server.questions) == 2
    assert KEY not in str(logs)
    assert "低保" not in str(logs)


def test_the_key_is_not_in_the_settings_when_they_are_shown(tmp_path: Path) -> None:
    shown = settings(tmp_path, embeddings_key=KEY)
    assert KEY not in f"{shown!r} {shown}"
    assert shown.embeddings_key.get_secret_value() == KEY


def test_an_address_wants_a_model_and_has_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="model's name"):
        settings(tmp_path, embeddings_url="http://127.0.0.1:9/v1")
    with pytest.raises(ValidationError, match="embeddings_url"):
        settings(tmp_path, embeddings_url="127.0.0.1:9/v1", embeddings_model="m")


async def test_nothing_is_asked_when_meaning_is_off(server: EmbeddingServer, tmp_path: Path) -> None:
    assert second_opinion(settings(tmp_path, server, meaning=False)) is None
    async with Thinking(None) as thinking:
        await thinking.consider("低保")
    assert not server.questions


async def test_without_the_extra_words_alone_answer(
    database: Database, tmp_path: Path, indexes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nlu.embedding, "find_spec", lambda _: None)
    opinion = second_opinion(settings(tmp_path))
    assert opinion is None
    await published(database, FERRY, POOR)
    async with Thinking(opinion) as thinking, MatcherKeeper(Catalogue(database), indexes):
        await thinking.consider("渡口夜间摆渡登记")
        matcher = current_matcher()
        assert matcher is not None
        assert matcher.match("渡口夜间摆渡登记").candidates[0].code == "X1"


# What is learnt


async def test_new_names_of_a_county_get_vectors_in_the_background_and_are_found_by_meaning(
    server: EmbeddingServer, database: Database, tmp_path: Path, indexes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_sure = replace(Weights.load(), sure=2.0, surely_none=2.0)
    monkeypatch.setattr(Weights, "load", lambda: never_sure)
    await published(database, FERRY, POOR)
    server.gate.clear()
    async with (
        Thinking(second_opinion(settings(tmp_path, server))) as thinking,
        MatcherKeeper(Catalogue(database), indexes, thinking.opinion),
    ):
        opinion, first = thinking.opinion, current_matcher()
        assert opinion is not None
        assert first is not None, "the words answer at once"
        assert first.match("渡口夜间摆渡登记").candidates[0].code == "X1"
        server.gate.set()
        await until(lambda: current_matcher() is not first)
        assert not opinion.vectors.missing([FERRY.name])
        unsure = "夜里渡口摆渡"
        await thinking.consider(unsure)
        assert unsure in server.texts
        by_words, by_meaning = first.match(unsure), link(unsure)
        assert by_meaning.candidates[0].code == "X1"
        assert by_meaning.candidates[0].score > max([0.0, *(each.score for each in by_words.candidates)])
    assert not VectorFile(next(tmp_path.glob("vectors-*.npz"))).read().missing([FERRY.name])  # type: ignore[union-attr]


async def test_a_model_that_fails_at_first_is_asked_again_for_the_names(
    server: EmbeddingServer, database: Database, tmp_path: Path, indexes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.matching.THINK_AGAIN_SECONDS", 0.05)
    server.status = 503
    await published(database, FERRY, POOR)
    with capture_logs() as logs:
        async with (
            Thinking(second_opinion(settings(tmp_path, server))) as thinking,
            MatcherKeeper(Catalogue(database), indexes, thinking.opinion),
        ):
            await until(lambda: any(line["event"] == "meanings_unknown" for line in logs))
            server.status = 200
            thinking.opinion._embed.__self__._breaker.reset()  # type: ignore[union-attr]
            await until(lambda: any(line["event"] == "meanings_known" for line in logs))
    assert KEY not in str(logs)


async def test_what_was_learnt_is_there_at_the_next_start_and_not_asked_again(
    server: EmbeddingServer, tmp_path: Path
) -> None:
    texts = [f"事项{number}" for number in range(200)]
    for _ in range(2):
        opinion = second_opinion(settings(tmp_path, server))
        assert opinion is not None
        await asyncio.to_thread(opinion.learn, texts)
        await asyncio.to_thread(opinion.close)
    assert opinion.knows(texts)
    assert sorted(set(server.texts)) == sorted(texts)
    assert len(server.texts) == 2 * len(texts), "once for the mean, once for each"


async def test_another_model_or_address_has_its_own_file(server: EmbeddingServer, tmp_path: Path) -> None:
    for model in ("bge-m3", "qwen3"):
        opinion = second_opinion(settings(tmp_path, server, embeddings_model=model))
        assert opinion is not None
        await asyncio.to_thread(opinion.learn, ["低保", "建房"])
        await asyncio.to_thread(opinion.close)
    assert len(list(tmp_path.glob("vectors-*.npz"))) == 2
    assert {question["model"] for question in server.questions} == {"bge-m3", "qwen3"}


def test_two_processes_that_start_at_once_make_each_vector_once(tmp_path: Path) -> None:
    asked: list[str] = []

    def embed(texts: list[str]) -> Vector:
        asked.extend(texts)
        return embed_hashed(texts)

    def learner() -> SecondOpinion:
        vectors = Vectors("hashed", np.full(DIMENSIONS, 0.01, dtype=np.float32), {})
        return SecondOpinion(vectors, embed, file=VectorFile(tmp_path / "vectors-x.npz"))

    texts = [f"事项{number}" for number in range(300)]
    threads = [threading.Thread(target=learner().learn, args=(texts,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(asked) == sorted(texts)


def test_what_was_made_before_the_model_failed_is_kept(tmp_path: Path) -> None:
    def failing(texts: list[str]) -> Vector:
        if "事项150" in texts:
            raise nlu.embedding.EmbeddingUnavailable("gone")
        return embed_hashed(texts)

    file = VectorFile(tmp_path / "vectors-x.npz")
    opinion = SecondOpinion(Vectors("hashed", np.full(DIMENSIONS, 0.01, dtype=np.float32), {}), failing, file=file)
    texts = [f"事项{number}" for number in range(300)]
    with pytest.raises(nlu.embedding.EmbeddingUnavailable):
        opinion.learn(texts)
    kept = file.read()
    assert kept is not None
    assert len(kept) == 128


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 broken"])
def test_a_damaged_file_of_vectors_is_made_anew(tmp_path: Path, content: bytes) -> None:
    place = tmp_path / "vectors-x.npz"
    place.write_bytes(content)
    opinion = SecondOpinion(Vectors.none_of("hashed"), embed_hashed, file=VectorFile(place))
    opinion.learn(["低保", "建房"])
    kept = VectorFile(place).read()
    assert kept is not None
    assert not kept.missing(["低保", "建房"])
    assert [path.name for path in tmp_path.iterdir()] == [place.name]


def test_learning_stops_when_the_program_ends(tmp_path: Path) -> None:
    opinion = hashed_opinion()
    opinion.close()
    opinion.learn(["低保"])
    assert opinion.lacks(["低保"])


def test_the_shipped_vectors_cover_every_title_and_saying_of_the_starter_catalogue() -> None:
    index = index_of(starter_subjects(), starter_situations(), collected())
    missing = Vectors.load().missing(index.texts_of_entries())
    assert not missing, f"{len(missing)} without a vector, e.g. {missing[:3]}: run `bangban train --matching`"
