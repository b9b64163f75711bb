"""Who is it: first whether things may be looked up at all, then the platform's authorisation. Both can be declined."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar

from actions.applying.authorised import as_note
from actions.applying.draft import Draft
from actions.applying.scope import scope_of
from actions.applying.step import choice, chosen, is_no, is_yes
from actions.applying.taking_up import TakingUp
from actions.choices import person
from actions.elder import know_elder, offer_elder, years
from actions.services import Services
from actions.spoken import spoken_day
from actions.turn import Turn
from actions.words import read
from connectors.intake.service import Authorisation, AuthorisationEnded, IntakeRefused, IntakeUnavailable
from knowledge.consents import Scope
from knowledge.conversations import Conversations
from knowledge.household import Household, Licence
from knowledge.id_number import birth
from knowledge.working_days import CHINA


class Consent:
    """Says what would be looked up, why and for how long, and asks whether that is wanted."""

    name: ClassVar[str] = "consent"

    def __init__(self, services: Services) -> None:
        self._intake = services.intake
        self._consents = services.consents
        self._clock = services.clock

    def is_open(self, draft: Draft) -> bool:
        """Until the resident has decided."""
        return draft.note("consent") is None

    async def ask(self, turn: Turn, draft: Draft) -> None:
        """What, why, how long; a no costs nothing."""
        words = read("applying")["choices"]
        choices = [choice(self.name, what, words[what]) for what in ("allow", "decline", "later")]
        what, fields = looked_up(scope_of(draft)), len(draft.form.fields)
        turn.say("utter_ask_consent", choices, question=True, name=draft.name, days=_days(), what=what, fields=fields)

    async def hear(self, turn: Turn, draft: Draft) -> bool:
        """Yes opens the platform's page, no goes on by hand, later puts the form aside."""
        if chosen(turn, self.name) == "allow" or is_yes(turn, self.name):
            await self._start(turn, draft)
            return True
        if chosen(turn, self.name) == "decline" or is_no(turn, self.name) or turn.intent == "revoke_consent":
            draft.remember(consent="declined")
            turn.say("utter_consent_declined")
            return True
        if chosen(turn, self.name) == "later" or (turn.intent == "save_application" and turn.caught):
            turn.put_aside()
            return True
        return False

    async def _start(self, turn: Turn, draft: Draft) -> None:
        minutes = _days() * 24 * 60
        scope = scope_of(draft)
        purpose = read("applying")["purpose"].format(name=draft.name)[:100]
        try:
            started = await self._intake.start_authorisation(purpose, scope, minutes, turn.conversation)
        except (IntakeUnavailable, IntakeRefused):
            draft.remember(consent="declined")
            turn.say("utter_platform_away")
            return
        now = self._clock()
        until = now + timedelta(minutes=minutes)
        await self._consents.ask(
            turn.conversation, started.id, scope, purpose, now, until, matter_code=draft.matter.code
        )
        draft.remember(consent="asked", authorisation={"id": started.id, "url": started.url, "code": started.code})


class Authorise:
    """Waits for the resident to come back from the platform's page, then fetches what they allowed."""

    name: ClassVar[str] = "authorise"

    def __init__(self, services: Services) -> None:
        self._intake = services.intake
        self._consents = services.consents
        self._residents = services.residents
        self._conversations = Conversations(services.database)
        self._applications = services.applications
        self._taking_up = TakingUp(services)
        self._clock = services.clock

    def is_open(self, draft: Draft) -> bool:
        """While it was asked for and has not been decided."""
        return bool(draft.note("consent") == "asked")

    async def take_up(self, turn: Turn, draft: Draft) -> None:
        """What this conversation allows already for the matter is not asked again (a clerk took it at the window).

        A platform that can't be reached now leaves it open.
        """
        if draft.note("consent") == "granted":
            return
        scope, now, code = scope_of(draft), self._clock(), draft.matter.code
        known = await self._consents.of_conversation(turn.conversation)
        given = next((each for each in known if each.matter_code == code and each.covers(scope, now)), None)
        if given is None:
            return
        try:
            found = await self._intake.authorisation(given.authorisation)
        except (IntakeUnavailable, IntakeRefused):
            return
        if found.state == "granted" and found.identity:
            draft.remember(authorisation={"id": found.id})
            await self.take(turn, draft, found)

    async def ask(self, turn: Turn, draft: Draft) -> None:
        """The link, the code for those who can't open it, and what to say afterwards."""
        asked, words = draft.note("authorisation"), read("applying")["choices"]
        choices = [choice(self.name, what, words[what]) for what in ("done", "skip")]
        link = {"url": asked["url"], "label": words["open_link"]}
        turn.say("utter_ask_authorise", [*choices, person()], question=True, data={"link": link}, **asked)

    async def hear(self, turn: Turn, draft: Draft) -> bool:
        """好了 looks whether it is done; 跳过 goes on by hand."""
        done = chosen(turn, self.name) == "done" or turn.intent == "continue_application"
        if done or is_yes(turn, self.name) or turn.is_one_of("done_words"):
            await self._look(turn, draft)
            return True
        if chosen(turn, self.name) == "skip" or is_no(turn, self.name):
            draft.remember(consent="declined")
            turn.say("utter_consent_declined")
            return True
        return False

    async def _look(self, turn: Turn, draft: Draft) -> None:
        try:
            found = await self._intake.authorisation(draft.note("authorisation")["id"])
        except IntakeUnavailable:
            turn.say("utter_platform_away_wait")
            return
        except IntakeRefused:
            draft.remember(consent=None)
            turn.say("utter_authorisation_ended")
            return
        if found.state == "pending":
            turn.say("utter_authorisation_pending")
        elif found.state == "granted" and found.identity:
            await self.take(turn, draft, found)
        else:
            draft.remember(consent="declined")
            turn.say("utter_authorisation_ended")

    async def take(self, turn: Turn, draft: Draft, granted: Authorisation) -> None:
        """Keep who they are, and what the file and the licences say."""
        identity, now = granted.identity, self._clock()
        assert identity is not None
        try:
            household, licences = await self._fetch(granted.id, scope_of(draft))
        except (IntakeUnavailable, IntakeRefused):
            turn.say("utter_platform_away_wait")
            return
        resident = await self._residents.find_or_add(identity, now)
        await self._residents.bind(turn.conversation, resident.id, now)
        await know_elder(turn, resident.id, self._residents, self._conversations)
        consent = await self._consents.with_authorisation(granted.id)
        await self._consents.grant(consent.id, now, resident_id=resident.id, expires_at=granted.expires_at)
        draft.belong_to(resident.id)
        earlier = await self._applications.by_resident(resident.id)
        values = {key: each.value for one in reversed(earlier) for key, each in one.values.items()}
        draft.remember(consent="granted", file=as_note(identity, household, licences), earlier=values)
        taken_up = await self._taking_up.take(draft, earlier)
        until = granted.expires_at
        turn.say("utter_authorised", name=identity.name, until=spoken_day(until, now) if until else "")
        offer_elder(turn, years(birth(identity.id_number), now.astimezone(CHINA).date()))
        if taken_up:
            turn.say("utter_application_taken_up", name=draft.name)

    async def _fetch(self, authorisation: str, scope: Sequence[Scope]) -> tuple[Household | None, list[Licence]]:
        """What is there, of what was asked for; a resident without a household's file still has licences."""
        household = None
        if "household" in scope:
            try:
                household = await self._intake.household(authorisation)
            except AuthorisationEnded:
                raise
            except IntakeRefused:
                household = None
        return household, await self._intake.licences(authorisation) if "licences" in scope else []


def looked_up(scope: Sequence[Scope]) -> str:
    """What is looked up, as people are told: 您家的户口和证件."""
    words: dict[str, str] = read("applying")["looked_up"]
    return "和".join(words[each] for each in scope if each in words) or words["nothing"]


def _days() -> int:
    return int(read("applying")["consent_days"])
