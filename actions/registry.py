"""All actions, made with their collaborators in one place."""

from __future__ import annotations

from rasa_sdk import Action

from actions.callback import KeepTelephone, RecordCallback, ValidateCallbackForm
from actions.course import Agree, AskAgain, GoBack, Repeat, Say, SetElder, StartOver
from actions.doing import Apply, Rate, TellProxy, TellVisit
from actions.emergency import AnswerEmergency
from actions.find_matter import FindMatter, TellPart
from actions.hear_age import HearAge
from actions.misunderstanding import NotThis
from actions.namesakes import HearPlace
from actions.services import Services
from actions.slowly import ReadAloud, TellSlowly


def all_actions(services: Services) -> list[Action]:
    """What Rasa may run."""
    return [
        FindMatter(services),
        TellPart(services),
        NotThis(services),
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
        TellProxy(services),
        TellVisit(services),
        Rate(),
        TellSlowly(services),
        ReadAloud(),
        HearAge(services),
        HearPlace(services),
    ]
