"""What only the dense layer has: gradients by ranges of rows, and the transposed weight that it derives."""

from __future__ import annotations

import numpy as np
import pytest
from calls import LayerCall

from netlet.kernels.registry import layers

pytestmark = pytest.mark.plain
ROW = layers["dense"]


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_any_range_of_rows_gives_that_part_of_the_gradient(dtype, bias):
    call = LayerCall(ROW, dtype, n=9, n_in=6, units=5, bias=bias)
    call.forward()
    whole = call.backward()[2].copy().reshape(-1, 5)
    for first in range(call.n_rows):
        for last in range(first + 1, call.n_rows + 1):
            part = call.guarded.array(f"rows {first} to {last}", ((last - first) * 5,))
            call.parameter_gradient(first, last, part)
            tolerance = 1e-5 if dtype == "float32" else 1e-14
            np.testing.assert_allclose(part.reshape(-1, 5), whole[first:last], rtol=tolerance, atol=tolerance)
    call.guarded.check()


@pytest.mark.parametrize("bias", [True, False])
def test_derived_is_the_transposed_weight(bias):
    call = LayerCall(ROW, n_in=6, units=4, bias=bias, n_derived=24)
    ROW.derive(call.theta, call.settings, call.factors, 0, call.n_rows, call.derived)
    np.testing.assert_array_equal(call.derived.reshape(4, 6), call.theta[:24].reshape(6, 4).T)


def test_deriving_a_range_of_rows_changes_those_alone():
    call = LayerCall(ROW, n_in=6, units=4, n_derived=24)
    call.derived[:] = -1
    ROW.derive(call.theta, call.settings, call.factors, 2, 5, call.derived)
    expected = np.full((4, 6), -1.0)
    expected[:, 2:5] = call.theta[:24].reshape(6, 4).T[:, 2:5]
    np.testing.assert_array_equal(call.derived.reshape(4, 6), expected)


def test_both_ways_to_the_gradient_of_the_input_agree():
    calls = [LayerCall(ROW, n=9, n_in=6, units=5, n_derived=size) for size in (0, 30)]
    for call in calls:
        call.forward()
        call.backward()
    np.testing.assert_allclose(calls[0].dx, calls[1].dx, rtol=1e-14, atol=1e-14)
