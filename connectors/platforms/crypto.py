"""The callbacks' encryption and signatures, the same for official accounts, mini programs and WeCom.

AES-256-CBC, the key from the 43 characters of EncodingAESKey, IV = its first 16 bytes, PKCS#7 with blocks of 32;
inside: 16 random bytes, the length (4 bytes, big-endian), the message, the receiver's id (appid, corpid).
Sources: developers.weixin.qq.com/doc/service/guide/dev/push/encryption,
developer.work.weixin.qq.com/document/path/90968.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

BLOCK_BITS = 256
RANDOM_BYTES = 16
LENGTH_BYTES = 4
KEY = re.compile(r"[A-Za-z0-9+/]{43}")


class KeyInvalid(ValueError):
    """An EncodingAESKey is not 43 characters of letters and digits. The message never holds it."""


class SignatureWrong(Exception):
    """The signature is not the one that our token makes."""


class CiphertextBroken(Exception):
    """It does not decrypt to a message for this receiver, with any of our keys."""


def signature(token: str, *parts: str) -> str:
    """SHA-1 of the token and the parts, sorted and put together; hexadecimal."""
    return hashlib.sha1("".join(sorted([token, *parts])).encode()).hexdigest()


def check(token: str, given: str, *parts: str) -> None:
    """Raises SignatureWrong. In constant time."""
    if not hmac.compare_digest(signature(token, *parts).encode(), given.encode()):
        raise SignatureWrong


@dataclass(frozen=True, slots=True)
class Decrypted:
    """A message, and the key that opened it: the answer is encrypted with the same one."""

    message: bytes = field(repr=False)
    key: bytes = field(repr=False)


class CallbackCrypto:
    """Opens and closes messages for one receiver. `keys`: the current EncodingAESKey, then the previous one."""

    def __init__(self, token: str, keys: Sequence[str], receiver: str) -> None:
        """Raises KeyInvalid."""
        self.token = token
        self._keys = [_key(each) for each in keys if each]
        self._receiver = receiver.encode()
        if not self._keys:
            raise KeyInvalid("no EncodingAESKey")

    def decrypt(self, encrypted: str, given: str, timestamp: str, nonce: str) -> Decrypted:
        """The message of an envelope whose signature is right. Raises SignatureWrong, CiphertextBroken."""
        check(self.token, given, timestamp, nonce, encrypted)
        try:
            sealed = base64.b64decode(encrypted, validate=True)
        except (binascii.Error, ValueError) as error:
            raise CiphertextBroken from error
        for key in self._keys:
            message = _opened(sealed, key, self._receiver)
            if message is not None:
                return Decrypted(message, key)
        raise CiphertextBroken

    def encrypt(self, message: bytes, key: bytes | None = None, random: bytes | None = None) -> str:
        """The message encrypted, in base64. `random`: 16 bytes, for tests."""
        key, head = key or self._keys[0], random or os.urandom(RANDOM_BYTES)
        plain = head + len(message).to_bytes(LENGTH_BYTES, "big") + message + self._receiver
        padder = PKCS7(BLOCK_BITS).padder()
        encryptor = Cipher(AES(key), CBC(key[:16])).encryptor()
        padded = padder.update(plain) + padder.finalize()
        return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()

    def sign(self, encrypted: str, timestamp: str, nonce: str) -> str:
        """The signature of an envelope."""
        return signature(self.token, timestamp, nonce, encrypted)


def _key(text: str) -> bytes:
    if not KEY.fullmatch(text):
        raise KeyInvalid("an EncodingAESKey has 43 letters and digits")
    return base64.b64decode(text + "=")


def _opened(sealed: bytes, key: bytes, receiver: bytes) -> bytes | None:
    """The message, or None if this key, or this receiver, is not the one it was made for."""
    if not sealed or len(sealed) % 16:
        return None
    decryptor = Cipher(AES(key), CBC(key[:16])).decryptor()
    padded = decryptor.update(sealed) + decryptor.finalize()
    unpadder = PKCS7(BLOCK_BITS).unpadder()
    try:
        plain = unpadder.update(padded) + unpadder.finalize()
    except ValueError:
        return None
    start = RANDOM_BYTES + LENGTH_BYTES
    end = start + int.from_bytes(plain[RANDOM_BYTES:start], "big")
    if len(plain) < start or end > len(plain) or not hmac.compare_digest(plain[end:], receiver):
        return None
    return plain[start:end]
