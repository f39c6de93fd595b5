"""How much gradient reaches each step: against a recurrence whose powers are known, and what is said of it."""

from __future__ import annotations

import numpy as np
import pytest

from netlet import GRU, RNN, Dense, Embedding, Flatten, Input, Network

pytestmark = pytest.mark.plain
STEPS = 30


def multiplying(factor):
    """Return a recurrence that multiplies its one state, always positive, by a factor at each step."""
    network = Network([Input((STEPS, 1)), RNN(1, activation="relu"), Dense(1)], seed=0, dtype="float64")
    for name, value in (("rnn_1.weight", 1.0), ("rnn_1.recurrent_weight", factor), ("dense_1.weight", 1.0)):
        network.parameters[name][:] = value
    return network


@pytest.mark.parametrize("factor", [0.5, 1.0, 1.5])
def test_the_gradient_at_a_step_is_a_power_of_the_factor(factor):
    x, y = np.ones((2, STEPS, 1)), np.zeros(2)
    network = multiplying(factor)
    found = network.gradient_over_time(x, y)
    expected = network.predict(x).ravel()[0] * factor ** np.arange(STEPS - 1, -1, -1)
    np.testing.assert_allclose(found.norms, expected, rtol=1e-12)
    np.testing.assert_allclose(found.share, expected[:3].mean() / expected[-3:].mean())


@pytest.mark.parametrize(("factor", "words"), [(0.5, "vanishing gradient"), (1.5, "exploding gradient"), (1.0, None)])
def test_it_is_named(factor, words):
    finding = multiplying(factor).gradient_over_time(np.ones((2, STEPS, 1)), np.zeros(2)).finding
    assert finding is None if words is None else finding.startswith(words)
    assert words is None or f"of {STEPS} steps" in finding


def test_a_healthy_network_is_not_named():
    rng = np.random.default_rng(0)
    network = Network([Input((8, 2)), GRU(8), Dense(1)], seed=0)
    found = network.gradient_over_time(rng.normal(size=(8, 8, 2)), rng.normal(size=8))
    assert found.finding is None
    assert str(found).startswith("first to last of 8 steps")


def test_tokens_have_the_length_of_their_vectors_gradient():
    network = Network([Input(5), Embedding(4, 3), Flatten(), Dense(1)], seed=0, dtype="float64")
    x, y = np.random.default_rng(0).integers(0, 4, (6, 5)), np.zeros(6)
    found = network.gradient_over_time(x, y)
    np.testing.assert_allclose(found.norms, network.input_gradient(x, y).mean(axis=0))


def test_what_is_no_sequence_is_refused():
    network = Network([Input((4, 4, 1)), Flatten(), Dense(1)], seed=0)
    with pytest.raises(ValueError, match=r"one sequence, \(time, features\), not \[\(4, 4, 1\)\]"):
        network.gradient_over_time(np.ones((1, 16)), np.ones(1))
