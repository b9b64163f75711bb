"""What a resident says to a number holds in all conversations that are theirs, and nobody else's yes counts."""

from __future__ import annotations

from datetime import timedelta

from knowledge.conversations import Conversations
from knowledge.database import Database
from knowledge.household import Identity
from knowledge.residents import Residents
from knowledge.sms_contacts import SmsContacts
from tests.store.cases import AT, KEYRING
from tests.store.personal import CHEN, LIU

NUMBER, OTHER = "13807340123", "13907340124"


async def talking(database: Database, who: Identity | None) -> str:
    """A conversation of that resident's."""
    conversation, _ = await Conversations(database).open("web", None, False, AT)
    if who is not None:
        residents = Residents(database, KEYRING)
        await residents.bind(conversation, (await residents.find_or_add(who, AT)).id, AT)
    return conversation


async def test_who_said_yes_in_one_conversation_is_not_asked_in_another(database: Database) -> None:
    contacts = SmsContacts(database, KEYRING)
    first, second = [await talking(database, LIU) for _ in range(2)]
    await contacts.know(first, NUMBER, AT)
    await contacts.asked(first, AT)
    await contacts.allow(first, AT)
    await contacts.know(second, NUMBER, AT + timedelta(days=1))
    known = await contacts.of(second)
    assert known is not None
    assert (known.allows, known.is_open) == (True, False)


async def test_a_no_in_one_conversation_ends_it_in_all_where_the_number_stands(database: Database) -> None:
    contacts = SmsContacts(database, KEYRING)
    first, second = [await talking(database, LIU) for _ in range(2)]
    for conversation in (first, second):
        await contacts.know(conversation, NUMBER, AT)
    await contacts.allow(first, AT)
    await contacts.refuse(second, AT + timedelta(minutes=1))
    assert [known.allows for each in (first, second) if (known := await contacts.of(each))] == [False, False]
    assert await contacts.has_opted_out(NUMBER)


async def test_another_number_and_another_person_are_asked(database: Database) -> None:
    contacts = SmsContacts(database, KEYRING)
    first = await talking(database, LIU)
    await contacts.know(first, NUMBER, AT)
    await contacts.allow(first, AT)
    other_number, other_person, unknown = [await talking(database, who) for who in (LIU, CHEN, None)]
    await contacts.know(other_number, OTHER, AT)
    for conversation in (other_person, unknown):
        await contacts.know(conversation, NUMBER, AT)
    for conversation in (other_number, other_person, unknown):
        known = await contacts.of(conversation)
        assert known is not None
        assert known.is_open, "anybody can type a number: nobody else's yes counts"


async def test_stopping_ends_it_for_the_number_whoever_allowed_it(database: Database) -> None:
    contacts = SmsContacts(database, KEYRING)
    allowed, unknown = await talking(database, LIU), await talking(database, None)
    for conversation in (allowed, unknown):
        await contacts.know(conversation, NUMBER, AT)
    await contacts.allow(allowed, AT)
    await contacts.refuse(unknown, AT)
    assert not await contacts.has_opted_out(NUMBER), "a no to the question is that conversation's"
    await contacts.stop(unknown, AT)
    assert await contacts.has_opted_out(NUMBER)
