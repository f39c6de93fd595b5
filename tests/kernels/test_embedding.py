"""What only the embeddings have: gradients by ranges of the table's rows, where categories repeat or are absent."""

from __future__ import annotations

import numpy as np
import pytest
from calls import LayerCall

from netlet.kernels.registry import layers

pytestmark = pytest.mark.plain


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_any_range_of_rows_gives_that_part_of_the_gradient(dtype):
    call = LayerCall(layers["embedding"], dtype, n=9, n_in=2, categories=7, dimensions=3)
    call.forward()
    whole = call.backward()[2].copy().reshape(7, 3)
    expected = np.zeros((7, 3))
    for i, column in np.ndindex(9, 2):
        expected[int(call.x[i, column])] += call.dy[i, 3 * column : 3 * column + 3]
    np.testing.assert_allclose(whole, expected, rtol=0, atol=1e-6 if dtype == "float32" else 1e-15)
    for first in range(7):
        for last in range(first + 1, 8):
            part = call.guarded.array(f"rows {first} to {last}", ((last - first) * 3,))
            call.parameter_gradient(first, last, part)
            np.testing.assert_array_equal(part.reshape(-1, 3), whole[first:last])
    call.guarded.check()


def test_the_first_and_the_last_category_are_within_the_table():
    call = LayerCall(layers["embedding"], n=2, n_in=1, categories=5, dimensions=2)
    call.x[:] = [[0], [4]]
    np.testing.assert_array_equal(call.forward(), call.theta.reshape(5, 2)[[0, 4]])
    call.backward()
    call.guarded.check()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_bag_by_any_range_of_rows(dtype):
    call = LayerCall(layers["embedding_bag"], dtype, n=9, n_in=4, categories=7, dimensions=3)
    call.x2[:, 2] = 0  # padding, here in the middle
    call.forward()
    whole = call.backward()[2].copy().reshape(7, 3)
    expected = np.zeros((7, 3))
    for i, t in np.ndindex(9, 4):
        expected[int(call.x[i, t])] += float(call.x2[i, t]) * call.dy[i].astype(np.float64)
    np.testing.assert_allclose(whole, expected, rtol=0, atol=3e-6 if dtype == "float32" else 1e-14)
    for first in range(7):
        for last in range(first + 1, 8):
            part = call.guarded.array(f"rows {first} to {last}", ((last - first) * 3,))
            call.parameter_gradient(first, last, part)
            np.testing.assert_array_equal(part.reshape(-1, 3), whole[first:last])
    call.guarded.check()


def test_what_a_bag_pads_with_is_not_read_and_a_nan_among_its_weights_is_not_hidden():
    call = LayerCall(layers["embedding_bag"], n=3, n_in=2, categories=5, dimensions=2)
    call.theta.reshape(5, 2)[0] = np.nan
    call.x[:] = [[1, 0], [2, 0], [3, 4]]
    call.x2[:] = [[2, 0], [np.nan, 0], [1, 1]]
    y = call.forward()
    np.testing.assert_array_equal(np.isnan(y), [[False] * 2, [True] * 2, [False] * 2])
    np.testing.assert_array_equal(y[0], 2 * call.theta[2:4])
    dtheta = call.backward()[2].reshape(5, 2)
    np.testing.assert_array_equal(np.isnan(dtheta).any(axis=1), [False, False, True, False, False])
