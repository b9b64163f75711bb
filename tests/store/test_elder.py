"""长辈版 belongs to the resident: chosen in one conversation, it holds in all that are theirs."""

from __future__ import annotations

import pytest

from knowledge.conversations import Conversations
from knowledge.database import Database
from knowledge.residents import Residents
from tests.store.personal import AT, CHEN, LIU, ring

pytestmark = pytest.mark.asyncio


async def test_what_is_chosen_in_one_conversation_holds_in_all_of_that_resident_and_of_nobody_else(
    database: Database,
) -> None:
    conversations, residents = Conversations(database), Residents(database, ring())
    wechat, page, strangers = [(await conversations.open(on, None, False, AT))[0] for on in ("wechat", "web", "web")]
    old, young = [await residents.find_or_add(each, AT) for each in (LIU, CHEN)]
    for conversation, resident in ((wechat, old), (page, old), (strangers, young)):
        await residents.bind(conversation, resident.id, AT)

    await conversations.set_elder(wechat, True)

    assert [await conversations.is_elder(each) for each in (wechat, page, strangers)] == [True, True, False]
    assert await residents.chose_elder(old.id, besides="another")
    assert not await residents.chose_elder(young.id, besides="another")
    await conversations.set_elder(page, False)
    assert not await conversations.is_elder(wechat)


async def test_a_conversation_of_nobody_known_keeps_it_to_itself(database: Database) -> None:
    conversations = Conversations(database)
    one, other = [(await conversations.open("web", None, False, AT))[0] for _ in range(2)]

    await conversations.set_elder(one, True)

    assert [await conversations.is_elder(each) for each in (one, other)] == [True, False]
