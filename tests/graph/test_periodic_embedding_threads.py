"""The periodic and the piecewise-linear embedding learn the same with any number of threads."""

from __future__ import annotations

import numpy as np
import pytest

from netlet import Dense, Input, Network
from netlet.graph.layers import PeriodicEmbedding, PiecewiseLinearEmbedding


@pytest.mark.parametrize("embedding", [PeriodicEmbedding(), PiecewiseLinearEmbedding()])
def test_threads_learn_the_same_bit_by_bit(embedding):
    """Its parameters' gradients must not read parameters: other threads are updating them."""
    x = np.random.default_rng(0).normal(size=(700, 7))
    learnt = []
    for n_threads in (1, 2, 3, 2):
        network = Network([Input(7), embedding, Dense(64, "relu"), Dense(1)], seed=0)
        network.fit(x, np.sin(4 * x[:, :1]), epochs=6, batch_size=128, n_threads=n_threads, progress=False)
        learnt.append(network.theta.copy())
    for theta in learnt[1:]:
        np.testing.assert_array_equal(theta, learnt[0])
