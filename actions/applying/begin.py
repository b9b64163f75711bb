"""那就办吧: an application is begun or taken up again. Where nobody has written a form, the first step is told."""

from __future__ import annotations

from actions.applying.drafts import Drafts
from actions.applying.form import FORM
from actions.choices import person, starters
from actions.find_matter import matter_meant
from actions.guide import identity, in_one_line, next_choices, with_note
from actions.here import look_around
from actions.services import Services
from actions.turn import Capability, Turn
from actions.words import read
from connectors.message import Choice
from knowledge.bundles import Bundle, bundles
from knowledge.matter import Matter

MATERIALS = "ask_materials:"


class Apply(Capability):
    """Opens the form of the matter, or of the bundle, that is meant."""

    label = "action_apply"

    def __init__(self, services: Services) -> None:
        self._catalogue = services.catalogue
        self._drafts = Drafts(services)

    async def answer(self, turn: Turn) -> None:
        """Begin; without a matter, ask which one."""
        here = await look_around(self._catalogue, turn.region)
        bundled = bundles().get(turn.argument) if turn.argument else _bundle_meant(turn)
        code = first_matter(bundled) if bundled else matter_meant(turn)
        matter = await here.matter(code) if code else None
        if matter is None:
            turn.say("utter_apply_for_what", [*starters(), person()], question=True)
            return
        turn.remember(matter=matter.code)
        if await self._begin(turn, matter, bundled):
            return
        steps = matter.guide.steps if matter.guide else ()
        step = with_note(in_one_line(steps[:1]), matter.is_verified("guide"))
        response = "utter_apply" if steps else "utter_apply_unknown"
        turn.say(response, _next(matter), data=identity(matter), name=matter.name, step=step)
        turn.await_yes(f"{MATERIALS}{matter.code}")

    async def _begin(self, turn: Turn, matter: Matter, bundled: Bundle | None) -> bool:
        draft = await self._drafts.begin(turn, matter, bundled)
        if draft is None:
            return False
        again = draft.application.version > 1
        await self._drafts.save(draft)
        response = "utter_application_again" if again else "utter_application_begun"
        turn.say(response, data=identity(matter), name=draft.name)
        turn.open_form(FORM)
        return True


class ContinueApplication(Capability):
    """接着填: the form is taken up where it was left."""

    label = "action_continue_application"

    def __init__(self, services: Services) -> None:
        self._drafts = Drafts(services)

    async def answer(self, turn: Turn) -> None:
        """Open the form again; nothing was left: say so."""
        draft = await self._drafts.open_one(turn) or await self._drafts.latest(turn)
        if draft is None:
            turn.say("utter_nothing_to_continue", [*starters(), person()])
            return
        turn.say("utter_application_again", name=draft.name, data=identity(draft.matter))
        turn.open_form(FORM)


class KeepApplication(Capability):
    """先存着: the form is left, and nothing is lost."""

    label = "action_keep_application"

    def __init__(self, services: Services) -> None:
        self._drafts = Drafts(services)

    async def answer(self, turn: Turn) -> None:
        """Leave the form."""
        draft = await self._drafts.open_one(turn)
        turn.leave_form()
        response = "utter_application_kept" if draft else "utter_nothing_to_keep"
        turn.say(response, [Choice("continue_application", read("applying")["choices"]["go_on"])] if draft else ())


def _bundle_meant(turn: Turn) -> Bundle | None:
    """The bundle whose name is said."""
    return next((each for each in bundles().values() if each.name in turn.said), None)


def first_matter(bundled: Bundle) -> str:
    """The matter that stands for a bundle: the first that always belongs to it, else the first at all."""
    parts = [each for each in bundled.components if each.matter]
    return next((each.matter for each in parts if not each.optional), parts[0].matter)


def _next(matter: Matter) -> list[Choice]:
    return [choice for choice in next_choices(matter) if choice.id.startswith((MATERIALS, "ask_place:"))]
