"""The licences that nearly everybody has: ID card, household book, social security card."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from knowledge.household import Household, Licence, Person

SECOND_GENERATION = date(2006, 1, 4)
"""No ID card of today is older."""


def common_licences(household: Household, place: Mapping[str, str], today: date) -> Iterator[Licence]:
    """Those of all members on that day. `place` names the offices that issue them."""
    yield _book(household, place)
    for person in household.members:
        if age(person.birth, today) >= 16:
            yield _id_card(person, household, place, today)
        if account := person.facts.get("bank_account"):
            yield from _social_cards(person, str(account), place)


def age(birth: date, on: date) -> int:
    """Full years."""
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def years_after(day: date, years: int) -> date:
    """The same day so many years later; after 29 February 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def said(day: date) -> str:
    """A day as it stands on a licence: 1972年5月14日."""
    return f"{day.year}年{day.month}月{day.day}日"


def _book(household: Household, place: Mapping[str, str]) -> Licence:
    head = household.head
    members = "、".join(f"{person.name}（{person.relation}）" for person in household.members)
    fields = {"户别": household.kind, "户主姓名": head.name, "户号": household.number, "住址": household.address}
    return Licence(
        kind="居民户口簿",
        number=household.number,
        holder=head.name,
        holder_id_number=head.id_number,
        issued_by=place["station"],
        fields={**fields, "成员": members},
    )


def _id_card(person: Person, household: Household, place: Mapping[str, str], today: date) -> Licence:
    issued, until = _validity(person.birth, today)
    return Licence(
        kind="居民身份证",
        number=person.id_number,
        holder=person.name,
        holder_id_number=person.id_number,
        issued_by=place["police"],
        valid_from=issued,
        valid_until=until,
        fields={
            "姓名": person.name,
            "性别": person.gender,
            "民族": person.ethnicity.removesuffix("族"),
            "出生": said(person.birth),
            "住址": household.address,
            "公民身份号码": person.id_number,
        },
    )


def _validity(birth: date, today: date) -> tuple[date, date | None]:
    """From when and until when: 10 years from 16 to 25, 20 years to 45, then for life (居民身份证法, article 5)."""
    years = age(birth, today)
    since, holds = (46, None) if years >= 46 else (26, 20) if years >= 26 else (16, 10)
    issued = max(years_after(birth, since) + timedelta(days=10), SECOND_GENERATION)
    issued = min(issued, today)
    return issued, years_after(issued, holds) if holds else None


def _social_cards(person: Person, account: str, place: Mapping[str, str]) -> Iterator[Licence]:
    fields = {"姓名": person.name, "社会保障号码": person.id_number, "银行账号": account}
    issued = date(2020, 6, 1)
    number = f"4304{account[-7:]}"
    for kind in ("社会保障卡", "电子社会保障卡") if person.telephone else ("社会保障卡",):
        yield Licence(kind, number, person.name, person.id_number, place["social"], issued, None, fields)
