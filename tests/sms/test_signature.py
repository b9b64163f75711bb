"""Signature V3: the provider's own worked example, and a stand-in that checks every request by its own hand."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest

from connectors.sms.acs3 import authorization, canonical_query, canonical_request
from connectors.sms.aliyun import AliyunSms
from connectors.sms.service import SmsRefused, SmsText
from tests.sms.conftest import NEWS, TELEPHONE, TEMPLATES
from tests.sms.provider import KEY, Provider
from tests.store.cases import Clock

PARAMETERS = {"ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd", "RegionId": "cn-shanghai"}
HEADERS = {
    "host": "ecs.cn-shanghai.aliyuncs.com",
    "x-acs-action": "RunInstances",
    "x-acs-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "x-acs-date": "2023-10-26T10:22:32Z",
    "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
    "x-acs-version": "2014-05-26",
}


def test_the_published_example_gives_the_published_hash_and_signature() -> None:
    """help.aliyun.com, V3版本请求体&签名机制, 签名示例."""
    hashed = hashlib.sha256(canonical_request("POST", PARAMETERS, HEADERS).encode()).hexdigest()
    assert hashed == "7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259"
    header = authorization("YourAccessKeyId", "YourAccessKeySecret", "POST", PARAMETERS, HEADERS)
    assert header.endswith("Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0")
    assert ";".join(sorted(HEADERS)) in header


def test_a_query_is_encoded_as_rfc_3986_says() -> None:
    assert canonical_query({"b": "a b*~+/", "a": "岳北"}) == "a=%E5%B2%B3%E5%8C%97&b=a%20b%2A~%2B%2F"


async def test_the_provider_accepts_what_is_signed(address: str, provider: Provider, clock: Clock) -> None:
    sender = AliyunSms(address, KEY, "invented-secret", TEMPLATES, clock)
    assert await sender.send("01A", TELEPHONE, SmsText("case_approved", NEWS)) == "90001^0"
    sent = provider.sent[0]
    assert (sent["PhoneNumbers"], sent["SignName"], sent["OutId"]) == (TELEPHONE, "岳北镇政务", "01A")
    assert sent["TemplateParam"] == '{"matter":"高龄津贴","reference":"BB-1123-ACDE"}'
    assert await sender.sent("01A", TELEPHONE, date(2026, 11, 23)) == "found"
    assert await sender.sent("01B", TELEPHONE, date(2026, 11, 23)) is None
    await sender.close()


async def test_what_went_is_found_on_any_page(address: str, provider: Provider, clock: Clock) -> None:
    sender = AliyunSms(address, KEY, "invented-secret", TEMPLATES, clock)
    provider.sent += [{"OutId": f"{number}", "PhoneNumbers": TELEPHONE} for number in range(120)]
    assert await sender.sent("119", TELEPHONE, date(2026, 11, 23)) == "found"
    assert await sender.sent("120", TELEPHONE, date(2026, 11, 23)) is None
    await sender.close()


async def test_a_wrong_secret_is_refused_and_tried_again_later(address: str, clock: Clock) -> None:
    sender = AliyunSms(address, KEY, "another", TEMPLATES, clock)
    with pytest.raises(SmsRefused) as refused:
        await sender.send("01A", TELEPHONE, SmsText("case_approved", NEWS))
    assert (refused.value.code, refused.value.again) == ("SignatureDoesNotMatch", "later")
    await sender.close()
