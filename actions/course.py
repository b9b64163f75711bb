"""The course of the conversation: begin, back, again, start over, a choice that was not clear, small talk."""

from __future__ import annotations

from actions.answering import FIRST_STEP, Answering
from actions.choices import person, starters
from actions.find_matter import chosen_by_name
from actions.services import Services
from actions.situations import AskingBack
from actions.turn import AWAITS_CHOICE, Capability, Turn
from actions.words import wording
from connectors.message import Choice

FORGOTTEN = ("matter", "matter_before", "part", "candidates", "misunderstood", "situation", "then", "booking")
"""What starting over forgets. A promised call-back stays promised."""


class Say(Capability):
    """Small talk: the response that has the intent's name, with the topics that help on.

    The words of an offered choice (身份证), or that answer the open question (她不同意), are that choice, whatever
    talk they may sound like.
    """

    label = "action_say"

    def __init__(self, services: Services) -> None:
        answering = Answering(services)
        self._asking = AskingBack(services, answering)
        self._handing_over = answering.handing_over

    async def answer(self, turn: Turn) -> None:
        """Say `utter_<intent>`, or the welcome to somebody new; wording.yml tells what is offered after it."""
        if not turn.caught and chosen_by_name(turn.text, turn.asked, sure=True):
            turn.hand_over("action_find_matter")
            return
        if not turn.caught and await self._asking.choose_by_words(turn):
            return
        if other := _better_answered(turn):
            turn.hand_over(other)
            return
        violence = turn.intent == "distress" and turn.entity("violence")
        response = "utter_distress_violence" if violence else f"utter_{turn.intent}"
        if turn.intent == "greet" and not turn.slot("last_text"):
            response = "utter_welcome"
        offered = wording("after_small_talk").get(turn.intent, "nothing")
        choices = {"starters": [*starters(), person()], "person": [person()], "nothing": []}
        turn.say(response, choices[offered], ask="" if turn.form or turn.is_aside else wording("ask"))
        if offered == "person" and not turn.is_aside:
            turn.await_yes("ask_person")
        if turn.intent in wording("person.by_itself"):
            await self._handing_over.ask(turn, turn.intent)


def _better_answered(turn: Turn) -> str | None:
    """The action that answers instead: who is tired of life gets the numbers, 不对 after an answer refuses it.

    Distress in a situation's own words (日子过不下去了) is met by its question: there is help for it.
    """
    if turn.entity("emergency"):
        return "action_answer_emergency"
    if turn.intent == "distress" and not turn.caught and turn.understood.situation:
        return "action_find_matter"
    refusable = any(choice.id.partition(":")[0] == "not_this" for choice in turn.offered)
    wrong = turn.intent == "deny" and turn.entity("denied")
    return "action_not_this" if wrong and refusable and not turn.form else None


class Agree(Capability):
    """A bare yes (要得, 好, 嗯): it means what the turn before awaited."""

    label = "action_agree"

    def __init__(self, services: Services) -> None:
        self._answering = Answering(services)
        self._asking = AskingBack(services, self._answering)

    async def answer(self, turn: Turn) -> None:
        """Do what was offered; of several things, ask which; if nothing was, say so shortly."""
        if not turn.caught and await self._asking.choose_by_words(turn):  # 都愿意
            return
        awaited = str(turn.slot("awaited") or "")
        meaning, _, argument = awaited.partition(":")
        if awaited == AWAITS_CHOICE and turn.asked:
            shortly = [Choice(choice.id, choice.label.partition("：")[0]) for choice in turn.offered]
            turn.say("utter_which_one", shortly, question=True)
        elif meaning == "ask_person":
            turn.hand_over("action_ask_person")
        elif meaning in ("book", "move_booking", "cancel_booking"):
            turn.remember(agreed=awaited)
            turn.hand_over(f"action_{meaning}")
        elif turn.form and not awaited:
            turn.open_form(turn.form)  # which asks its question again
        elif not await self._answered(turn, meaning, argument):
            turn.say("utter_affirm")

    async def _answered(self, turn: Turn, meaning: str, argument: str) -> bool:
        if meaning == "slower":
            turn.hand_over("action_tell_slowly")
            return True
        if meaning == "allow_sms":
            turn.hand_over("action_allow_sms")
            return True
        if meaning == "ask_materials":
            return await self._answering.tell(turn, argument, meaning)
        if meaning == FIRST_STEP:
            return await self._answering.tell_first_step(turn, argument)
        return meaning == "find_matter" and await self._answering.tell(turn, argument, turn.slot("part"))


class StartOver(Capability):
    """重新开始: forgets the matter, leaves the form."""

    label = "action_start_over"

    async def answer(self, turn: Turn) -> None:
        """Begin anew, with the usual topics."""
        turn.remember(**dict.fromkeys(FORGOTTEN))
        turn.leave_form()
        turn.say("utter_start_over", [*starters(), person()])


class GoBack(Capability):
    """返回: to the question or the matter before; out of a form, to what was talked about."""

    label = "action_go_back"

    def __init__(self, services: Services) -> None:
        self._answering = Answering(services)
        self._asking = AskingBack(services, self._answering)

    async def answer(self, turn: Turn) -> None:
        """Ask the situation's question before again, else name the matter that is talked about."""
        if not turn.form and await self._asking.go_back(turn):
            turn.remember(part=None)
            return
        current, before = turn.slot("matter"), turn.slot("matter_before")
        back_to = before if before and not turn.form else current
        turn.leave_form()
        turn.remember(part=None, candidates=None)
        if back_to and await self._answering.offer_parts(turn, back_to, "utter_back"):
            turn.remember(matter=back_to, matter_before=current if back_to == before else before)
        else:
            turn.say("utter_back_to_start", [*starters(), person()])


class Repeat(Capability):
    """再说一遍: the last turn's words, once more."""

    label = "action_repeat"

    async def answer(self, turn: Turn) -> None:
        """Say again what was said; what was offered then can still be chosen."""
        said = turn.slot("last_text")
        if said:
            turn.say("utter_repeat", turn.offered if turn.elder else (), said=said)
            turn.let_form_wait()
            turn.await_yes(turn.slot("awaited"))
        else:
            turn.say("utter_nothing_said", [*starters(), person()])


class AskAgain(Capability):
    """A choice that does not fit what was offered: it is offered again. 82了 may be the answer, and no number."""

    label = "action_ask_again"

    def __init__(self, services: Services) -> None:
        self._asking = AskingBack(services, Answering(services))

    async def answer(self, turn: Turn) -> None:
        """Take the words as an answer to the open question, else offer the last choices again."""
        if await self._asking.choose_by_words(turn):
            return
        if turn.offered:
            turn.say("utter_choose_again", turn.offered, question=True)
        else:
            turn.say("utter_nothing_to_choose", [*starters(), person()])


class SetElder(Capability):
    """长辈版: larger letters and reading aloud, on or off. The channel does it; this says so."""

    label = "action_set_elder"

    async def answer(self, turn: Turn) -> None:
        """Switch as the words ask."""
        elder = "off" not in (turn.argument, turn.entity("elder"))
        back = [Choice("set_elder:off", wording("choices.back_to_normal"))] if elder else []
        turn.say("utter_elder_on" if elder else "utter_elder_off", back, kind="notice", data={"elder": elder})
