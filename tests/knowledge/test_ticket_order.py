"""The order of tickets: walk-ins, those who go first and appointments merge, and nobody waits for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from knowledge.office import Window
from knowledge.ticket import Taking, Ticket, in_order, placed, rank_behind
from knowledge.ticket_estimate import Awaited, Handled, Working, expected_calls
from knowledge.ticket_rules import TicketRules, ticket_rules
from knowledge.working_days import CHINA, Opening

RULES = ticket_rules("430423101000")
NINE = datetime(2026, 11, 24, 9, 0, tzinfo=CHINA)
LATE = timedelta(minutes=15)
MINUTE = timedelta(minutes=1)
MOST_AHEAD = max(RULES.appointment_minutes + LATE // MINUTE, RULES.first_minutes)
"""Minutes: an appointment keeps its place though one is a little late for it."""


def minutes(count: float) -> timedelta:
    return count * MINUTE


def ticket(number: int, taken: datetime, taking: Taking, rules: TicketRules = RULES) -> Ticket:
    kind, rank, not_before = placed(taking, rules, LATE, taken)
    return Ticket(
        *(f"{number:04d}", "O-1", taken.date(), number, kind, None, None, taking.matters, "waiting"),
        *(rank, not_before, taken, None, None, None, 0, 0, False),
    )


@st.composite
def queues(draw: st.DrawFn) -> list[Ticket]:
    """Tickets of all kinds in the order in which they were taken; appointments up to 30 minutes before their time."""
    gaps = draw(st.lists(st.integers(0, 600), min_size=1, max_size=25))
    taken, made = NINE, []
    for number, gap in enumerate(gaps, 1):
        taken += timedelta(seconds=gap)
        kind = draw(st.sampled_from(["walk_in", "first", "appointment"]))
        starts = taken + minutes(draw(st.integers(-10, 30))) if kind == "appointment" else None
        made.append(ticket(number, taken, Taking(first=kind == "first", starts_at=starts)))
    return made


@given(queues())
def test_nobody_is_overtaken_by_who_comes_later_than_the_rule_allows(queue: list[Ticket]) -> None:
    after_all = max(each.taken_at for each in queue) + minutes(60)
    called = in_order(queue, after_all)
    for place, each in enumerate(called):
        for before in called[:place]:
            assert before.taken_at - each.taken_at <= minutes(MOST_AHEAD)


@given(queues(), st.integers(1, 4))
def test_a_walk_in_is_called_after_a_bounded_number_of_others_however_many_come(
    queue: list[Ticket], more_each_minute: int
) -> None:
    """Those with a right to go first pour in faster than one a minute is called; the walk-in still gets its turn."""
    walk_in = ticket(0, NINE, Taking())
    waiting, now, calls = [walk_in, *queue], max(each.taken_at for each in queue), 0
    flood = minutes(0)
    while True:
        first = in_order(waiting, now)[0]
        waiting.remove(first)
        if first is walk_in:
            break
        calls += 1
        now += MINUTE
        flood += MINUTE
        waiting += [ticket(1000 + calls * 10 + n, now, Taking(first=True)) for n in range(more_each_minute)]
        assert calls <= len(queue) + MOST_AHEAD * more_each_minute


@given(queues())
def test_among_equals_who_came_first_is_called_first(queue: list[Ticket]) -> None:
    called = in_order(queue, max(each.taken_at for each in queue) + minutes(60))
    for kind in ("walk_in", "first"):
        numbers = [each.number for each in called if each.kind == kind]
        assert numbers == sorted(numbers)


def test_an_appointment_goes_before_walk_ins_at_its_time_and_not_long_before_it() -> None:
    waits = ticket(1, NINE - minutes(20), Taking())
    booked = ticket(2, NINE - minutes(25), Taking(starts_at=NINE))
    assert in_order([waits, booked], NINE - minutes(15))[0] is waits
    assert in_order([waits, booked], NINE)[0] is booked


def test_a_walk_in_who_waited_longer_than_the_rule_says_goes_before_an_appointment() -> None:
    waits = ticket(1, NINE - minutes(RULES.appointment_minutes + 1), Taking())
    booked = ticket(2, NINE, Taking(starts_at=NINE))
    assert in_order([waits, booked], NINE)[0] is waits


def test_who_is_too_late_for_an_appointment_walks_in() -> None:
    assert ticket(1, NINE + minutes(16), Taking(starts_at=NINE)).kind == "walk_in"
    assert ticket(1, NINE + minutes(15), Taking(starts_at=NINE)).kind == "appointment"


def test_a_region_where_nobody_goes_first_takes_all_in_their_turn() -> None:
    equal = replace(RULES, first_minutes=0)
    assert ticket(1, NINE, Taking(first=True), equal).kind == "walk_in"


@given(queues(), st.integers(1, 5))
def test_falling_back_is_behind_so_many_and_before_the_next(queue: list[Ticket], places: int) -> None:
    now = max(each.taken_at for each in queue) + minutes(60)
    called = in_order(queue, now)
    fallen = replace(called[0], number=5000, rank_at=rank_behind(called, places, now), not_before=now)
    place = in_order([*called, fallen], now).index(fallen)
    tied = sum(each.rank_at == fallen.rank_at for each in called)
    assert min(places, len(called)) <= place <= min(places, len(called)) + tied + _same(called, places)


def _same(called: list[Ticket], places: int) -> int:
    """Those of the very same moment as the one behind which it is put."""
    rank = called[min(places, len(called)) - 1].rank_at
    return sum(each.rank_at == rank for each in called)


def awaited(number: int, **more: object) -> Awaited:
    return replace(Awaited(f"{number}", (NINE, number), NINE, NINE, (), 10.0), **more)  # type: ignore[arg-type]


def working(name: str, *matters: str, free: datetime = NINE) -> Working:
    hours = [Opening(NINE, NINE + minutes(180)), Opening(NINE + minutes(270), NINE + minutes(480))]
    return Working(Window(name, tuple(matters)), free, hours)


def test_the_estimate_plays_the_queue_over_the_windows() -> None:
    two = [working("1号"), working("2号", free=NINE + minutes(4))]
    calls = expected_calls([awaited(number) for number in range(4)], two)
    assert [(calls[f"{n}"] - NINE) / MINUTE for n in range(4)] == [0, 4, 10, 14]


def test_the_estimate_goes_over_lunch_and_ends_at_closing_time() -> None:
    calls = expected_calls([awaited(number, minutes=60.0) for number in range(9)], [working("1号")])
    assert [(at - NINE) / MINUTE for at in calls.values()] == [0, 60, 120, 270, 330, 390, 450]
    assert "8" not in calls


def test_a_window_calls_only_whom_it_serves_and_waits_for_who_is_to_come() -> None:
    later = awaited(3, here_at=NINE + minutes(30))
    calls = expected_calls(
        [awaited(1, matters=("M005",)), awaited(2, matters=("M100",)), later], [working("1号", "M005")]
    )
    assert set(calls) == {"1", "3"}
    assert calls["3"] == NINE + minutes(30)


@given(st.lists(st.floats(0.5, 60), max_size=60), st.floats(0, 90))
def test_what_is_left_is_never_nothing(lengths: list[float], gone: float) -> None:
    assert Handled({"*": lengths}).left((), 10, gone) > 0
    assert Handled({"*": lengths}).minutes((), 10) > 0
