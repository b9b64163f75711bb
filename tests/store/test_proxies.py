"""Authorisations: asked for, agreed to, used, revoked, limited; on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from knowledge.case import NewCase
from knowledge.cases import Cases
from knowledge.database import Database
from knowledge.keyring import Keyring
from knowledge.proxies import NotAuthorised, Party, Proxies, ProxyRefused, Seen, end_of_day
from knowledge.proxy_rules import ProxyRule, ProxyRulesInvalid, proxy_rule, proxy_rules
from knowledge.tables.proxy import ProxyRow
from tests.store.personal import AT, CHEN, LIU, conversation, ring

RULE = ProxyRule("000000000000", ("M005",), 30, 2, 1, False, "S0", False)
SON, MOTHER = Party(LIU.name, LIU.id_number), Party(CHEN.name, CHEN.id_number)
VILLAGE = "430423101218"
OTHERS = [Party("王试一", "430423195503071223"), Party("王试二", "430423195603071224")]


@pytest.fixture
def keyring() -> Keyring:
    return ring()


@pytest.fixture
def proxies(database: Database, keyring: Keyring) -> Proxies:
    return Proxies(database, keyring)


async def signed(database: Database, witness: str = "王试证") -> Seen:
    """Her signature at the window."""
    return Seen(None, "01ARZ3NDEKTSV4RRFFQ69G5FAV", witness, await conversation(database))  # type: ignore[arg-type]


async def given(database: Database, proxies: Proxies, principal: Party = MOTHER) -> tuple[str, str, str]:
    """An authorisation that was agreed to, the proxy's conversation and the principal's."""
    his, hers = await conversation(database), await conversation(database)
    asked, _ = await proxies.ask(his, SON, principal, ["M005"], RULE, AT)
    await proxies.agree(asked.id, hers, None, None, RULE, AT)
    return asked.id, his, hers


async def test_an_authorisation_holds_from_the_yes_until_its_day(database: Database, proxies: Proxies) -> None:
    his, hers = await conversation(database), await conversation(database)
    asked, code = await proxies.ask(his, SON, MOTHER, ["M005"], RULE, AT)
    assert not asked.holds(AT)
    with pytest.raises(NotAuthorised):
        await proxies.use(asked.id, AT, ["M005"])
    assert (await proxies.by_code(code, AT)).id == asked.id
    first = await proxies.agree(asked.id, hers, None, None, RULE, AT)
    assert first.holds(AT)
    again = await proxies.agree(asked.id, hers, None, None, RULE, AT + timedelta(hours=1))
    assert again.decided_at == first.decided_at, "the same yes twice is one"
    held = await proxies.holding(SON.id_number, MOTHER.id_number, ["M005"], AT)
    assert held
    assert held.id == asked.id
    assert await proxies.holding(SON.id_number, MOTHER.id_number, ["M001"], AT) is None
    with pytest.raises(NotAuthorised):
        await proxies.use(asked.id, AT, ["M001"])
    await proxies.use(asked.id, AT, ["M005"])
    with pytest.raises(NotAuthorised):
        await proxies.use(asked.id, AT + timedelta(days=30), ["M005"])


async def test_names_are_sealed_and_the_code_is_a_hash(database: Database, proxies: Proxies) -> None:
    asked, code = await proxies.ask(await conversation(database), SON, MOTHER, ["M005"], RULE, AT)
    async with database.reading() as session:
        row = await session.get(ProxyRow, asked.id)
        assert row is not None
        kept = b"".join([row.details or b"", row.code_hash or b"", row.proxy_key, row.principal_key])
    assert not any(each.encode() in kept for each in (SON.name, MOTHER.name, SON.id_number, MOTHER.id_number, code))


async def test_nobody_agrees_for_the_principal(database: Database, proxies: Proxies) -> None:
    his, hers = await conversation(database), await conversation(database)
    asked, _ = await proxies.ask(his, SON, MOTHER, ["M005"], RULE, AT)
    for conversation_id, number, rule, reason in (
        (his, None, RULE, "not_principal"),
        (hers, SON.id_number, RULE, "not_principal"),
        (hers, None, replace(RULE, known=True), "unknown"),
    ):
        with pytest.raises(ProxyRefused, match=reason):
            await proxies.agree(asked.id, conversation_id, number, None, rule, AT)
    with pytest.raises(ProxyRefused, match="own"):
        await proxies.ask(his, SON, SON, ["M005"], RULE, AT)


async def test_a_code_is_over_after_a_day_and_a_no_is_final(database: Database, proxies: Proxies) -> None:
    his, hers = await conversation(database), await conversation(database)
    asked, code = await proxies.ask(his, SON, MOTHER, ["M005"], RULE, AT)
    with pytest.raises(NotAuthorised):
        await proxies.by_code(code, AT + timedelta(days=1))
    with pytest.raises(NotAuthorised):
        await proxies.agree(asked.id, hers, None, None, RULE, AT + timedelta(days=1))
    await proxies.refuse(asked.id, hers, AT)
    with pytest.raises(NotAuthorised):
        await proxies.agree(asked.id, hers, None, None, RULE, AT)


async def test_either_of_the_two_revokes_and_nobody_else(database: Database, proxies: Proxies) -> None:
    for by in ("principal", "proxy"):
        id, his, hers = await given(database, proxies)
        with pytest.raises(NotAuthorised):
            await proxies.revoke(id, await conversation(database), AT)
        revoked = await proxies.revoke(id, hers if by == "principal" else his, AT)
        assert (revoked.state, revoked.ended_by) == ("revoked", by)
        with pytest.raises(NotAuthorised):
            await proxies.use(id, AT, ["M005"])


async def test_a_proxy_acts_for_so_many_and_has_so_many_open_cases(
    database: Database, proxies: Proxies, keyring: Keyring
) -> None:
    id, his, _ = await given(database, proxies)
    await given(database, proxies, OTHERS[0])
    with pytest.raises(ProxyRefused, match="principals"):
        await proxies.ask(his, SON, OTHERS[1], ["M005"], RULE, AT)
    case, _ = await Cases(database, keyring).open(NewCase(his, "M005", "高龄津贴", "430423101218"), AT)
    await proxies.note(id, case.reference, AT)
    await proxies.note(id, case.reference, AT)
    assert (await proxies.find(id)).acts == [case.reference]
    with pytest.raises(ProxyRefused, match="cases"):
        await proxies.ask(his, SON, MOTHER, ["M005"], RULE, AT)


async def test_at_the_window_a_witness_and_a_signature_are_the_yes(database: Database, proxies: Proxies) -> None:
    asked, _ = await proxies.ask(await conversation(database), SON, MOTHER, ["M005"], RULE, AT)
    with pytest.raises(ProxyRefused, match="witness"):
        await proxies.witness(asked.id, await signed(database, SON.name), RULE, AT)
    seen = await proxies.witness(asked.id, await signed(database), RULE, AT)
    assert (seen.how, seen.holds(AT), seen.witness) == ("window", True, "王试证")


async def test_what_is_entrusted_at_the_window_has_its_last_day_and_is_one(
    database: Database, proxies: Proxies
) -> None:
    until, seen = end_of_day(AT.date() + timedelta(days=3)), await signed(database)
    told = (SON, "family", MOTHER, ["M005"])
    for wrong, reason in ((AT, "past"), (AT + timedelta(days=40), "too_long")):
        with pytest.raises(ProxyRefused, match=reason):
            await proxies.entrust(*told, wrong, seen, RULE, VILLAGE, AT)
    first = await proxies.entrust(*told, until, seen, RULE, VILLAGE, AT)
    again = await proxies.entrust(*told, until, seen, RULE, VILLAGE, AT)
    assert (again.id, again.relation, again.state) == (first.id, "family", "active")
    assert (again.holds(until - timedelta(seconds=1)), again.holds(until)) == (True, False)
    assert [each.id for each in await proxies.given_by(MOTHER.id_number)] == [first.id]
    assert await proxies.given_by(SON.id_number) == []


async def test_staff_see_those_of_their_area_and_end_one_with_a_reason(
    database: Database, proxies: Proxies, keyring: Keyring
) -> None:
    his = await conversation(database)
    asked, _ = await proxies.ask(his, SON, MOTHER, ["M005"], RULE, AT, VILLAGE)
    await proxies.witness(asked.id, await signed(database), RULE, AT)
    seen = {area: [each.id for each in await proxies.listed(area)] for area in ("", "430423000000", "430424000000")}
    assert seen == {"": [asked.id], "430423000000": [asked.id], "430424000000": []}
    case, _ = await Cases(database, keyring).open(NewCase(his, "M005", "高龄津贴", VILLAGE), AT)
    await proxies.note(asked.id, case.reference, AT)
    acts = await proxies.acts_of([asked.id])
    assert [(each.case, each.matter) for each in acts[asked.id]] == [(case.reference, "高龄津贴")]
    ended = await proxies.end(asked.id, "本人说不认识他", AT)
    assert (ended.state, ended.ended_by, ended.reason, ended.holds(AT)) == (
        "revoked", "staff", "本人说不认识他", False
    )  # fmt: skip
    with pytest.raises(NotAuthorised):
        await proxies.end(asked.id, "再来一次", AT)
    with pytest.raises(NotAuthorised):
        await proxies.use(asked.id, AT, ["M005"])


async def test_revoked_while_it_is_handed_in_is_before_or_after(
    database: Database, second_database: Database, proxies: Proxies, keyring: Keyring
) -> None:
    other = Proxies(second_database, keyring)
    for _ in range(5):
        id, _, hers = await given(database, proxies)
        done: list[str] = []

        async def hand_in(id: str = id, done: list[str] = done) -> None:
            try:
                async with database.transaction():
                    await proxies.use(id, AT, ["M005"])
                    await asyncio.sleep(0)
                    done.append("handed_in")
            except NotAuthorised:
                done.append("refused")

        async def revoke(id: str = id, hers: str = hers, done: list[str] = done) -> None:
            await other.revoke(id, hers, AT)
            done.append("revoked")

        await asyncio.gather(hand_in(), revoke())
        assert done in (["handed_in", "revoked"], ["revoked", "refused"], ["refused", "revoked"])
        async with database.reading() as session:
            row = await session.get(ProxyRow, id)
            assert row is not None
            assert (row.state, row.uses) == ("revoked", int("handed_in" in done))


def test_the_rules_are_data_and_a_broken_file_is_named(tmp_path: Path) -> None:
    rule = proxy_rule("430423101218")
    assert rule is not None
    assert (rule.days, rule.principals, rule.asks_for(["M005"])) == (30, 3, False)
    file = tmp_path / "proxies.yml"
    file.write_text("- region: '000000000000'\n", encoding="utf-8")
    with pytest.raises(ProxyRulesInvalid, match=r"proxies\.yml"):
        proxy_rules(file)
