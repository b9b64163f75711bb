"""The systems that `bangban bench match` measures side by side, each as it is meant to be used for names and aliases.

A matter is one document for the peers: its texts, each cut into character bigrams (Chinese has no spaces).
Imports of a peer stand in its class, because each runs in a process of its own.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

MOST = 5
Matters = Iterable[tuple[str, list[str]]]
"""The code of each matter and its texts."""


class System(Protocol):
    """Something that finds matters. `save` may be missing: then every process builds it again."""

    def build(self, matters: Matters, folder: Path) -> None:
        """Index the matters; what it keeps on disk stands in the folder."""
        ...

    def load(self, folder: Path) -> None:
        """Take up what was built in another process."""
        ...

    def best(self, phrase: str) -> list[str]:
        """At most five codes, best first."""
        ...


def bigrams(text: str) -> list[str]:
    """Every two characters that stand together; a single character alone."""
    return [text[at : at + 2] for at in range(max(len(text) - 1, 1))]


class Bm25s:
    """bm25s, scores from its sparse matrix."""

    def build(self, matters: Matters, folder: Path) -> None:
        """See System."""
        import bm25s

        documents = []
        self._codes = []
        for code, texts in matters:
            self._codes.append(code)
            documents.append([gram for text in texts for gram in bigrams(text)])
        self._index: Any = bm25s.BM25()
        self._index.index(documents, show_progress=False)
        self._index.save(str(folder / "bm25s"), show_progress=False)
        (folder / "codes").write_text("\n".join(self._codes))

    def load(self, folder: Path) -> None:
        """See System."""
        import bm25s

        self._index = bm25s.BM25.load(str(folder / "bm25s"), show_progress=False)
        self._codes = (folder / "codes").read_text().split("\n")

    def best(self, phrase: str) -> list[str]:
        """See System."""
        return highest(self._index.get_scores(bigrams(phrase)), self._codes)


class RankBm25:
    """rank_bm25's Okapi."""

    def build(self, matters: Matters, folder: Path) -> None:
        """See System."""
        from rank_bm25 import BM25Okapi

        matters = list(matters)
        self._codes = [code for code, _ in matters]
        self._index: Any = BM25Okapi([[gram for text in texts for gram in bigrams(text)] for _, texts in matters])
        (folder / "rank").write_bytes(pickle.dumps((self._codes, self._index)))

    def load(self, folder: Path) -> None:
        """See System."""
        self._codes, self._index = pickle.loads((folder / "rank").read_bytes())

    def best(self, phrase: str) -> list[str]:
        """See System."""
        return highest(self._index.get_scores(bigrams(phrase)), self._codes)


class Tfidf:
    """scikit-learn's TF-IDF of character bigrams and trigrams, cosines by a sparse product."""

    def build(self, matters: Matters, folder: Path) -> None:
        """See System."""
        import joblib
        from sklearn.feature_extraction.text import TfidfVectorizer

        self._codes: list[str] = []
        self._vectors: Any = TfidfVectorizer(analyzer="char", ngram_range=(2, 3), sublinear_tf=True)
        self._terms: Any = self._vectors.fit_transform(self._documents(matters)).T.tocsr()
        joblib.dump((self._codes, self._vectors, self._terms), folder / "tfidf")

    def _documents(self, matters: Matters) -> Iterable[str]:
        for code, texts in matters:
            self._codes.append(code)
            yield "\n".join(texts)

    def load(self, folder: Path) -> None:
        """See System."""
        import joblib

        self._codes, self._vectors, self._terms = joblib.load(folder / "tfidf")

    def best(self, phrase: str) -> list[str]:
        """See System."""
        near = self._vectors.transform([phrase]) @ self._terms
        return highest(near.data, [self._codes[place] for place in near.indices.tolist()])


def highest(scores: Any, codes: Sequence[str]) -> list[str]:
    """The codes of the five highest scores above zero."""
    import numpy as np

    few = np.argpartition(-scores, MOST)[:MOST] if len(scores) > MOST else np.arange(len(scores))
    ordered = few[np.argsort(-scores[few], kind="stable")]
    return [codes[place] for place in ordered.tolist() if scores[place] > 0]
