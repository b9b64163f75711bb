"""Everything is wired here, once: settings in, a web application out. Start reading here.

A message's journey: `connectors/web/conversations.py` (the request) → `bot/conversation.py` (the turn) →
`bot/rasa/engine.py` (Rasa: `nlu/components.py` → `bot/assistant/rules.yml` → `actions/`) → `knowledge/` (SQL).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from actions import Services, all_actions
from bot.after import AfterWorker
from bot.after_desk import ComplaintsDesk, FiguresDesk, RecordsDesk
from bot.asking import RatingAsker
from bot.authorisations import AuthorisationNews
from bot.calls import NobodyToCall
from bot.casework import Casework, Following
from bot.catalogue import CatalogueApi
from bot.clock import now
from bot.conversation import Assistant
from bot.coordination import ConversationBusy, TurnLock, open_redis
from bot.desk import ReviewApi
from bot.desk_forms import FilledIn, FormsView
from bot.desk_metrics import DeskMetrics
from bot.desk_wiring import DESK_PROBLEMS, desk_of
from bot.logins import LoginLimit, provider_of
from bot.matching import MatcherKeeper
from bot.metrics import Metrics
from bot.news import News
from bot.papers import paper_reader
from bot.people import People
from bot.preparing import prepare
from bot.rasa.engine import Engine
from bot.review import NoWordsForAlias, Review
from bot.settings import Settings
from bot.thinking import Thinking, second_opinion
from bot.unsure import UnsureRecorder
from bot.uploads import Uploads
from bot.video import Video, video
from bot.wire import CallWire
from connectors.desk.figures import FigureRoutes
from connectors.desk.login import LoginRoutes
from connectors.desk.outbox import OutboxRoutes
from connectors.desk.review import ReviewRoutes
from connectors.desk.session import Sessions, own_pages_only
from connectors.desk.sso import SingleSignOnRoutes
from connectors.intake.callbacks import IntakeCallbacks
from connectors.web.contract import MAX_FILE, MAX_JSON
from connectors.web.conversations import ConversationRoutes
from connectors.web.files import FileRoutes
from connectors.web.health import HealthRoutes
from connectors.web.matters import MatterRoutes
from connectors.web.openapi import OpenApiRoutes
from connectors.web.page import PageRoutes
from connectors.web.problems import problems_middleware
from knowledge.call import CallEnded, CallFull, CallNotFound, NoConsent
from knowledge.cases import CaseNotFound
from knowledge.catalogue import Catalogue
from knowledge.complaints import ComplaintNotOpen
from knowledge.conversations import ConversationNotFound, Conversations, TokenRefused
from knowledge.database import Database, DatabaseUnavailable
from knowledge.evidence import Evidence, SubjectUnknown
from knowledge.figures import Figures
from knowledge.files import FileMissing, Files
from knowledge.holds import UnderHold
from knowledge.keyring import Keyring
from knowledge.matter import MatterNotFound
from knowledge.outbox import LetterNotDead, LetterNotFound
from knowledge.publishing import CatalogueChangedMeanwhile
from knowledge.rating_rules import rating_rules
from knowledge.recordings import PartOutOfPlace, RecordingNotFound
from knowledge.records import Records
from knowledge.reviewing import SayingDecided, SayingOpen
from knowledge.staff import StaffAccounts
from knowledge.two_steps import TwoSteps
from knowledge.unsure import SayingNotFound

PROBLEMS: dict[type[Exception], str] = {
    ConversationNotFound: "conversation_not_found",
    TokenRefused: "token_refused",
    MatterNotFound: "matter_not_found",
    FileMissing: "file_missing",
    ConversationBusy: "busy",
    DatabaseUnavailable: "unavailable",
    SayingNotFound: "saying_not_found",
    SayingDecided: "saying_decided",
    SayingOpen: "saying_open",
    NoWordsForAlias: "no_words_for_alias",
    CatalogueChangedMeanwhile: "catalogue_changed",
    CaseNotFound: "case_not_found",
    LetterNotFound: "letter_not_found",
    LetterNotDead: "letter_not_dead",
    ComplaintNotOpen: "complaint_not_open",
    SubjectUnknown: "record_not_found",
    UnderHold: "under_hold",
    **DESK_PROBLEMS,
    CallNotFound: "call_not_found",
    CallEnded: "call_over",
    CallFull: "call_full",
    NobodyToCall: "call_needs_person",
    NoConsent: "no_consent",
    RecordingNotFound: "recording_not_found",
    PartOutOfPlace: "part_out_of_place",
}


@dataclass(frozen=True, slots=True)
class After:
    """What comes after: what supervisors see, and the task that records, asks and counts."""

    figures: FiguresDesk
    complaints: ComplaintsDesk
    records: RecordsDesk
    worker: AfterWorker


@dataclass(frozen=True, slots=True)
class Bangban:
    """The running service's parts."""

    settings: Settings
    database: Database
    catalogue: Catalogue
    matching: MatcherKeeper
    thinking: Thinking
    conversations: Conversations
    assistant: Assistant
    news: News
    metrics: Metrics
    accounts: StaffAccounts
    logins: LoginLimit
    keyring: Keyring
    files: Files
    casework: Casework
    following: Following
    people: People
    after: After
    services: Services
    forms: FormsView
    filled: FilledIn
    video: Video


RUNNING = web.AppKey("bangban", Bangban)


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Bangban]:
    """The service without its web edge: used by the server, `bangban chat` and the tests.

    Makes the database and the keys and trains the model when they are not there.
    Raises DatabaseUnavailable, what training raises, and what wrong keys raise (bot/keys.py).
    """
    database = Database(settings.database, settings.pool_size)
    redis = open_redis(settings.redis_url)
    lock = TurnLock(redis, patience=settings.turn_timeout + 10)
    try:
        model, keyring = await prepare(settings, database)
        files = Files(database, keyring)
        casework = Casework.of(settings, database, keyring, files)
        catalogue = Catalogue(database)
        async with (
            Thinking(second_opinion(settings)) as thinking,
            MatcherKeeper(catalogue, settings.indexes, thinking.opinion) as matching,
        ):
            news, metrics = News(redis), Metrics()
            people = People.of(settings, database, keyring, catalogue, news, now)
            services = Services(
                *(database, catalogue, now, keyring, casework.intake, casework.outbox),
                *(people.handoffs, people.agents),
                rating_rules=rating_rules(Path(settings.ratings)) if settings.ratings else None,
            )
            engine = Engine(model, all_actions(services), thinking.consider)
            unsure = UnsureRecorder(database, now)
            uploads = Uploads(paper_reader(settings), services.files, services.papers, now)
            forms = FormsView(services.applications, services.papers, files, catalogue, now)
            filled = FilledIn(forms, services.applications, people, now)
            assistant = Assistant(
                *(engine, database, lock, news, now, settings.region, settings.turn_timeout),
                *(metrics, unsure, uploads, people.relay, filled, people.rescue),
            )
            authorisations = AuthorisationNews(services.consents, assistant.push, now)
            asker = RatingAsker(database, services.ratings, catalogue, engine.says, assistant.push, now)
            figures, records = Figures(database), Records(database, keyring)
            counted = DeskMetrics(metrics.registry, figures, people.handoffs, people.agents, now)
            after = After(
                FiguresDesk(figures, now),
                ComplaintsDesk(database, services.ratings.complaints, catalogue, engine.says, assistant.push, now),
                RecordsDesk(Evidence(database, keyring), now),
                AfterWorker(records, asker, counted, now),
            )
            conversations = Conversations(database)
            accounts, logins = StaffAccounts(database, now), LoginLimit(redis)
            async with (
                aclosing(uploads),
                casework.follow(assistant.push, now, metrics, authorisations.hear) as following,
                people.routing(metrics),
                after.worker.running(),
                video(settings, people, keyring, CallWire(redis), assistant.push) as calls,
            ):
                yield Bangban(
                    settings,
                    database,
                    catalogue,
                    matching,
                    thinking,
                    conversations,
                    assistant,
                    news,
                    metrics,
                    accounts,
                    logins,
                    keyring,
                    files,
                    casework,
                    following,
                    people,
                    after,
                    services,
                    forms,
                    filled,
                    calls,
                )
    finally:
        await lock.close()
        await redis.aclose()
        await database.close()


async def create_app(settings: Settings) -> web.Application:
    """The web application, ready to serve; it closes its parts when it is cleaned up."""
    parts = AsyncExitStack()
    bangban = await parts.enter_async_context(running(settings))

    async def close(_: web.Application) -> None:
        await parts.aclose()

    middlewares = [problems_middleware(PROBLEMS), own_pages_only()]
    app = web.Application(client_max_size=MAX_FILE + MAX_JSON, middlewares=middlewares)
    steps = TwoSteps(bangban.database, bangban.keyring, now)
    sessions = Sessions(bangban.accounts, steps, two_steps=settings.desk_two_steps)
    single = SingleSignOnRoutes(provider_of(settings), settings.sign_on_label, bangban.accounts, bangban.keyring)
    desk = desk_of(bangban, sessions, bangban.assistant.understood)
    review = ReviewApi(Review(bangban.database, bangban.catalogue, now), bangban.catalogue)
    catalogue = CatalogueApi(bangban.catalogue, settings.region, bangban.thinking)
    after = bangban.after
    conversations = ConversationRoutes(bangban.assistant, bangban.conversations, bangban.news, catalogue)
    app.add_routes(
        [
            *PageRoutes().routes(),
            *conversations.routes(),
            *FileRoutes(bangban.conversations, bangban.files).routes(),
            *MatterRoutes(catalogue).routes(),
            *HealthRoutes(bangban.database.ping, bangban.metrics.registry).routes(),
            *OpenApiRoutes().routes(),
            *LoginRoutes(bangban.accounts, sessions, bangban.logins, steps).routes(),
            *single.routes(),
            *desk.routes(),
            *ReviewRoutes(sessions, review).routes(),
            *OutboxRoutes(sessions, bangban.following.desk).routes(),
            *FigureRoutes(sessions, after.figures, after.complaints, after.records).routes(),
            *bangban.video.routes(sessions, bangban.conversations, bangban.assistant),
            *IntakeCallbacks(settings.intake_secret.get_secret_value(), bangban.following.news, now).routes(),
        ]
    )
    app[RUNNING] = bangban
    app.on_shutdown.append(conversations.close)
    app.on_shutdown.append(desk.close)
    app.on_shutdown.append(bangban.video.lines.close)
    app.on_cleanup.append(close)
    return app
