"""Appointments: no place twice, the same booking once, moving, cancelling, the waiting list, no-shows."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from knowledge.appointment import (
    Appointment,
    AppointmentNotFound,
    AppointmentOver,
    BookingBlocked,
    SlotFull,
    SlotNotOpen,
    TooManyAppointments,
)
from knowledge.appointments import Appointments
from knowledge.database import Database, DatabaseUnavailable
from knowledge.slots import Slot, Wish, free_slots
from knowledge.visit_rules import Missed
from knowledge.waiting_list import WaitingList
from tests.store.visiting import (
    NOW,
    RULES,
    TODAY,
    TOMORROW,
    appointments_of,
    at,
    booking,
    slot,
    somebody,
    town_office,
)

AT_ONCE = 2000
HOUR = timedelta(hours=1)


@pytest.fixture
def appointments(database: Database, tmp_path: Path) -> Appointments:
    return appointments_of(database, tmp_path)


async def outcomes(tries: Iterable[Awaitable[Appointment]]) -> Counter[str]:
    """How many got a place, and what the others were told."""
    done = await asyncio.gather(*tries, return_exceptions=True)
    return Counter("booked" if isinstance(each, Appointment) else type(each).__name__ for each in done)


async def test_two_thousand_bookings_at_once_on_two_hundred_places_give_exactly_two_hundred(
    database: Database, second_database: Database, tmp_path: Path
) -> None:
    office = town_office(
        windows=[{"name": "1号窗口", "capacity": 4}, {"name": "2号窗口", "capacity": 4}], minutes={"*": 15}
    )
    slots = list(free_slots(office, Wish(("M005",)), [TOMORROW], frozenset(), RULES, NOW))
    slots = [replace(each, window=name) for each in slots for name in ("1号窗口", "2号窗口")]
    places = [each for each in slots for _ in range(4)][:200]
    assert len(places) == 200
    both = [appointments_of(database, tmp_path), appointments_of(second_database, tmp_path)]
    conversation = await somebody(database)

    async def one(number: int) -> Appointment:
        wanted = booking(conversation, places[number % 200], whom=f"{number}")
        return await both[number % 2].book(office, wanted, replace(RULES, at_most=AT_ONCE), NOW)

    limit = asyncio.Semaphore(32)

    async def in_turn(number: int) -> Appointment:
        while True:  # as a channel does: who is told 503 sends the same message again
            async with limit:
                with suppress(DatabaseUnavailable):
                    return await one(number)

    told = await outcomes(in_turn(number) for number in range(AT_ONCE))
    assert told == {"booked": 200, "SlotFull": 1800}
    taken = await both[0].taken(office.code, TOMORROW, TOMORROW)
    assert len(taken) == 200 * 3  # a quarter of an hour is three times five minutes
    assert len(await both[0].of_day(office.code, TOMORROW)) == 200


async def test_who_may_still_come_is_booked_for_later_that_day(appointments: Appointments, database: Database) -> None:
    office, rules = town_office(), replace(RULES, at_most=9)
    talk = await somebody(database)
    made = [
        await appointments.book(office, booking(talk, slot(time), whom=time), rules, NOW)
        for time in ("09:00", "10:00", "11:00")
    ]
    await appointments.mark(made[2].reference, "arrived", None, made[0].starts_at)
    coming = await appointments.coming(office.code, TOMORROW, made[0].starts_at)
    assert [each.id for each in coming] == [made[1].id]
    assert await appointments.coming(office.code, TODAY, made[0].starts_at - 48 * HOUR) == []


async def test_the_same_booking_sent_five_times_at_once_is_one(
    database: Database, second_database: Database, tmp_path: Path
) -> None:
    office = town_office(windows=[{"name": "1号窗口", "capacity": 5}])
    both = [appointments_of(database, tmp_path), appointments_of(second_database, tmp_path)]
    wanted = booking(await somebody(database), slot("10:00"))
    made = await asyncio.gather(*(both[number % 2].book(office, wanted, RULES, NOW) for number in range(5)))
    assert len({each.reference for each in made}) == 1
    assert len(await both[0].of_day(office.code, TOMORROW)) == 1
    assert len(await both[0].taken(office.code, TOMORROW, TOMORROW)) == 4


async def test_a_longer_visit_does_not_overlap_a_shorter_one(database: Database, appointments: Appointments) -> None:
    office, me, other = town_office(), await somebody(database), await somebody(database)
    await appointments.book(office, booking(me, slot("10:00", minutes=40)), RULES, NOW)
    with pytest.raises(SlotFull):
        await appointments.book(office, booking(other, slot("10:20")), RULES, NOW)
    assert (await appointments.book(office, booking(other, slot("10:40")), RULES, NOW)).state == "booked"


async def test_moving_frees_the_old_place_and_a_full_time_changes_nothing(
    database: Database, appointments: Appointments
) -> None:
    office, me, other = town_office(), await somebody(database), await somebody(database)
    mine = await appointments.book(office, booking(me, slot("10:00")), RULES, NOW)
    await appointments.book(office, booking(other, slot("10:20")), RULES, NOW)
    with pytest.raises(SlotFull):
        await appointments.move(office, mine.reference, [me], slot("10:20"), RULES, NOW)
    assert (await appointments.find(mine.reference)).slot.start == at(TOMORROW, "10:00")
    moved = await appointments.move(office, mine.reference, [me], slot("15:00"), RULES, NOW)
    assert (moved.reference, moved.starts_at) == (mine.reference, at(TOMORROW, "15:00"))
    assert (await appointments.book(office, booking(other, slot("10:00")), RULES, NOW)).state == "booked"
    with pytest.raises(AppointmentNotFound):
        await appointments.move(office, mine.reference, [other], slot("16:00"), RULES, NOW)


async def test_cancelling_frees_the_place_and_is_refused_after_the_time(
    database: Database, appointments: Appointments
) -> None:
    office, me = town_office(), await somebody(database)
    mine = await appointments.book(office, booking(me, slot("10:00")), RULES, NOW)
    with pytest.raises(AppointmentOver):
        await appointments.cancel(mine.reference, [me], at(TOMORROW, "10:05"))
    assert (await appointments.cancel(mine.reference, [me], NOW)).state == "cancelled"
    assert (await appointments.cancel(mine.reference, [me], NOW)).state == "cancelled"
    assert not await appointments.taken(office.code, TOMORROW, TOMORROW)
    assert await appointments.to_come([me], NOW) == []


@pytest.mark.parametrize(
    "wanted",
    [
        slot("09:00", TODAY),
        slot("12:00"),
        slot("08:40"),
        slot("10:00", TODAY - timedelta(days=1)),
        slot("10:00", TODAY + timedelta(days=4)),  # Saturday
        slot("10:00", TODAY + timedelta(days=40)),
        slot("10:00", window="9号窗口"),
    ],
    ids=["too soon", "lunch", "too early", "past", "weekend", "too far", "no such window"],
)
async def test_what_is_not_open_cannot_be_booked(database: Database, appointments: Appointments, wanted: Slot) -> None:
    with pytest.raises(SlotNotOpen):
        await appointments.book(town_office(), booking(await somebody(database), wanted), RULES, NOW)


async def test_who_did_not_come_three_times_waits_a_month(database: Database, appointments: Appointments) -> None:
    office, me, staff = town_office(), await somebody(database), 1
    rules = replace(RULES, missed=Missed(count=2, within_days=90, blocked_days=30))
    for clock in ("10:00", "11:00"):
        made = await appointments.book(office, booking(me, slot(clock)), rules, NOW)
        with pytest.raises(AppointmentOver):
            await appointments.mark(made.reference, "missed", staff, NOW)
        await mark_missed(database, appointments, made, at(TOMORROW, "12:00"))
    later = at(TOMORROW, "14:00")
    with pytest.raises(BookingBlocked) as blocked:
        await appointments.book(office, booking(me, slot("15:00", TOMORROW + timedelta(days=1))), rules, later)
    assert blocked.value.until == at(TOMORROW, "11:00") + timedelta(days=30)


async def mark_missed(database: Database, appointments: Appointments, made: Appointment, now: datetime) -> None:
    from knowledge.staff import StaffAccounts

    accounts = StaffAccounts(database, lambda: now)
    known = {each.name: each.id for each in await accounts.listed()}
    if "窗口" not in known:
        await accounts.add("窗口", "clerk", "correct horse battery")
        known = {each.name: each.id for each in await accounts.listed()}
    assert (await appointments.mark(made.reference, "missed", known["窗口"], now)).state == "missed"


async def test_nobody_holds_more_than_the_rule_allows(database: Database, appointments: Appointments) -> None:
    office, me = town_office(), await somebody(database)
    for clock in ("09:00", "10:00", "11:00"):
        await appointments.book(office, booking(me, slot(clock)), RULES, NOW)
    with pytest.raises(TooManyAppointments):
        await appointments.book(office, booking(me, slot("14:30")), RULES, NOW)


async def test_a_kept_seat_is_for_who_goes_first_until_a_day_before(
    database: Database, appointments: Appointments
) -> None:
    office = town_office(windows=[{"name": "1号窗口", "reserved": 1}])
    day, me = TODAY + timedelta(days=2), await somebody(database)
    with pytest.raises(SlotFull):
        await appointments.book(office, booking(me, slot("10:00", day)), RULES, NOW)
    made = await appointments.book(office, booking(me, slot("10:00", day), first=True), RULES, NOW)
    assert made.first
    soon = at(TOMORROW, "13:30") + timedelta(minutes=10)
    assert (await appointments.book(office, booking(me, slot("13:30", day)), RULES, soon)).state == "booked"


async def test_the_first_who_waits_is_held_the_freed_place_and_the_next_after_silence(
    database: Database, appointments: Appointments
) -> None:
    office = town_office(hours={"wed": ["10:00-10:20"]})
    waiting = WaitingList(database, appointments)
    holder, early, old = [await somebody(database) for _ in range(3)]
    made = await appointments.book(office, booking(holder, slot("10:00")), RULES, NOW)
    days = (TOMORROW, TOMORROW)
    first = await waiting.join(office, booking(early, slot("10:00")), days, "", NOW)
    again = await waiting.join(office, booking(early, slot("10:00")), days, "", NOW)
    assert first.id == again.id
    await waiting.join(office, booking(old, slot("10:00"), first=True), days, "", NOW + HOUR / 2)
    assert await waiting.hold_free([office], RULES, NOW) == []
    await appointments.cancel(made.reference, [holder], NOW)
    (held,) = await waiting.hold_free([office], RULES, NOW)
    assert (held.conversation, held.state) == (old, "held")
    with pytest.raises(SlotFull):
        await appointments.book(office, booking(holder, slot("10:00")), RULES, NOW)
    assert await appointments.change_hold(held, NOW, held_until=NOW + HOUR)
    assert await appointments.holds(NOW) == []
    (late,) = await appointments.holds(NOW + HOUR)
    assert await waiting.decline(late, NOW + HOUR)
    assert not await waiting.accept(late, NOW + HOUR)
    (next_one,) = await waiting.hold_free([office], RULES, NOW + HOUR)
    assert next_one.conversation == early
    assert await waiting.accept(next_one, NOW + HOUR)
    assert [each.state for each in await appointments.of_day(office.code, TOMORROW)] == ["booked"]
    assert [each.conversation for each in await waiting.waiting_for()] == [old]
    assert await waiting.drop_past(NOW + 48 * HOUR) == 1


async def test_two_processes_hold_a_freed_place_for_one_only(
    database: Database, second_database: Database, tmp_path: Path
) -> None:
    office = town_office(hours={"wed": ["10:00-10:20"]})
    both = [appointments_of(each, tmp_path) for each in (database, second_database)]
    lists = [WaitingList(database, both[0]), WaitingList(second_database, both[1])]
    for _ in range(5):
        await lists[0].join(office, booking(await somebody(database), slot("10:00")), (TOMORROW, TOMORROW), "", NOW)
    held = await asyncio.gather(*(each.hold_free([office], RULES, NOW) for each in lists * 3))
    assert sum(len(each) for each in held) == 1
    assert len(await both[0].taken(office.code, TOMORROW, TOMORROW)) == 4


async def test_each_reminder_is_one_processs(database: Database, second_database: Database, tmp_path: Path) -> None:
    office, both = town_office(), [appointments_of(each, tmp_path) for each in (database, second_database)]
    day = TODAY + timedelta(days=2)
    made = await both[0].book(office, booking(await somebody(database), slot("10:00", day)), RULES, NOW)
    assert await both[0].due_reminders(24, NOW) == []
    now = at(TOMORROW, "10:00")
    ((due, count),) = await both[1].due_reminders(24, now)
    assert (due.reference, count) == (made.reference, 0)
    noted = await asyncio.gather(*(each.note_reminded(due, 0, 1) for each in both * 3))
    assert noted.count(True) == 1
