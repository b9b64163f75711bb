"""Offices as texts: what is written is read again; what can't be read names its field and line."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from knowledge.office import Closure, Market, Office, Window
from knowledge.office_text import OfficeTextUnreadable, texts_of, with_texts
from tests.store.visiting import town_office


def an_office() -> Office:
    windows = (
        Window("1号窗口", ("M001", "M005"), capacity=2, reserved=1),
        Window("2号窗口", booking=False, hours={"mon-fri": ("09:00-12:00",)}),
    )
    closures = (
        Closure(date(2026, 12, 1), date(2026, 12, 1), "停电", ("13:30-17:00",)),
        Closure(date(2026, 12, 3), date(2026, 12, 5), "搬家"),
    )
    market = Market("lunar", ("3", "6", "9"), ("08:00-12:00",))
    more = {"late_hours": {"sat": ("09:00-11:30",)}, "minutes": {"M005": 10, "*": 20}, "latitude": 27.25}
    return replace(town_office(), windows=windows, closures=closures, market=market, **more)  # type: ignore[arg-type]


def test_what_is_written_is_read_again() -> None:
    office = an_office()
    texts = texts_of(office)
    assert texts["hours"] == "周一到周五 09:00-12:00 13:30-17:00"
    assert texts["windows"].splitlines()[0] == "1号窗口；办 M001 M005；同时2人；留1个"
    assert texts["closures"].splitlines() == ["2026-12-01 13:30-17:00 停电", "2026-12-03到2026-12-05 搬家"]
    assert texts["market"] == "农历逢三六九 08:00-12:00"
    assert with_texts(office, texts) == office
    assert with_texts(town_office(), {"market": "每周日"}).market == Market("week", ("sun",))


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("hours", "周一到周五 9点到12点"),
        ("hours", "周一 12:00-09:00"),
        ("hours", "周五到周一 09:00-12:00"),
        ("windows", "1号窗口；同时很多人"),
        ("windows", "1号窗口\n1号窗口"),
        ("closures", "2026-02-30 停电"),
        ("closures", "2026-12-05到2026-12-01 搬家"),
        ("market", "初三初六"),
        ("minutes", "M005=0"),
        ("latitude", "二十七"),
        ("verified", "也许"),
        ("owner", "张三"),
    ],
)
def test_what_cannot_be_read_names_its_field(field: str, text: str) -> None:
    with pytest.raises(OfficeTextUnreadable) as refused:
        with_texts(town_office(), {field: text})
    assert refused.value.field == field
