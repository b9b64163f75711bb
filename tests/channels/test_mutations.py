"""Broken callbacks: never a 5xx, never over 64 KiB read, never an entity expanded."""

from __future__ import annotations

import pytest

from tests.channels.mutations import ENTRANCES, mutate


@pytest.mark.parametrize("name", ENTRANCES)
async def test_broken_bodies_are_refused_and_nothing_else_happens(name: str) -> None:
    statuses = await mutate(name, 2_000, seed=11)
    assert set(statuses) <= {0, 200, 400, 403, 413}
    assert min(statuses[status] for status in (200, 400, 403, 413)) > 0
