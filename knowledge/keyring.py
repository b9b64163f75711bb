"""The keys with which personal data is sealed in the database: AES-256-GCM, several keys at once so that they rotate.

A sealed value is the key's number (4 bytes), a random nonce (12 bytes, NIST SP 800-38D: good for 2^32 values a key),
and the ciphertext with its tag. The context (`context` in knowledge/sealing.py: table, column, row) is authenticated
with it: a value that is moved to another row does not open there.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NUMBER_BYTES = 4
NONCE_BYTES = 12
LARGEST_NUMBER = 2**31 - 1


class KeysInvalid(ValueError):
    """The text of the keys can't be read. The message never holds a key."""


class KeyMissing(LookupError):
    """A value was sealed with a key (its number) that the ring doesn't hold."""


class SealBroken(Exception):
    """A sealed value does not open: it was changed, it belongs to another row, or the key of that number is another."""


class Key:
    """One key and what is derived from it (HKDF-SHA-256): for each purpose a key of its own."""

    __slots__ = ("check", "index", "number", "sealing", "text")

    def __init__(self, number: int, secret: bytes) -> None:
        self.number = number
        self.text = f"{number}:{base64.b64encode(secret).decode()}"
        self.sealing = AESGCM(_derived(secret, "seal"))
        self.index = _derived(secret, "index")
        self.check = _derived(secret, "check")
        """Tells two keys of one number apart, and says nothing of the key: it may be stored beside what was sealed."""

    def __repr__(self) -> str:
        return f"Key({self.number})"


class Keyring:
    """The keys, the newest seals. The oldest makes the fingerprints, so that a new key leaves them as they are."""

    def __init__(self, keys: Mapping[int, Key], path: Path | None = None) -> None:
        """`path`: the file they came from; it is read again when a value names a key that was added since."""
        self._keys = _in_order(keys)
        self._path = path

    @classmethod
    def of(cls, text: str) -> Self:
        """The ring from `2:base64key,1:base64key` (32 bytes each, commas or lines between). Raises KeysInvalid."""
        return cls(_read(text))

    @classmethod
    def load_or_make(cls, path: Path) -> Self:
        """The ring in that file; a file with one new key, readable by its owner alone, where there is none.

        Of several processes that make it at once one wins, and all of them read its key. Raises KeysInvalid, OSError.
        """
        if not path.exists():
            _write_new(path, new_key(1).text)
        return cls(_read(_text_of(path)), path)

    @property
    def numbers(self) -> list[int]:
        """The keys' numbers, the newest first."""
        return list(self._keys)

    @property
    def newest(self) -> Key:
        """The key that seals."""
        return next(iter(self._keys.values()))

    @property
    def oldest(self) -> Key:
        """The key that makes fingerprints."""
        return next(reversed(self._keys.values()))

    @property
    def checks(self) -> dict[int, bytes]:
        """For each key's number what tells it apart from another key of that number."""
        return {number: key.check for number, key in self._keys.items()}

    @property
    def text(self) -> str:
        """All keys, as `of` reads them. Secret."""
        return ",".join(key.text for key in self._keys.values())

    def with_new_key(self) -> Keyring:
        """This ring and a new newest key; for rings from a file, the file is written (whole or not at all)."""
        added = new_key(self.newest.number + 1)
        ring = Keyring({**self._keys, added.number: added}, self._path)
        if self._path:
            _replace(self._path, ring.text)
        return ring

    def without(self, number: int) -> Keyring:
        """This ring without a key, in memory alone. Raises KeyMissing, KeysInvalid for the newest."""
        if number not in self._keys:
            raise KeyMissing(number)
        if number == self.newest.number:
            raise KeysInvalid(f"key {number} is the newest: it seals")
        return Keyring({each: key for each, key in self._keys.items() if each != number}, self._path)

    def write(self) -> None:
        """Put this ring into its file, for rings from a file."""
        if self._path:
            _replace(self._path, self.text)

    def seal(self, plain: bytes, context: str) -> bytes:
        """The bytes sealed with the newest key; they open only with the same context."""
        key, nonce = self.newest, secrets.token_bytes(NONCE_BYTES)
        return _number_bytes(key) + nonce + key.sealing.encrypt(nonce, plain, context.encode())

    def unseal(self, sealed: bytes, context: str) -> bytes:
        """The bytes that were sealed. Raises KeyMissing, SealBroken."""
        key = self._key(sealing_number(sealed))
        nonce, body = sealed[NUMBER_BYTES : NUMBER_BYTES + NONCE_BYTES], sealed[NUMBER_BYTES + NONCE_BYTES :]
        try:
            return key.sealing.decrypt(nonce, body, context.encode())
        except (InvalidTag, ValueError) as error:
            raise SealBroken(context) from error

    def fingerprint(self, text: str) -> bytes:
        """What finds a text again without keeping it: the key's number and HMAC-SHA-256; 36 bytes.

        With the oldest key, and not the newest: equal texts must keep equal fingerprints when a key is added.
        """
        key = self.oldest
        return _number_bytes(key) + hmac.digest(key.index, text.encode(), hashlib.sha256)

    def is_sealed_newest(self, sealed: bytes) -> bool:
        """Whether the newest key sealed this."""
        return sealing_number(sealed) == self.newest.number

    @property
    def newest_prefix(self) -> bytes:
        """How everything begins that the newest key sealed."""
        return _number_bytes(self.newest)

    @property
    def index_prefix(self) -> bytes:
        """How every fingerprint of this ring begins."""
        return _number_bytes(self.oldest)

    def _key(self, number: int) -> Key:
        if number not in self._keys and self._path:
            self._keys = _in_order(_read(_text_of(self._path)))
        if number not in self._keys:
            raise KeyMissing(number)
        return self._keys[number]


def new_key(number: int) -> Key:
    """A new random key."""
    return Key(number, secrets.token_bytes(KEY_BYTES))


def sealing_number(sealed: bytes) -> int:
    """The number of the key that sealed this (or made this fingerprint). Raises SealBroken: it is nothing of ours."""
    if len(sealed) < NUMBER_BYTES + NONCE_BYTES:
        raise SealBroken("too short")
    return int.from_bytes(sealed[:NUMBER_BYTES])


def _number_bytes(key: Key) -> bytes:
    return key.number.to_bytes(NUMBER_BYTES)


def _derived(secret: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"bangban {purpose}".encode()).derive(secret)


def _in_order(keys: Mapping[int, Key]) -> dict[int, Key]:
    return dict(sorted(keys.items(), reverse=True))


def _text_of(path: Path) -> str:
    return path.read_text(encoding="ascii", errors="replace")


def _read(text: str) -> dict[int, Key]:
    entries = [entry for entry in re.split(r"[,\s]+", text) if entry]
    keys = [_entry(place, entry) for place, entry in enumerate(entries, 1)]
    if not keys:
        raise KeysInvalid("there is no key in it")
    if len({key.number for key in keys}) < len(keys):
        raise KeysInvalid("two keys have the same number")
    return {key.number: key for key in keys}


def _entry(place: int, entry: str) -> Key:
    number, _, encoded = entry.partition(":")
    if not re.fullmatch(r"[1-9]\d{0,9}", number, re.ASCII) or int(number) > LARGEST_NUMBER:
        raise KeysInvalid(f"entry {place} does not begin with a number and a colon")
    try:
        secret = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise KeysInvalid(f"key {number} is no base64") from error
    if len(secret) != KEY_BYTES:
        raise KeysInvalid(f"key {number} has {len(secret)} bytes instead of {KEY_BYTES}")
    return Key(int(number), secret)


def _write_new(path: Path, text: str) -> None:
    """A file that appears whole, unless another process made it first."""
    written = _temporary(path, text)
    try:
        os.link(written, path)
    except FileExistsError:
        pass  # another process was first: its key counts
    finally:
        written.unlink()


def _replace(path: Path, text: str) -> None:
    _temporary(path, text).replace(path)


def _temporary(path: Path, text: str) -> Path:
    """A file beside it, mode 0600, with the text on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text.replace(",", "\n") + "\n")
        file.flush()
        os.fsync(file.fileno())
    return Path(name)
