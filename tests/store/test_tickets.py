"""Tickets: one a person, called once, fallen back once; refused with a reason; two windows never call the same."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from knowledge.database import Database, DatabaseUnavailable
from knowledge.ticket import (
    NoWindow,
    OfficeShut,
    Taking,
    Ticket,
    TicketNotFound,
    TooLateToday,
    TooManyTickets,
    WindowsClosed,
    WindowUnknown,
)
from knowledge.ticket_hall import Hall
from knowledge.ticket_rules import TicketRulesInvalid, ticket_rules
from knowledge.tickets import Tickets
from tests.store.visiting import NOW, RULES, TODAY, appointments_of, at, booking, slot, somebody, town_office

QUEUE = ticket_rules("430423101000")
LATE = timedelta(minutes=RULES.late_minutes)
MINUTE = timedelta(minutes=1)
OFFICE = town_office(windows=[{"name": "1号窗口"}, {"name": "2号窗口"}], minutes={"*": 10})
ONE, TWO = "1号窗口", "2号窗口"


@pytest.fixture
def tickets(database: Database) -> Tickets:
    return Tickets(database)


@pytest.fixture
def hall(database: Database, tickets: Tickets, tmp_path: Path) -> Hall:
    return Hall(tickets, appointments_of(database, tmp_path))


async def take(tickets: Tickets, now: datetime = NOW, conversation: str | None = None, **more: object) -> Ticket:
    taking = replace(Taking(conversation=conversation), **more)  # type: ignore[arg-type]
    return await tickets.take(OFFICE, taking, QUEUE, LATE, now)


async def call(tickets: Tickets, window: str = ONE, after: int | None = None, now: datetime = NOW) -> Ticket | None:
    return await tickets.call_next(OFFICE, window, after, QUEUE, None, now)


async def test_two_windows_never_call_the_same_ticket(
    database: Database, second_database: Database, tickets: Tickets
) -> None:
    windows = [f"{number}号窗口" for number in range(1, 9)]
    office = town_office(windows=[{"name": each} for each in windows])
    for _ in range(60):
        await take(tickets)
    both, called = [tickets, Tickets(second_database)], []

    async def calls(place: int, window: str) -> None:
        after = None
        while True:
            with suppress(DatabaseUnavailable):
                found = await both[place % 2].call_next(office, window, after, QUEUE, None, NOW)
                if found is None:
                    return
                called.append(found.number)
                after = found.number

    await asyncio.gather(*(calls(place, window) for place, window in enumerate(windows)))
    assert sorted(called) == list(range(1, 61))
    assert called[0] <= len(windows)


async def test_numbers_taken_at_once_are_all_different_and_without_gaps(
    database: Database, second_database: Database
) -> None:
    both = [Tickets(database), Tickets(second_database)]

    async def one(place: int) -> int:
        while True:
            with suppress(DatabaseUnavailable):
                return (await take(both[place % 2])).number

    numbers = await asyncio.gather(*(one(place) for place in range(60)))
    assert sorted(numbers) == list(range(1, 61))


async def test_the_same_message_five_times_at_once_is_one_ticket(database: Database, second_database: Database) -> None:
    conversation, both = await somebody(database), [Tickets(database), Tickets(second_database)]

    async def one(place: int) -> str:
        while True:
            with suppress(DatabaseUnavailable):
                return (await take(both[place % 2], conversation=conversation)).id

    assert len(Counter(await asyncio.gather(*(one(place) for place in range(5))))) == 1


async def test_who_presses_twice_calls_once(tickets: Tickets) -> None:
    for _ in range(3):
        await take(tickets)
    first, again = await call(tickets), await call(tickets)
    assert first is not None
    assert again == first
    second = await call(tickets, after=first.number)
    assert second is not None and second.number == 2
    assert (await tickets.find(first.id)).state == "done"
    twice = await asyncio.gather(*(call(tickets, after=2) for _ in range(2)))
    assert {each.number for each in twice if each} == {3}


async def test_who_is_not_there_falls_back_three_places_once_then_it_ends(tickets: Tickets) -> None:
    for number in range(6):
        await take(tickets, NOW - (60 - number) * MINUTE)
    await call(tickets)
    fallen = await tickets.not_there(OFFICE.code, ONE, 1, QUEUE, None, NOW)
    assert (fallen.state, fallen.fallen) == ("waiting", 1)
    assert [each.number for each in await tickets.waiting(OFFICE.code, NOW)] == [2, 3, 4, 1, 5, 6]
    order, after = [], None
    for _ in range(4):
        found = await call(tickets, after=after)
        assert found is not None
        order.append(found.number)
        after = found.number
    assert order == [2, 3, 4, 1]
    assert (await tickets.not_there(OFFICE.code, ONE, 1, QUEUE, None, NOW)).state == "missed"
    with pytest.raises(TicketNotFound):
        await tickets.not_there(OFFICE.code, ONE, 1, QUEUE, None, NOW)
    found = await call(tickets)
    assert found is not None and found.number == 5


async def test_nobody_else_waits_so_who_was_not_there_is_called_again(tickets: Tickets) -> None:
    await take(tickets)
    await call(tickets)
    await tickets.not_there(OFFICE.code, ONE, 1, QUEUE, None, NOW)
    again = await call(tickets)
    assert again is not None and again.number == 1


async def test_only_the_window_that_called_it_can_end_it(tickets: Tickets) -> None:
    await take(tickets)
    await call(tickets)
    for change in (tickets.finish(OFFICE.code, TWO, 1, None, NOW), tickets.call_again(OFFICE.code, TWO, 1, NOW)):
        with pytest.raises(TicketNotFound):
            await change
    assert (await tickets.call_again(OFFICE.code, ONE, 1, NOW)).calls == 2
    assert (await tickets.finish(OFFICE.code, ONE, 1, None, NOW)).state == "done"
    with pytest.raises(WindowUnknown):
        await call(tickets, window="9号窗口")


async def test_a_window_calls_only_what_it_serves(tickets: Tickets) -> None:
    office = town_office(windows=[{"name": ONE, "matters": ["M005"]}, {"name": TWO}])
    await take(tickets, matters=("M100",))
    await take(tickets, matters=("M005",))
    found = await tickets.call_next(office, ONE, None, QUEUE, None, NOW)
    assert found is not None and found.number == 2


async def test_who_leaves_is_not_called_and_may_take_another_until_it_is_enough(
    database: Database, tickets: Tickets
) -> None:
    conversation = await somebody(database)
    for _ in range(QUEUE.a_day):
        await take(tickets, conversation=conversation)
        left = await tickets.leave(conversation, NOW)
        assert left is not None and left.state == "left"
    assert await tickets.leave(conversation, NOW) is None
    assert await call(tickets) is None
    with pytest.raises(TooManyTickets):
        await take(tickets, conversation=conversation)
    await take(tickets, NOW + timedelta(days=1), conversation)


async def test_a_ticket_is_of_its_day_and_numbers_begin_anew(tickets: Tickets) -> None:
    await take(tickets)
    tomorrow = NOW + timedelta(days=1)
    assert (await take(tickets, tomorrow)).number == 1
    assert len(await tickets.waiting(OFFICE.code, tomorrow)) == 1


async def test_those_who_are_next_are_told_once(tickets: Tickets) -> None:
    taken = [await take(tickets) for _ in range(3)]
    ids = [each.id for each in taken[:2]]
    assert {each.number for each in await tickets.note_near(ids)} == {1, 2}
    assert await tickets.note_near(ids) == []


async def test_a_checked_in_appointment_goes_before_walk_ins(
    database: Database, tickets: Tickets, tmp_path: Path
) -> None:
    appointments, conversation = appointments_of(database, tmp_path), await somebody(database)
    made = await appointments.book(OFFICE, booking(conversation, slot("10:20", TODAY, ONE)), RULES, NOW)
    ten_past = at(TODAY, "10:10")
    for minutes in (20, 10):
        await take(tickets, ten_past - minutes * MINUTE)
    checked = await take(tickets, ten_past, conversation, appointment=made.id, starts_at=made.starts_at)
    assert checked.label == "B003"
    found = await call(tickets, now=at(TODAY, "10:20"))
    assert found is not None and found.id == checked.id


async def test_the_wait_counts_who_is_before_what_things_took_and_who_is_booked(
    database: Database, tickets: Tickets, hall: Hall, tmp_path: Path
) -> None:
    async def place() -> tuple[int, int | None]:
        found = await hall.admit(OFFICE, Taking(), QUEUE, LATE, NOW)
        return found.before, found.minutes(NOW)

    assert await place() == (0, 0)
    for _ in range(4):
        await take(tickets)
    assert (await place())[0] == 4
    usual = (await place())[1]
    assert usual is not None and 15 <= usual <= 20
    await tickets.open_window(OFFICE, TWO, False, NOW)
    await tickets.open_window(OFFICE, ONE, True, NOW)
    assert ((await place())[1] or 0) > usual * 1.8  # one window instead of two
    for _ in range(4):
        called = await call(tickets)
        assert called is not None
        await tickets.finish(OFFICE.code, ONE, called.number, None, NOW + 2 * MINUTE)
    for _ in range(4):
        await take(tickets)
    quick = (await place())[1]
    assert quick is not None and quick < usual * 1.8


async def test_tickets_are_refused_when_they_would_be_of_no_use(tickets: Tickets, hall: Hall) -> None:
    async def admit(now: datetime, *matters: str, office: object = OFFICE) -> None:
        await hall.admit(office, Taking(matters), QUEUE, LATE, now)  # type: ignore[arg-type]

    with pytest.raises(OfficeShut) as shut:
        await admit(at(TODAY, "18:00"))
    assert shut.value.next == at(TODAY + timedelta(days=1), "09:00")
    with pytest.raises(OfficeShut):
        await admit(at(TODAY, "06:00"))
    await admit(at(TODAY, "08:30"))
    await admit(at(TODAY, "12:30"))
    only = town_office(windows=[{"name": ONE, "matters": ["M005"]}, {"name": TWO, "matters": ["M100"]}])
    with pytest.raises(NoWindow):
        await admit(NOW, "M020", office=only)
    await tickets.open_window(only, TWO, True, NOW)
    await tickets.open_window(only, ONE, False, NOW)
    with pytest.raises(WindowsClosed):
        await admit(NOW, "M005", office=only)
    await admit(NOW, "M100", office=only)
    for _ in range(3):
        await take(tickets, at(TODAY, "16:50"))
    await tickets.open_window(OFFICE, ONE, False, NOW)
    with pytest.raises(TooLateToday):
        await admit(at(TODAY, "16:50"))


def test_a_countys_file_goes_over_what_is_shipped_and_a_wrong_one_is_named(tmp_path: Path) -> None:
    own = tmp_path / "ours.yml"
    own.write_text('rules:\n  - {region: "430423", near: 5}\n', encoding="utf-8")
    assert ticket_rules("430423101000", own).near == 5
    assert ticket_rules("510811000000", own).near == QUEUE.near
    wrong = tmp_path / "wrong.yml"
    wrong.write_text('rules:\n  - {region: "430423", late_places: 0}\n', encoding="utf-8")
    with pytest.raises(TicketRulesInvalid, match=r"wrong.yml"):
        ticket_rules("430423101000", wrong)
