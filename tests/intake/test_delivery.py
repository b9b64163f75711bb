"""From the outbox to the platform and back, whatever goes wrong: one case arrives, the resident is told once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.outbox import FIRST, LONGEST, backoff
from connectors.intake.client import IntakeClient
from knowledge.outbox import LetterNotDead, LetterNotFound
from knowledge.submissions import SUBMIT
from tests.intake.conftest import Platform, Service, sha256
from tests.sandbox.conftest import DASHAN
from tests.store.cases import AT, KEYRING


async def test_a_case_is_handed_in_once_and_the_resident_told_once(service: Service, platform: Platform) -> None:
    case = await service.submit()
    assert (await service.cases.find(case.reference)).state == "queued"
    assert await service.worker.round() == 1
    await platform.calls(1)
    (there,) = await platform.cases(case)
    stored = await service.cases.find(there["number"])
    assert (stored.reference, stored.state) == (case.reference, "received")
    assert await service.states_told(case) == ["received"], "the receipt and the call about it are one"
    assert there["number"] in (await service.told(case))[0]["text"]
    assert await service.worker.round() == 0


async def test_a_platform_that_answers_500_after_it_accepted_has_one_case(service: Service, platform: Platform) -> None:
    await platform.switch(accept_then_500=2)
    case = await service.submit()
    await service.worker.round()
    assert len(await platform.cases(case)) == 1
    assert await service.states_told(case) == ["received"]


async def test_submitting_the_same_application_or_key_three_times_is_one_case(
    service: Service, platform: Platform, intake: IntakeClient
) -> None:
    case = await service.submit()
    (letter,) = await service.outbox.claim("w", AT, 1)
    receipts = [await intake.submit(letter.payload["body"], letter.key) for _ in range(3)]
    assert len({receipt.number for receipt in receipts}) == 1
    known = await intake.submit(letter.payload["body"], "another-key-altogether")
    assert known == receipts[0], "the platform knows the reference"
    assert len(await platform.cases(case)) == 1


async def test_a_platform_that_is_down_for_an_hour_gets_everything_afterwards(
    service: Service, platform: Platform
) -> None:
    await platform.switch(down=True)
    case = await service.submit()
    while service.clock() < AT + timedelta(hours=1):
        await service.worker.round()
        (letter,) = await service.outbox.waiting_letters()
        service.clock.time = letter.due_at
    assert letter.attempts > 10
    assert await service.told(case) == [], "nothing is promised that is not so"
    await platform.switch(down=False)
    await service.worker.round()
    assert len(await platform.cases(case)) == 1
    assert await service.states_told(case) == ["received"]


async def test_the_letters_of_a_case_arrive_in_order_though_the_first_fails(
    service: Service, platform: Platform
) -> None:
    case = await service.submit()
    said = {"values": {"phone": "13900000000"}, "materials": [], "note": "电话改了"}
    for _ in range(3):
        await service.submissions.supplement(case, said, [], AT, key="message-1")
    await service.submissions.withdraw(case, "不办了", AT)
    await platform.switch(errors=3)
    await service.worker.round()
    assert [letter.attempts for letter in await service.outbox.waiting_letters()] == [1, 0, 0]
    other = await service.submit()
    await service.worker.round()
    assert len(await platform.cases(other)) == 1, "another case does not wait for it"
    assert await platform.cases(case) == []
    service.clock.pass_by(seconds=FIRST)
    await service.worker.round()
    (there,) = await platform.cases(case)
    assert there["state"] == "withdrawn"
    steps = await service.cases.history(case.reference)
    assert [step.state for step in steps] == ["queued", "received", "received", "withdrawn"]


async def test_what_the_platform_refuses_is_dead_at_once_and_the_resident_hears_why(
    service: Service, platform: Platform
) -> None:
    case = await service.submit(values={})
    await service.worker.round()
    (dead,) = await service.outbox.dead_letters()
    assert (dead.kind, dead.attempts) == (SUBMIT, 1)
    assert (await service.cases.find(case.reference)).state == "failed"
    (told,) = await service.told(case)
    assert "没有交上去" in told["text"]
    assert await platform.cases(case) == []
    shown = await service.desk.waiting()
    assert [(each["case"], each["kind"]) for each in shown["dead"]] == [(case.reference, "submit")]


async def test_staff_send_a_dead_letter_again_or_drop_it_and_the_resident_hears_of_it(
    service: Service, platform: Platform
) -> None:
    case = await service.submit(values={})
    await service.worker.round()
    (dead,) = await service.outbox.dead_letters()
    await service.desk.send_again([dead.id], "李主管")
    assert (await service.cases.find(case.reference)).state == "queued"
    with pytest.raises(LetterNotDead):
        await service.desk.send_again([dead.id], "李主管")
    service.clock.pass_by(seconds=1)
    await service.worker.round()
    with pytest.raises(LetterNotFound):
        await service.desk.drop([dead.id, "01ARZ3NDEKTSV4RRFFQ69G5FAV"], "李主管", "已在窗口办好")
    assert len(await service.outbox.dead_letters()) == 1, "all of them or none"
    await service.desk.drop([dead.id], "李主管", "已在窗口办好")
    assert "不再交了" in (await service.told(case))[-1]["text"]
    assert (await service.outbox.waiting()).dead == 0


async def test_a_supplement_of_which_the_platform_calls_before_it_answers_is_told_as_one(
    service: Service, platform: Platform
) -> None:
    case = await service.submit()
    await service.worker.round()
    number = (await service.cases.find(case.reference)).platform_number
    assert number is not None
    await service.intake.supplement(number, {"values": {}, "materials": [], "note": "电话错了"}, "answer-lost")
    assert await platform.calls(2) == [204, 204]
    assert "补的东西交上去了" in (await service.told(case))[-1]["text"]


async def test_files_are_brought_before_the_case_that_names_them(service: Service, platform: Platform) -> None:
    case = await service.submit()
    await service.worker.round()
    assert case.conversation_id is not None
    file = await service.files.put(case.conversation_id, "户口簿.jpg", "image/jpeg", b"\xff\xd8\xff a photo", AT)
    materials = [{"name": "户口簿", "state": "file", "files": [file.sha256.hex()]}]
    await service.submissions.supplement(case, {"values": {}, "materials": materials, "note": ""}, [file.id], AT)
    await service.worker.round()
    assert (await service.outbox.waiting()).dead == 0
    assert "补的东西交上去了" in (await service.told(case))[-1]["text"]
    assert file.sha256.hex() == sha256(b"\xff\xd8\xff a photo")


async def test_a_file_that_was_deleted_meanwhile_is_for_a_person(service: Service) -> None:
    await service.submit("01ARZ3NDEKTSV4RRFFQ69G5FAV")
    await service.worker.round()
    (dead,) = await service.outbox.dead_letters()
    assert dead.error == "FileMissing"


async def test_the_result_document_is_fetched_stored_and_given(service: Service, platform: Platform) -> None:
    case = await service.submit()
    await service.worker.round()
    case = await service.cases.find(case.reference)
    await platform.act(case, "accept")
    await platform.act(case, "approve", text="准予发放，每月 50 元")
    assert await platform.calls(3) == [204, 204, 204]
    await service.worker.round()
    *news, file = await service.told(case)
    assert [reply["data"]["state"] for reply in news] == ["received", "accepted", "approved"]
    assert "准予发放，每月 50 元" in news[-1]["text"]
    assert (file["kind"], file["data"]["file"]["name"].endswith(f"{case.reference}.pdf")) == ("file", True)
    assert case.conversation_id is not None
    stored, content = await service.files.get(case.conversation_id, file["data"]["file"]["url"].rpartition("/")[2])
    assert (stored.media_type, content[:5]) == ("application/pdf", b"%PDF-")
    assert file["data"]["file"]["size"] == len(content)


async def test_a_supplement_that_is_asked_for_says_what_and_by_when(service: Service, platform: Platform) -> None:
    case = await service.submit()
    await service.worker.round()
    case = await service.cases.find(case.reference)
    await platform.act(case, "ask", materials=["户口簿首页", "银行卡"], due_on="2026-12-01")
    await platform.calls(2)
    told = (await service.told(case))[-1]
    assert "户口簿首页、银行卡" in told["text"]
    assert "12月1日" in told["text"]
    assert (await service.cases.find(case.reference)).state == "supplement"


async def test_an_authorisation_is_revoked_at_the_platform_even_if_it_was_down(
    service: Service, platform: Platform, intake: IntakeClient
) -> None:
    started = await intake.start_authorisation("办理高龄津贴", ["identity"], 60, "01ARZ")
    await platform.steer("POST", f"/authorisations/{started.id}/grant", {"id_number": DASHAN})
    await platform.calls(1)
    assert [change.state for change in service.authorisations] == ["granted"]
    await platform.switch(down=True)
    await service.submissions.revoke(started.id, service.clock())
    await service.worker.round()
    await platform.switch(down=False)
    service.clock.pass_by(seconds=FIRST)
    await service.worker.round()
    assert (await intake.authorisation(started.id)).state == "revoked"


async def test_a_case_whose_calls_were_lost_is_asked_for(
    service: Service, platform: Platform, intake: IntakeClient
) -> None:
    case = await service.submit()
    await service.worker.round()
    await platform.calls(1)
    await platform.switch(hold_callbacks=True)
    case = await service.cases.find(case.reference)
    await platform.act(case, "accept")
    await platform.act(case, "approve")
    assert (await service.news.refresh(case, intake)).state == "approved"
    assert await service.states_told(case) == ["received", "approved"], "only where it stands now"
    await platform.switch(hold_callbacks=False)
    assert await platform.calls(2) == [204, 204]
    assert await service.states_told(case) == ["received", "approved"], "and not again when the calls come after all"


async def test_a_letter_whose_settling_fails_goes_again_under_its_key(
    service: Service, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> int:
        raise ZeroDivisionError

    case = await service.submit()
    with monkeypatch.context() as patched:
        patched.setattr(service.conversations, "push", broken)
        await service.worker.round()
    assert (await service.cases.find(case.reference)).state == "queued", "all of it or nothing"
    service.clock.pass_by(seconds=FIRST)
    await service.worker.round()
    assert len(await platform.cases(case)) == 1
    assert "received" in await service.states_told(case)


async def test_a_letter_that_no_key_opens_is_dead_and_holds_up_nobody(service: Service, platform: Platform) -> None:
    from knowledge.keyring import Keyring
    from knowledge.outbox import Outbox

    other_key = Keyring.of("2:" + "B" * 43 + "=")
    await Outbox(service.database, other_key).put(SUBMIT, "BB-1123-AAAA", {}, "sealed elsewhere", AT)
    assert KEYRING.numbers == [1]
    case = await service.submit()
    await service.worker.round()
    assert len(await platform.cases(case)) == 1
    (dead,) = await service.outbox.dead_letters()
    assert dead.error == "can't be opened (KeyMissing)"


async def test_the_worker_wakes_at_once_after_a_commit(service: Service, platform: Platform) -> None:
    service.outbox.tell_on_put(service.worker.wake)
    async with service.worker.running():
        case = await service.submit()
        await platform.calls(1)
    assert (await service.cases.find(case.reference)).state == "received"


def test_the_pauses_grow_to_ten_minutes_and_are_spread_by_chance() -> None:
    assert [backoff(attempts, 0) for attempts in (1, 2, 3)] == [FIRST, 2 * FIRST, 4 * FIRST]
    assert backoff(300, 0) == LONGEST
    assert backoff(300, 1) == LONGEST / 2
