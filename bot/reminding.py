"""Residents are reminded once of what they put off: a form that was left, papers that were to follow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import structlog

from actions.services import Services
from actions.spoken import spoken_deadline
from actions.turn import AWAITS_CHOICE
from actions.words import read
from bot.rasa.output import numbered
from bot.reaching import Push
from connectors.message import Choice, Reply
from knowledge.application import Application
from knowledge.applications import ApplicationNotFound
from knowledge.bundles import bundles
from knowledge.offering import offer
from knowledge.quiet import is_quiet
from knowledge.reminders import Reminder, Reminders, put_off

log = structlog.get_logger()

OVER = frozenset({"approved", "refused", "withdrawn"})


class Reminding:
    """Tells what is due, by day. `push` says something in a conversation."""

    def __init__(self, services: Services, push: Push, clock: Callable[[], datetime]) -> None:
        self._database, self._reminders = services.database, Reminders(services.database)
        self._applications, self._cases = services.applications, services.cases
        self._catalogue = services.catalogue
        self._push = push
        self._clock = clock

    async def look(self) -> int:
        """Tell all that is due now; how many were told. Raises DatabaseUnavailable."""
        now = self._clock()
        if is_quiet(now):
            return 0
        return sum([await self._tell(each) for each in await self._reminders.due(now)])

    async def _tell(self, reminder: Reminder) -> bool:
        """Told and crossed out in one transaction; False: there is nothing to be told any more."""
        async with self._database.transaction():
            if not await self._reminders.take(reminder):
                return False
            try:
                application = await self._applications.find(reminder.application_id)
            except ApplicationNotFound:
                return False
            reply = await self._reply(application)
            if reply is None:
                return False
            await offer(self._database, reminder.conversation_id, reply.as_dict()["choices"], AWAITS_CHOICE)
            await self._push(reminder.conversation_id, "bot", reply)
        log.info("reminded", conversation=reminder.conversation_id, state=application.state)
        return True

    async def _reply(self, application: Application) -> Reply | None:
        words, name = read("applying")["reminder"], await self._name(application)
        papers = _papers(application, words)
        if application.state == "draft":
            go_on = Choice("continue_application", read("applying")["choices"]["go_on"])
            text = words["draft"].format(name=name, papers=papers)
            return numbered(replace(Reply(text, "choices", (go_on,)), data={"application": application.id}))
        case = await self._cases.of_application(application.id)
        if not papers or case is None or case.state in OVER:
            return None
        text = words["submitted"].format(name=case.matter_name, reference=case.reference, papers=papers)
        return Reply(text, "notice", data={"case": case.reference, "upload": True})

    async def _name(self, application: Application) -> str:
        if bundle := bundles().get(application.bundle or ""):
            return bundle.name
        found = await self._catalogue.matters([application.matter_code])
        return found[0].name if found else application.matter_code


def _papers(application: Application, words: dict[str, Any]) -> str:
    """还差结婚证，12月3日（星期四）以前；户口簿。"""
    kept = application.papers
    named = [_with_day(name, kept[name].get("due_on"), words) for name in put_off(kept)]
    text: str = words["papers"].format(names="；".join(named)) if named else ""
    return text


def _with_day(name: str, day: Any, words: dict[str, Any]) -> str:
    by: str = words["by"].format(day=spoken_deadline(day)) if isinstance(day, date) else ""
    return f"{name}{by}"
