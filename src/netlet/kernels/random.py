"""Random numbers: the counter-based generator Philox 4x32-10, one state array per network.

A block of four random 32-bit words is a pure function of a key (the seed) and a counter. So a dropout mask depends only
on the step, the layer and the place in the batch, never on which thread drew it; and the generator that shuffles keeps
nothing but a key and a count of blocks in an array of its own. All words are held in int64, where their products keep
the right bits.

Reference: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
"""

from __future__ import annotations

import numpy as np

from netlet.kernels.compiling import inline, native

# Slots of a generator's state array.
KEY_LOW, KEY_HIGH, STREAM, COUNT = 0, 1, 2, 3
STATE_SIZE = 4
# Streams: which use of the seed a block belongs to. Random layers take STREAM_LAYERS plus their node's number.
STREAM_WEIGHTS, STREAM_ORDER, STREAM_SPLIT, STREAM_BIASES, STREAM_LAYERS = 0, 1, 2, 3, 1000

_WORD = 0xFFFFFFFF
_MULTIPLIER_0, _MULTIPLIER_1 = 0xD2511F53, 0xCD9E8D57
_WEYL_0, _WEYL_1 = 0x9E3779B9, 0xBB67AE85


def new_generator(seed: int, stream: int) -> np.ndarray:
    """Return the state array of a generator: int64, shape (4,), for a seed of 64 bits and one of the streams."""
    return np.array([seed & _WORD, (seed >> 32) & _WORD, stream, 0], dtype=np.int64)


@inline
def _round(key0, key1, c0, c1, c2, c3):
    product0, product1 = _MULTIPLIER_0 * c0, _MULTIPLIER_1 * c2
    return (
        ((product1 >> 32) & _WORD) ^ c1 ^ key0,
        product1 & _WORD,
        ((product0 >> 32) & _WORD) ^ c3 ^ key1,
        product0 & _WORD,
    )


@inline
def _next_key(key0, key1):
    return (key0 + _WEYL_0) & _WORD, (key1 + _WEYL_1) & _WORD


@inline
def _five_rounds(key0, key1, c0, c1, c2, c3):
    """Do five rounds, written out: LLVM vectorises a caller's loop only if there is no loop within."""
    c0, c1, c2, c3 = _round(key0, key1, c0, c1, c2, c3)
    key0, key1 = _next_key(key0, key1)
    c0, c1, c2, c3 = _round(key0, key1, c0, c1, c2, c3)
    key0, key1 = _next_key(key0, key1)
    c0, c1, c2, c3 = _round(key0, key1, c0, c1, c2, c3)
    key0, key1 = _next_key(key0, key1)
    c0, c1, c2, c3 = _round(key0, key1, c0, c1, c2, c3)
    key0, key1 = _next_key(key0, key1)
    c0, c1, c2, c3 = _round(key0, key1, c0, c1, c2, c3)
    key0, key1 = _next_key(key0, key1)
    return key0, key1, c0, c1, c2, c3


@inline
def philox(key0, key1, c0, c1, c2, c3):
    """Return the block of four 32-bit words that belongs to a key and a counter: ten rounds."""
    # Without Numba the table's numbers are NumPy's, which warn where a product needs more than 63 bits; Python's own do
    # not.
    key0, key1, c0, c1, c2, c3 = int(key0), int(key1), int(c0), int(c1), int(c2), int(c3)
    key0, key1, c0, c1, c2, c3 = _five_rounds(key0, key1, c0, c1, c2, c3)
    key0, key1, c0, c1, c2, c3 = _five_rounds(key0, key1, c0, c1, c2, c3)
    return c0, c1, c2, c3


@inline
def next_block(generator):
    """Advance a generator by one block of four words."""
    count = int(generator[COUNT])
    generator[COUNT] = count + 1
    return philox(
        int(generator[KEY_LOW]), int(generator[KEY_HIGH]), count & _WORD, count >> 32, int(generator[STREAM]), 0
    )


@inline
def unit(word):
    """Turn a word into a float64 in [0, 1) of 24 random bits, which float32 holds exactly."""
    return (word >> 8) * 5.9604644775390625e-08


def _fill_signature(real):
    from numba import types

    return types.void(types.Array(real, 1, "C"), types.Array(types.int64, 1, "C"), types.float64, types.float64)


@native(_fill_signature)
def fill_uniform(values, generator, low, high):
    """Fill `values` with draws from the uniform distribution over [low, high)."""
    for start in range(0, values.size, 4):
        block = next_block(generator)
        for i in range(min(4, values.size - start)):
            values[start + i] = low + (high - low) * unit(block[i])


@native(_fill_signature)
def fill_normal(values, generator, mean, deviation):
    """Fill `values` with draws from the normal distribution (Box and Muller: one pair of uniforms, two normals)."""
    for start in range(0, values.size, 4):
        block = next_block(generator)
        for i in range(min(4, values.size - start)):
            pair = i - i % 2
            radius = np.sqrt(-2.0 * np.log(1.0 - unit(block[pair])))
            angle = 2.0 * np.pi * unit(block[pair + 1])
            values[start + i] = mean + deviation * radius * (np.cos(angle) if i % 2 == 0 else np.sin(angle))


def _shuffle_signature(real):
    from numba import types

    return types.void(types.Array(types.int64, 1, "C"), types.Array(types.int64, 1, "C"))


@native(_shuffle_signature)
def shuffle(order, generator):
    """Shuffle `order` in place (Fisher and Yates; for up to 2^32 entries).

    An index below `n` is the high word of `word * n`. The few words that would make some indices more likely are passed
    over (Lemire, "Fast random integer generation in an interval", 2019), so that every order is equally likely.
    """
    used = 4
    block = (0, 0, 0, 0)
    for last in range(order.size - 1, 0, -1):
        n = last + 1
        while True:
            if used == 4:
                block = next_block(generator)
                used = 0
            product = block[used] * n
            used += 1
            low = product & _WORD
            if low >= n or low >= (_WORD + 1) % n:  # the first test spares nearly every division
                break
        chosen = (product >> 32) & _WORD
        moved = order[last]
        order[last] = order[chosen]
        order[chosen] = moved
