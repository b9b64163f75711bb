"""Vectors are kept in one byte a component, and compared as if they were not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.meaning import BLOCK, cosines_of

SIZE = 24


@given(st.integers(0, 2**32 - 1), st.sampled_from([0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 7]))
def test_a_block_at_a_time_gives_the_cosines_of_all(seed: int, count: int) -> None:
    chance = np.random.default_rng(seed)
    rows = chance.integers(-127, 128, (count, SIZE), dtype=np.int8)
    vector = chance.normal(size=SIZE).astype(np.float32)
    whole = (rows.astype(np.float64) / 127) @ vector
    assert cosines_of(rows, vector) == pytest.approx(whole, abs=1e-4)
