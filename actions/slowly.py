"""慢点说, 太长了: the last answer again in short pieces, one a turn; and 念给我听."""

from __future__ import annotations

import re

from actions.answering import Answering
from actions.choices import person, starters
from actions.services import Services
from actions.situations import AskingBack
from actions.turn import Capability, Turn
from actions.words import wording
from connectors.message import Choice

GO_ON = "slower:next"
SENTENCE = re.compile(r"[^。！？；\n]+[。！？；]?")
CHOICE_LINE = re.compile(r"\d{1,2}\. ")
"""How the engine numbers the choices under a text."""
LONGEST = 40
"""Characters of a piece: two short sentences go together, a long one stays alone."""


class TellSlowly(Capability):
    """Says a piece of the last answer; 好 or 接着说 brings the next."""

    label = "action_tell_slowly"

    def __init__(self, services: Services) -> None:
        self._asking = AskingBack(services, Answering(services))

    async def answer(self, turn: Turn) -> None:
        """The question that is open in few words, else the next piece of what was said."""
        turn.remember(reads_slowly=True)
        if await self._asking.choose_by_words(turn):  # 一件一件来
            return
        if turn.asked:
            shortly = [Choice(choice.id, choice.label.partition("：")[0]) for choice in turn.offered]
            turn.say("utter_slower_question", shortly, question=True)
            return
        goes_on = turn.argument or turn.intent == "affirm"
        said = turn.slot("unsaid") if goes_on else pieces(turn.slot("last_text") or "")
        if said:
            self._say_piece(turn, said)
        else:
            response = "utter_slower_end" if turn.slot("last_text") else "utter_nothing_said"
            turn.say(response, [*starters(), person()])

    def _say_piece(self, turn: Turn, said: list[str]) -> None:
        first, *rest = said
        turn.remember(unsaid=rest or None)
        going_on = [Choice(GO_ON, wording("choices.go_on"))] if rest else []
        others = [choice for choice in turn.offered if choice.id != GO_ON] if turn.elder else []
        response = "utter_slower" if rest else "utter_slower_last"
        turn.say(response, [*going_on, *others], data={"piece": True}, piece=first)
        if rest and not turn.is_aside:
            turn.await_yes(GO_ON)


class ReadAloud(Capability):
    """念给我听: the page reads the answer before, if it has a voice; a channel sends it as a voice message."""

    label = "action_read_aloud"

    def __init__(self, services: Services) -> None:
        self._reads_on = services.reads_on

    async def answer(self, turn: Turn) -> None:
        """`read_aloud` lets the page begin, and a channel send a recording; the page is told where to tap too."""
        if turn.channel in self._reads_on:
            turn.say("utter_reading_aloud", kind="notice", data={"read_aloud": True})
        elif turn.channel:
            turn.say("utter_no_voice", [person()], kind="notice")
        else:
            turn.say("utter_read_aloud", kind="notice", data={"read_aloud": True})


def pieces(text: str) -> list[str]:
    """The sentences of an answer without its choices, short ones together."""
    kept = (line for line in text.splitlines() if not CHOICE_LINE.match(line))
    sentences = [found[0].strip() for line in kept for found in SENTENCE.finditer(line) if found[0].strip()]
    joined: list[str] = []
    for sentence in sentences:
        if joined and len(joined[-1]) + len(sentence) <= LONGEST:
            joined[-1] += sentence
        else:
            joined.append(sentence)
    return joined
