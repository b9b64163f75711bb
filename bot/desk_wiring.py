"""The desk put together: its stores, what it does, its routes; and how its errors are told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from actions import Services
from bot.desk_booking import DeskBooking, VisitsView
from bot.desk_cards import Cards
from bot.desk_chats import DeskChats
from bot.desk_feed import Feed
from bot.desk_forms import FieldUnknown, FormChanged, NothingToReveal
from bot.desk_reveals import DeskForms
from bot.desk_talk import DeskTalk, NotWhatFor
from bot.foundation import Foundation
from bot.people import People
from bot.talk import Talk
from connectors.desk.booking import BookingRoutes
from connectors.desk.chats import ChatRoutes
from connectors.desk.live import LiveRoutes
from connectors.desk.session import Sessions
from connectors.desk.words import WordRoutes
from knowledge.agents import OfficeUnknown
from knowledge.appointment import BookingBlocked, SlotFull, SlotNotOpen, TooManyAppointments
from knowledge.callbacks import CallbackNotOpen
from knowledge.handoff import (
    AsideNotFound,
    CapacityReached,
    HandoffEnded,
    HandoffNotFound,
    HandoffNotYours,
    HandoffTaken,
    NotAnAgent,
)
from knowledge.records import Records
from knowledge.replies import BrokenReplies
from knowledge.reveals import Reveals

DESK_PROBLEMS: dict[type[Exception], str] = {
    HandoffNotFound: "chat_not_found",
    HandoffTaken: "chat_taken",
    HandoffEnded: "chat_ended",
    HandoffNotYours: "chat_not_yours",
    CapacityReached: "capacity_reached",
    NotAnAgent: "not_an_agent",
    AsideNotFound: "question_answered",
    OfficeUnknown: "office_unknown",
    CallbackNotOpen: "callback_ended",
    FormChanged: "form_changed",
    FieldUnknown: "field_unknown",
    NothingToReveal: "nothing_to_reveal",
    NotWhatFor: "not_what_for",
    BrokenReplies: "broken_replies",
    SlotFull: "slot_full",
    SlotNotOpen: "slot_not_open",
    TooManyAppointments: "too_many_appointments",
    BookingBlocked: "booking_blocked",
}

REPLIES = "replies.yml"
"""The county's own canned replies, in the data directory."""


class Desk:
    """The routes of the desk, and how its open feeds are ended."""

    def __init__(self, chats: ChatRoutes, words: WordRoutes, live: LiveRoutes, booking: BookingRoutes) -> None:
        self._parts = (chats, words, live, booking)
        self.close: Callable[[web.Application], Awaitable[None]] = live.close

    def routes(self) -> list[web.RouteDef]:
        """All of them as data."""
        return [route for part in self._parts for route in part.routes()]


def desk_of(base: Foundation, services: Services, people: People, talk: Talk, sessions: Sessions) -> Desk:
    """The desk over the running service."""
    residents, files, conversations, clock = services.residents, services.files, base.conversations, base.clock
    cards = Cards(people, residents, base.accounts, clock)
    view = VisitsView(services)
    chats = DeskChats(people, cards, talk.forms, conversations, files, clock, view.to_come)
    own = Path(base.settings.data_dir) / REPLIES
    words = DeskTalk(people, chats, base.catalogue, conversations, files, talk.assistant.understood, own)
    reveals = Reveals(base.database, base.keyring)
    forms = DeskForms(people, chats, cards, talk.forms, talk.filled, residents, reveals, clock)
    booking = DeskBooking(people, chats, view, services, conversations, Records(base.database, base.keyring))
    feed = Feed(people, cards, conversations, base.news)
    return Desk(
        ChatRoutes(sessions, chats),
        WordRoutes(sessions, chats, words, forms),
        LiveRoutes(sessions, chats, feed),
        BookingRoutes(sessions, chats, booking),
    )
