"""Random numbers: the generator's published answers, the distributions, and orders that are equally likely."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import oracles
import pytest
from calls import native
from scipy import stats

from netlet.kernels import random
from netlet.kernels.compiling import PLAIN

pytestmark = pytest.mark.plain
COUNT = 4_000 if PLAIN else 40_000


def block(key, counter):
    """Return the words of a block as the text gives them."""
    return random.philox(*key, *counter)


# kat_vectors of Random123, philox 4x32 with 10 rounds: counter, key, answer.
ALL = 0xFFFFFFFF
KNOWN = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((ALL, ALL, ALL, ALL), (ALL, ALL), (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_philox_gives_the_published_answers(counter, key, answer):
    assert tuple(block(key, counter)) == answer
    assert tuple(block(map(np.int64, key), map(np.int64, counter))) == answer, "NumPy's integers warn of overflow"
    assert oracles.philox(key, counter) == answer


@pytest.mark.parametrize("seed", [0, 1, 2**32 + 5, 2**64 - 1])
@pytest.mark.parametrize("stream", [random.STREAM_WEIGHTS, random.STREAM_ORDER, random.STREAM_LAYERS + 3])
def test_a_generator_draws_block_after_block(seed, stream):
    """So the text that is compiled is the one with the published answers."""
    values, generator = np.empty(11), random.new_generator(seed, stream)
    native(random.fill_uniform)(values, generator, 0.0, 1.0)
    words = [w for n in range(3) for w in oracles.philox((seed % 2**32, seed >> 32), (n, 0, stream, 0))]
    np.testing.assert_array_equal(values, [(word >> 8) / 2**24 for word in words[:11]])
    assert generator[random.COUNT] == 3
    native(random.fill_uniform)(values, generator, 0.0, 1.0)
    following = oracles.philox((seed % 2**32, seed >> 32), (3, 0, stream, 0))[0]
    assert values[0] == (following >> 8) / 2**24


def test_a_count_beyond_32_bits_reaches_the_second_word():
    generator = random.new_generator(7, 1)
    generator[random.COUNT] = 5 * 2**32 + 9
    values = np.empty(1)
    native(random.fill_uniform)(values, generator, 0.0, 1.0)
    assert values[0] == (oracles.philox((7, 0), (9, 5, 1, 0))[0] >> 8) / 2**24


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_uniform_numbers_are_uniform(dtype):
    values = np.empty(COUNT + 3, dtype)
    native(random.fill_uniform, dtype)(values, random.new_generator(1, 0), -2.0, 3.0)
    assert values.min() >= -2
    assert values.max() <= 3
    assert stats.kstest(values, stats.uniform(-2, 5).cdf).pvalue > 1e-3
    assert abs(np.corrcoef(values[:-1], values[1:])[0, 1]) < 4 / np.sqrt(COUNT)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_normal_numbers_are_normal(dtype):
    values = np.empty(COUNT + 3, dtype)
    native(random.fill_normal, dtype)(values, random.new_generator(2, 0), 1.5, 0.5)
    assert stats.kstest(values, stats.norm(1.5, 0.5).cdf).pvalue > 1e-3
    assert abs(np.corrcoef(values[:-1], values[1:])[0, 1]) < 4 / np.sqrt(COUNT)
    assert np.isfinite(values).all()


@pytest.mark.parametrize("n", [0, 1, 2, 3, 10, 100])
def test_shuffled_numbers_are_all_there(n):
    order = np.arange(n)
    native(random.shuffle)(order, random.new_generator(3, random.STREAM_ORDER))
    np.testing.assert_array_equal(np.sort(order), np.arange(n))
    if n >= 10:
        assert (order != np.arange(n)).any()


def test_every_order_is_equally_likely():
    shuffle, generator = native(random.shuffle), random.new_generator(4, random.STREAM_ORDER)
    counts = dict.fromkeys(permutations(range(4)), 0)
    for _ in range(COUNT // 4):
        order = np.arange(4)
        shuffle(order, generator)
        counts[tuple(map(int, order))] += 1
    assert stats.chisquare(list(counts.values())).pvalue > 1e-3


def test_the_same_seed_gives_the_same_order_and_another_another():
    orders = [np.arange(50) for _ in range(4)]
    for order, (seed, stream) in zip(orders, [(5, 1), (5, 1), (6, 1), (5, 2)], strict=True):
        native(random.shuffle)(order, random.new_generator(seed, stream))
    np.testing.assert_array_equal(orders[0], orders[1])
    assert (orders[0] != orders[2]).any()
    assert (orders[0] != orders[3]).any()
