"""Who thinks twice: vectors of what was asked, made before the matcher wants them and off the event loop."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from threading import Event

from nlu.meaning import Embed, Vector, Vectors
from nlu.vector_file import VectorFile

MOST_KEPT = 512
ROUNDS = 2  # a text as a whole, then its clauses
AT_ONCE = 64
SAMPLE = 512
"""Titles and sayings that the mean of a model's vectors is taken over."""

MOST_TEXTS = 40_000
"""Titles and sayings that are compared by meaning; more would take more memory than they are worth (60 MB)."""


class SecondOpinion:
    """`vectors` of the catalogue and the sayings, and the model that makes new ones.

    `at_once`: a vector that is missing is made when it is wanted (a command); else it is only noted, and `consider`
    makes it in a thread (the service). `file` is where learnt vectors are kept; `end_model` is called by `close`.
    """

    def __init__(
        self, vectors: Vectors, embed: Embed, *, at_once: bool = False, file: VectorFile | None = None,
        end_model: Callable[[], None] | None = None,
    ) -> None:  # fmt: skip
        self.vectors, self.at_once = vectors, at_once
        self._embed, self._file, self._end_model = embed, file, end_model
        self._stopped = Event()
        self._kept: OrderedDict[str, Vector] = OrderedDict()
        self._wanted: list[str] = []

    def vector_of(self, text: str) -> Vector | None:
        """The centred vector of a text that somebody said, if it is there."""
        if text not in self._kept:
            if not self.at_once:
                self._wanted.append(text)
                return None
            self._keep([text], self._made([text]))
        return self._kept[text]

    async def consider(self, text: str, understand: Callable[[str], object]) -> None:
        """Make the vectors that understanding this text will want, so that it can be done at once afterwards.

        Raises what the model raises.
        """
        for _ in range(ROUNDS):
            self._wanted = []
            understand(text)
            wanted = [each for each in dict.fromkeys(self._wanted) if each not in self._kept]
            if not wanted:
                return
            self._keep(wanted, await asyncio.to_thread(self._made, wanted))

    def knows(self, texts: list[str]) -> bool:
        """Whether titles and sayings can be compared by meaning: most have a vector, and they aren't too many."""
        return len(texts) <= MOST_TEXTS and len(self.vectors.missing(texts)) * 2 <= len(texts)

    def lacks(self, texts: list[str]) -> bool:
        """Whether there is something to learn."""
        return len(texts) <= MOST_TEXTS and bool(self.vectors.missing(texts))

    def learn(self, texts: list[str]) -> bool:
        """Make the vectors of titles and sayings that have none; whether there were any. Takes 10 ms each.

        What was made before an error of the model, or before `close`, is kept. Raises what the model raises, OSError.
        """
        with self._alone():
            if self._file and (kept := self._file.read()):
                self.vectors.take(kept)
            missing, before = self.vectors.missing(texts), len(self.vectors)
            try:
                self._learn(missing, texts)
            finally:
                if self._file and len(self.vectors) > before:
                    self._file.write(self.vectors)
        return bool(missing)

    def close(self) -> None:
        """Stop learning, and end the model."""
        self._stopped.set()
        if self._end_model is not None:
            self._end_model()

    def _learn(self, missing: list[str], texts: list[str]) -> None:
        if missing and not len(self.vectors.mean):
            sample = texts[:: max(1, len(texts) // SAMPLE)][:SAMPLE]
            self.vectors.centre_on(sample, self._embed)
        for start in range(0, len(missing), AT_ONCE):
            if self._stopped.is_set():
                return
            self.vectors.add(missing[start : start + AT_ONCE], self._embed)

    def _alone(self) -> AbstractContextManager[None]:
        return self._file.alone(self._stopped) if self._file else nullcontext()

    def _made(self, texts: list[str]) -> Vector:
        return self.vectors.centred(self._embed(texts))

    def _keep(self, texts: list[str], vectors: Vector) -> None:
        for text, vector in zip(texts, vectors, strict=True):
            self._kept[text] = vector
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
