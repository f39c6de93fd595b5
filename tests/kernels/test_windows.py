"""Convolution and pooling with every kind of window: values, gradients, cuts of the rows and of the parameters."""

from __future__ import annotations

import numpy as np
import pytest
from calls import LayerCall, expected_of, plain
from geometries import CASES, CONVOLUTIONS, GROUPED, NAMES, Geometry
from test_layer_gradients import worst_error
from test_layer_values import TOLERANCE, assert_close

from netlet.kernels.registry import layers

pytestmark = pytest.mark.plain
WEIGHTED = [("convolution", each) for each in CONVOLUTIONS.values()]
WEIGHTED += [("grouped_convolution", each) for each in GROUPED.values()]
WEIGHTED_NAMES = [*CONVOLUTIONS, *GROUPED]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("row", "name", "geometry"), CASES, ids=NAMES)
def test_values_are_the_oracles_and_nothing_else_is_touched(row, name, geometry, dtype):
    del name
    for n, bias in ((3, True), (1, False), (0, True)):
        call = geometry.call(row, dtype=dtype, n=n, bias=bias)
        terms = geometry.kernel[0] * geometry.kernel[1] * geometry.shape[2]
        assert_close(call.forward(), expected_of(call), TOLERANCE[dtype] * max(1, terms / 20) ** 0.5)
        dx, _, dtheta = call.backward()
        assert np.isfinite(dx).all()
        assert np.isfinite(dtheta).all()
        call.guarded.check()


@pytest.mark.parametrize(("row", "name", "geometry"), CASES, ids=NAMES)
def test_gradient_is_the_slope(row, name, geometry):
    del name
    for bias in (True, False):
        assert worst_error(geometry.call(row, n=2, bias=bias), np.random.default_rng(3)) < 2e-8


@pytest.mark.parametrize("transposed", [True, False], ids=["from W^T", "from W"])
def test_gradient_of_a_convolution_in_each_of_its_forms(transposed):
    geometry = CONVOLUTIONS["same"]
    call = geometry.call("convolution", n_derived=18 * 3 if transposed else 0)
    assert worst_error(call, np.random.default_rng(0)) < 2e-8


@pytest.mark.parametrize(("row", "geometry"), WEIGHTED, ids=WEIGHTED_NAMES)
def test_a_range_of_parameter_rows_is_that_part_of_the_gradient(row, geometry):
    call = geometry.call(row, n=4)
    call.forward()
    whole = call.backward()[2].reshape(call.n_rows, -1).copy()
    for first, last in [(0, 1), (1, call.n_rows - 1), (call.n_rows // 2, call.n_rows), (call.n_rows - 1, call.n_rows)]:
        part = np.full((last - first, whole.shape[1]), np.nan)
        call.parameter_gradient(first, last, part.reshape(-1))
        np.testing.assert_allclose(part, whole[first:last], rtol=0, atol=1e-13 * np.abs(whole).max())
    call.guarded.check()


@pytest.mark.parametrize(("row", "name", "geometry"), CASES, ids=NAMES)
def test_a_sample_does_not_depend_on_the_others(row, name, geometry):
    """Its neighbours are NaN: what a copy reads beyond a patch must not stay there."""
    del name
    call, alone = (geometry.call(row, n=3, seed=1) for _ in range(2))
    call.x[[0, 2]] = np.nan
    np.testing.assert_allclose(call.forward()[1], alone.forward()[1], rtol=1e-14, atol=1e-14)
    call.forward()
    alone.forward()
    call.dy[[0, 2]] = np.nan
    np.testing.assert_allclose(call.backward()[0][1], alone.backward()[0][1], rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_first_of_several_maxima_gets_the_gradient(dtype):
    call = Geometry((4, 4, 9), (3, 3), (1, 1)).call("max_pooling", dtype=dtype, n=2)
    call.x[:], call.dy[:] = 1.0, 1.0
    np.testing.assert_array_equal(call.forward(), 1)
    dx = call.backward()[0].reshape(2, 4, 4, 9)
    expected = np.zeros((4, 4))
    expected[:2, :2] = 1
    np.testing.assert_array_equal(dx, np.broadcast_to(expected[..., None], dx.shape))


@pytest.mark.parametrize("channels", [1, 8])
def test_a_nan_is_the_maximum_and_gets_the_gradient(channels):
    call = Geometry((2, 2, channels), (2, 2), (2, 2)).call("max_pooling", n=1)
    call.x[:] = np.repeat([5.0, np.nan, 7.0, 1.0], channels)
    assert np.isnan(call.forward()).all()
    np.testing.assert_array_equal(call.backward()[0].reshape(4, channels)[[0, 2, 3]], 0)
    np.testing.assert_array_equal(call.dx.reshape(4, channels)[1], call.dy[0])


def test_padding_is_not_averaged_in():
    call = Geometry((1, 3, 1), (1, 2), (1, 2), ((0, 0), (1, 0))).call("average_pooling", n=1)
    call.x[0] = [4, 6, 8]
    np.testing.assert_array_equal(call.forward()[0], [4, 7])


@pytest.mark.parametrize("factors", [(1, 1), (2, 3), (3, 1)])
@pytest.mark.parametrize("shape", [(2, 3, 1), (1, 4, 9), (3, 2, 8)])
def test_upsampling_of_other_shapes(shape, factors):
    names = ("height", "width", "channels", "factor_height", "factor_width")
    given = dict(zip(names, (*shape, *factors), strict=True))
    call = LayerCall(layers["upsampling"], n=2, n_in=int(np.prod(shape)), **given)
    np.testing.assert_array_equal(call.forward(), expected_of(call))
    assert worst_error(call, np.random.default_rng(0)) < 2e-8


@pytest.mark.compiled
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("row", "name", "geometry"), CASES, ids=NAMES)
def test_plain_text_gives_the_compiled_numbers(row, name, geometry, dtype):
    del name
    compiled, text = (geometry.call(row, dtype=dtype, seed=5) for _ in range(2))
    for call, of in ((compiled, lambda function: function), (text, plain)):
        call.forward(of)
        call.backward(of)
        call.guarded.check()
    terms = geometry.kernel[0] * geometry.kernel[1] * geometry.shape[2]
    for word in ("y", "dx", "dtheta"):
        scale = max(1, terms / 20) ** 0.5
        assert_close(getattr(text, word), getattr(compiled, word), TOLERANCE[dtype] * scale)
