"""Every layer at its edges: batches of any size, NaN, huge numbers, and nothing touched that is not its own."""

from __future__ import annotations

import numpy as np
import pytest
from calls import LayerCall, expected_of

from netlet.kernels.compiling import PLAIN
from netlet.kernels.registry import layers

pytestmark = pytest.mark.plain
SIZES = [(n, n_in) for n in (0, 1, 2, 3, 17, 33) for n_in in (1, 2, 5, 16, 31)]


def untouched(call):
    """Return copies of what a layer may only read."""
    return [values.copy() for values in (call.x, call.x2, call.theta, call.factors, call.settings)]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", layers)
def test_nothing_beyond_the_arrays_is_read_or_written(name, dtype):
    for n, n_in in SIZES[::3] if PLAIN else SIZES:
        call = LayerCall(layers[name], dtype, n, n_in, units=n_in % 4 + 1)
        before = untouched(call)
        call.forward()
        call.backward()
        call.guarded.check()
        for values, kept in zip(untouched(call), before, strict=True):
            np.testing.assert_array_equal(values, kept)
        for values in call.written.values():
            assert np.isfinite(values).all(), "an output was not written, or a band was read"


@pytest.mark.parametrize("name", layers)
def test_outputs_are_overwritten_and_never_added_to(name):
    once, twice = LayerCall(layers[name], seed=2), LayerCall(layers[name], seed=2)
    for call, times in ((once, 1), (twice, 2)):
        for _ in range(times):
            call.forward()
            call.backward()
    for word in ("y", "dx", "dx2", "dtheta", "derived"):
        np.testing.assert_array_equal(getattr(twice, word), getattr(once, word))


@pytest.mark.parametrize("name", layers)
def test_an_empty_batch_has_a_gradient_of_zero(name):
    call = LayerCall(layers[name], n=0)
    call.forward()
    assert not call.backward()[2].any()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", [name for name in layers if not name.startswith("embedding")])
def test_a_nan_is_not_hidden(name, dtype):
    """Not forward, in the sample where it is and nowhere else; and not backward.

    In evaluation, since batch normalisation mixes the rows of a batch in training. An embedding's numbers are checked
    before it reads them, and no gradient goes through it (test_embedding.py has what a bag does with its weights).
    Behind the first outputs of a periodic or piecewise-linear embedding, its inputs as they are, are no parameters: its
    last are taken.
    """
    from_the_end = name in ("periodic_embedding", "piecewise_linear_embedding")
    for column in range(3):
        call = LayerCall(layers[name], dtype, n=3, n_in=3, step=(0, 0, 0, 0, 0))
        call.x[1, column] = np.nan
        y = call.forward()
        np.testing.assert_array_equal(np.isnan(y), np.isnan(expected_of(call)))
        assert np.isfinite(y[[0, 2]]).all()
        call = LayerCall(layers[name], dtype, n=3, n_in=3, step=(0, 0, 0, 0, 0))
        call.x[:] = np.abs(call.x)
        call.dy[1, -1 - column if from_the_end else column % call.dy.shape[1]] = np.nan
        call.forward()
        dx, _, dtheta = call.backward()
        assert np.isnan(dx[1]).any()
        assert np.isfinite(dx[[0, 2]]).all()
        assert np.isnan(dtheta).any() or not dtheta.size


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ["sigmoid", "softmax", "tanh"])
def test_huge_numbers_saturate(name, dtype):
    call = LayerCall(layers[name], dtype, n=2, n_in=3)
    call.x[:] = [[1e4, -1e4, 0], [1e30, 1e30, -1e30]]
    y = call.forward()
    assert (np.abs(y) <= 1).all()
    assert np.isfinite(call.backward()[0]).all()


# Far left: value and derivative. Far right: how often the input, plus what, and the derivative.
SELU = 1.0507009873554805
FAR = {
    "elu": ((-0.5, 0), (1, 0, 1)),
    "gelu": ((0, 0), (1, 0, 1)),
    "gelu_tanh": ((0, 0), (1, 0, 1)),
    "mish": ((0, 0), (1, 0, 1)),
    "selu": ((-1.7580993408473769, 0), (SELU, 0, SELU)),
    "sigmoid": ((0, 0), (0, 1, 0)),
    "silu": ((0, 0), (1, 0, 1)),
    "softplus": ((0, 0), (1, 0, 1)),
    "step": ((0, 0), (0, 1, 0)),
    "tanh": ((-1, 0), (0, 1, 0)),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", FAR)
def test_far_from_zero_values_and_derivatives_are_their_limits(name, dtype):
    (value, left), (times, offset, right) = FAR[name]
    call = LayerCall(layers[name], dtype, n=2, n_in=3)
    call.x[:] = [[-1e4, -1e30, -np.inf], [1e4, 1e30, np.inf]]
    call.dy[:] = 1
    y = call.forward()
    dx, _, _ = call.backward()
    tolerance = 1e-6 if dtype == "float32" else 1e-15
    np.testing.assert_allclose(y[0], value, rtol=tolerance)
    np.testing.assert_allclose(dx[0], left, rtol=tolerance)
    np.testing.assert_allclose(y[1], times * call.x[1] + offset if times else offset, rtol=tolerance)
    np.testing.assert_allclose(dx[1], right, rtol=tolerance)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_exponential_overflows_to_infinity_and_underflows_to_zero(dtype):
    call = LayerCall(layers["exponential"], dtype, n=1, n_in=4)
    call.x[:], call.dy[:] = [-np.inf, -1e30, 1e30, np.inf], 1
    np.testing.assert_array_equal(call.forward()[0], [0, 0, np.inf, np.inf])
    np.testing.assert_array_equal(call.backward()[0][0], [0, 0, np.inf, np.inf])
