"""What `bangban bench match` asks at each size: the starter catalogue, alone or filled up with composed matters."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import islice

from bot.bench.composed import SEED, Asked, Known, Task, composed
from nlu.index import Subject
from nlu.sayings import part

TITLES = {"name", "alias"}


def task_of(subjects: Sequence[Subject], matters: int, phrases: int) -> Task:
    """The starter catalogue with sayings of the development part; any larger size is composed around it.

    A smaller one is composed alone.
    """
    starter = [_known(subject) for subject in subjects]
    if matters == len(starter):
        return _spoken(starter, phrases)
    return composed(matters, phrases, starter if matters > len(starter) else ())


def _known(subject: Subject) -> Known:
    texts = [subject.name, *(entry.text for entry in subject.entries if entry.kind in TITLES)]
    return Known(subject.code, tuple(dict.fromkeys(texts)))


def _spoken(starter: Sequence[Known], phrases: int) -> Task:
    known = {text for each in starter for text in each.texts}
    said = {each.text: Asked(each.text, each.codes) for each in part("development") if each.codes}
    asked = [each for text, each in said.items() if text not in known]
    random.Random(SEED).shuffle(asked)
    return Task(tuple(starter), tuple(islice(asked, phrases)))
