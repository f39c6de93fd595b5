"""Rows set aside: how many, which, and by class."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netlet.data import split_rows


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(0, 5), min_size=4, max_size=80),
    st.floats(0.05, 0.6),
    st.integers(0, 3),
)
def test_every_row_once_and_every_class_stays(labels: list[int], share: float, seed: int) -> None:
    y = np.array(labels)
    kept, aside = split_rows(len(y), share, seed, y)
    assert sorted([*kept, *aside]) == list(range(len(y)))
    assert set(y[kept]) == set(y)


def test_shares_of_classes() -> None:
    y = np.repeat([0, 1, 2], [100, 50, 10])
    _, aside = split_rows(160, 0.2, 0, y)
    assert np.bincount(y[aside]).tolist() == [20, 10, 2]


def test_seed() -> None:
    first, again, other = (split_rows(100, 0.2, seed)[1].tolist() for seed in (3, 3, 4))
    assert first == again != other


def test_nothing_aside() -> None:
    kept, aside = split_rows(10, 0)
    assert (len(kept), len(aside)) == (10, 0)


def test_errors() -> None:
    with pytest.raises(ValueError, match=r"share=1\.5 is not in 0 <= share < 1"):
        split_rows(10, 1.5)
    with pytest.raises(ValueError, match=r"share=0\.99 sets aside all of the 10 rows"):
        split_rows(10, 0.99)
