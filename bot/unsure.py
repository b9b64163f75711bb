"""Notices in a turn what was not surely understood, and records it for review in the turn's own transaction.

A saying is unsure when it ended in `none` (nothing was understood), in a person, in 不是这个, or when within
`SOON` turns another matter was taken than the one it was answered with. To ask anything about the matter that was
told (要带什么) says that it was the right one: the saying is then forgotten. What was said is remembered, masked, in
the conversation's state; what is stored for review has no conversation in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.rasa.engine import Turn
from knowledge.database import Database
from knowledge.unsure import Reason, Sighting, UnsureSayings
from nlu.keeping import fit_to_keep, plain
from nlu.text import is_blank

SOON = 3
"""Turns within which a person, 不是这个 or another matter is held to be about what was said before."""

STATE_KEY = "sayings"
FORGETTING = frozenset({"start_over", "greet", "goodbye", "emergency"})
LOOKING = frozenset({"find_matter", "out_of_scope"})
PARTS = frozenset({
    "ask_materials", "ask_duration", "ask_fee", "ask_amount", "ask_place", "ask_hours", "ask_eligibility",
    "ask_process", "ask_online", "ask_result", "ask_contact",
})  # fmt: skip
"""What is asked about a matter: it was the right one, or it is named in the same words."""

State = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Saying:
    """A saying of the last turns. `matter`: what it was answered with; `then`: the second that it named itself.

    `recorded`: whether it is stored as unsure already, and only waits for the matter that it was about.
    """

    text: str
    matter: str = ""
    then: str = ""
    age: int = 0
    recorded: bool = False


@dataclass(slots=True)
class Noticed:
    """What one turn adds: sightings, sayings whose matter is known now, and what to remember."""

    sightings: list[Sighting] = field(default_factory=list)
    settled: list[Saying] = field(default_factory=list)
    matter: str = ""
    remembered: list[Saying] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Seen:
    """One turn from outside: what was done, and the slots before and after.

    `text` is None unless the words themselves were looked through for a matter: not for a choice, whether it was
    tapped or its number said, and not for a yes. `decision` and `then` are what the matcher made of them.
    """

    intent: str
    text: str | None
    decision: str
    then: str
    region: str
    in_form: bool
    before: State
    after: State

    @property
    def matter(self) -> str:
        """The matter talked about now."""
        return self.after.get("matter") or ""

    @property
    def came_to_matter(self) -> bool:
        """Whether another matter is talked about than before."""
        return bool(self.matter) and self.matter != (self.before.get("matter") or "")

    @property
    def not_understood(self) -> bool:
        """Whether the words led nowhere. 不是这个 counts as misunderstood too, but its words are plain."""
        counts = [int(slots.get("misunderstood") or 0) for slots in (self.before, self.after)]
        return counts[1] > counts[0] and self.intent != "not_this"


class UnsureRecorder:
    """Records after each turn, inside its transaction. `clock` tells the time, aware, in UTC."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._sayings = UnsureSayings(database)
        self._clock = clock

    async def record(self, before: State | None, turn: Turn, text: str | None, region: str) -> Turn:
        """The turn, with what to remember in its state. `text` is None for a tapped choice."""
        if turn.state is None:
            return turn
        noticed = notice(_seen(before or {}, turn, text, region), _sayings(before or {}))
        if noticed.sightings:  # in one order, so that two turns don't wait for each other
            await self._sayings.sight(sorted(noticed.sightings, key=lambda one: one.plain), self._clock())
        if noticed.settled:
            await self._sayings.note_chosen([plain(saying.text) for saying in noticed.settled], noticed.matter)
        state = {key: value for key, value in turn.state.items() if key != STATE_KEY}
        if noticed.remembered:
            state[STATE_KEY] = [asdict(saying) for saying in noticed.remembered]
        return replace(turn, state=state)


def notice(seen: Seen, sayings: Iterable[Saying]) -> Noticed:
    """What a turn says about the sayings of the turns before it, newest last, and about its own."""
    recent = [replace(saying, age=saying.age + 1) for saying in sayings if saying.age < SOON]
    if seen.intent in FORGETTING:
        return Noticed()
    if seen.intent == "ask_person":
        return Noticed([_sighting(seen, saying, "person") for saying in recent[-1:] if not saying.recorded])
    if seen.intent == "not_this":
        return _refused(seen, recent)
    if seen.came_to_matter and seen.intent != "go_back":
        return _came(seen, recent)
    if seen.intent in PARTS and seen.matter:
        return Noticed()
    if seen.text is None or seen.in_form:
        return Noticed(remembered=recent)
    if seen.not_understood:
        return _lost(seen, recent)
    asked_back = [Saying(seen.text)] if seen.decision == "clarify" else []
    return Noticed(remembered=[*recent, *asked_back][-SOON:])


def _refused(seen: Seen, recent: list[Saying]) -> Noticed:
    """不是这个: about the newest saying. It waits for the matter that it was about."""
    if not recent or recent[-1].recorded:
        return Noticed(remembered=recent)
    refused = replace(recent[-1], matter=recent[-1].matter or seen.before.get("matter") or "")
    sighting = _sighting(seen, refused, "not_this")
    return Noticed([sighting], remembered=[*recent[:-1], replace(refused, recorded=True)])


def _came(seen: Seen, recent: list[Saying]) -> Noticed:
    """Another matter is talked about: by a choice, or by other words, which are a saying of their own."""
    own = [Saying(seen.text, seen.matter, seen.then)] if seen.text else []
    changed = [one for one in recent if not one.recorded and one.matter and seen.matter not in (one.matter, one.then)]
    settled = [one for one in recent if one.recorded and one.matter != seen.matter]
    chosen_of = [replace(one, matter=seen.matter) for one in recent if not one.recorded and not one.matter]
    sightings = [_sighting(seen, one, "changed_matter", seen.matter) for one in changed]
    return Noticed(sightings, settled, seen.matter, [*chosen_of, *own][-SOON:])


def _lost(seen: Seen, recent: list[Saying]) -> Noticed:
    """Nothing was understood."""
    saying = Saying(seen.text or "", recorded=True)
    return Noticed([_sighting(seen, saying, "none")], remembered=[*recent, saying][-SOON:])


def _sighting(seen: Seen, saying: Saying, reason: Reason, chosen: str = "") -> Sighting:
    return Sighting(plain(saying.text), saying.text, reason, seen.region, saying.matter, chosen)


def _seen(before: State, turn: Turn, text: str | None, region: str) -> Seen:
    after = turn.state or {}
    matters = _matters(after)
    looked = matters is not None and (turn.intent in LOOKING or turn.intent in PARTS)
    kept = fit_to_keep(text) if text and looked else ""
    return Seen(
        intent=turn.intent,
        text=None if is_blank(kept) else kept,
        decision=(matters or {}).get("decision", "none"),
        then=((matters or {}).get("then") or {}).get("code", ""),
        region=region,
        in_form=bool(before.get("loop")),
        before=before.get("slots") or {},
        after=after.get("slots") or {},
    )


def _matters(state: State) -> dict[str, Any] | None:
    """What the matcher made of the turn's words; None for a choice, which it was not asked about."""
    parsed = [event["parse_data"] for event in state.get("events", ()) if event.get("event") == "user"]
    return parsed[-1].get("matters") if parsed else None


def _sayings(state: State) -> list[Saying]:
    """What was remembered; a state of an earlier version may have anything there."""
    known = set(Saying.__dataclass_fields__)
    return [Saying(**each) for each in state.get(STATE_KEY, ()) if set(each) <= known and "text" in each]
