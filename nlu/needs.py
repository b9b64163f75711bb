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

NAMED = 0.005
"""How likely each of two needs is at least by the text as a whole."""

SHORTEST = 2
LIKELY_REST = 0.5
LIKELY, SURELY = 0.3, 0.8
"""How likely the matter of one of two needs is at least: where a word says that something comes on top, and where none
does, or the text has more than LONGEST characters. A longer one that adds nothing tells a story of one need."""
CERTAIN = 0.85
"""How likely each is at least where such a word stands and the text as a whole names only one of them."""
LONGEST = 50


def match_needs(matcher: Matcher, text: str) -> Match:
    """The match of the text. Of a notice, of its heading; of what is left when something is said not to be wanted or to
    be done already; of a story, of the clause that asks: then `wanted` is that part, and it is matched by words alone.
    With `then`, when a second need is named."""
    whole = matcher.match(text)
    for wanted in filter(None, (_heading_of(text), without_unwanted(text))):
        if wanted != text and _stands(left := matcher.match(wanted, think=False), whole):
            return replace(left, text=text, wanted=wanted)
    if len(text) > STORY and len(clauses := _clauses(text)) > 1 and whole.decision != "answer":
        return _asked_for(matcher, whole, clauses[-MOST_CLAUSES:])
    return _two_needs(matcher, whole)


def without_unwanted(text: str) -> str:
    """The text without what is said not to be wanted, or to be done already. A text that is nothing else stays whole.

    身份证办好了，现在要办居住证 → 现在要办居住证
    """
    begins, ends, instead = _unwanted()
    rest = instead.sub("", text)
    kept = [clause for clause in _pieces().split(rest) if len(clause.strip()) >= SHORTEST]
    wanted = [clause for clause in kept if not begins.match(clause) and not ends.search(clause)]
    return rest if len(wanted) == len(kept) else "，".join(wanted) or text


def _stands(left: Match, whole: Match) -> bool:
    """Whether what is left of a text names a matter well enough to stand for all of it."""
    likely = left.decision == "clarify" and left.candidates[0].score >= LIKELY_REST
    return left.decision == "answer" or (likely and whole.decision != "answer")


def _asked_for(matcher: Matcher, whole: Match, clauses: list[str]) -> Match:
    """The last clause that asks and names a matter, alone or with the clause before; else the whole story."""
    asking = [(before, clause) for before, clause in pairwise(["", *clauses]) if _asks().search(clause)]
    for before, clause in reversed(asking):
        for said in (clause, f"{before}，{clause}"):
            if (match := matcher.match(said, think=False)).decision == "answer":
                return replace(two := _two_needs(matcher, match), text=whole.text, wanted=two.wanted or said)
    return whole


def _two_needs(matcher: Matcher, whole: Match) -> Match:
    """The first need, with the second as `then`, when the text falls into two parts that name a matter each."""
    found: list[tuple[float, Match]] = []
    for parts in _splits(whole.text):
        first, second = (matcher.match(part, think=False) for part in parts)
        if _both(whole, first, second):
            then = replace(first, text=whole.text, wanted=parts[0], then=second.candidates[0])
            found.append((first.candidates[0].score * second.candidates[0].score, then))
    return max(found, key=lambda each: each[0])[1] if found else whole


def _splits(text: str) -> list[tuple[str, str]]:
    """The text cut in two at each mark and joining word."""
    cuts = [(mark.start(), mark.end()) for mark in _joint().finditer(text)][:MOST_CLAUSES]
    parts = [(text[:start].strip(), text[end:].strip()) for start, end in cuts]
    return [part for part in parts if min(map(len, part)) > SHORTEST]


def _both(whole: Match, first: Match, second: Match) -> bool:
    """Whether the parts name two matters, and the text as a whole names both.

    On the development sayings this finds 63 % of two needs, and takes 1.9 % of clear single ones for two.
    """
    if _settled().search(whole.text):
        return False
    if "none" in {first.decision, second.decision} or not (first.candidates and second.candidates):
        return False
    one, two = first.candidates[0], second.candidates[0]
    if one.code == two.code:
        return False
    named = {candidate.code: candidate.score for candidate in whole.candidates}
    least, by_all = min(one.score, two.score), min(named.get(one.code, 0.0), named.get(two.code, 0.0))
    adding, short = bool(_adding().search(whole.text)), len(whole.text) <= LONGEST
    if by_all < NAMED:
        return adding and short and least > CERTAIN
    return least > (LIKELY if adding and short else SURELY) and (adding or short)


def _clauses(text: str) -> list[str]:
    """Cut at marks, and, since speech has none, before the words that begin a question."""
    cut = (clause.strip() for clause in _cut().split(text))
    return [clause for clause in cut if len(clause) >= SHORTEST]


def _heading_of(text: str) -> str:
    """What a pasted notice is about by its heading; "" for anything else."""
    heading = _heading().search(text) if len(text) > STORY else None
    return heading[1] if heading else ""


@lru_cache(maxsize=1)
def _heading() -> re.Pattern[str]:
    return re.compile(read_yaml("data/clauses.yml")["notice"])


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


@lru_cache(maxsize=1)
def _pieces() -> re.Pattern[str]:
    return re.compile(r"[，。！？；,.!?;\s]+")


@lru_cache(maxsize=1)
def _unwanted() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """How an unwanted clause begins, how it ends, and one that is set against the wanted one behind it."""
    told = read_yaml("data/clauses.yml")["not_wanted"]
    ends = "|".join(told["ends"])
    return re.compile("|".join(told["begins"])), re.compile(f"(?:{ends})$"), re.compile(told["instead"])


@lru_cache(maxsize=1)
def _adding() -> re.Pattern[str]:
    return re.compile("|".join(read_yaml("data/clauses.yml")["adding"]))


@lru_cache(maxsize=1)
def _settled() -> re.Pattern[str]:
    return re.compile("|".join(read_yaml("data/clauses.yml")["settled"]))
