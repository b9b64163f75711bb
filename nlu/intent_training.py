"""Learning the intent classifier from Rasa's own training data format (`data/intents/*.yml`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from nlu.cues import cues_of, plain
from nlu.files import HERE
from nlu.intent import UNKNOWN, Classifier, Intent, IntentRecogniser, terms_of, vector
from nlu.patterns import patterns
from nlu.sayings import part, strangers

STRENGTH = 0.8
SHARPNESS = 7.5
"""What the classifier's margins are multiplied by, so that their softmax is about as sure as it is right."""
COLLECTED_WEIGHT = 0.1
"""What an example of the matcher's collections weighs: they were said of matters, not written to tell intents apart."""
MOST_TERMS = 30_000
SEED = 20260101
ASKING = frozenset({
    "bring", "what", "how", "where", "who", "when", "how_long", "how_much", "may", "condition", "process", "online",
    "phone", "proxy",
})  # fmt: skip
"""Cues of a sentence that may ask for a part of a matter, and so is no sure example of looking for one."""
Example = tuple[str, str]  # text, intent
Vector = tuple[NDArray[np.intp], NDArray[np.float64]]  # terms, values


def examples() -> list[Example]:
    """The examples of all files in `data/intents`, each once."""
    files = sorted((HERE / "data" / "intents").glob("*.yml"))
    return list(dict.fromkeys(example for path in files for example in _read(path.read_text(encoding="utf-8"))))


def collected_examples(known: Iterable[Example]) -> list[Example]:
    """What the matcher's own collections add: stories of matters without a cue, and strangers that are small talk."""
    told = [(each.text, "find_matter") for each in part("training") if each.codes and not _asks(each.text)]
    talk = [(text, UNKNOWN) for text in strangers(part("training")) if patterns().recognise(text) is None]
    texts = {text for text, _ in known}
    return [(text, intent) for text, intent in (*told, *talk) if text not in texts]


def _asks(text: str) -> bool:
    return any(not ASKING.isdisjoint(cues) for cues in cues_of(plain(text)))


def learn_intents(taught: Sequence[Example], collected: Sequence[Example] = ()) -> Classifier:
    """A linear support vector machine over weighted terms, one intent against the rest. Takes some ten seconds.

    `collected` weigh COLLECTED_WEIGHT each.
    """
    told = [*taught, *collected]
    seen = Counter(term for text, _ in told for term in terms_of(text))
    shared = sorted(term for term, times in seen.items() if times > 1)  # what occurs once says nothing of others
    terms = {term: place for place, term in enumerate(shared)}
    rarity = np.array([1 + np.log(len(told) / seen[term]) for term in terms], dtype=np.float32)
    model = LinearSVC(C=STRENGTH, class_weight="balanced", random_state=SEED)
    importance = [1.0] * len(taught) + [COLLECTED_WEIGHT] * len(collected)
    matrix = _matrix([vector(text, terms, rarity) for text, _ in told], len(terms))
    model.fit(matrix, [intent for _, intent in told], sample_weight=importance)
    weights, bias = SHARPNESS * model.coef_.T.astype(np.float32), SHARPNESS * model.intercept_.astype(np.float32)
    return _telling(Classifier(tuple(map(str, model.classes_)), terms, rarity, weights, bias))


def _telling(whole: Classifier) -> Classifier:
    """The classifier with the MOST_TERMS that tell most: the others don't change what it says, but take memory."""
    telling = np.abs(whole.weights).max(axis=1) * whole.rarity
    kept = np.sort(np.argsort(-telling, kind="stable")[:MOST_TERMS])
    names = list(whole.terms)
    terms = {names[place]: row for row, place in enumerate(kept)}
    return Classifier(whole.intents, terms, whole.rarity[kept], whole.weights[kept], whole.bias)


def cross_validate_intents(
    taught: Sequence[Example], collected: Sequence[Example] = (), folds: int = 5
) -> list[tuple[str, str, Intent]]:
    """Each example with its intent and what a recogniser says that has not seen it: (text, intent, recognised)."""
    texts, intents = zip(*taught, strict=True)
    said: list[tuple[str, str, Intent]] = []
    for known, held in StratifiedKFold(folds, shuffle=True, random_state=SEED).split(texts, intents):
        recogniser = IntentRecogniser(learn_intents([taught[place] for place in known], collected))
        said += [(texts[place], intents[place], recogniser.recognise(texts[place])) for place in held]
    return said


def _read(content: str) -> Iterator[Example]:
    for each in yaml.safe_load(content)["nlu"]:
        for line in each["examples"].splitlines():
            yield line.removeprefix("-").strip(), each["intent"]


def _matrix(vectors: Sequence[Vector], terms: int) -> Any:
    lengths = [len(rows) for rows, _ in vectors]
    columns, values = (np.concatenate(part) for part in zip(*vectors, strict=True))
    return csr_matrix((values, columns, np.concatenate(([0], np.cumsum(lengths)))), shape=(len(vectors), terms))
