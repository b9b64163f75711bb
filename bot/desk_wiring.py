"""The desk put together: its stores, what it does, its routes; and how its errors are told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

from aiohttp import web

from actions import Services
from bot.clock import now
from bot.desk_cards import Cards
from bot.desk_chats import DeskChats
from bot.desk_feed import Feed
from bot.desk_forms import FieldUnknown, FilledIn, FormChanged, FormsView, NothingToReveal
from bot.desk_reveals import DeskForms
from bot.desk_talk import DeskTalk, Meaning, NotWhatFor
from bot.news import News
from bot.people import People
from bot.settings import Settings
from connectors.desk.chats import ChatRoutes
from connectors.desk.live import LiveRoutes
from connectors.desk.session import Sessions
from connectors.desk.words import WordRoutes
from knowledge.agents import OfficeUnknown
from knowledge.callbacks import CallbackNotOpen
from knowledge.catalogue import Catalogue
from knowledge.conversations import Conversations
from knowledge.database import Database
from knowledge.files import Files
from knowledge.handoff import (
    AsideNotFound,
    CapacityReached,
    HandoffEnded,
    HandoffNotFound,
    HandoffNotYours,
    HandoffTaken,
    NotAnAgent,
)
from knowledge.keyring import Keyring
from knowledge.replies import BrokenReplies
from knowledge.reveals import Reveals
from knowledge.staff import StaffAccounts

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
}

REPLIES = "replies.yml"
"""The county's own canned replies, in the data directory."""


class Running(Protocol):
    """What the desk needs of the running service (bot/app.py)."""

    @property
    def settings(self) -> Settings: ...
    @property
    def database(self) -> Database: ...
    @property
    def catalogue(self) -> Catalogue: ...
    @property
    def conversations(self) -> Conversations: ...
    @property
    def files(self) -> Files: ...
    @property
    def keyring(self) -> Keyring: ...
    @property
    def accounts(self) -> StaffAccounts: ...
    @property
    def news(self) -> News: ...
    @property
    def people(self) -> People: ...
    @property
    def services(self) -> Services: ...
    @property
    def forms(self) -> FormsView: ...
    @property
    def filled(self) -> FilledIn: ...


class Desk:
    """The routes of the desk, and how its open feeds are ended."""

    def __init__(self, chats: ChatRoutes, words: WordRoutes, live: LiveRoutes) -> None:
        self._parts = (chats, words, live)
        self.close: Callable[[web.Application], Awaitable[None]] = live.close

    def routes(self) -> list[web.RouteDef]:
        """All of them as data."""
        return [route for part in self._parts for route in part.routes()]


def desk_of(running: Running, sessions: Sessions, understood: Meaning) -> Desk:
    """The desk over the running service. `understood`: what a resident's words ask for."""
    people, residents, files = running.people, running.services.residents, running.files
    cards = Cards(people, residents, running.accounts, now)
    chats = DeskChats(people, cards, running.forms, running.conversations, files, now)
    own = Path(running.settings.data_dir) / REPLIES
    talk = DeskTalk(people, chats, running.catalogue, running.conversations, files, understood, own)
    reveals = Reveals(running.database, running.keyring)
    forms = DeskForms(people, chats, cards, running.forms, running.filled, residents, reveals, now)
    feed = Feed(people, cards, running.conversations, running.news)
    return Desk(
        ChatRoutes(sessions, chats),
        WordRoutes(sessions, chats, talk, forms),
        LiveRoutes(sessions, chats, feed),
    )
