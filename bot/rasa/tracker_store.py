"""The engine's memory of a conversation: its slots and a bounded window of events, as one JSON value.

Rasa's cost of a turn grows with the tracker's length (4 ms at turn 1, 270 ms at turn 400), so the past is
not replayed: the transcript is a table of its own, and this keeps only what the policies look at.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.utils.common import all_subclasses

from nlu.text import mask_personal

State = dict[str, Any]
"""`{"slots": {name: value}, "loop": form name or None, "events": [event as dict]}`"""

WINDOW_TURNS = 1
"""Turns kept as events. Rules look one turn back; whatever is wanted for longer is a slot."""

KEPT_PARSE_DATA = ("intent", "matters")
"""Of what was understood, what an action may ask for again in a later turn."""


@dataclass(slots=True)
class Memory:
    """The state that the running turn began with, and ends with."""

    state: State | None


running: ContextVar[Memory] = ContextVar("running_memory")


class WindowTrackerStore(TrackerStore):
    """Gives Rasa the running turn's `Memory`. The turn itself loads and stores it, in its one transaction."""

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The tracker of the running turn, or None for a conversation's first."""
        state = running.get().state
        return restore(sender_id, state, self.domain) if state else None

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep the tracker's state in the running turn."""
        running.get().state = state_of(tracker)

    async def keys(self) -> list[str]:
        """No conversation outlives its turn here."""
        return []


def state_of(tracker: DialogueStateTracker) -> State:
    """A tracker's slots, its running form and the events of its last `WINDOW_TURNS` turns."""
    return {
        "slots": {name: slot.value for name, slot in tracker.slots.items() if slot.value is not None},
        "loop": tracker.active_loop.name if tracker.active_loop else None,
        "events": [_as_dict(event) for event in _last_turns(tracker) if not isinstance(event, BotUttered)],
    }


def restore(sender_id: str, state: State, domain: Domain) -> DialogueStateTracker:
    """The tracker of a stored state. A slot, form or event that the domain no longer has is left out."""
    known = {slot.name for slot in domain.slots}
    window = [event for stored in state["events"] if (event := _event(stored)) is not None]
    before: list[Event] = [ActionExecuted(ACTION_LISTEN_NAME)]
    if state["loop"] in domain.form_names and not any(isinstance(event, ActiveLoop) for event in window):
        before.insert(0, ActiveLoop(state["loop"]))
    slots = [SlotSet(name, value) for name, value in state["slots"].items() if name in known]
    return DialogueStateTracker.from_events(sender_id, [*before, *window, *slots], domain.slots, domain=domain)


@cache
def _event_types() -> dict[str, type[Event]]:
    """Rasa's event classes by name (its own look-up walks the class tree for every event: 1 ms a turn)."""
    return {kind.type_name: kind for kind in all_subclasses(Event)}


def _event(stored: dict[str, Any]) -> Event | None:
    kind = _event_types().get(stored["event"])
    return kind._from_parameters(dict(stored)) if kind else None


def _last_turns(tracker: DialogueStateTracker) -> list[Event]:
    events = list(tracker.events)
    starts = [index for index, event in enumerate(events) if isinstance(event, UserUttered)]
    return events[starts[-WINDOW_TURNS] :] if len(starts) > WINDOW_TURNS else events


def _as_dict(event: Event) -> dict[str, Any]:
    stored: dict[str, Any] = event.as_dict()
    stored.pop("metadata", None)  # the model's id, and what the turn knew of the resident: not for the next one
    if isinstance(event, UserUttered):
        parsed = {key: event.parse_data[key] for key in KEPT_PARSE_DATA if key in event.parse_data}
        text = mask_personal(event.text or "")
        stored |= {"text": text, "parse_data": {**parsed, "entities": [], "text": text}}
    return stored
