"""How the sandbox's pages say things: scopes, outcomes, values without days of birth."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.sandbox.case_record import matters_of
from connectors.sandbox.matters import matters

SCOPES = {
    "proof": "只回答两件事：满没满多少岁、户口在不在这里",
    "identity": "您的姓名、身份证号、手机号",
    "household": "您家的户口簿和家庭档案（一户一档）",
    "licences": "您的电子证照（身份证、社保卡、不动产权证……）",
}
DECISIONS = {"granted": "同意了", "refused": "没有同意", "expired": "过期了", "revoked": "撤回了"}
OUTCOMES = {
    "granted": "授权好了，请回到帮办的对话，接着办。",
    "refused": "您没有同意，什么都没有给出去。要办的话，在帮办里再说一次。",
    "expired": "时间过了，这次授权已经作废。在帮办里再说一次就行。",
    "revoked": "授权已经撤回，帮办不能再查您的资料了。",
}
ID_NUMBER = re.compile(r"(?<!\d)([1-9]\d{5})\d{8}(\d{3}[\dX])(?!\d)")


def masked(value: Any) -> str:
    """As text, ID numbers without the day of birth."""
    said = "、".join(_piece(each) for each in value) if isinstance(value, list) else _piece(value)
    return ID_NUMBER.sub(r"\1********\2", said)


def labels_of(case: Mapping[str, Any]) -> dict[str, str]:
    """What the fields of the case's forms are called on paper."""
    forms = [form for each in matters_of(case) for form in matters()[each["code"]].forms]
    return {field.key: field.label for form in reversed(forms) for field in form.fields}


def _piece(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(_piece(each) for each in value.values())
    if isinstance(value, bool):
        return "是" if value else "否"
    return "" if value is None else str(value)


def minutes_said(minutes: int) -> str:
    """How long it holds: 30分钟, 2小时, 7天."""
    if minutes % 1440 == 0:
        return f"{minutes // 1440}天"
    return f"{minutes // 60}小时" if minutes % 60 == 0 else f"{minutes}分钟"
