"""All actions, made with their collaborators in one place."""

from __future__ import annotations

from rasa_sdk import Action

from actions.applying.begin import Apply, ContinueApplication, KeepApplication
from actions.applying.form import AskAnswer, EndApplication, ValidateApplicationForm
from actions.applying.incoming import TakePaper
from actions.applying.late import AnswerLate, TellWhy
from actions.appointments.adding import AddToBooking
from actions.appointments.booking import Book
from actions.appointments.keeping import CancelBooking, MoveBooking, TellBooking
from actions.arriving import Arrive
from actions.callback import KeepTelephone, RecordCallback, ValidateCallbackForm
from actions.carrying import CarryOver
from actions.course import Agree, AskAgain, GoBack, Repeat, Say, SetElder, StartOver
from actions.doing import TellProxy
from actions.emergency import AnswerEmergency
from actions.find_matter import FindMatter, TellPart
from actions.hear_age import HearAge
from actions.misunderstanding import NotThis
from actions.my_data import DeleteData, RevokeConsent
from actions.namesakes import HearPlace
from actions.nearest import TellNearest
from actions.person.asking import AskPerson, LeavePerson, TellReason
from actions.person.done import TellWhatPersonDid
from actions.progress import TellProgress, WithdrawCase
from actions.proxying import AnswerProxy, RevokeProxy, TellProxies
from actions.rating import Rate
from actions.self_service import TellSelfService
from actions.services import Services
from actions.slowly import ReadAloud, TellSlowly
from actions.texting import AllowSms, StopSms
from actions.ticketing import TakeTicket
from actions.visiting.asking import AskHomeVisit
from actions.visiting.form import AskVisitAnswer, EndVisitForm, ValidateVisitForm
from actions.visiting.rounds import TellRounds


def all_actions(services: Services) -> list[Action]:
    """What Rasa may run."""
    return [
        FindMatter(services),
        TellPart(services),
        NotThis(services),
        AskPerson(services),
        TellReason(services),
        TellWhatPersonDid(services),
        TellNearest(services),
        LeavePerson(services),
        RecordCallback(services),
        ValidateCallbackForm(),
        KeepTelephone(services),
        AnswerEmergency(),
        Say(services),
        Agree(services),
        StartOver(),
        GoBack(services),
        Repeat(),
        AskAgain(services),
        SetElder(),
        Apply(services),
        ContinueApplication(services),
        KeepApplication(services),
        ValidateApplicationForm(services),
        AskAnswer(services),
        EndApplication(services),
        TakePaper(services),
        AnswerLate(services),
        TellWhy(services),
        TellProgress(services),
        WithdrawCase(services),
        RevokeConsent(services),
        DeleteData(services),
        TellProxy(services),
        TakeTicket(services),
        Book(services),
        MoveBooking(services),
        AddToBooking(services),
        CancelBooking(services),
        TellBooking(services),
        Rate(services),
        TellSlowly(services),
        ReadAloud(services),
        HearAge(services),
        HearPlace(services),
        AllowSms(services),
        StopSms(services),
        CarryOver(services),
        Arrive(services),
        AskHomeVisit(services),
        ValidateVisitForm(services),
        AskVisitAnswer(services),
        EndVisitForm(services),
        TellRounds(services),
        TellSelfService(services),
        AnswerProxy(services),
        TellProxies(services),
        RevokeProxy(services),
    ]
