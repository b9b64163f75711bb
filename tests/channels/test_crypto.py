"""The callbacks' encryption: independent vectors, wechatpy as a second opinion, and everything that must be refused."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from hypothesis import given, settings
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto

from connectors.platforms.crypto import (
    CallbackCrypto,
    CiphertextBroken,
    KeyInvalid,
    SignatureWrong,
    check,
    signature,
)
from connectors.platforms.xml import read, write

VECTORS: list[dict[str, Any]] = json.loads(Path(__file__).with_name("wechat_vectors.json").read_text("utf-8"))
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
BEFORE = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"
APPID = "wx0123456789abcdef"


def of_kind(kind: str) -> Any:
    return pytest.mark.parametrize("vector", [each for each in VECTORS if each["kind"] == kind], ids=lambda v: v["id"])


def crypto(*keys: str, receiver: str = APPID) -> CallbackCrypto:
    return CallbackCrypto("token", keys or (KEY,), receiver)


def opened(ours: CallbackCrypto, encrypted: str) -> bytes:
    return ours.decrypt(encrypted, ours.sign(encrypted, "1", "n"), "1", "n").message


@of_kind("sha1")
def test_a_signature_is_the_platforms(vector: dict[str, Any]) -> None:
    assert signature(vector["token"], vector["timestamp"], vector["nonce"]) == vector["expected"]
    check(vector["token"], vector["expected"], vector["timestamp"], vector["nonce"])


@of_kind("decrypt")
def test_a_message_of_the_platforms_is_opened(vector: dict[str, Any]) -> None:
    ours = CallbackCrypto(vector["token"], [vector["encodingAESKey"]], vector["receiveid"])
    told = (vector["msg_signature"], vector["timestamp"], vector["nonce"])
    message = ours.decrypt(vector["encrypt"], *told).message.decode()
    assert message == vector.get("plaintext", message)
    assert vector.get("plaintext_contains", "") in message


@of_kind("encrypt")
def test_a_message_is_closed_as_the_platform_does(vector: dict[str, Any]) -> None:
    ours = CallbackCrypto(vector.get("token", ""), [vector["encodingAESKey"]], vector["receiveid"])
    encrypted = ours.encrypt(vector["plaintext"].encode(), random=vector["random16"].encode())
    assert encrypted == vector["encrypt"]
    if "msg_signature" in vector:
        assert ours.sign(encrypted, vector["timestamp"], vector["nonce"]) == vector["msg_signature"]


@given(st.text(max_size=500))
@settings(deadline=None)
def test_wechatpy_opens_what_we_close_and_we_what_it_closes(text: str) -> None:
    theirs = WeChatCrypto("token", KEY, APPID)
    message = write({"Content": text, "CreateTime": 1})
    encrypted = crypto().encrypt(message)
    body = write({"ToUserName": "gh", "Encrypt": encrypted}).decode()
    opened_by_them = theirs.decrypt_message(body, crypto().sign(encrypted, "1", "n"), "1", "n")
    assert opened_by_them == message.decode()
    closed = read(theirs.encrypt_message(message.decode(), "n", "1").encode())
    assert crypto().decrypt(closed["Encrypt"], closed["MsgSignature"], "1", "n").message == message


@given(st.binary(max_size=200))
def test_what_is_closed_opens_again(message: bytes) -> None:
    assert opened(crypto(), crypto().encrypt(message)) == message


def test_the_key_before_still_opens_and_the_answer_is_closed_with_it() -> None:
    old, both = crypto(BEFORE), crypto(KEY, BEFORE)
    encrypted = old.encrypt(b"hello")
    found = both.decrypt(encrypted, both.sign(encrypted, "1", "n"), "1", "n")
    assert opened(old, both.encrypt(b"answer", found.key)) == b"answer"
    with pytest.raises(CiphertextBroken):
        opened(crypto(KEY), encrypted)


def test_nothing_is_opened_before_its_signature_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.platforms.crypto._opened", lambda *_: pytest.fail("opened"))
    with pytest.raises(SignatureWrong):
        crypto().decrypt(crypto().encrypt(b"hello"), "0" * 40, "1", "n")
    with pytest.raises(SignatureWrong):
        crypto().decrypt("x", "é", "1", "n")


def test_a_message_for_another_receiver_is_refused() -> None:
    with pytest.raises(CiphertextBroken):
        opened(crypto(receiver="wx-another"), crypto().encrypt(b"hello"))


@given(st.binary(max_size=300), st.integers(0, 3))
def test_any_bytes_are_refused_and_nothing_else_happens(sealed: bytes, cut: int) -> None:
    for text in (
        base64.b64encode(sealed).decode(),
        base64.b64encode(sealed).decode()[cut:] + "=",
        sealed.decode("latin-1"),
    ):
        with pytest.raises(CiphertextBroken):
            opened(crypto(), text)


@given(st.integers(0, 255), st.integers(0, 2**32 - 1))
def test_a_wrong_pad_or_a_wrong_length_is_refused(pad: int, length: int) -> None:
    key = base64.b64decode(KEY + "=")
    plain = os.urandom(16) + length.to_bytes(4, "big") + b"message" + APPID.encode()
    plain += bytes([pad]) * (-len(plain) % 32 or 32)
    encryptor = Cipher(AES(key), CBC(key[:16])).encryptor()
    encrypted = base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()
    if length == 7 and pad == (-(20 + 7 + len(APPID)) % 32 or 32):
        assert opened(crypto(), encrypted) == b"message"
        return
    with pytest.raises(CiphertextBroken):
        opened(crypto(), encrypted)


def test_a_key_that_is_none_is_named_without_being_shown() -> None:
    with pytest.raises(KeyInvalid) as refused:
        crypto("tooshort")
    assert "tooshort" not in str(refused.value)
