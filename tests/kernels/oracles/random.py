"""Random numbers as the engine must draw them, with Python's own integers."""

from __future__ import annotations

import numpy as np


def philox(key, counter):
    """Return the four words of Philox 4x32-10, with Python's own integers."""
    (k0, k1), (c0, c1, c2, c3) = key, counter
    for _ in range(10):
        high0, low0 = divmod(0xD2511F53 * c0, 2**32)
        high1, low1 = divmod(0xCD9E8D57 * c2, 2**32)
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0, k1 = (k0 + 0x9E3779B9) % 2**32, (k1 + 0xBB67AE85) % 2**32
    return c0, c1, c2, c3


def dropout_mask(shape, rate, stream, step):
    """Return the factors of dropout in training: 0 with probability `rate`, else ``1 / (1 - rate)``.

    A block of four words is drawn for four neighbours in a row; the last one of a row may be used in part.
    """
    _, key_low, key_high, number, first_row = step
    blocks = -(-shape[1] // 4)
    mask = np.empty((shape[0], 4 * blocks))
    for i, j in np.ndindex(shape[0], blocks):
        words = philox((key_low, key_high), ((first_row + i) * blocks + j, stream, number, 0))
        for k, word in enumerate(words):
            mask[i, 4 * j + k] = 0.0 if (word >> 8) / 2**24 < rate else 1 / (1 - rate)
    return mask[:, : shape[1]]
