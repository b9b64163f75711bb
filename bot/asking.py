"""After a person has answered, and after a case is decided, the resident is asked once how it was (好差评)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog

from actions.rating import mark_choices
from actions.turn import AWAITS_CHOICE
from bot.rasa.output import numbered
from bot.reaching import Push
from connectors.message import Reply
from knowledge.catalogue import Catalogue
from knowledge.database import Database
from knowledge.offering import offer
from knowledge.ratings import Ended, Rating, Ratings

log = structlog.get_logger()


QUESTIONS = {
    "case": "utter_ask_rating_case",
    "handoff": "utter_ask_rating_handoff",
    "visit": "utter_ask_rating_visit",
}


class RatingAsker:
    """Asks for ratings. `says` gives a sentence of responses.yml, `push` says something in a conversation."""

    def __init__(
        self,
        database: Database,
        ratings: Ratings,
        catalogue: Catalogue,
        says: Callable[[str], Reply],
        push: Push,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._ratings = ratings
        self._catalogue = catalogue
        self._says = says
        self._push = push
        self._clock = clock

    async def chats(self) -> int:
        """Ask about all chats that have ended and were not asked about yet; how many. Raises DatabaseUnavailable."""
        return sum([await self.ask(ended) for ended in await self._ratings.unasked_chats(self._clock())])

    async def cases(self) -> int:
        """The same of cases that are decided. Raises DatabaseUnavailable."""
        return sum([await self.ask(ended) for ended in await self._ratings.unasked_cases(self._clock())])

    async def ask(self, ended: Ended) -> bool:
        """Ask in the conversation, in one transaction with the note that it was; False: another process has."""
        name = await self._name(ended)
        async with self._database.transaction():
            rating = await self._ratings.ask(ended, self._clock())
            if rating is None:
                return False
            question = self.question(rating, name)
            await offer(self._database, ended.conversation_id, question.as_dict()["choices"], AWAITS_CHOICE)
            await self._push(ended.conversation_id, "system", question)
        log.info("rating_asked", kind=ended.kind, conversation=ended.conversation_id)
        return True

    def question(self, rating: Rating, name: str = "") -> Reply:
        """The five levels as choices, numbered in the text. `name`: the matter's, for a case."""
        said = self._says(QUESTIONS[rating.kind])
        choices = tuple(mark_choices(self._ratings.rules.labels, rating.id))
        told = {"rating": {"id": rating.id, "kind": rating.kind}}
        return numbered(replace(said, text=said.text.format(name=name), kind="choices", choices=choices, data=told))

    async def _name(self, ended: Ended) -> str:
        if ended.kind != "case" or ended.matter_code is None:
            return ""
        found = await self._catalogue.matters([ended.matter_code])
        return found[0].name if found else ended.matter_code
