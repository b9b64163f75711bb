import re
from datetime import UTC, datetime, timedelta

import pytest

from knowledge import callbacks
from knowledge.callbacks import CallbackNotOpen, CallbackRequest, Callbacks, new_reference
from knowledge.conversations import Conversations
from knowledge.database import Database
from knowledge.spoken_reference import ReferencesExhausted

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


async def a_request(database: Database) -> CallbackRequest:
    conversation, _ = await Conversations(database).open("web", None, False, NOW)
    return CallbackRequest(conversation, None, "M001", NOW, NOW + timedelta(minutes=30))


async def test_a_call_back_is_found_again_until_its_number_is_stored_too(database: Database) -> None:
    kept, request = Callbacks(database), await a_request(database)
    assert await kept.open_in(request.conversation) is None
    recorded = await kept.record(request)
    await kept.keep_telephone(recorded.reference, "13812345678")
    found = await kept.open_in(request.conversation)
    assert found is not None
    assert (found.reference, found.telephone, found.matter_code) == (recorded.reference, "13812345678", "M001")
    assert found.promised_by == NOW + timedelta(minutes=30)


async def test_a_reference_that_is_taken_is_not_given_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = iter(["HB-1123-AAAA", "HB-1123-AAAA", "HB-1123-AAAA", "HB-1123-CCCC"])
    monkeypatch.setattr(callbacks, "new_reference", lambda at: next(given))
    kept = Callbacks(database)
    first = await kept.record(await a_request(database))
    second = await kept.record(await a_request(database))
    assert (first.reference, second.reference) == ("HB-1123-AAAA", "HB-1123-CCCC")


async def test_a_reference_that_another_process_takes_meanwhile_is_tried_anew(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, request = Callbacks(database), await a_request(database)
    taken = await kept.record(request)
    given = iter([taken.reference, "HB-1123-CCCC"])
    monkeypatch.setattr(callbacks, "new_reference", lambda at: next(given))
    monkeypatch.setattr(Callbacks, "_is_taken", _never)
    assert (await kept.record(request)).reference == "HB-1123-CCCC"


async def _never(*_: object) -> bool:
    return False


async def test_a_day_without_free_references_is_said_so(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callbacks, "new_reference", lambda at: "HB-1123-AAAA")
    kept = Callbacks(database)
    await kept.record(await a_request(database))
    with pytest.raises(ReferencesExhausted):
        await kept.record(await a_request(database))


async def test_the_turn_that_fails_takes_its_call_back_with_it(database: Database) -> None:
    kept, request = Callbacks(database), await a_request(database)
    with pytest.raises(ZeroDivisionError):
        async with database.transaction():
            await kept.record(request)
            raise ZeroDivisionError
    assert await kept.open_in(request.conversation) is None


def test_a_reference_has_no_letter_that_is_mistaken_for_another_and_the_date_in_china() -> None:
    late = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
    assert all(re.fullmatch(r"HB-1123-[3479ACDEFHJKMNPQRTWXY]{4}", new_reference(late)) for _ in range(200))


async def test_an_office_is_reminded_before_the_promised_time_and_once_after_it(database: Database) -> None:
    kept = Callbacks(database)
    recorded = await kept.record(await a_request(database))
    assert await kept.remind(NOW) == []
    before, after = NOW + timedelta(minutes=21), NOW + timedelta(minutes=31)
    assert [each.reference for each in await kept.remind(before)] == [recorded.reference]
    assert await kept.remind(before) == []
    assert [each.reference for each in await kept.remind(after)] == [recorded.reference]
    assert await kept.remind(after) == []


async def test_a_call_back_ends_once_and_is_no_longer_in_the_list(database: Database) -> None:
    kept = Callbacks(database)
    recorded = await kept.record(await a_request(database))
    assert [each.reference for each in await kept.waiting()] == [recorded.reference]
    ended = await kept.end(recorded.reference, 1, "kept", NOW)
    assert (ended.status, ended.ended_by, ended.ended_at) == ("kept", 1, NOW)
    assert await kept.waiting() == []
    with pytest.raises(CallbackNotOpen):
        await kept.end(recorded.reference, 1, "kept", NOW)
