"""What the sandbox says no with: problem+json with a `reason`, as openapi.yml has it."""

from __future__ import annotations

import http
from collections.abc import Iterable
from typing import Any

import orjson
from aiohttp import web

REASONS: dict[str, tuple[int, str]] = {
    "bad_request": (400, "请求看不懂"),
    "key_missing": (401, "没有带密钥"),
    "key_wrong": (401, "密钥不对"),
    "authorisation_missing": (403, "本人还没有授权，或者没有授权这一项"),
    "not_found": (404, "没有这个地址"),
    "authorisation_unknown": (404, "没有这个授权"),
    "person_unknown": (404, "查无此人，请核对姓名和身份证号"),
    "household_unknown": (404, "没有这个人的家庭档案"),
    "licence_unknown": (404, "没有这本证照"),
    "matter_unknown": (404, "没有这个事项"),
    "case_unknown": (404, "没有这个办件"),
    "no_result": (404, "还没有办理结果"),
    "method_not_allowed": (405, "这个地址不能这样用"),
    "key_reused": (409, "同一个 Idempotency-Key 用在了不同的请求上"),
    "reference_known": (409, "这个办件已经收过了"),
    "case_closed": (409, "办件已经办结，不能再改"),
    "authorisation_ended": (410, "授权已经过期、被拒绝或者撤回了"),
    "too_large": (413, "内容太大"),
    "kind_refused": (415, "不收这种文件"),
    "wrong_fields": (422, "请求的内容不对"),
    "wrong_case": (422, "办件缺内容，或者内容不对"),
    "file_unknown": (422, "材料的文件还没有传上来"),
    "file_differs": (409, "文件内容和 SHA-256 对不上"),
    "too_many": (429, "请求太多，请稍后再来"),
    "failed": (500, "平台出错了"),
    "down": (503, "平台正在维护"),
}
"""reason → status and sentence."""


class Refused(Exception):
    """No, because of `reason`. `more`: `fields` or `number` of the problem; `said`: what stands after the sentence."""

    def __init__(self, reason: str, said: str = "", **more: Any) -> None:
        super().__init__(reason)
        self.reason = reason
        self.said = said
        self.more = more


def problem(reason: str, said: str = "", status: int | None = None, **more: Any) -> web.Response:
    """The answer that says no."""
    known, sentence = REASONS[reason]
    status = status or known
    body = {
        "type": f"urn:intake:problem:{reason}",
        "title": http.HTTPStatus(status).phrase,
        "status": status,
        "detail": f"{sentence}：{said}" if said else sentence,
        "reason": reason,
        **{name: list(value) if isinstance(value, tuple | set) else value for name, value in more.items()},
    }
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/problem+json")


def wrong_fields(problems: Iterable[tuple[str, str]]) -> Refused:
    """What a schema found: (place, message) each."""
    found = list(problems)
    told = "；".join(f"{place} {said}" for place, said in found[:5])
    return Refused("wrong_fields", told, fields=[place for place, _ in found])
