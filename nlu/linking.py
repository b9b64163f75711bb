"""The matcher of this process: set at start, swapped whole when a catalogue release is published.

Rasa makes its components itself, so they can't be given a matcher in their constructor: they ask here.
"""

from __future__ import annotations

from typing import Any

from nlu.matching import Match, Matcher
from nlu.needs import match_needs
from nlu.text import mask_personal, shortened, without_own_numbers

_current: list[Matcher] = []


def publish_matcher(matcher: Matcher | None) -> None:
    """Use this matcher from the next text on; None takes the current one away."""
    _current[:] = [] if matcher is None else [matcher]


def current_matcher() -> Matcher | None:
    """The matcher in use, or None before the first catalogue release."""
    return _current[0] if _current else None


def link(text: str) -> Match:
    """The matters of a text; `none` while there is no catalogue."""
    matcher = current_matcher()
    return match_needs(matcher, heard(text)) if matcher else Match(text, "none")


def heard(text: str) -> str:
    """What of a text is matched: not too long, without the numbers of the person who says it."""
    return without_own_numbers(shortened(text))


def as_property(match: Match) -> dict[str, Any]:
    """What the message carries as `matters`: decision, candidates (code, name, score; best first), situation, then
    (code, name), namesakes, wanted: see `Match`."""
    candidates = [{"code": each.code, "name": each.name, "score": each.score} for each in match.candidates]
    then = {"code": match.then.code, "name": match.then.name} if match.then else None
    heard = {
        "situation": match.situation,
        "then": then,
        "namesakes": match.namesakes,
        "wanted": mask_personal(match.wanted),
    }
    return {"decision": match.decision, "candidates": candidates, **heard}
