"""The peers of `bangban eval --peers` that need no TensorFlow: `python -m bot.bench.ranking PEER JOB RESULT`.

A job holds `texts`, pairs of a text and its code ("-": none of ours), and `asked`, the texts to rank. A result holds
`train_seconds`, `query_ms` (the mean of a text) and `ranked`: for each text pairs of a code and its score, best first.
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

Texts = Sequence[tuple[str, str]]
Ranked = list[tuple[str, float]]


def grams(text: str) -> list[str]:
    """The characters of a text, and every two that stand together."""
    return [*text, *map("".join, pairwise(text))]


def bm25(texts: Texts) -> Callable[[str], Ranked]:
    """BM25 over characters and bigrams; all texts of a code are one document.

    On the development part that is right more often than a document for each text, and than jieba's words.
    """
    import bm25s

    documents: dict[str, list[str]] = defaultdict(list)
    for text, code in texts:
        documents[code] += grams(text)
    index = bm25s.BM25()
    index.index(list(documents.values()), show_progress=False)

    def rank(text: str) -> Ranked:
        scores = index.get_scores(grams(text))
        return _ordered(list(documents), scores.tolist())

    return rank


def linear(texts: Texts) -> Callable[[str], Ranked]:
    """TF-IDF of characters and bigrams with a linear support vector machine.

    On the development part as good as trigrams too, and as other C.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    vectors = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True)
    known = vectors.fit_transform([text for text, _ in texts])
    classifier = LinearSVC().fit(known, [code for _, code in texts])
    codes = classifier.classes_.tolist()
    return lambda text: _ordered(codes, classifier.decision_function(vectors.transform([text]))[0].tolist())


PEERS: dict[str, Callable[[Texts], Callable[[str], Ranked]]] = {"bm25": bm25, "linear": linear}


def main(peer: str, job: Path, result: Path) -> None:
    """Train on the job's texts and rank what it asks."""
    given = json.loads(job.read_bytes())
    PEERS[peer]([("低保怎么申请", "M001"), ("今天天气", "-"), ("砌屋", "M123")])("低保")  # imports don't count
    started = time.perf_counter()
    rank = PEERS[peer](given["texts"])
    trained = time.perf_counter()
    ranked = [rank(text) for text in given["asked"]]
    each = (time.perf_counter() - trained) / len(ranked) * 1000
    result.write_text(json.dumps({"train_seconds": trained - started, "query_ms": each, "ranked": ranked}))


def _ordered(codes: Sequence[str], scores: Sequence[float]) -> Ranked:
    return sorted(zip(codes, scores, strict=True), key=lambda each: -each[1])


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
