"""Which samples a step sees.

Sample j is row j of the identity matrix, its target is 1, and the network is one weight for each sample, beginning at
0. After one epoch of gradient descent at a learning rate of 1, weight j is 1 over the size of the batch that sample j
was in, once.
"""

from __future__ import annotations

import numpy as np
import pytest

from netlet import SGD, Dense, Network

pytestmark = pytest.mark.plain


def one_epoch(n=10, batch_size=4, seed=0, **settings):
    """Return each sample's share of its batch; 0 where no step saw it."""
    network = Network([Dense(1, bias=False, initialiser="zeros")], seed=seed, dtype="float64")
    network.fit(np.eye(n), np.ones(n), optimizer=SGD(1.0), epochs=1, batch_size=batch_size, progress=False, **settings)
    return network.theta.copy()


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize(("n", "batch_size"), [(10, 4), (10, 5), (7, 1), (9, 8), (5, 100), (6, "all"), (1, 1)])
def test_every_sample_is_seen_once_an_epoch(n, batch_size, shuffle):
    size = n if batch_size == "all" else min(batch_size, n)
    whole, rest = divmod(n, size)
    expected = np.array([1 / size] * (whole * size) + [1 / max(rest, 1)] * rest)
    np.testing.assert_allclose(np.sort(one_epoch(n, batch_size, shuffle=shuffle)), np.sort(expected), rtol=1e-14)


def test_without_shuffling_the_last_samples_are_the_smaller_batch():
    np.testing.assert_allclose(one_epoch(shuffle=False), [1 / 4] * 8 + [1 / 2] * 2, rtol=1e-14)


def test_another_seed_draws_another_order():
    orders = {tuple(one_epoch(n=30, batch_size=4, seed=seed)) for seed in range(8)}
    assert len(orders) > 5


def test_every_epoch_draws_another_order():
    network = Network([Dense(1, bias=False, initialiser="zeros")], seed=0, dtype="float64")
    seen, before = [], np.zeros(30)

    def note(state):
        # The remaining error of a sample shrinks by its share of its batch.
        share = 1 - (1 - state.network.theta) / (1 - before)
        seen.append(tuple(np.flatnonzero(share > 0.4)))
        before[:] = state.network.theta

    network.fit(np.eye(30), np.ones(30), optimizer=SGD(1.0), epochs=6, batch_size=4, callbacks=[note], progress=False)
    assert all(len(last) == 2 for last in seen)
    assert len(set(seen)) > 3


@pytest.mark.parametrize("shuffle", [True, False])
def test_rows_held_out_for_validation_are_not_trained_on(shuffle):
    shares = one_epoch(n=20, batch_size=4, validation_share=0.25, shuffle=shuffle)
    assert (shares == 0).sum() == 5
    np.testing.assert_allclose(np.sort(shares[shares > 0]), [1 / 4] * 12 + [1 / 3] * 3, rtol=1e-14)


def test_another_seed_holds_other_rows_out():
    held = {tuple(np.flatnonzero(one_epoch(n=20, validation_share=0.25, seed=seed) == 0)) for seed in range(6)}
    assert len(held) > 3


@pytest.mark.parametrize("batch_size", [4, "all"])
@pytest.mark.parametrize("shuffle", [True, False])
def test_the_data_are_left_as_they_were(shuffle, batch_size):
    x = np.random.default_rng(0).normal(size=(11, 3)).astype(np.float32)
    y, weights = x[:, :1] + 1, np.arange(1, 12, dtype=np.float32)
    kept = [values.copy() for values in (x, y, weights)]
    Network([Dense(1)], seed=0).fit(
        x, y, sample_weight=weights, batch_size=batch_size, shuffle=shuffle, epochs=2, progress=False
    )
    for values, copy in zip((x, y, weights), kept, strict=True):
        np.testing.assert_array_equal(values, copy)
