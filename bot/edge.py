"""The web edge put together: every route of the service over its running parts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from aiohttp import web

from bot.appointments_desk import DeskAppointments
from bot.catalogue import CatalogueApi
from bot.checked import Checked
from bot.conversation import Assistant
from bot.desk import ReviewApi
from bot.desk_wiring import desk_of
from bot.hall_screen import HallScreen
from bot.logins import LoginLimit, provider_of
from bot.parts import Bangban
from bot.proxies_desk import ProxiesDesk
from bot.review import Review
from bot.tickets_desk import DeskTickets
from connectors.desk.appointments import AppointmentRoutes
from connectors.desk.figures import FigureRoutes
from connectors.desk.login import LoginRoutes
from connectors.desk.outbox import OutboxRoutes
from connectors.desk.proxies import ProxyRoutes
from connectors.desk.review import ReviewRoutes
from connectors.desk.session import Sessions
from connectors.desk.sso import SingleSignOnRoutes
from connectors.desk.tickets import TicketRoutes
from connectors.desk.window import WindowRoutes
from connectors.intake.callbacks import IntakeCallbacks
from connectors.web.conversations import ConversationRoutes
from connectors.web.files import FileRoutes
from connectors.web.hall import HallRoutes
from connectors.web.health import HealthRoutes
from connectors.web.matters import MatterRoutes
from connectors.web.openapi import OpenApiRoutes
from connectors.web.page import PageRoutes
from connectors.web.speech import SpeechRoutes
from connectors.wechat.program import MiniProgramChannel
from knowledge.records import Records
from knowledge.two_steps import TwoSteps

Close = Callable[[web.Application], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Edge:
    """Routes, and what ends connections that stay open (streams, feeds, lines) when the service stops."""

    routes: tuple[web.RouteDef, ...]
    closing: tuple[Close, ...]


def edge_of(bangban: Bangban) -> Edge:
    """The residents' side, the desk, calls, and what the platform calls."""
    base, settings = bangban.base, bangban.base.settings
    steps = TwoSteps(base.database, base.keyring, base.clock)
    sessions = Sessions(base.accounts, steps, two_steps=settings.desk_two_steps)
    catalogue = CatalogueApi(base.catalogue, settings.region, bangban.understanding.thinking)
    assistant = _checked(bangban)
    conversations = ConversationRoutes(assistant, base.conversations, base.news, catalogue, bangban.links.starts)
    desk = desk_of(base, bangban.services, bangban.people, bangban.talk, sessions)
    window = WindowRoutes(sessions, bangban.window, base.news)
    calls, news = bangban.video, bangban.following.news
    routes = (
        *conversations.routes(),
        *_public(bangban, catalogue),
        *_login(bangban, sessions, steps),
        *desk.routes(),
        *window.routes(),
        *_office(bangban, sessions),
        *calls.routes(sessions, base.conversations, bangban.assistant),
        *bangban.texting.callbacks().routes(),
        *bangban.channels.routes,
        *IntakeCallbacks(settings.intake_secret.get_secret_value(), news, base.clock).routes(),
    )
    return Edge(routes, (conversations.close, desk.close, window.close, calls.lines.close))


def _checked(bangban: Bangban) -> Assistant | Checked:
    """The assistant of the HTTP contract; behind WeChat's content check where the mini program is to have one."""
    program = bangban.channels.joined.get("miniprogram")
    if not (isinstance(program, MiniProgramChannel) and program.checks):
        return bangban.assistant
    return Checked(bangban.assistant, bangban.base.conversations, bangban.channels.users, program)


def _public(bangban: Bangban, catalogue: CatalogueApi) -> Iterable[web.RouteDef]:
    """The resident's page, files of a conversation, the catalogue, health, the contract."""
    base = bangban.base
    yield from PageRoutes().routes()
    yield from FileRoutes(base.conversations, bangban.services.files).routes()
    yield from MatterRoutes(catalogue).routes()
    yield from HealthRoutes(base.database.ping, base.metrics.registry).routes()
    yield from OpenApiRoutes().routes()
    yield from SpeechRoutes(base.conversations, bangban.talk.voice, bangban.talk.reading).routes()


def _login(bangban: Bangban, sessions: Sessions, steps: TwoSteps) -> Iterable[web.RouteDef]:
    """By name and password, and by the county's single sign-on."""
    base, settings = bangban.base, bangban.base.settings
    yield from LoginRoutes(base.accounts, sessions, LoginLimit(base.redis), steps).routes()
    provider = provider_of(settings)
    yield from SingleSignOnRoutes(provider, settings.sign_on_label, base.accounts, base.keyring).routes()


def _office(bangban: Bangban, sessions: Sessions) -> Iterable[web.RouteDef]:
    """What staff do beside the chats: review, outbox, figures."""
    base, after = bangban.base, bangban.after
    review = ReviewApi(Review(base.database, base.catalogue, base.clock), base.catalogue)
    yield from ReviewRoutes(sessions, review).routes()
    yield from OutboxRoutes(sessions, bangban.following.desk).routes()
    yield from bangban.links.routes(sessions, review.matters, base.settings.public_url)
    yield from bangban.visits.routes(sessions)
    yield from AppointmentRoutes(sessions, DeskAppointments(base, bangban.services)).routes()
    records = Records(base.database, base.keyring)
    stores = (base.database, bangban.services.proxies, base.catalogue, records)
    yield from ProxyRoutes(sessions, ProxiesDesk(*stores, bangban.assistant.push, base.clock)).routes()
    reach = bangban.texting.reaching(bangban.assistant.push)
    tickets = DeskTickets(base, bangban.services, bangban.talk, reach)
    yield from TicketRoutes(sessions, tickets).routes()
    screen = HallScreen(base, bangban.services, bangban.talk.reading)
    yield from HallRoutes(screen.shown, screen.said).routes()
    yield from FigureRoutes(sessions, after.figures, after.complaints, after.records).routes()
