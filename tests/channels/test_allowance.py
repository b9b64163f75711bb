"""How much may be said to somebody, and until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from knowledge.allowance import Allows, Grant, left, read, spent, with_grant, written

NOW = datetime(2026, 11, 27, 3, tzinfo=UTC)
MESSAGE = Allows("message", 5, timedelta(hours=48))
CLICK = Allows("click", 3, timedelta(minutes=1))


def test_five_messages_after_a_message_and_then_none() -> None:
    grants = [MESSAGE.at(NOW)]
    for _ in range(5):
        grants = spent(grants, NOW) or []
    assert spent(grants, NOW) is None


def test_what_ends_first_is_used_first() -> None:
    grants = with_grant([MESSAGE.at(NOW)], CLICK.at(NOW))
    assert left(spent(grants, NOW) or [], NOW + timedelta(minutes=2)) == 5


def test_after_its_time_nothing_is_left() -> None:
    assert left([MESSAGE.at(NOW)], NOW + timedelta(hours=48)) == 0
    assert spent([CLICK.at(NOW)], NOW + timedelta(minutes=1)) is None


def test_a_new_message_gives_five_again_and_not_ten() -> None:
    assert left(with_grant([MESSAGE.at(NOW)], MESSAGE.at(NOW)), NOW) == 5


@given(st.lists(st.sampled_from(["message", "click", "spend", "wait"])))
def test_never_more_is_sent_than_was_granted(happenings: list[str]) -> None:
    grants: list[Grant] = []
    now, granted, sent = NOW, 0, 0
    for happening in happenings:
        if happening == "wait":
            now += timedelta(seconds=40)
        elif happening == "spend":
            after = spent(grants, now)
            sent, grants = sent + (after is not None), after or []
        else:
            new = (MESSAGE if happening == "message" else CLICK).at(now)
            granted, grants = granted + new.left, with_grant(grants, new)
        assert read(written(grants)) == grants
    assert sent <= granted
