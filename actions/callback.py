"""人工: a person is wanted. A call-back is recorded with a reference and a time, and a telephone number asked for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import FormValidationAction

from actions.here import look_around
from actions.places import reach, week_of
from actions.services import Services
from actions.spoken import masked_telephone, spoken_moment
from actions.telephone import TelephoneRefused, digits_in, is_refusal, is_telephone, telephone_number
from actions.texting import AskForSms
from actions.turn import Capability, Turn
from actions.words import read
from knowledge.callbacks import Callback, CallbackRequest, Callbacks
from knowledge.matter import Office
from knowledge.working_days import NeverOpen, OpeningHours
from nlu.text import tells_secret_number

FORM = "callback_form"
NO_TELEPHONE = "none"
"""The form's answer of somebody who gives no number."""

OTHER_NUMBER = "number"
"""The entity of 换个号码: the call-back shall go to another number."""

NEVER_AN_ANSWER = frozenset({"emergency", "start_over", "go_back"})
"""Intents that go before any form: their message is not looked through for an answer to it."""


class RecordCallback(Capability):
    """Promises a call-back, once a conversation, and asks for the number if none is known."""

    label = "action_record_callback"
    urgent = True

    def __init__(self, services: Services) -> None:
        self._catalogue = services.catalogue
        self._callbacks = Callbacks(services.database)
        self._handoffs = services.handoffs
        self._clock = services.clock

    async def answer(self, turn: Turn) -> None:
        """Say the reference, the office's telephone and hours, and the time that is promised."""
        await self._handoffs.leave(turn.conversation, self._clock(), "callback")
        now, office = self._clock(), await (await look_around(self._catalogue, turn.region)).office()
        known = await self._callbacks.open_in(turn.conversation)
        callback = known or await self._callbacks.record(_request(turn, office, now))
        turn.remember(callback=callback.reference)
        turn.say(
            _response(known, now), kind="notice", data={"callback": callback.reference}, **_told(callback, office, now)
        )
        if not callback.telephone or turn.entity(OTHER_NUMBER) or is_telephone(turn.text):
            turn.open_form(FORM)


class ValidateCallbackForm(FormValidationAction):
    """Takes the telephone number out of an answer. Anything else is an aside: Rasa's rules answer it."""

    def name(self) -> str:
        """The action's name in the domain."""
        return f"validate_{FORM}"

    def extract_telephone(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The digits of the answer, or that none are given; nothing when it is no answer at all."""
        intent, text = tracker.latest_message["intent"]["name"], tracker.latest_message.get("text") or ""
        if tracker.get_slot("telephone") or intent in NEVER_AN_ANSWER:
            return {}
        asked = tracker.active_loop.get("name") == FORM
        if (digits := digits_in(text)) and (asked or is_telephone(text) or not tells_secret_number(text)):
            return {"telephone": digits}
        return {"telephone": NO_TELEPHONE} if asked and (intent == "deny" or is_refusal(text)) else {}

    def validate_telephone(
        self, digits: str, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The number, or None after saying that it can't be one: then the form asks again."""
        if digits == NO_TELEPHONE:
            return {"telephone": digits}
        try:
            return {"telephone": telephone_number(digits)}
        except TelephoneRefused:
            secret = tells_secret_number(tracker.latest_message.get("text") or "")
            dispatcher.utter_message(response="utter_keep_number_secret" if secret else "utter_telephone_refused")
            return {"telephone": None}


class KeepTelephone(Capability):
    """Stores the number with the call-back, and says what happens now."""

    label = "action_keep_telephone"
    urgent = True

    def __init__(self, services: Services) -> None:
        self._catalogue = services.catalogue
        self._callbacks = Callbacks(services.database)
        self._clock = services.clock
        self._sms = AskForSms(services)

    async def answer(self, turn: Turn) -> None:
        """Store the number; the slot forgets it. Without a number, say which number to call."""
        telephone, now = turn.slot("telephone"), self._clock()
        turn.remember(telephone=None)
        callback = await self._callbacks.open_in(turn.conversation)
        if callback is None:
            turn.say("utter_callback_done")
        elif telephone == NO_TELEPHONE:
            office = await (await look_around(self._catalogue, turn.region)).office()
            turn.say("utter_no_telephone", **_told(callback, office, now))
        else:
            await self._callbacks.keep_telephone(callback.reference, telephone)
            masked, promised = masked_telephone(telephone), spoken_moment(callback.promised_by, now)
            turn.say("utter_telephone_kept", telephone=masked, promised=promised, reference=callback.reference)
            await self._sms.know(turn.conversation, telephone)
            await self._sms.ask(turn)


def promised_by(week: OpeningHours, now: datetime) -> datetime:
    """By when a call-back is promised: soon while there is time before closing, else after the next opening.

    The minutes are in promises.yml. An office that does not open for a month promises by the clock alone.
    """
    minutes = read("promises")["callback"]
    soon, opening = _round(now + timedelta(minutes=minutes["within_minutes"])), week.at(now)
    if opening and soon <= opening.end:
        return soon
    try:
        return week.next_after(now).start + timedelta(minutes=minutes["after_opening_minutes"])
    except NeverOpen:
        return soon


def _response(known: Callback | None, now: datetime) -> str:
    if known is None:
        return "utter_callback_recorded"
    return "utter_callback_known" if now <= known.promised_by else "utter_callback_overdue"


def _round(moment: datetime) -> datetime:
    """Down to five minutes: 下午2点2分 is no time that anybody says."""
    return moment.replace(minute=moment.minute - moment.minute % 5, second=0, microsecond=0)


def _request(turn: Turn, office: Office | None, now: datetime) -> CallbackRequest:
    promised = promised_by(week_of(office), now)
    code = office.code if office else None
    return CallbackRequest(turn.conversation, code, turn.slot("matter"), now, promised, turn.region)


def _told(callback: Callback, office: Office | None, now: datetime) -> dict[str, Any]:
    told = {"reference": callback.reference, "promised": spoken_moment(callback.promised_by, now)}
    return told | reach(office)
