"""What only the embedding has: gradients by ranges of its table's rows, in which categories may repeat or be absent."""

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
