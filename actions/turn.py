"""One turn as an action sees it: what was meant, what is remembered, and what is said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.elder import offer_elder
from actions.heard import hear
from actions.message import Message
from actions.walk import Walk
from actions.words import wording
from connectors.message import Choice, ReplyKind
from nlu.text import tells_secret_number

LISTEN = "action_listen"
SAID_IN_PASSING = ("area", "money", "age", "relation")
"""Kinds of what a message names that are kept for a form; a telephone number is not kept in the open."""

AWAITS_CHOICE = "choose"
"""What a yes to a list of choices means: nothing yet, it has to be asked which one."""


class Turn(Message):
    """The message, the slots and the replies of the running turn.

    During a form an aside is answered without choices of its own, and then the form asks again:
    one question a turn. A reply that asks something itself (`question=True`) lets the form wait.
    """

    def __init__(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
        super().__init__(tracker.latest_message)
        self._dispatcher = dispatcher
        self._slots: dict[str, Any] = dict(tracker.slots)
        self._changed: dict[str, Any] = {}
        self._next: str | None = None
        self._form_waits = False
        self._misunderstood = False
        self._awaited: str | None = None
        self.is_put_aside = False
        walk = self.walk
        self.question_is_open = bool(walk and not walk.told and tracker.slots.get("awaited"))
        self.is_aside = self.question_is_open and self.intent in wording("asides")
        self.form: str | None = tracker.active_loop.get("name")
        self.conversation: str = tracker.sender_id

    @property
    def region(self) -> str | None:
        """The resident's division, 12 digits: the one they named, else the conversation's."""
        return self.slot("region") or (self._message.get("metadata") or {}).get("region")

    @property
    def walk(self) -> Walk | None:
        """Where the conversation stands in a situation's questions; None: in none."""
        return Walk.kept(self.slot("situation"))

    @property
    def says_nothing_else(self) -> bool:
        """Whether the words ask for nothing that is understood: what they name is all there is to answer."""
        return self.asks_nothing and not (self.form or self.question_is_open)

    @property
    def offered(self) -> list[Choice]:
        """The choices that were offered last."""
        return [Choice(one["id"], one["label"]) for one in self.slot("offered") or ()]

    @property
    def asked(self) -> list[Choice]:
        """The things that the last turn's question offered, without the ways out; none, if it asked nothing."""
        things = self.offered if self.slot("awaited") == AWAITS_CHOICE else []
        return [choice for choice in things if choice.id.partition(":")[0] == "find_matter"]

    def slot(self, name: str) -> Any:
        """What is remembered under that name; None: nothing."""
        return self._changed.get(name, self._slots.get(name))

    def remember(self, **slots: Any) -> None:
        """Keep these for later turns; None forgets."""
        self._changed |= slots

    def say(
        self,
        response: str,
        choices: Iterable[Choice] = (),
        *,
        kind: ReplyKind | None = None,
        data: Mapping[str, Any] | None = None,
        question: bool = False,
        **values: Any,
    ) -> None:
        """Say a response of responses.yml with its {values}, and offer choices."""
        self._form_waits = self._form_waits or question
        self._awaited = AWAITS_CHOICE if question else self._awaited
        shown = choices if question or not (self.form or self.is_aside) else ()
        self._dispatcher.utter_message(
            response=response,
            buttons=[{"title": choice.label, "payload": choice.id} for choice in shown],
            json_message={"kind": kind, "data": dict(data or {})},
            **values,
        )

    def say_first(self, response: str, **values: Any) -> None:
        """Say it before all else of this turn, as a notice that 再说一遍 does not repeat."""
        awaited, waits = self._awaited, self._form_waits
        self.say(response, kind="notice", data={"aside": True}, **values)
        self._awaited, self._form_waits = awaited, waits
        self._dispatcher.messages.insert(0, self._dispatcher.messages.pop())

    def follow_situation(self, code: str) -> None:
        """Note that this matter is told: as an answer to a situation's question, else that question is left."""
        if walk := self.walk:
            self.remember(situation=replace(walk, told=True).as_slot() if code in walk.leads else None)

    def take_as_aside(self) -> None:
        """This turn answers nothing that was asked; the open question is asked again."""
        self.is_aside = True

    def take_as_answer(self) -> None:
        """This turn answers the open question, whatever its intent sounded like."""
        self.is_aside = False

    def ask_again_after_aside(self) -> None:
        """Ask the open question once more, unless this turn asked something itself or goes on elsewhere."""
        walk = self.walk
        if self.is_aside and walk and not (walk.told or self._awaited or self._next or self.form):
            awaited = self.slot("awaited")
            self.say("utter_which_situation", self.offered, question=True, asked=walk.asked)
            self.await_yes(awaited)

    def await_yes(self, meaning: str | None) -> None:
        """Note what a bare yes (要得, 好) to this turn's words would mean: a choice's id, or AWAITS_CHOICE."""
        self._awaited = meaning

    def keep_awaited(self) -> None:
        """Note it for the next turn; a form's own question awaits no yes."""
        form_asks = self._next is not None or (self.form and not self._form_waits)
        self.remember(awaited=None if form_asks else self._awaited)

    def keep_said(self) -> None:
        """Keep what is named in passing and may fill a form later: an area, a sum, an age, for whom it is."""
        named = {each["entity"]: each["value"] for each in self.named() if not each["problem"]}
        said = {kind: named[kind] for kind in SAID_IN_PASSING if kind in named}
        if said:
            self.remember(said={**(self.slot("said") or {}), **said})

    def misunderstood(self) -> int:
        """Note that this turn was not understood; how many in a row were not."""
        self._misunderstood = True
        count = int(self.slot("misunderstood") or 0) + 1
        self.remember(misunderstood=count)
        return count

    def end_row_of_misunderstandings(self) -> None:
        """Unless this turn was one more of them."""
        if not self._misunderstood and self.slot("misunderstood"):
            self.remember(misunderstood=None)

    def open_form(self, form: str) -> None:
        """Let this form ask its question in the same turn."""
        self._next = form

    def hand_over(self, action: str) -> None:
        """Let this action answer the turn."""
        self._next = action

    def leave_form(self) -> None:
        """End the running form; what it had asked is dropped."""
        self.form = None
        self._changed |= {"requested_slot": None}
        self._next = None

    def put_aside(self) -> None:
        """The running form is left for later."""
        self.is_put_aside = True

    def let_form_wait(self) -> None:
        """The running form does not ask again in this turn."""
        self._form_waits = True

    def slot_events(self) -> list[EventType]:
        """What Rasa has to remember of this turn."""
        return [SlotSet(name, value) for name, value in self._changed.items() if self._slots.get(name) != value]

    def events(self, running_form: str | None) -> list[EventType]:
        """What Rasa has to remember of this turn, and what goes on: a form, or listening.

        Saying so here spares the policies a second prediction, which costs as much as the first.
        """
        events = self.slot_events()
        if running_form and not self.form:
            return [*events, ActiveLoop(None), FollowupAction(LISTEN)]
        if self._next or (self.form and not self._form_waits):
            return [*events, FollowupAction(self._next or self.form)]
        # An aside made Rasa mark the form as rejected: opened anew, it hears the next message.
        waiting = [ActiveLoop(self.form)] if self.form else []
        return [*events, *waiting, FollowupAction(LISTEN)]


class Capability(Action):
    """An action over one `Turn`. A subclass names itself in `label` and answers in `answer`."""

    label: ClassVar[str]
    urgent: ClassVar[bool] = False
    """Whether nothing else that the message names is taken up: a person, danger."""

    def name(self) -> str:
        """The action's name in the domain."""
        return self.label

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[EventType]:
        """Answer one turn."""
        turn = Turn(dispatcher, tracker)
        running_form = turn.form
        if tells_secret_number(turn.text) and not (turn.slot("warned") or turn.form):
            turn.say("utter_keep_number_secret")
            turn.remember(warned=True)
        turn.keep_said()
        if self.urgent or not hear(turn):
            await self.answer(turn)
        offer_elder(turn)
        turn.ask_again_after_aside()
        turn.keep_awaited()
        turn.end_row_of_misunderstandings()
        return turn.events(running_form)

    async def answer(self, turn: Turn) -> None:
        """Say what is to be said in this turn."""
        raise NotImplementedError
