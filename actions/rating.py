"""好差评: one of five levels by a tap or in words, then a reason by a tap; nobody has to, and once for one thing."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

from actions.choices import person
from actions.services import Services
from actions.spoken import spoken_date
from actions.turn import Capability, Turn
from actions.words import wording
from connectors.message import Choice
from knowledge.complaints import Complaint
from knowledge.rating_rules import MARKS, is_bad
from knowledge.ratings import ASKED, Rating, RatingDecided, RatingNotFound
from knowledge.working_days import CHINA
from nlu.text import normalise

NO, WHY = "no", "why"
"""Arguments of the choices: rate:<mark>:<rating>, rate:no:<rating>, rate:why:<code>:<rating>."""


class Rate(Capability):
    """Takes a mark for what was asked about last, or what ended last; a bad one makes a complaint."""

    label = "action_rate"

    def __init__(self, services: Services) -> None:
        self._ratings = services.ratings
        self._clock = services.clock

    async def answer(self, turn: Turn) -> None:
        """Store the mark or the reason, or ask for the mark; without anything to rate, thank."""
        what, *rest = (turn.argument or "").split(":")
        rating = await self._meant(turn, rest[-1] if rest else "")
        if rating is None:
            self._thank(turn, what)
        elif what == WHY and len(rest) == 2:
            await self._take_reason(turn, rating, rest[0])
        elif rating.state != ASKED:
            turn.say("utter_rated_before")
        elif what == NO:
            await self._decline(turn, rating)
        elif mark := _mark(what) or self._ratings.rules.mark_in(normalise(turn.said)):
            await self._take_mark(turn, rating, mark)
        else:
            turn.say("utter_ask_mark", mark_choices(self._ratings.rules.labels, rating.id), question=True)

    async def _meant(self, turn: Turn, id: str) -> Rating | None:
        """The rating of the choice; else the open one, one for what ended last, or the one that was decided last."""
        if id:
            with suppress(RatingNotFound):
                return await self._ratings.find(turn.conversation, id)
        if known := await self._ratings.open_in(turn.conversation):
            return known
        if ended := await self._ratings.rateable(turn.conversation):
            return await self._ratings.ask(ended, self._clock())
        return await self._ratings.last_in(turn.conversation)

    async def _take_mark(self, turn: Turn, rating: Rating, mark: int) -> None:
        rules = self._ratings.rules
        try:
            complaint = await self._ratings.give(rating, mark, self._clock())
        except RatingDecided:
            turn.say("utter_rated_before")
            return
        reasons = [Choice(f"rate:{WHY}:{code}:{rating.id}", words) for code, words in rules.reasons_for(mark).items()]
        reasons.append(Choice(f"rate:{WHY}:{NO}:{rating.id}", wording("no_reason")))
        values: dict[str, Any] = {"mark": rules.labels[mark], **_told(complaint)}
        response = "utter_rated_bad" if complaint else "utter_rated_good"
        turn.say(response, reasons, question=not turn.form, data={"mark": mark, **values}, **values)

    async def _take_reason(self, turn: Turn, rating: Rating, code: str) -> None:
        await self._ratings.add_reason(rating, code)
        if rating.mark is not None and is_bad(rating.mark):
            turn.say("utter_reason_bad", [person()])
            if not turn.is_aside:
                turn.await_yes("ask_person")
        else:
            turn.say("utter_reason_good")

    async def _decline(self, turn: Turn, rating: Rating) -> None:
        with suppress(RatingDecided):
            await self._ratings.decline(rating, self._clock())
        turn.say("utter_rating_declined")

    @staticmethod
    def _thank(turn: Turn, what: str) -> None:
        """Nothing has ended here that could be rated: hear it all the same, a bad word gets a person."""
        mark = what or turn.entity("mark")
        if mark == "bad":
            turn.say("utter_rate_bad", [person()])
            if not turn.is_aside:
                turn.await_yes("ask_person")
        elif mark or turn.is_aside or turn.form:
            turn.say("utter_rate_good")
        else:
            marks = wording("marks")
            turn.say("utter_ask_mark", [Choice(f"rate:{each}", marks[each]) for each in marks], question=True)


def mark_choices(labels: dict[int, str], rating_id: str) -> list[Choice]:
    """The five levels, the best first, and the way out."""
    levels = [Choice(f"rate:{mark}:{rating_id}", labels[mark]) for mark in MARKS]
    return [*levels, Choice(f"rate:{NO}:{rating_id}", wording("no_rating"))]


def _mark(what: str) -> int | None:
    return int(what) if what.isdigit() and int(what) in MARKS else None


def _told(complaint: Complaint | None) -> dict[str, str]:
    if complaint is None:
        return {}
    last_day = complaint.due_at.astimezone(CHINA).date() - timedelta(days=1)  # due_at is the end of that day
    return {"reference": complaint.reference, "due": spoken_date(last_day)}
