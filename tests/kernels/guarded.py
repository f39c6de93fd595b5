"""Arrays between two bands of NaN: a read beyond the edge spoils the result, a write beyond it is found."""

from __future__ import annotations

import math

import numpy as np

BAND = 40  # numbers on each side


class Guarded:
    """Makes contiguous arrays, each with its bands."""

    def __init__(self, dtype):
        self.dtype = np.dtype(dtype)
        self._buffers = {}

    def array(self, name, shape, values=np.nan):
        size = math.prod(shape)
        buffer = np.full(size + 2 * BAND, np.nan, self.dtype)
        view = buffer[BAND : BAND + size].reshape(shape)
        view[...] = values
        self._buffers[name] = buffer
        return view

    def check(self):
        """Assert that no band was written to."""
        for name, buffer in self._buffers.items():
            assert np.isnan(buffer[:BAND]).all(), f"written before the start of {name}"
            assert np.isnan(buffer[-BAND:]).all(), f"written beyond the end of {name}"
