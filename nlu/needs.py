"""What a longer text wants: two needs named in one sentence, or one that comes at the end of a story.

The matcher compares a text as a whole; a story of 200 characters names much that nobody asks for. Here such a
text is cut into clauses (`data/clauses.yml` has the words), and each is matched by itself.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from nlu.files import read_yaml
from nlu.matching import Match, Matcher

STORY = 36
"""Characters; a longer text of several clauses is a story."""

MOST_CLAUSES = 8
"""Clauses of a story that are looked at, the last ones: the need comes at the end."""

SHORTEST = 2
LIKELY = 0.3
"""How likely the second need is at least, when the sentence as a whole names no matter."""


def match_needs(matcher: Matcher, text: str) -> Match:
    """The match of the text; of a story, of the clause that asks; with `then`, when a second need is named."""
    whole = matcher.match(text)
    if len(text) > STORY and len(clauses := _clauses(text)) > 1:
        return _asked_for(matcher, whole, clauses[-MOST_CLAUSES:])
    return _two_needs(matcher, whole)


def _asked_for(matcher: Matcher, whole: Match, clauses: list[str]) -> Match:
    """The last clause that asks and names a matter, alone or with the clause before; else the whole story."""
    asking = [(before, clause) for before, clause in pairwise(["", *clauses]) if _asks().search(clause)]
    for before, clause in reversed(asking):
        for said in (clause, f"{before}，{clause}"):
            if (match := matcher.match(said)).decision == "answer":
                return replace(_two_needs(matcher, match), text=whole.text)
    return whole


def _two_needs(matcher: Matcher, whole: Match) -> Match:
    """The first need, with the second as `then`, when each part of a joined sentence surely is another matter."""
    parts = [part for part in _joint().split(whole.text) if len(part.strip()) >= SHORTEST]
    if len(parts) != 2:
        return whole
    first, second = map(matcher.match, parts)
    if first.decision != "answer" or not _likely(second, sure=whole.decision == "answer"):
        return whole
    if first.candidates[0].code == second.candidates[0].code:
        return whole
    return replace(first, text=whole.text, then=second.candidates[0])


def _likely(second: Match, sure: bool) -> bool:
    """Whether the second part names a matter of its own; `sure`: the whole sentence would name one by itself."""
    return second.decision == "answer" or (
        not sure and second.decision == "clarify" and second.candidates[0].score >= LIKELY
    )


def _clauses(text: str) -> list[str]:
    """Cut at marks, and, since speech has none, before the words that begin a question."""
    cut = (clause.strip() for clause in _cut().split(text))
    return [clause for clause in cut if len(clause) >= SHORTEST]


@lru_cache(maxsize=1)
def _cut() -> re.Pattern[str]:
    opening = "|".join(read_yaml("data/clauses.yml")["opening"])
    return re.compile(rf"[，。！？；,.!?;\s]+|(?={opening})")


@lru_cache(maxsize=1)
def _asks() -> re.Pattern[str]:
    return re.compile("|".join(read_yaml("data/clauses.yml")["asking"]))


@lru_cache(maxsize=1)
def _joint() -> re.Pattern[str]:
    words = "|".join(read_yaml("data/clauses.yml")["joining"])
    return re.compile(rf"[，,。；;？?！!、\s]*(?:{words})|[，,。；;？?！!]+\s*")
