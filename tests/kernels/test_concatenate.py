"""Concatenating along the last axis of values that have several."""

from __future__ import annotations

import numpy as np
import pytest
from calls import LayerCall

from netlet.kernels.registry import layers

pytestmark = pytest.mark.plain


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_last_axis_is_joined(dtype):
    """Samples of shapes (2, 3) and (2, 5) give samples of shape (2, 8)."""
    call = LayerCall(layers["concatenate"], dtype, n=4, n_in=6, n_in2=10, width=3, width2=5)
    expected = np.concatenate([call.x.reshape(4, 2, 3), call.x2.reshape(4, 2, 5)], axis=2)
    np.testing.assert_array_equal(call.forward().reshape(4, 2, 8), expected)
    dx, dx2, _ = call.backward()
    np.testing.assert_array_equal(dx.reshape(4, 2, 3), call.dy.reshape(4, 2, 8)[:, :, :3])
    np.testing.assert_array_equal(dx2.reshape(4, 2, 5), call.dy.reshape(4, 2, 8)[:, :, 3:])
    call.guarded.check()
