"""我听到的是…: what was heard is said, asked back where it matters, and taken back when it was wrong.

The state before a spoken turn is kept in the state after it (`heard`), with the draft that the turn changed, sealed:
听错了 in the next turn goes back there. `asked_back` holds words that wait for a 对. The next turn of the engine's
drops both keys.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from actions.choices import person
from bot.rasa.engine import Engine, Turn
from bot.rasa.output import numbered
from bot.rasa.tracker_store import State
from bot.voice import words
from connectors.message import Choice, Inbound, Reply
from knowledge.applications import Application, ApplicationNotFound, Applications
from knowledge.conversations import Conversation
from nlu.ordinal import chosen
from nlu.text import mask_personal, normalise

MISHEARD, RIGHT = "misheard", "heard_right"
HEARD, ASKED_BACK = "heard", "asked_back"
OFTEN = 2
"""Mishearings in a row after which a person is offered."""

Run = Callable[[Conversation, Inbound], Awaitable[Turn]]


class Mishearing:
    """What is done about what was heard."""

    def __init__(self, engine: Engine, applications: Applications, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._applications = applications
        self._clock = clock

    async def turn(self, conversation: Conversation, inbound: Inbound, run: Run) -> Turn:
        """One turn by `run`, with what is said about the hearing around it."""
        state = conversation.tracker or {}
        if waiting := state.get(ASKED_BACK):
            before = replace(conversation, tracker=waiting["before"])
            if _says(inbound, RIGHT, "right_words", 0):
                return await self._heard(before, replace(inbound, text=waiting["text"], choice=None), run)
            if _says(inbound, MISHEARD, "wrong_words", 1) or says_misheard(inbound):
                return self._again(before, int(waiting["times"]))
            conversation = before
        elif says_misheard(inbound) and (heard := state.get(HEARD)):
            return await self._taken_back(conversation, heard)
        elif inbound.choice == MISHEARD:
            return Turn((Reply(words()["late"], "notice"),), conversation.tracker, MISHEARD)
        if not inbound.spoken:
            return await run(conversation, inbound)
        if await self._matters(conversation, inbound):
            return _asked_back(conversation, inbound.text)
        return await self._heard(conversation, inbound, run)

    async def _matters(self, conversation: Conversation, inbound: Inbound) -> bool:
        """Whether to ask back before anything is done: the words are in doubt, or can't be taken back."""
        if mask_personal(inbound.text) != inbound.text:
            return False  # numbers are checked by the form, and are not kept in the open until then
        intent, certainty = await self._engine.weighed(inbound, conversation.tracker)
        if intent in words()["at_once"]:
            return False
        return inbound.doubtful or (intent in words()["weighty"] and certainty < 1.0)

    async def _heard(self, conversation: Conversation, inbound: Inbound, run: Run) -> Turn:
        before = conversation.tracker
        draft = await self._draft(before)
        turn = await run(conversation, inbound)
        if turn.state is None:
            return turn
        changed = await self._change(draft, turn.state)
        kept = {"before": _plain(before), "draft": changed, "times": _times(before)}
        said = _heard_reply(inbound.text)
        return replace(turn, replies=(said, *turn.replies), state={**turn.state, HEARD: kept})

    async def _draft(self, state: State | None) -> Application | None:
        """The application that is being filled in."""
        id = (state or {}).get("slots", {}).get("application")
        if not id:
            return None
        try:
            return await self._applications.find(id)
        except ApplicationNotFound:
            return None

    async def _change(self, before: Application | None, after: State) -> dict[str, Any] | None:
        """What the turn did to an application: which, its version now, and what it held before, sealed."""
        now = await self._draft(after)
        if now is None or (before and before.id == now.id and before.version == now.version):
            return None
        same = before is not None and before.id == now.id
        sealed = self._applications.sealed(before) if before is not None and same else None
        fresh = not same and now.version == 1  # one that was begun before is only gone back to
        return {"id": now.id, "version": now.version, "sealed": sealed} if sealed or fresh else None

    async def _taken_back(self, conversation: Conversation, heard: dict[str, Any]) -> Turn:
        gone = await self._undone(heard["draft"]) if heard["draft"] else True
        turn = self._again(replace(conversation, tracker=heard["before"]), int(heard["times"]))
        if gone and conversation.mode == "bot":
            return turn
        return replace(turn, replies=(*turn.replies, Reply(words()["stays"], "notice")))

    async def _undone(self, change: dict[str, Any]) -> bool:
        """Whether the application is again what it was; not when it was handed in or changed by others meanwhile."""
        try:
            now = await self._applications.find(change["id"])
        except ApplicationNotFound:
            return True
        if now.state != "draft" or now.version != change["version"]:
            return False
        if change["sealed"] is None:
            await self._applications.delete(now.id)
        else:
            await self._applications.restore(now, change["sealed"], self._clock())
        return True

    @staticmethod
    def _again(conversation: Conversation, times: int) -> Turn:
        """Ask for it once more, with the question that was open."""
        state = conversation.tracker or {"slots": {}, "loop": None, "events": []}
        often = times + 1 >= OFTEN
        told = Reply(words()["again_often" if often else "again"], "notice", (person(),) if often else ())
        replies = (told, asked) if (asked := _open_question(state)) else (told,)
        return Turn(replies, {**state, "times_misheard": times + 1}, MISHEARD)


def says_misheard(inbound: Inbound) -> bool:
    """Whether somebody says that the words before were heard wrong."""
    return inbound.choice == MISHEARD or _bare(inbound.text) in words()["misheard_words"]


def _says(inbound: Inbound, choice: str, list_: str, place: int) -> bool:
    if inbound.choice is not None:
        return inbound.choice == choice
    return _bare(inbound.text) in words()[list_] or chosen(inbound.text, 2) == place


def _bare(text: str) -> str:
    return normalise(text).strip(" ,.!?。，！？")


def _asked_back(conversation: Conversation, text: str) -> Turn:
    before = conversation.tracker
    choices = (Choice(RIGHT, words()["right"]), Choice(MISHEARD, words()["misheard"]))
    reply = numbered(Reply(words()["ask_back"].format(text=_quoted(text)), "choices", choices, {"heard": text}))
    state = _plain(before) or {"slots": {}, "loop": None, "events": []}
    kept = {"text": text, "before": _plain(before), "times": _times(before)}
    return Turn((reply,), {**state, ASKED_BACK: kept}, ASKED_BACK)


def _heard_reply(text: str) -> Reply:
    shown = mask_personal(_quoted(text))
    choice = Choice(MISHEARD, words()["misheard"])  # not numbered: the numbers are those of the question that follows
    return Reply(words()["heard"].format(text=shown), "text", (choice,), {"heard": shown})


def _quoted(text: str) -> str:
    return text.strip(" ，。！？,.!?")


def _open_question(state: State) -> Reply | None:
    """What a form or a list of choices asked last."""
    slots = state["slots"]
    asked = slots.get("last_text")
    if not asked or not (state["loop"] or slots.get("awaited")):
        return None
    choices = tuple(Choice(each["id"], each["label"]) for each in slots.get("offered") or ())
    return Reply(asked.split("\n\n")[-1], "choices" if choices else "text", choices)


def _plain(state: State | None) -> State | None:
    """A state without what is kept for 听错了: it never nests."""
    return state and {key: value for key, value in state.items() if key not in (HEARD, ASKED_BACK)}


def _times(state: State | None) -> int:
    return int((state or {}).get("times_misheard", 0))
