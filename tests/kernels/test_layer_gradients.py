"""Every layer's gradients against two-sided finite differences, by random projection."""

from __future__ import annotations

import numpy as np
import oracles
import pytest
from calls import RECURRENT, LayerCall

from netlet.kernels.registry import layers

pytestmark = pytest.mark.plain
STEP = 1e-5  # its square times a third derivative, and 1e-16 over it, are both about 1e-10
SHAPES = [(5, 7, 4), (1, 1, 1), (3, 2, 5)]


def relative_error(function, values, gradient, rng):
    """Compare the slope of `function` along a random direction with what the gradient says.

    Parameters
    ----------
    function : callable
        From no argument to a float; reads `values`.
    values : float64 array
        Moved and put back.
    gradient : array of the same shape

    Returns
    -------
    float
        The difference, relative to the sum of the sizes of the projection's terms.
    """
    direction = rng.normal(size=values.shape)
    if direction.size == 1:
        direction[...] = 1  # a draw near 0 would hardly move it, and measure the rounding
    kept = values.copy()
    values[...] = kept + STEP * direction
    above = function()
    values[...] = kept - STEP * direction
    below = function()
    values[...] = kept
    terms = gradient * direction
    return abs((above - below) / (2 * STEP) - terms.sum()) / max(np.abs(terms).sum(), 1e-3)


def worst_error(call, rng):
    """Return the largest relative error over all inputs and parameters of a call."""
    call.forward()
    gradients = [gradient.copy() for gradient in call.backward()]

    def projected():
        return float((call.forward() * call.dy).sum())

    return max(
        relative_error(projected, values, gradient, rng)
        for values, gradient in zip((call.x, call.x2, call.theta), gradients, strict=True)
        if has_slope(call, values, gradient)
    )


def has_slope(call, values, gradient):
    """Tell whether there are numbers to move: categories and lengths are whole numbers, whose gradient is 0."""
    whole = {"embedding": call.x, "embedding_bag": call.x} | dict.fromkeys((*RECURRENT, "padded_attention"), call.x2)
    if call.row.name in whole and np.array_equal(values, whole[call.row.name]):
        assert not gradient.any()
        return False
    return values.size > 0


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", layers)
def test_gradient_is_the_slope_in_float64(name, shape):
    n, n_in, units = shape
    rng = np.random.default_rng(7)
    for seed in range(3):
        assert worst_error(LayerCall(layers[name], n=n, n_in=n_in, units=units, seed=seed), rng) < 2e-8


@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])
@pytest.mark.parametrize("n_derived", [0, 7 * 4], ids=["from W", "from W^T"])
def test_gradient_of_dense_in_each_of_its_forms(bias, n_derived):
    call = LayerCall(layers["dense"], bias=bias, n_derived=n_derived)
    assert worst_error(call, np.random.default_rng(0)) < 2e-8


@pytest.mark.parametrize("name", layers)
def test_gradient_is_the_slope_in_float32(name):
    """In float32 the slope is the oracle's, in float64 at the same numbers; 2e-6 is some 30 roundings of a term."""
    call = LayerCall(layers[name], "float32", seed=3)
    call.forward()
    gradients = call.backward()
    x, x2, theta = (values.astype(np.float64) for values in (call.x, call.x2, call.theta))

    def projected():
        return float((oracles.LAYERS[name](x, x2, theta, *call.named_settings, call.step) * call.dy).sum())

    rng = np.random.default_rng(7)
    for values, gradient in zip((x, x2, theta), gradients, strict=True):
        if has_slope(call, values, gradient):
            assert relative_error(projected, values, gradient.astype(np.float64), rng) < 2e-6


@pytest.mark.parametrize("name", [name for name in layers if name != "step"])
def test_the_check_finds_a_planted_error(name):
    """A check that cannot fail proves nothing: a gradient that is wrong by 0.1 % in one number is found.

    The gradient of step is 0, which 0.1 % does not change: see the next test.
    """

    class Planted(LayerCall):
        def backward(self):
            gradients = super().backward()
            row = self.dx[self.dx.shape[0] // 2] if not name.startswith("embedding") else self.dtheta
            row[np.abs(row).argmax()] *= 1.001
            return gradients

    call = Planted(layers[name], n_in=4, n=3)
    assert worst_error(call, np.random.default_rng(1)) > 1e-6


def test_the_check_finds_a_slope_that_is_not_there():
    class Planted(LayerCall):
        def backward(self):
            gradients = super().backward()
            self.dx[1, 2] = 1e-3
            return gradients

    assert worst_error(LayerCall(layers["step"]), np.random.default_rng(1)) == 0
    assert worst_error(Planted(layers["step"]), np.random.default_rng(1)) > 1e-6
