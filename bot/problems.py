"""Which error is which problem of the HTTP contract (connectors/web/problems.yml)."""

from __future__ import annotations

from bot.calls import NobodyToCall
from bot.coordination import ConversationBusy
from bot.desk_wiring import DESK_PROBLEMS
from bot.home_visits_desk import DayIsPast
from bot.links_desk import TargetUnknown
from bot.posters import OfficeGone
from bot.reading_aloud import NothingToRead
from bot.review import NoWordsForAlias
from bot.window_wiring import WINDOW_PROBLEMS
from connectors.platforms.errors import ApiRefused, ApiUnavailable
from connectors.speech.service import SpeechUnavailable
from connectors.wechat.program import CodeRefused
from knowledge.appointment import AppointmentNotFound, AppointmentOver
from knowledge.bundles import BundleUnknown
from knowledge.call import CallEnded, CallFull, CallNotFound, NoConsent
from knowledge.carrying import CarryRefused
from knowledge.cases import CaseNotFound
from knowledge.complaints import ComplaintNotOpen
from knowledge.conversations import ConversationNotFound, TokenRefused
from knowledge.database import DatabaseUnavailable
from knowledge.evidence import SubjectUnknown
from knowledge.files import FileMissing
from knowledge.holds import UnderHold
from knowledge.home_visits import VisitNotOpen
from knowledge.links import LinkNotFound
from knowledge.matter import MatterNotFound
from knowledge.outbox import LetterNotDead, LetterNotFound
from knowledge.publishing import CatalogueChangedMeanwhile
from knowledge.recordings import PartOutOfPlace, RecordingNotFound
from knowledge.reviewing import SayingDecided, SayingOpen
from knowledge.rounds import TeamExists, TeamNotFound
from knowledge.ticket import TicketNotFound, WindowUnknown
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
    CarryRefused: "carry_refused",
    CodeRefused: "wechat_code_refused",
    ApiUnavailable: "platform_unavailable",
    ApiRefused: "platform_unavailable",
    **DESK_PROBLEMS,
    TicketNotFound: "ticket_not_called",
    WindowUnknown: "window_unknown",
    AppointmentNotFound: "appointment_not_found",
    AppointmentOver: "appointment_over",
    **WINDOW_PROBLEMS,
    LinkNotFound: "link_not_found",
    TargetUnknown: "target_unknown",
    BundleUnknown: "target_unknown",
    OfficeGone: "target_unknown",
    VisitNotOpen: "visit_not_open",
    TeamNotFound: "team_not_found",
    TeamExists: "team_exists",
    DayIsPast: "day_is_past",
    CallNotFound: "call_not_found",
    CallEnded: "call_over",
    CallFull: "call_full",
    NobodyToCall: "call_needs_person",
    NoConsent: "no_consent",
    RecordingNotFound: "recording_not_found",
    PartOutOfPlace: "part_out_of_place",
    NothingToRead: "reply_not_found",
    SpeechUnavailable: "no_voice",
}
