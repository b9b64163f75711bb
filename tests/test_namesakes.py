"""Two matters of one name in different regions: the resident's region decides, else they are asked where they live."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.app import Bangban, running
from bot.settings import Settings
from connectors.message import Inbound
from knowledge.formats import write_records
from knowledge.importing import import_file
from knowledge.publishing import publish

BAIGUO, YUEBEI, DONGHU, XUANZHOU = "430423101000", "430423101218", "430423102000", "430423103000"
NAME = "渡口夜间摆渡登记"
EVERYWHERE = "机井打井备案"

pytestmark = pytest.mark.asyncio(loop_scope="module")


def matter(code: str, region: str, material: str, name: str = NAME) -> dict[str, Any]:
    told = {"aliases": ["夜里过渡"] if name == NAME else [], "materials": [{"name": material}]}
    return {"code": code, "name": name, "region": region, "type": "公共服务", "department": "交通局", **told}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bangban(model_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bangban]:
    folder = tmp_path_factory.mktemp("namesakes")
    (folder / "model.tar.gz").symlink_to(model_dir / "model.tar.gz")
    records = [
        matter("F1", BAIGUO, "船工证"), matter("F2", DONGHU, "救生衣照片"), matter("W1", "", "打井图", EVERYWHERE),
        *(matter(f"D{number}", f"4304231{number:02}000", "堤图", "河堤取土登记") for number in range(3, 11)),
    ]  # fmt: skip
    write_records(folder / "in.json", records)
    async with running(Settings(data_dir=folder, meaning=False)) as service:
        await import_file(service.base.database, folder / "in.json")
        await publish(service.base.database)
        await service.understanding.matching.refresh()
        yield service


@dataclass
class Resident:
    """Somebody in a conversation of a region."""

    bangban: Bangban
    id: str
    said: int = 0

    async def say(self, text: str = "", tap: str | None = None) -> list[dict[str, Any]]:
        self.said += 1
        return (await self.bangban.assistant.take(Inbound(self.id, str(self.said), text, tap))).replies


async def resident(bangban: Bangban, region: str | None) -> Resident:
    return Resident(bangban, (await bangban.assistant.open("web", region)).id)


def told(replies: list[dict[str, Any]]) -> str | None:
    return next((reply["data"]["code"] for reply in replies if "code" in reply["data"]), None)


def labels(replies: list[dict[str, Any]]) -> list[str]:
    return [choice["label"] for reply in replies for choice in reply["choices"]]


def text(replies: list[dict[str, Any]]) -> str:
    return "\n".join(reply["text"] for reply in replies)


@pytest.mark.parametrize(("region", "code"), [(BAIGUO, "F1"), (YUEBEI, "F1"), (DONGHU, "F2"), (None, "F1")])
@pytest.mark.parametrize("said", [NAME, "夜里过渡怎么办"])
async def test_the_residents_region_decides(bangban: Bangban, region: str | None, code: str, said: str) -> None:
    answered = await (await resident(bangban, region)).say(said)
    assert told(answered) == code
    assert "您是哪里的" not in text(answered)


async def test_a_question_about_a_part_is_answered_for_the_region(bangban: Bangban) -> None:
    answered = await (await resident(bangban, DONGHU)).say(f"{NAME}要带什么")
    assert told(answered) == "F2"
    assert "救生衣照片" in text(answered)


@pytest.mark.parametrize("answer", ["2", "东湖镇", "我是东湖镇的", "衡山县东湖镇"])
async def test_where_the_region_decides_nothing_the_place_is_asked(bangban: Bangban, answer: str) -> None:
    somebody = await resident(bangban, XUANZHOU)
    asked = await somebody.say(NAME)
    assert told(asked) is None
    assert labels(asked) == ["衡山县白果镇", "衡山县东湖镇", "都不是"]
    assert text(asked).count("？") == 1
    assert told(await somebody.say(answer)) == "F2"
    assert told(await somebody.say("低保")) == "M001"
    assert told(await somebody.say(NAME)) == "F2", "now it is known where they live"


async def test_the_part_that_was_asked_waits_for_the_place(bangban: Bangban) -> None:
    somebody = await resident(bangban, XUANZHOU)
    assert "您是哪里的" in text(await somebody.say(f"{NAME}要带什么"))
    answered = await somebody.say("第一个")
    assert told(answered) == "F1"
    assert "船工证" in text(answered)


async def test_a_county_is_wider_than_both_places_and_asked(bangban: Bangban) -> None:
    asked = await (await resident(bangban, "430423000000")).say(NAME)
    assert labels(asked) == ["衡山县白果镇", "衡山县东湖镇", "都不是"]


async def test_a_place_without_the_matter_is_told_so(bangban: Bangban) -> None:
    somebody = await resident(bangban, "430423000000")
    await somebody.say(NAME)
    answered = await somebody.say("我是萱洲镇的")
    assert told(answered) is None
    assert "没有查到" in text(answered)


async def test_somebody_who_speaks_of_something_else_is_not_asked_again(bangban: Bangban) -> None:
    somebody = await resident(bangban, XUANZHOU)
    await somebody.say(NAME)
    assert told(await somebody.say("低保怎么申请")) == "M001"
    assert "东湖镇" in text(await somebody.say("我是东湖镇的"))
    assert told(await somebody.say(NAME)) == "F2"


async def test_none_of_the_places_ends_the_question(bangban: Bangban) -> None:
    somebody = await resident(bangban, XUANZHOU)
    await somebody.say(NAME)
    assert told(await somebody.say("都不是")) is None


async def test_of_many_places_it_is_asked_openly(bangban: Bangban) -> None:
    somebody = await resident(bangban, "430421000000")
    asked = await somebody.say("河堤取土登记")
    assert "哪个镇" in text(asked)
    assert labels(asked) == []
    assert told(await somebody.say("萱洲镇")) == "D3"


async def test_a_matter_with_one_name_only_is_told_everywhere(bangban: Bangban) -> None:
    assert told(await (await resident(bangban, XUANZHOU)).say(EVERYWHERE)) == "W1"
