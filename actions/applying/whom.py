"""Whom it is for: the resident or somebody of their household. Asked only where the form is about one person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from actions.applying.draft import Draft
from actions.applying.step import choice, chosen
from actions.turn import Turn
from actions.words import read
from knowledge.division import COUNTRY
from knowledge.expressions import read_expression
from knowledge.forms.known import names_of
from knowledge.household import Identity, Person
from knowledge.prereview import review, rules_of

GROWN_UP = 18
MOST_NAMED = 6
"""More people than anybody listens to; the others are named by the resident."""


class Whom:
    """给谁办？"""

    name: ClassVar[str] = "whom"

    def is_open(self, draft: Draft) -> bool:
        """Once the household is known, if it has more than one member and the form asks of one person."""
        household = draft.household
        if draft.note("applicant") or household is None or len(household.members) < 2:
            return False
        return is_of_one_person(draft)

    async def ask(self, turn: Turn, draft: Draft) -> None:
        """The members whom it may be for, the likeliest first."""
        people = _likely(draft)[:MOST_NAMED]
        choices = [choice(self.name, f"{number}", _named(draft, each)) for number, each in enumerate(people)]
        turn.say("utter_ask_whom", choices, question=True, name=draft.name)

    async def hear(self, turn: Turn, draft: Draft) -> bool:
        """A number, a name, 我自己, 我娘."""
        people = _likely(draft)
        picked = chosen(turn, self.name)
        meant = people[int(picked)] if picked and picked.isdecimal() and int(picked) < len(people) else None
        meant = meant or by_words(turn, draft)
        if meant is None:
            return False
        draft.remember(applicant=meant.id_number)
        return True


def is_of_one_person(draft: Draft) -> bool:
    """Whether the form takes values from the applicant (and not from the head of the household alone)."""
    return any("applicant." in each for field in draft.form.fields for each in field.known_from)


def by_words(turn: Turn, draft: Draft, only_said: bool = False) -> Person | None:
    """The member whom the words mean by name or by relation; None: nobody, or several.

    `only_said`: not one who was spoken of before the form.
    """
    household, identity = draft.household, draft.identity
    if household is None or identity is None:
        return None
    named = [each for each in household.members if each.name in turn.said]
    if not named:
        relations = [found["value"] for found in turn.named("relation")]
        remembered = None if only_said else (draft.note("said") or {}).get("relation")
        named = [each for each in household.members if _fits(each, identity, relations or [remembered], draft)]
    if not named and any(word in turn.said for word in read("applying")["myself"]):
        return household.person(identity.id_number)
    return named[0] if len(named) == 1 else None


def _fits(person: Person, identity: Identity, relations: list[Any], draft: Draft) -> bool:
    """Whether that member can be this relative of the one who talks: by gender and by the years between them."""
    household = draft.household
    speaker = household.person(identity.id_number) if household else None
    if speaker is None or person.id_number == speaker.id_number:
        return False
    older = (speaker.birth - person.birth).days / 365.25
    rules = read("applying")["relatives"]
    for relation in filter(None, relations):
        rule = rules.get(relation)
        if rule and person.gender == rule["gender"] and rule["older"][0] <= older <= rule["older"][1]:
            return True
    return False


def _likely(draft: Draft) -> list[Person]:
    """Those against whom the fewest conditions speak (of a 高龄津贴, who is old enough), and who talks.

    Of equals who talks comes first, then the oldest: they are whom most benefits are for. Others can still be named.
    """
    household, identity = draft.household, draft.identity
    assert household is not None
    mine = identity.id_number if identity else ""
    people = [each for each in household.members if each.id_number == mine or _is_of_age(draft, each)]
    doubts = {each.id_number: _doubts(draft, each) for each in people}
    fewest = min(doubts.values())
    likely = [each for each in people if each.id_number == mine or doubts[each.id_number] == fewest]
    return sorted(likely, key=lambda each: (doubts[each.id_number], each.id_number != mine, each.birth))


def _is_of_age(draft: Draft, person: Person) -> bool:
    """No child founds a cooperative."""
    codes: list[str] = read("applying")["grown_up_matters"]
    return not any(each.code in codes for each in draft.matters) or _age(draft, person) >= GROWN_UP


def _doubts(draft: Draft, person: Person) -> int:
    """How many conditions of the matters this person does not meet, as far as the file knows."""
    known = names_of(replace(draft.known(), applicant=person))
    region = draft.household.region if draft.household else COUNTRY
    rules = [found for each in draft.matters if (found := rules_of(each.code))]
    return sum(each.result == "not_met" for some in rules for each in review(some, known, region=region, standards=()))


def _age(draft: Draft, person: Person) -> int:
    return int(read_expression("age(birth)").value({"birth": person.birth, "today": draft.today}))


def _named(draft: Draft, person: Person) -> str:
    words = read("applying")["whom"]
    mine = draft.identity and person.id_number == draft.identity.id_number
    return str(words["self" if mine else "other"]).format(name=person.name, age=_age(draft, person))


def settle_alone(draft: Draft) -> None:
    """Where only one can be meant, it is not asked."""
    household, identity = draft.household, draft.identity
    if household is None or identity is None or draft.note("applicant"):
        return
    if len(household.members) == 1 or not is_of_one_person(draft):
        draft.remember(applicant=identity.id_number)
