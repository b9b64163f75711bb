"""Alibaba Cloud's 短信服务: Dysmsapi 2017-05-25, SendSms and QuerySendDetails.

SendSms has no idempotency key. Our id goes along as OutId, and QuerySendDetails says whether it went.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import yaml
from yarl import URL

from connectors.sms.acs3 import EMPTY, authorization, canonical_query
from connectors.sms.service import Again, SmsRefused, SmsText, SmsUnavailable, texts

CODES = Path(__file__).with_name("aliyun.yml")
VERSION = "2017-05-25"
SECONDS = 8.0
PAGE_SIZE = 50
LONGEST_VALUE = 35
"""Characters of a template's variable; longer ones are refused (isv.PARAM_LENGTH_LIMIT)."""


class TemplatesInvalid(ValueError):
    """The county's file of templates has no sign, or lacks a text: the message names it."""


@dataclass(frozen=True, slots=True)
class Templates:
    """The county's signature (签名) and its templates' codes by our texts' keys."""

    sign: str
    codes: Mapping[str, str]

    @classmethod
    def read(cls, path: Path) -> Templates:
        """From YAML: `sign: 岳北镇政务`, `templates: {case_approved: SMS_123}`. Raises TemplatesInvalid, OSError."""
        said = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader) or {}
        sign, codes = said.get("sign"), said.get("templates") or {}
        missing = sorted(set(texts()) - set(codes))
        if not sign or missing:
            raise TemplatesInvalid(f"{path}: without {', '.join(missing) or 'sign'}")
        return cls(str(sign), {key: str(code) for key, code in codes.items()})


class AliyunSms:
    """Sends through Alibaba Cloud. `url`: https://dysmsapi.aliyuncs.com; `clock` aware."""

    def __init__(
        self, url: str, key: str, secret: str, templates: Templates, clock: Callable[[], datetime],
        seconds: float = SECONDS,
    ) -> None:  # fmt: skip
        self._url = URL(url)
        self._key, self._secret = key, secret
        self._templates = templates
        self._clock = clock
        self._limit = aiohttp.ClientTimeout(total=seconds)
        self._session: aiohttp.ClientSession | None = None

    async def send(self, id: str, telephone: str, message: SmsText) -> str:
        """SendSms; the BizId."""
        values = {name: value[:LONGEST_VALUE] for name, value in message.values.items()}
        answer = await self._call(
            "SendSms",
            PhoneNumbers=telephone,
            SignName=self._templates.sign,
            TemplateCode=self._templates.codes[message.key],
            TemplateParam=orjson.dumps(values).decode(),
            OutId=id,
        )
        return str(answer.get("BizId") or "")

    async def sent(self, id: str, telephone: str, day: date) -> str | None:
        """QuerySendDetails: what went to that number on that day (China's), looked through for our id."""
        page, seen = 1, 0
        while True:
            answer = await self._call(
                *("QuerySendDetails",),
                PhoneNumber=telephone, SendDate=f"{day:%Y%m%d}", PageSize=str(PAGE_SIZE), CurrentPage=str(page),
            )  # fmt: skip
            details = (answer.get("SmsSendDetailDTOs") or {}).get("SmsSendDetailDTO") or []
            if any(each.get("OutId") == id for each in details):
                return "found"
            page, seen = page + 1, seen + len(details)
            if not details or seen >= int(answer.get("TotalCount") or 0):
                return None

    async def close(self) -> None:
        """Let the connection go."""
        if self._session is not None:
            await self._session.close()

    async def _call(self, action: str, **parameters: str) -> dict[str, Any]:
        """One action. Raises SmsUnavailable, SmsRefused."""
        headers = self._headers(action)
        headers["Authorization"] = authorization(self._key, self._secret, "POST", parameters, headers)
        url = URL(f"{self._url.origin()}/?{canonical_query(parameters)}", encoded=True)
        try:
            async with self._opened().post(url, headers=headers, timeout=self._limit) as response:
                status, body = response.status, await response.read()
        except aiohttp.ClientConnectorError as error:
            raise SmsUnavailable(type(error).__name__, maybe_sent=False) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise SmsUnavailable(type(error).__name__, maybe_sent=True) from error
        return _read(status, body)

    def _headers(self, action: str) -> dict[str, str]:
        return {
            "host": self._url.authority,
            "x-acs-action": action,
            "x-acs-version": VERSION,
            "x-acs-date": f"{self._clock().astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "x-acs-signature-nonce": secrets.token_hex(16),
            "x-acs-content-sha256": EMPTY,
        }

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        return self._session


def _read(status: int, body: bytes) -> dict[str, Any]:
    try:
        answer = orjson.loads(body)
        code = str(answer["Code"])
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise SmsUnavailable(f"status {status}, not readable", maybe_sent=True) from error
    if code != "OK":
        raise SmsRefused(code, _again(code))
    return dict(answer)


def _again(code: str) -> Again:
    known = _codes()
    again: Again = known["again"].get(code, known["otherwise"])
    return again


@cache
def _codes() -> dict[str, Any]:
    read: dict[str, Any] = yaml.load(CODES.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return read
