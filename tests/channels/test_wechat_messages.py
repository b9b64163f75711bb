"""All kinds of messages and events of an official account, and XML that is none."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy import parse_message

from connectors.platforms.xml import XmlBroken, read, write
from connectors.wechat.messages import CLICK, MESSAGE, MessageBroken, NoticeEnded, received

NOW = datetime.fromtimestamp(1_790_000_000, UTC)
SOMEBODY = {"ToUserName": "gh_1", "FromUserName": "oLi", "CreateTime": 1_790_000_000}


def message(kind: str, **more: Any) -> dict[str, Any]:
    return read(write({**SOMEBODY, "MsgType": kind, "MsgId": 123, **more}))


def event(name: str, key: str = "", **more: Any) -> dict[str, Any]:
    return read(write({**SOMEBODY, "MsgType": "event", "Event": name, "EventKey": key, **more}))


def test_of_several_notices_each_is_read() -> None:
    other = {**FAILED, "MsgID": 29, "TemplateId": "T3"}
    lists = "".join(write({"List": each}).decode()[5:-6] for each in (SENT, other))
    body = write({**SOMEBODY, "MsgType": "event", "Event": "subscribe_msg_sent_event"}).decode()[:-6]
    several = read(f"{body}<SubscribeMsgSentEvent>{lists}</SubscribeMsgSentEvent></xml>".encode())
    for values in (several, pushed({"List": [SENT, other]})):
        assert [(sorted(each.names), each.problem) for each in received(values).notices] == [
            (["28", "T2"], ""),
            (["29", "T3"], "20003 system failed"),
        ]


SENT = {"TemplateId": "T2", "MsgID": 28, "ErrorCode": 0, "ErrorStatus": "success"}
FAILED = {**SENT, "ErrorCode": 20003, "ErrorStatus": "system failed"}


def pushed(told: Any) -> dict[str, Any]:
    """As a mini program's JSON has it."""
    event = {"MsgType": "event", "Event": "subscribe_msg_sent_event", "SubscribeMsgSentEvent": told}
    return {**SOMEBODY, "CreateTime": "1790000000", **event}


@pytest.mark.parametrize(
    ("values", "ended"),
    [
        (event("TEMPLATESENDJOBFINISH", MsgID=2001, Status="success"), ({"2001"}, "")),
        (event("TEMPLATESENDJOBFINISH", MsgID=2001, Status="failed:user block"), ({"2001"}, "failed:user block")),
        (event("subscribe_msg_sent_event", SubscribeMsgSentEvent={"List": SENT}), ({"28", "T2"}, "")),
        (
            event("subscribe_msg_sent_event", SubscribeMsgSentEvent={"List": FAILED}),
            ({"28", "T2"}, "20003 system failed"),
        ),
        (pushed({"List": [FAILED]}), ({"28", "T2"}, "20003 system failed")),
        (pushed({"List": SENT}), ({"28", "T2"}, "")),
        (pushed([SENT]), ({"28", "T2"}, "")),
        (pushed({"List": []}), None),
        (pushed("?"), None),
    ],
)
def test_what_became_of_a_notice_is_read_in_every_form(
    values: dict[str, Any], ended: tuple[set[str], str] | None
) -> None:
    read = received(values)
    assert read.notices == ((NoticeEnded(frozenset(ended[0]), ended[1]),) if ended else ())
    assert read.is_of_notices
    assert read.allows is None
    assert not read.wants_answer


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (message("text", Content="低保"), {"text": "低保", "allows": MESSAGE, "id": "123"}),
        (message("text", Content="危房改造", bizmsgmenuid="find_matter:M005"), {"choice": "find_matter:M005"}),
        (message("text", Content="x", bizmsgmenuid="<bad>"), {"text": "x", "choice": None, "allows": CLICK}),
        (message("text", Content="长" * 301), {"told": "too_long"}),
        (message("image", PicUrl="http://x", MediaId="m1"), {"kind": "image", "media_id": "m1"}),
        (message("image", PicUrl="http://x"), {"told": "media", "media_id": None}),
        (message("voice", MediaId="m1", MediaId16K="m2", Format="amr"), {"kind": "audio", "media_id": "m2"}),
        (message("voice", MediaId="m1", Recognition=""), {"kind": "audio", "media_id": "m1"}),
        (message("voice", MediaId="m1", Recognition="低保怎么办"), {"text": "低保怎么办", "media_id": None}),
        (message("video", MediaId="m", ThumbMediaId="t"), {"told": "video"}),
        (message("shortvideo", MediaId="m"), {"told": "video"}),
        (message("location", Location_X="26.9", Location_Y="112.6"), {"choice": "find_nearest:26.9:112.6"}),
        (message("location", Location_X="x", Location_Y="112.6", Label="新塘村"), {"told": "place"}),
        (message("link", Title="t", Url="http://x"), {"told": "link"}),
        (message("sticker"), {"told": "unknown"}),
        (event("subscribe"), {"scene": "", "allows": CLICK}),
        (event("subscribe", "qrscene_q.ABC", Ticket="t"), {"scene": "qrscene_q.ABC"}),
        (event("SCAN", "q.ABC", Ticket="t"), {"scene": "q.ABC", "allows": CLICK}),
        (event("unsubscribe"), {"ends": True, "allows": None}),
        (event("CLICK", "find_matter:M001"), {"choice": "find_matter:M001", "allows": CLICK}),
        (event("CLICK", "say:人工"), {"text": "人工", "allows": CLICK}),
        (event("VIEW", "https://x", MenuId="1"), {"allows": None, "text": ""}),
        (event("LOCATION", Latitude="1", Longitude="2", Precision="3"), {"allows": None, "text": ""}),
        (event("scancode_waitmsg", "k", ScanCodeInfo={"ScanResult": "https://x.cn/q/AB12CD"}), {"scene": "q.AB12CD"}),
        (event("scancode_push", "k", ScanCodeInfo={"ScanResult": "http://evil/"}), {"scene": None}),
        (event("pic_sysphoto", "k", SendPicsInfo={"Count": 1}), {"allows": None}),
        (event("location_select", "k"), {"allows": None}),
        (event("TEMPLATESENDJOBFINISH", MsgID=1, Status="success"), {"allows": None}),
        (event("subscribe_msg_popup_event"), {"allows": None, "scene": None}),
    ],
)  # fmt: skip
def test_every_kind_is_read(values: dict[str, Any], expected: dict[str, Any]) -> None:
    found = received(values)
    assert {name: getattr(found, name) for name in expected} == expected
    assert (found.openid, found.account) == ("oLi", "gh_1")


def test_the_same_message_has_the_same_id_and_two_events_of_a_second_have_two() -> None:
    assert received(event("CLICK", "a")).id == received(event("CLICK", "a")).id
    assert received(event("CLICK", "a")).id != received(event("CLICK", "b")).id
    assert received(event("CLICK", "a")).id != received(event("VIEW", "a")).id


def test_a_grant_begins_with_the_message_and_not_with_its_redelivery() -> None:
    found = received(message("text", Content="x"))
    assert found.grant(NOW) == found.grant(datetime.fromtimestamp(1_790_000_015, UTC)) == MESSAGE.at(NOW)
    assert received(event("VIEW")).grant(NOW) is None


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"FromUserName": "o"},
        {**SOMEBODY, "Content": "x"},
        {**SOMEBODY, "FromUserName": "o" * 129, "MsgType": "text"},
    ],
)
def test_who_or_what_is_missing_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(MessageBroken):
        received(values)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<xml>",
        b"{}",
        b'<!DOCTYPE x [<!ENTITY a "aaaa">]><xml><Content>&a;</Content></xml>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml/>',
        b'<?xml version="1.0" encoding="nonsense"?><xml/>',
        b"<xml>" + b"<a/>" * 500 + b"</xml>",
        b"\xff\xfe<xml/>",
    ],
)
def test_what_is_no_callback_is_refused(body: bytes) -> None:
    with pytest.raises(XmlBroken):
        read(body)


def test_of_equal_elements_the_first_counts_and_nested_ones_do_no_harm() -> None:
    assert read(b"<xml><a>1</a><a>2</a></xml>") == {"a": "1"}
    assert received({"FromUserName": "o", "ToUserName": "g", "MsgType": "text", "Content": {"b": "x"}}).text == ""


@given(st.text())
def test_no_words_break_out_of_what_is_written(text: str) -> None:
    said = "".join(character for character in text if character >= " " or character in "\t\n\r")
    found = read(write({"Content": text, "After": "here"}))
    assert found["After"] == "here"
    assert found["Content"] == said.replace("\r\n", "\n").replace("\r", "\n").strip()


def test_wechatpy_reads_what_we_write() -> None:
    theirs = parse_message(write({**SOMEBODY, "MsgType": "text", "MsgId": 1, "Content": "]]> 你好 <a>"}))
    assert theirs.content == "]]> 你好 <a>"
