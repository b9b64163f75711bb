"""Keys and what they seal, without a database."""

from __future__ import annotations

import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.keyring import Key, KeyMissing, Keyring, KeysInvalid, SealBroken

TEN, TWELVE = Key(10, bytes(range(32))), Key(12, bytes(range(1, 33)))
"""Always the same, so that every run of the tests gives them the same names."""
RING = Keyring({10: TEN, 12: TWELVE})
OLD = Keyring({10: TEN})
PLACE = "resident.person:01ARZ3NDEKTSV4RRFFQ69G5FAV"


@given(plain=st.binary(max_size=200), place=st.text(max_size=40))
def test_what_is_sealed_opens_again_and_never_looks_twice_the_same(plain: bytes, place: str) -> None:
    sealed = RING.seal(plain, place)
    assert RING.unseal(sealed, place) == plain
    assert RING.seal(plain, place) != sealed


def test_a_sealed_value_does_not_open_in_another_row() -> None:
    with pytest.raises(SealBroken):
        RING.unseal(RING.seal(b"13900000001", PLACE), PLACE[:-1] + "W")


@given(place=st.integers(min_value=4, max_value=42), bit=st.integers(min_value=0, max_value=7))
def test_one_bit_changed_is_noticed(place: int, bit: int) -> None:
    sealed = bytearray(RING.seal(b"13900000001", PLACE))
    sealed[place % len(sealed)] ^= 1 << bit
    with pytest.raises((SealBroken, KeyMissing)):
        RING.unseal(bytes(sealed), PLACE)


@given(junk=st.binary(max_size=60))
def test_what_was_never_sealed_is_refused_by_name(junk: bytes) -> None:
    with pytest.raises((SealBroken, KeyMissing)):
        RING.unseal(junk, PLACE)


def test_an_older_key_still_opens_and_the_newest_seals() -> None:
    assert RING.unseal(OLD.seal(b"x", PLACE), PLACE) == b"x"
    with pytest.raises(KeyMissing, match="12"):
        OLD.unseal(RING.seal(b"x", PLACE), PLACE)


def test_fingerprints_stay_when_a_key_is_added_and_differ_between_keys() -> None:
    assert RING.fingerprint("430423") == OLD.fingerprint("430423") != Keyring({12: TWELVE}).fingerprint("430423")
    assert b"430423" not in RING.fingerprint("430423")


def test_a_ring_is_read_in_any_order_and_says_itself_newest_first() -> None:
    ring = Keyring.of(f" {TEN.text}\n{TWELVE.text}, ")
    assert (ring.numbers, ring.newest.number, ring.oldest.number) == ([12, 10], 12, 10)
    assert Keyring.of(ring.text).unseal(RING.seal(b"x", PLACE), PLACE) == b"x"


SHORT = base64.b64encode(b"short").decode()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no key"),
        (" ,\n", "no key"),
        (SHORT, "entry 1 does not begin with a number"),
        (f"0:{SHORT}", "entry 1 does not begin"),
        (f"9999999999:{SHORT}", "entry 1 does not begin"),
        (f"{TEN.text},2:ключ", "key 2 is no base64"),
        (f"{TEN.text},2:{SHORT}", "key 2 has 5 bytes instead of 32"),
        (f"{TEN.text},{TEN.text}", "same number"),
    ],
)
def test_keys_that_are_none_are_refused_with_the_reason_and_never_shown(text: str, reason: str) -> None:
    with pytest.raises(KeysInvalid, match=reason) as refused:
        Keyring.of(text)
    assert SHORT not in str(refused.value)


@given(st.text())
def test_any_text_is_a_ring_or_refused(text: str) -> None:
    with suppress(KeysInvalid):
        Keyring.of(text)


def test_a_missing_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "var" / "keys"
    with ThreadPoolExecutor(8) as processes:
        rings = list(processes.map(lambda _: Keyring.load_or_make(path), range(8)))
    assert len({ring.text for ring in rings}) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["keys"]


def test_a_running_ring_learns_of_a_key_that_was_added_to_its_file(tmp_path: Path) -> None:
    running = Keyring.load_or_make(tmp_path / "keys")
    added = Keyring.load_or_make(tmp_path / "keys").with_new_key()
    assert added.numbers == [2, 1]
    assert running.numbers == [1]
    assert running.unseal(added.seal(b"x", PLACE), PLACE) == b"x"
    assert running.numbers == [2, 1]
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o600


def test_a_key_is_taken_out_of_the_file_but_never_the_newest(tmp_path: Path) -> None:
    ring = Keyring.load_or_make(tmp_path / "keys").with_new_key()
    with pytest.raises(KeysInvalid):
        ring.without(2)
    with pytest.raises(KeyMissing):
        ring.without(7)
    ring.without(1).write()
    assert Keyring.load_or_make(tmp_path / "keys").numbers == [2]


def test_keys_do_not_show_in_what_is_printed() -> None:
    secret = TEN.text.partition(":")[2]
    assert secret not in f"{TEN!r} {RING!r} {RING.__dict__!r}"
