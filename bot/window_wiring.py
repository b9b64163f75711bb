"""The window put together, and how its errors are told."""

from __future__ import annotations

from actions import Services
from bot.desk_cards import Cards
from bot.foundation import Foundation
from bot.people import People
from bot.talk import Talk
from bot.window import Window
from bot.window_card import WindowCards
from bot.window_proxies import WindowProxies
from bot.window_view import WindowView
from connectors.desk.window_service import CardFirst, MatterFirst, PersonUnknown, ResidentFixed
from connectors.intake.service import IntakeUnavailable
from knowledge.proxies import NotAuthorised
from knowledge.records import Records
from knowledge.reveals import Reveals
from knowledge.window_visits import WindowVisitNotFound

WINDOW_PROBLEMS: dict[type[Exception], str] = {
    WindowVisitNotFound: "visit_not_found",
    CardFirst: "card_first",
    MatterFirst: "matter_first",
    ResidentFixed: "resident_fixed",
    PersonUnknown: "person_unknown",
    NotAuthorised: "not_authorised",
    IntakeUnavailable: "platform_away",
}


def window_of(base: Foundation, services: Services, people: People, talk: Talk) -> Window:
    """Clerk mode over the running service."""
    database, clock = base.database, base.clock
    desk_cards = Cards(people, services.residents, base.accounts, clock)
    view = WindowView(services, talk.forms, desk_cards, base.conversations, clock)
    records, reveals = Records(database, base.keyring), Reveals(database, base.keyring)
    cards = WindowCards(services, talk.uploads, records, clock)
    proxies = WindowProxies(services, talk.uploads, records, clock)
    return Window(services, people, talk.assistant, view, cards, proxies, records, reveals, base.settings, clock)
