"""What a turn says about the sayings before it, from the slots before and after it."""

from __future__ import annotations

from typing import Any

from bot.unsure import SOON, Saying, Seen, notice
from knowledge.unsure import Sighting

LOW = "M001"
AGE = "M005"


def seen(
    intent: str = "find_matter", text: str | None = None, before: Any = None, after: Any = None, **more: Any
) -> Seen:
    values = {"decision": "answer", "then": "", "region": "430423101218", "in_form": False} | more
    return Seen(
        intent=intent, text=text, before=before or {}, after=after if after is not None else before or {}, **values
    )


def on(matter: str) -> dict[str, Any]:
    return {"matter": matter}


def ended(sightings: list[Sighting]) -> list[tuple[str, str, str, str]]:
    return [(each.text, each.reason, each.shown, each.chosen) for each in sightings]


def test_words_that_led_nowhere_are_sighted_and_wait_for_what_they_were_about() -> None:
    lost = notice(seen(text="夜里过河", after={"misunderstood": 1}, decision="none"), [])
    assert ended(lost.sightings) == [("夜里过河", "none", "", "")]
    found = notice(seen(text="坐船登记", before={"misunderstood": 1}, after=on(LOW)), lost.remembered)
    assert (found.sightings, [saying.text for saying in found.settled], found.matter) == ([], ["夜里过河"], LOW)
    assert found.remembered == [Saying("坐船登记", LOW)]


def test_not_this_is_about_the_saying_that_was_answered() -> None:
    refused = notice(seen("not_this", before=on(LOW), after={"misunderstood": 1}), [Saying("老人的钱", LOW)])
    assert ended(refused.sightings) == [("老人的钱", "not_this", LOW, "")]
    again = notice(seen("not_this", before={"misunderstood": 1}, after={"misunderstood": 2}), refused.remembered)
    assert again.sightings == []


def test_a_person_soon_after_is_about_the_last_saying_once() -> None:
    wanted = notice(seen("ask_person", before=on(LOW)), [Saying("一", LOW), Saying("老人的钱", AGE)])
    assert ended(wanted.sightings) == [("老人的钱", "person", AGE, "")]
    assert notice(seen("ask_person", before=on(LOW)), wanted.remembered).sightings == []


def test_another_matter_soon_after_says_that_the_first_was_wrong() -> None:
    changed = notice(seen(text="高龄津贴", before=on(LOW), after=on(AGE)), [Saying("老人的钱", LOW)])
    assert ended(changed.sightings) == [("老人的钱", "changed_matter", LOW, AGE)]
    assert changed.remembered == [Saying("高龄津贴", AGE)]


def test_a_matter_that_is_asked_about_was_the_right_one() -> None:
    asked = notice(seen("ask_materials", before=on(LOW)), [Saying("老人的钱", LOW)])
    assert notice(seen(text="高龄津贴", before=on(LOW), after=on(AGE)), asked.remembered).sightings == []


def test_what_was_said_longer_ago_is_not_held_to_be_meant() -> None:
    assert notice(seen("ask_person"), [Saying("老人的钱", LOW, age=SOON)]).sightings == []
    assert notice(seen("ask_person"), [Saying("老人的钱", LOW, age=SOON - 1)]).sightings != []


def test_a_question_back_that_is_answered_is_nothing_unsure() -> None:
    asked = notice(seen(text="修房子", decision="clarify"), [])
    chosen = notice(seen(before={}, after=on(LOW)), asked.remembered)
    assert (asked.sightings, chosen.sightings) == ([], [])
    assert chosen.remembered == [Saying("修房子", LOW, age=1)]


def test_the_second_need_of_a_sentence_and_going_back_are_no_changes() -> None:
    two = notice(seen(text="低保和津贴", after=on(LOW), then=AGE), [])
    assert notice(seen(before=on(LOW), after=on(AGE)), two.remembered).sightings == []
    assert notice(seen("go_back", before=on(AGE), after=on(LOW)), [Saying("津贴", AGE)]).sightings == []


def test_answers_to_a_form_are_not_kept() -> None:
    answered = notice(seen(text="我住在坪里", after={"misunderstood": 1}, decision="none", in_form=True), [])
    assert (answered.sightings, answered.remembered) == ([], [])


def test_starting_over_forgets() -> None:
    assert notice(seen("start_over"), [Saying("老人的钱", LOW)]).remembered == []
