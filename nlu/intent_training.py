"""Learning the intent classifier from Rasa's own training data format (`data/intents/*.yml`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from nlu.files import HERE
from nlu.intent import UNKNOWN, Classifier, IntentRecogniser, cues, grams, vector
from nlu.patterns import patterns
from nlu.sayings import collected_sayings, strangers

STRENGTH = 30.0
SEED = 20260101
Example = tuple[str, str]  # text, intent
Vector = tuple[NDArray[np.intp], NDArray[np.float64]]  # terms, values


def examples() -> list[Example]:
    """The examples of all files in `data/intents`, each once."""
    files = sorted((HERE / "data" / "intents").glob("*.yml"))
    return list(dict.fromkeys(example for path in files for example in _read(path.read_text(encoding="utf-8"))))


def collected_examples(known: Iterable[Example]) -> list[Example]:
    """What the matcher's own collections add: stories of matters without a cue, and strangers that are small talk."""
    told = [(each.text, "find_matter") for each in collected_sayings() if each.codes and not _asks(each.text)]
    talk = [(each.text, UNKNOWN) for each in strangers() if patterns().recognise(each.text) is None]
    texts = {text for text, _ in known}
    return [(text, intent) for text, intent in (*told, *talk) if text not in texts]


def _asks(text: str) -> bool:
    return any(not cue.startswith("cue matter") for cue in cues(text))


def learn_intents(taught: Sequence[Example]) -> Classifier:
    """A multinomial logistic regression over weighted n-grams. Takes a few seconds."""
    seen = Counter(term for text, _ in taught for term in {*grams(text), *cues(text)})
    shared = sorted(term for term, times in seen.items() if times > 1)  # what occurs once says nothing of others
    terms = {term: place for place, term in enumerate(shared)}
    rarity = np.array([1 + np.log(len(taught) / seen[term]) for term in terms], dtype=np.float32)
    model = LogisticRegression(C=STRENGTH, max_iter=300)
    model.fit(
        _matrix([vector(text, terms, rarity) for text, _ in taught], len(terms)), [intent for _, intent in taught]
    )
    weights, bias = model.coef_.T.astype(np.float32), model.intercept_.astype(np.float32)
    return Classifier(tuple(map(str, model.classes_)), terms, rarity, weights, bias)


def cross_validate_intents(taught: Sequence[Example], folds: int = 5) -> list[tuple[str, str, str]]:
    """Each example with its intent and what a recogniser says that has not seen it: (text, intent, said)."""
    texts, intents = zip(*taught, strict=True)
    said: list[tuple[str, str, str]] = []
    for known, held in StratifiedKFold(folds, shuffle=True, random_state=SEED).split(texts, intents):
        recogniser = IntentRecogniser(learn_intents([taught[place] for place in known]))
        said += [(texts[place], intents[place], recogniser.recognise(texts[place]).name) for place in held]
    return said


def _read(content: str) -> Iterator[Example]:
    for each in yaml.safe_load(content)["nlu"]:
        for line in each["examples"].splitlines():
            yield line.removeprefix("-").strip(), each["intent"]


def _matrix(vectors: Sequence[Vector], terms: int) -> Any:
    lengths = [len(rows) for rows, _ in vectors]
    columns, values = (np.concatenate(part) for part in zip(*vectors, strict=True))
    return csr_matrix((values, columns, np.concatenate(([0], np.cumsum(lengths)))), shape=(len(vectors), terms))
