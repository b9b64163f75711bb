"""Slots: never at lunch, on a holiday or in a closure, never more than a window can serve; market days; distances."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.office import Market, distance_km, nearest, office_of, record_of
from knowledge.slots import Place, Wish, fits, free_seats, free_slots, slots_of
from knowledge.visit_rules import VisitRulesInvalid, visits
from knowledge.working_days import CHINA, is_public_holiday, is_working_day
from tests.store.visiting import NOW, RULES, TODAY, TOMORROW, at, town_office

DAYS = st.dates(date(2026, 1, 1), date(2027, 3, 1))
MINUTES = st.integers(1, 90)
WISH = Wish(("M005",))


@settings(deadline=None)
@given(day=DAYS, minutes=MINUTES, lunch=st.sampled_from(["12:00-13:30", "11:37-14:03", "12:00-12:05"]))
def test_no_slot_lies_in_lunch_or_on_a_holiday(day: date, minutes: int, lunch: str) -> None:
    begins, ends = lunch.split("-")
    office = town_office(hours={"mon-fri": [f"08:42-{begins}", f"{ends}-17:00"]}, minutes={"M005": minutes})
    slots = slots_of(office, WISH, day)
    if is_public_holiday(day) or not is_working_day(day):
        assert slots == []
    for slot in slots:
        assert slot.end - slot.start >= timedelta(minutes=minutes)
        assert not (slot.start < at(day, ends) and slot.end > at(day, begins))
        assert at(day, "08:42") <= slot.start and slot.end <= at(day, "17:00")
        assert fits(office, slot)


@settings(deadline=None)
@given(choices=st.lists(st.tuples(st.integers(0, 200), st.integers(5, 60)), max_size=60), capacity=st.integers(1, 3))
def test_however_slots_are_booked_a_window_never_serves_more_than_it_can(
    choices: list[tuple[int, int]], capacity: int
) -> None:
    office = town_office(windows=[{"name": "1号窗口", "capacity": capacity}])
    taken: set[Place] = set()
    for number, minutes in choices:
        fitting = office_of({**record_of(office), "minutes": {"*": minutes}})
        free = list(free_slots(fitting, WISH, [TOMORROW], taken, RULES, NOW))
        if free:
            slot = free[number % len(free)]
            seat = free_seats(fitting, slot, taken, RULES, NOW, first=False)[0]
            places = set(slot.places(seat))
            assert taken.isdisjoint(places)
            taken |= places
    moments = [moment for moment, _, _ in taken]
    assert all(moments.count(each) <= capacity for each in moments)


def test_a_closure_leaves_what_is_before_and_after_it() -> None:
    closure = {"start": TOMORROW.isoformat(), "reason": "停电", "spans": ["10:00-15:00"]}
    office = town_office(closures=[closure])
    starts = [f"{slot.start:%H:%M}" for slot in slots_of(office, WISH, TOMORROW)]
    assert starts == ["09:00", "09:20", "09:40", "15:00", "15:20", "15:40", "16:00", "16:20", "16:40"]
    assert office.closed_because(TOMORROW) is None
    whole = town_office(closures=[{"start": TOMORROW, "end": TOMORROW + timedelta(days=1), "reason": "搬家"}])
    assert slots_of(whole, WISH, TOMORROW) == []
    assert whole.closed_because(TOMORROW) == "搬家"


def test_late_service_and_the_make_up_day_are_open_and_the_holiday_is_not() -> None:
    office = town_office(late_hours={"tue": ["17:00-19:00"], "sat": ["09:00-10:00"]})
    assert f"{slots_of(office, WISH, date(2026, 11, 24))[-1].end:%H:%M}" == "18:50"
    assert len(slots_of(office, WISH, date(2026, 11, 28))) == 3
    assert slots_of(office, WISH, date(2026, 10, 1)) == []
    assert len(slots_of(town_office(), WISH, date(2026, 10, 10))) == 19  # a Saturday that makes up for the holiday


def test_a_market_day_by_the_moon_opens_the_office_on_a_sunday() -> None:
    market = {"calendar": "lunar", "days": [3, 6, 9], "hours": ["08:00-11:00"]}
    office = town_office(market=market)
    assert office.market is not None
    sunday = date(2026, 11, 22)  # 十月十四
    assert slots_of(office, WISH, sunday) == []
    assert office.market.next_after(TODAY) == date(2026, 11, 24)  # 十月十六
    assert office.market.next_after(TOMORROW) == date(2026, 11, 27)  # 十月十九
    assert Market("solar", ("1", "4", "7")).next_after(TODAY) == date(2026, 11, 24)
    assert Market("week", ("sun",)).next_after(TODAY) == date(2026, 11, 29)
    market_sunday = next(
        day for ahead in range(60) if office.market.is_on(day := sunday + timedelta(days=ahead)) and day.weekday() == 6
    )
    assert f"{slots_of(office, WISH, market_sunday)[0].start:%H:%M}" == "08:00"


def test_a_window_serves_its_own_matters_and_several_take_longer() -> None:
    windows = [{"name": "社保窗口", "matters": ["M063"]}, {"name": "综合窗口"}]
    office = town_office(windows=windows, minutes={"M063": 10, "*": 30})
    assert {each.window for each in slots_of(office, Wish(("M063",)), TOMORROW)} == {"社保窗口", "综合窗口"}
    both = slots_of(office, Wish(("M063", "M005")), TOMORROW)
    assert {each.window for each in both} == {"综合窗口"}
    assert both[0].end - both[0].start == timedelta(minutes=40)
    assert town_office(windows=[{"name": "取号窗口", "booking": False}]).takes_appointments is False


def test_the_nearest_office_is_told_by_where_somebody_is() -> None:
    near, far = (
        town_office(code="A", latitude=27.0, longitude=112.8),
        town_office(code="B", latitude=27.2, longitude=112.8),
    )
    found = nearest([far, near, town_office(code="C")], (27.01, 112.8))
    assert [office.code for _, office in found] == ["A", "B"]
    assert found[0][0] == pytest.approx(1.11, abs=0.01)
    assert distance_km((0, 0), (0, 180)) == pytest.approx(20015, abs=1)


def test_an_office_goes_through_a_record_and_back() -> None:
    office = town_office(
        late_hours={"sat": ["09:00-11:00"]},
        closures=[{"start": "2026-12-01", "reason": "停电", "spans": ["13:30-17:00"]}],
        market={"calendar": "solar", "days": [2, 5, 8]},
        minutes={"M005": 10},
        latitude=27.1,
    )
    assert office_of(record_of(office)) == office


def test_midnight_is_chinas() -> None:
    office = town_office(hours={"wed": ["00:00-01:00"]})
    (first, *_) = slots_of(office, WISH, TOMORROW)
    assert first.start == datetime.combine(TOMORROW, time(), CHINA)
    assert first.day == TOMORROW


def test_a_countys_own_rules_go_over_the_shipped_ones(tmp_path: Path) -> None:
    own = tmp_path / "visits.yml"
    own.write_text('rules:\n  - {region: "430423", at_most: 1, first: []}\n', encoding="utf-8")
    rules = visits(own)
    assert (rules.of("430423101000").at_most, rules.of("430423101000").days_ahead) == (1, RULES.days_ahead)
    assert rules.of("510811100000").at_most == RULES.at_most
    assert rules.group_of("430423101000", "我是残疾人") == ""
    assert visits().group_of("430423101000", "我是残疾人") == "disabled"
    assert visits().group_of("430423101000", "我来办", age=70) == "elder"
    own.write_text("rules:\n  - {region: '430423', missed: {count: 1}}\n", encoding="utf-8")
    visits.cache_clear()
    with pytest.raises(VisitRulesInvalid):
        visits(own)
