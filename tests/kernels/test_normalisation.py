"""What only the layers that normalise have: running statistics, freezing, rows of the last axis, and sound sums."""

from __future__ import annotations

import numpy as np
import pytest
from calls import LayerCall, expected_of
from test_layer_gradients import worst_error

from netlet.kernels.registry import layers

pytestmark = pytest.mark.plain
BATCH, LAYER, SCALING = (layers[name] for name in ("batch_normalisation", "layer_normalisation", "scaling"))


def run(call, x, step=(1, 0, 0, 0, 0)):
    call.x[:], call.step = x, step
    return call.forward().copy()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_running_statistics_of_three_batches_by_hand(dtype):
    """With momentum 1/4, one feature, batches with means 1, 4, -2 and unbiased variances 2, 0, 8."""
    call = LayerCall(BATCH, dtype, n=2, n_in=1)
    expected = [
        ([0, 2], 0.25, 0.75 + 0.5),
        ([4, 4], 0.1875 + 1, 0.9375),
        ([-4, 0], 0.75 * 1.1875 - 0.5, 0.703125 + 2),
    ]
    for batch, mean, variance in expected:
        run(call, np.reshape(batch, (2, 1)))
        np.testing.assert_array_equal(call.state, [mean, variance])
    # They are what evaluation uses, and what it leaves as they are.
    call.theta[:] = 2, 1
    y = run(call, [[0.390625], [10.390625]], (0, 0, 0, 0, 0))
    np.testing.assert_allclose(
        y, [[1], [1 + 20 / np.sqrt(2.703125 + 0.25)]], rtol=1e-6 if dtype == "float32" else 1e-15
    )
    np.testing.assert_array_equal(call.state, [0.390625, 2.703125])


def test_two_rows_worked_by_hand():
    """Batch mean 3 and biased variance 3/4: with eps = 1/4, r = 1 and x^ = x - 3."""
    call = LayerCall(BATCH, n=2, n_in=1)
    root = np.sqrt(0.75)
    call.theta[:], call.dy[:] = [2, 5], [[1], [3]]
    np.testing.assert_allclose(run(call, [[3 + root], [3 - root]]), [[5 + 2 * root], [5 - 2 * root]], rtol=1e-15)
    dx, _, dtheta = call.backward()
    # ds = root - 3 root, dt = 4; dx = 2 (dy - 2 - x^ (-2 root) / 2) = 2 (-1 + 3/4), 2 (1 - 3/4)
    np.testing.assert_allclose(dtheta, [-2 * root, 4], rtol=1e-15)
    np.testing.assert_allclose(dx, [[-0.5], [0.5]], rtol=2e-15)


def test_frozen_it_uses_the_running_statistics_in_training_and_leaves_them():
    call = LayerCall(BATCH, n=5, n_in=3, frozen=1)
    call.state[:] = [1, -2, 0.5, 2, 0.75, 3]
    before = call.state.copy()
    y = call.forward().copy()
    expected = call.theta[:3] * (call.x - before[:3]) / np.sqrt(before[3:] + 0.25) + call.theta[3:]
    np.testing.assert_allclose(y, expected, rtol=1e-14)
    np.testing.assert_array_equal(call.state, before)
    np.testing.assert_array_equal(run(call, call.x.copy(), (0, 0, 0, 0, 0)), y)
    assert worst_error(call, np.random.default_rng(0)) < 2e-8


def test_frozen_rows_do_not_depend_on_one_another():
    whole = LayerCall(BATCH, n=6, n_in=3, frozen=1, seed=4)
    whole.forward()
    whole.backward()
    part = LayerCall(BATCH, n=2, n_in=3, frozen=1)
    part.theta[:], part.x[:], part.dy[:] = whole.theta, whole.x[2:4], whole.dy[2:4]
    part.forward()
    part.backward()
    np.testing.assert_array_equal(part.y, whole.y[2:4])
    np.testing.assert_array_equal(part.dx, whole.dx[2:4])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_single_row_gives_the_shift_and_leaves_the_running_variance(dtype):
    call = LayerCall(BATCH, dtype, n=1, n_in=3)
    call.state[3:] = 2
    np.testing.assert_array_equal(call.forward()[0], call.theta[3:])
    np.testing.assert_array_equal(call.state[3:], 2)
    np.testing.assert_allclose(call.state[:3], call.x[0] / 4, rtol=1e-6)
    np.testing.assert_array_equal(call.backward()[0], 0)


def test_an_empty_batch_leaves_the_state():
    call = LayerCall(BATCH, n=0, n_in=3)
    call.forward()
    call.backward()
    np.testing.assert_array_equal(call.state, [0, 0, 0, 1, 1, 1])


def test_a_nan_spreads_over_its_feature_alone():
    """In training every number of the feature depends on it."""
    call = LayerCall(BATCH, n=4, n_in=3)
    call.x[2, 1] = np.nan
    assert np.isnan(call.forward()[:, 1]).all()
    assert np.isfinite(call.y[:, [0, 2]]).all()
    call = LayerCall(BATCH, n=4, n_in=3)
    call.dy[2, 1] = np.nan
    call.forward()
    dx, _, dtheta = call.backward()
    np.testing.assert_array_equal(np.isnan(dx), np.tile([False, True, False], (4, 1)))
    np.testing.assert_array_equal(np.isnan(dtheta), [False, True, False] * 2)


@pytest.mark.parametrize("row", [BATCH, LAYER, SCALING], ids=lambda row: row.name)
def test_a_feature_is_a_place_on_the_last_axis(row):
    """Samples of shape (4, 3) are four rows of three features."""
    call = LayerCall(row, n=5, n_in=12, features=3)
    assert call.theta.size == (3 if row is SCALING else 6)
    np.testing.assert_allclose(call.forward(), expected_of(call), rtol=1e-13)
    flat = LayerCall(row, n=20, n_in=3)
    flat.theta[:], flat.x[:], flat.dy[:] = call.theta, call.x.reshape(20, 3), call.dy.reshape(20, 3)
    np.testing.assert_array_equal(flat.forward().reshape(5, 12), call.y)
    np.testing.assert_array_equal(flat.state, call.state)
    for found, expected in zip(call.backward(), flat.backward(), strict=True):
        np.testing.assert_array_equal(found.ravel(), expected.ravel())
    assert worst_error(call, np.random.default_rng(0)) < 2e-8
    call.guarded.check()


@pytest.mark.parametrize("row", [BATCH, LAYER], ids=lambda row: row.name)
def test_either_row_of_the_parameters_may_be_asked_for_alone(row):
    call = LayerCall(row, n=5, n_in=4)
    call.forward()
    whole = call.backward()[2].copy()
    for first in (0, 1):
        part = call.guarded.array(f"row {first}", (4,))
        call.parameter_gradient(first, first + 1, part)
        np.testing.assert_array_equal(part, whole[4 * first : 4 * first + 4])
    call.guarded.check()


@pytest.mark.parametrize("row", [BATCH, LAYER], ids=lambda row: row.name)
def test_float32_holds_far_from_0(row):
    """Features of 1000 +- 1 in 3000 rows. That x is rounded to 6e-5 is not the layer's; its own error is to be less."""
    n, m = (3000, 2) if row is BATCH else (2, 3000)
    call = LayerCall(row, "float32", n=n, n_in=m)
    call.x[:] = np.random.default_rng(0).normal(1000, 1, (n, m))
    call.theta[:m], call.theta[m:] = 1, 0
    assert np.abs(call.forward() - expected_of(call)).max() < 3e-5
