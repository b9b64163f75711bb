"""A form's slot is asked again and again; whether this turn's message is still its to hear."""

from __future__ import annotations

from rasa_sdk import Tracker

LISTEN = "action_listen"


def hears_first(tracker: Tracker, form: str) -> bool:
    """Whether nothing has answered the message yet: no action ran since it came but the form itself."""
    for event in reversed(tracker.events):
        if event["event"] == "user":
            return True
        if event["event"] == "action" and event["name"] not in (form, LISTEN):
            return False
    return True
