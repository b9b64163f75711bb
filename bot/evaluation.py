"""How well the matching understands, and what it learns, on the catalogue of a database and the collected sayings."""

from __future__ import annotations

import asyncio

from bot.bench.peers import PeerResult
from bot.matching import matcher_of, situations_of, subjects_of
from bot.settings import Settings
from bot.thinking import second_opinion
from knowledge.catalogue import Catalogue
from nlu import gate
from nlu.costs import Costs
from nlu.evaluation import Evaluation, evaluate
from nlu.index import FEATURES, Situation, Subject
from nlu.matching import Matcher, Ranker
from nlu.meaning import MEANINGS, Meaning
from nlu.sayings import NEGATION, TWO_NEEDS, index_of, part
from nlu.second_opinion import SecondOpinion
from nlu.thresholds import sure_enough, with_thresholds
from nlu.training import Learnt, learn
from nlu.weights import Weights


async def evaluate_matching(catalogue: Catalogue, opinion: SecondOpinion | None) -> Evaluation:
    """The service's matcher, asked the test sayings: none of them is in its index, nor taught anything.

    Raises EmbeddingUnavailable.
    """
    return evaluate(await tested_matcher(catalogue, opinion), part("test"))


async def tested_matcher(catalogue: Catalogue, opinion: SecondOpinion | None) -> Matcher:
    """The service's matcher, with all vectors that its second opinion wants. Raises EmbeddingUnavailable."""
    subjects, situations = await subjects_of(catalogue), await situations_of(catalogue)
    if opinion is not None and opinion.lacks(texts := _texts(subjects, situations)):
        opinion.learn(texts)
    return matcher_of(subjects, situations, opinion=opinion)


async def compared_with_peers(catalogue: Catalogue, ours: Evaluation) -> list[str]:
    """Lines of a table: top-1 and top-5 by kind, ours and each peer's, on the same split. Takes a quarter of an hour.

    Raises PeersMissing.
    """
    from bot.bench.peers import peers

    subjects = await subjects_of(catalogue)
    results: list[PeerResult] = await asyncio.to_thread(
        lambda: list(peers(part("training"), part("development"), part("test"), subjects, kept_by_ours=ours.kept))
    )
    kinds = list(dict.fromkeys(kind for result in results for kind in result.by_kind))
    rows = [("ours", {kind: ours.of_kind(kind) for kind in kinds}), *((each.name, each.by_kind) for each in results)]
    lines = ["", f"{'top-1 / top-5':<16}" + "".join(f"{name[:18]:>20}" for name, _ in rows)]
    lines += [f"{kind:<16}" + "".join(_shares(by_kind.get(kind)) for _, by_kind in rows) for kind in kinds]
    lines.append(f"ours: {1 - ours.kept:.1%} of ours are turned away")
    return [*lines, *map(_in_words, results)]


def _in_words(peer: PeerResult) -> str:
    return (
        f"{peer.name}: {1 - peer.kept:.1%} of ours are turned away; were they as few as by ours,"
        f" {peer.turned_away_alike:.1%} of those out of scope;"
        f" trained in {peer.train_seconds:.0f} s, {peer.query_ms:.2f} ms a query"
    )


def _shares(pair: tuple[float, float] | None) -> str:
    return f"{'–':>20}" if pair is None else f"{pair[0]:>12.1%} /{pair[1]:>6.1%}"


async def learn_matching(catalogue: Catalogue, settings: Settings) -> None:
    """Learn gates and weights from the training sayings, choose thresholds on the development sayings, write all.

    With the sentence model of the settings. Raises EmbeddingUnavailable.
    """
    subjects, situations = await subjects_of(catalogue), await situations_of(catalogue)
    opinion = second_opinion(settings, at_once=True, shipped=True)
    if opinion is not None:
        opinion.learn(_texts(subjects, situations))
    learnt = learn(subjects, situations, part("training"), opinion.vectors if opinion else None)
    learnt.ours.save(gate.OURS)
    learnt.vague.save(gate.VAGUE)
    gate.ours.cache_clear()
    gate.vague.cache_clear()
    _chosen(learnt, subjects, situations, opinion).save()


def _texts(subjects: list[Subject], situations: list[Situation]) -> list[str]:
    index = index_of(subjects, situations, [*part("training"), *part("development")])
    return index.texts_of_entries()


def _chosen(
    learnt: Learnt, subjects: list[Subject], situations: list[Situation], opinion: SecondOpinion | None
) -> Weights:
    """The weights with the thresholds that cost least on the development sayings."""
    index, costs = index_of(subjects, situations, part("training")), Costs.load()
    trial = [saying for saying in part("development") if saying.kind not in {TWO_NEEDS, NEGATION}]
    draft = Weights(learnt.words, learnt.meaning or Weights.load().meaning, 2.0, 2.0)
    meaning = Meaning(index, opinion.vectors, index.texts_of_entries()) if opinion else None
    matcher = Matcher(index, draft, meaning, opinion.vector_of if opinion else None)
    first = [(saying, matcher.by_words(saying.text, index.compare(saying.text))) for saying in trial]
    words = with_thresholds(lambda ranking: Ranker(index, ranking, FEATURES), learnt.words, first, costs)
    if opinion is None or learnt.meaning is None:
        return Weights(words, draft.meaning, draft.sure, draft.surely_none)
    told = zip(trial, opinion.vectors.of(saying.text for saying in trial), strict=True)
    second = [(saying, matcher.by_meaning(saying.text, vector)) for saying, vector in told]
    names = (*FEATURES, *MEANINGS)
    thought = with_thresholds(lambda ranking: Ranker(index, ranking, names), learnt.meaning, second, costs)
    by_words, by_meaning = Ranker(index, words, FEATURES).decide, Ranker(index, thought, names).decide
    return Weights(words, thought, *sure_enough(first, second, by_words, by_meaning, costs))
