"""A poster is scanned: what the resident's page opens, what is counted, and what supervisors make and see."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import uuid4

import cv2
import numpy as np
import pypdfium2
import pytest

from knowledge.links import NewLink, scene_of
from tests.service.conftest import Resident, texts
from tests.service.test_after import supervising
from tests.service.test_desk import Client, account, bangban, browser, log_in

pytestmark = pytest.mark.asyncio(loop_scope="session")

VILLAGE = "430423101218"


async def hung(client: Client, kind: Any, target: str, *, elder: bool = False) -> str:
    """A poster on a wall of its own; its code."""
    links, at = bangban(client).links.links, bangban(client).links.clock()
    return (await links.make(NewLink(kind, target, VILLAGE, uuid4().hex, elder), "主管", at)).code


async def opened(client: Client, body: dict[str, Any]) -> tuple[Resident, dict[str, Any]]:
    async with client.post("/api/v1/conversations", json=body) as response:
        assert response.status == 201
        told = await response.json()
    return Resident(client, told["id"], told["token"], told["replies"]), told


async def scanned(client: Client, code: str) -> str:
    """Where the scan leads."""
    async with client.get(f"/q/{code}", allow_redirects=False) as response:
        assert (response.status, response.headers["Cache-Control"]) == (302, "no-store")
        return response.headers["Location"]


async def listed_links(session: Any) -> dict[str, Any]:
    async with session.get("/desk/api/links") as response:
        assert (response.status, response.headers["Cache-Control"]) == (200, "no-store")
        return dict(await response.json())


async def ever(client: Client, code: str) -> int:
    return (await bangban(client).links.links.total([code])).get(code, 0)


async def test_a_matters_code_opens_a_conversation_with_its_guide(client: Client) -> None:
    code = await hung(client, "matter", "M005")
    assert await scanned(client, code.lower()) == f"/?q={code}"
    resident, told = await opened(client, {"link": code})
    said = texts(told)
    assert "电脑程序" in said
    assert "高龄津贴" in said
    assert told["replies"][-1]["data"]["code"] == "M005"
    assert told["region"]["code"] == VILLAGE
    assert "身份证" in texts(await resident.say("要带什么")), "the matter is the one talked about"


async def test_an_offices_code_says_whether_it_is_open_and_asks_what_for(client: Client) -> None:
    _, told = await opened(client, {"link": await hung(client, "office", "O-430423101218")})
    said = texts(told)
    assert "岳北村便民服务站" in said
    assert "开门" in said or "开着门" in said
    assert "以当地窗口为准" in said, "nobody has checked it"
    assert "您要办什么事" in said


async def test_a_bundles_code_names_its_parts_and_begins_them_together(client: Client) -> None:
    resident, told = await opened(client, {"link": await hung(client, "bundle", "B01")})
    assert "村民建房一件事" in texts(told)
    together = told["replies"][-1]["choices"][0]
    assert together["id"] == "apply:B01"
    assert "同意" in texts(await resident.choose(together["id"]))


async def test_a_code_for_the_old_opens_in_large_letters(client: Client) -> None:
    resident, told = await opened(client, {"link": await hung(client, "matter", "M005", elder=True)})
    assert told["elder"] is True
    async with client.get(resident.path, headers=resident.headers) as response:
        assert (await response.json())["elder"] is True


async def test_every_scan_is_counted_and_opening_the_page_again_is_none(client: Client) -> None:
    code = await hung(client, "matter", "M001")
    for _ in range(3):
        await scanned(client, code)
    await opened(client, {"link": code})
    async with client.head(f"/q/{code}", allow_redirects=False) as response:
        assert response.status == 405, "a program that only looks"
    assert await ever(client, code) == 3


async def test_a_code_that_is_none_or_was_taken_down_opens_the_page_all_the_same(client: Client) -> None:
    assert await scanned(client, "ZZZZZZ") == "/"
    assert await scanned(client, "%3Cscript%3E") == "/"
    code = await hung(client, "matter", "M005")
    await bangban(client).links.links.end(code, bangban(client).links.clock())
    for gone in (code, "ZZZZZZ", await hung(client, "matter", "M999")):
        _, told = await opened(client, {"link": gone})
        assert "现在不用了" in texts(told)
        assert "您要办什么事" in texts(told)
    async with client.post("/api/v1/conversations", json={"link": "no code!"}) as response:
        assert response.status == 422


async def test_in_an_official_account_the_scene_leads_to_the_same_point_and_is_counted(client: Client) -> None:
    starts, code = bangban(client).links.starts, await hung(client, "bundle", "B03")
    start = await starts.of_scene(f"qrscene_{scene_of(code)}")
    assert start is not None
    assert (start.choice, start.region) == ("arrive:B03", VILLAGE)
    assert await starts.of_scene("somebody-elses") is None
    assert await ever(client, code) == 1


async def test_a_supervisor_makes_a_code_prints_its_poster_and_sees_the_scans(client: Client) -> None:
    place = f"村部公告栏{uuid4().hex[:4]}"
    async with supervising(client) as session:
        async with session.get("/desk/api/links/targets", params={"q": "高龄津贴"}) as response:
            target = (await response.json())["targets"][0]
        assert (target["kind"], target["target"]) == ("matter", "M005")
        wanted = {"kind": "matter", "target": "M005", "region": VILLAGE, "place": place}
        async with session.post("/desk/api/links", json=wanted) as response:
            assert response.status == 201
            made = await response.json()
        async with session.post("/desk/api/links", json=wanted | {"target": "M999"}) as response:
            assert response.status == 422
        for _ in range(2):
            await scanned(client, made["code"])
        listed = await listed_links(session)
        (link,) = [each for each in listed["links"] if each["code"] == made["code"]]
        assert (link["scans"], link["scans_ever"], link["place"], link["region_name"]) == (2, 2, place, "岳北村")
        async with session.get("/desk/api/links.csv") as response:
            rows = list(csv.DictReader(io.StringIO((await response.read()).decode("utf-8-sig"))))
        assert [(row["贴在哪里"], row["从哪里扫"], row["次数"]) for row in rows if row["码"] == made["code"]] == [
            (place, "网页", "2")
        ]
        for size, width in (("A4", 595), ("A3", 842)):
            async with session.get(f"/desk/api/links/{made['code']}/poster", params={"size": size}) as response:
                assert (response.status, response.content_type) == (200, "application/pdf")
                read, text, page_width = look_at(await response.read())
            assert read == link["url"], "the printed code leads to the link"
            assert round(page_width) == width
            for said in ("高龄津贴", "要带的东西", "身份证", "12345", "以当地窗口为准", made["code"]):
                assert said in text
        async with session.get(f"/desk/api/links/{made['code']}/poster", params={"size": "A5"}) as response:
            assert response.status == 422
        async with session.delete(f"/desk/api/links/{made['code']}") as response:
            assert response.status == 204
        assert made["code"] not in [each["code"] for each in (await listed_links(session))["links"]]


async def test_whoever_has_not_the_right_or_the_area_gets_nothing(client: Client) -> None:
    code = await hung(client, "matter", "M005")
    async with browser(client) as session:
        await log_in(session, await account(client, "agent"))
        for path in ("/desk/api/links", "/desk/api/links.csv", f"/desk/api/links/{code}/poster"):
            async with session.get(path) as response:
                assert response.status == 403
    accounts, name = bangban(client).base.accounts, f"主管{uuid4().hex[:6]}"
    await accounts.add(name, "supervisor", "correct horse battery", "510811000000")
    async with browser(client) as session:
        async with session.post(
            "/desk/api/session", json={"name": name, "password": "correct horse battery"}
        ) as response:
            assert response.status == 200
        async with session.get(f"/desk/api/links/{code}/poster") as response:
            assert response.status == 404
        wanted = {"kind": "matter", "target": "M005", "region": VILLAGE}
        async with session.post("/desk/api/links", json=wanted) as response:
            assert response.status == 403


def look_at(pdf: bytes) -> tuple[str, str, float]:
    """What a telephone reads of the printed page's code, the page's text, and its width in points."""
    document = pypdfium2.PdfDocument(pdf)
    page = document[0]
    picture = np.asarray(page.render(scale=2).to_pil().convert("RGB"))
    text = page.get_textpage().get_text_range()
    width = page.get_width()
    document.close()
    read, *_ = cv2.QRCodeDetector().detectAndDecode(picture)
    return read, text, width
