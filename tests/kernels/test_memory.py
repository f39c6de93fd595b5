"""Views of a flat buffer, and where arrays begin."""

from __future__ import annotations

import numba
import numpy as np
import pytest

from netlet.kernels import memory
from netlet.kernels.compiling import PLAIN

pytestmark = pytest.mark.plain


def _views(buffer):
    memory.vector(buffer, 2, 3)[:] = 1
    grid = memory.matrix(buffer, 6, 2, 3)
    for i in range(2):
        for j in range(3):
            grid[i, j] = 10 * i + j
    flat = memory.flat(grid)
    flat[5] = -1
    return flat.size


views = _views if PLAIN else numba.njit(_views)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64"])
def test_views_are_places_of_the_buffer(dtype):
    for buffer in (np.zeros(13, dtype), np.zeros((1, 13), dtype)):
        assert views(buffer) == 6
        np.testing.assert_array_equal(buffer.ravel(), [0, 0, 1, 1, 1, 0, 0, 1, 2, 10, 11, -1, 0])


@pytest.mark.parametrize("shape", [(0,), (1,), (7,), (3, 5), (2, 16)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_aligned_arrays_begin_at_a_cache_line(dtype, shape):
    for _ in range(5):
        array = memory.aligned_zeros(shape, dtype)
        assert array.shape == shape
        assert array.dtype == dtype
        assert array.flags.c_contiguous
        assert array.ctypes.data % memory.LINE == 0 or not array.size
        assert not array.any()
