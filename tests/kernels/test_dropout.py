"""Dropout's mask: its shares, and what it depends on."""

from __future__ import annotations

import numpy as np
import pytest
from calls import LayerCall
from scipy import stats

from netlet.kernels.registry import layers

pytestmark = pytest.mark.plain
ROW = layers["dropout"]


def mask_of(n=40, n_in=25, rate=0.375, step=(1, 11, 22, 3, 0), stream=1003, dtype="float64"):
    call = LayerCall(ROW, dtype, n, n_in, step=step)
    call.factors[ROW.factors.index("rate")] = rate
    call.settings[ROW.settings.index("stream")] = stream
    call.x[:] = 1
    return call.forward().copy()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_the_share_dropped_is_the_rate_and_the_mean_stays(rate, dtype):
    mask = mask_of(rate=rate, dtype=dtype)
    kept = mask[mask > 0]
    np.testing.assert_allclose(kept, 1 / (1 - rate), rtol=1e-6)
    assert stats.binomtest(int((mask == 0).sum()), mask.size, rate).pvalue > 1e-3
    assert mask.mean() == pytest.approx(1, abs=4 * np.sqrt(rate / (1 - rate) / mask.size))


def test_every_place_is_dropped_as_often():
    """Over many steps, no column and no row has a share of its own."""
    dropped = sum(mask_of(8, 8, step=(1, 1, 2, number, 0)) == 0 for number in range(150))
    for axis in (0, 1):
        counts = dropped.sum(axis=axis)
        assert stats.chisquare(counts).pvalue > 1e-3


@pytest.mark.parametrize(
    "other",
    [
        {"step": (1, 12, 22, 3, 0)},
        {"step": (1, 11, 23, 3, 0)},
        {"step": (1, 11, 22, 4, 0)},
        {"step": (1, 11, 22, 3, 1)},
        {"stream": 1004},
    ],
    ids=["key_low", "key_high", "step", "row", "layer"],
)
def test_key_step_row_and_layer_each_change_the_mask(other):
    share = (mask_of() == mask_of(**other)).mean()
    assert share == pytest.approx(0.375**2 + 0.625**2, abs=0.06), "masks are not independent"


def test_the_same_key_and_step_give_the_same_mask():
    np.testing.assert_array_equal(mask_of(), mask_of())


@pytest.mark.parametrize("cut", [1, 7, 16, 39])
def test_the_mask_does_not_depend_on_how_the_rows_are_cut(cut):
    parts = [mask_of(min(cut, 40 - first), step=(1, 11, 22, 3, first)) for first in range(0, 40, cut)]
    np.testing.assert_array_equal(np.concatenate(parts), mask_of())


def test_it_is_off_in_evaluation():
    call = LayerCall(ROW, step=(0, 11, 22, 3, 0))
    np.testing.assert_array_equal(call.forward(), call.x)
    np.testing.assert_array_equal(call.backward()[0], call.dy)


def test_a_rate_of_zero_drops_nothing():
    np.testing.assert_array_equal(mask_of(rate=0.0), 1)
