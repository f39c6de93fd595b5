"""Memory: a population holds the samples once, however many members it has."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from netlet import Dense, Network, Population, Softmax
from netlet.population.member import Member

N_MEMBERS, N_ROWS = 200, 20_000


@pytest.fixture(scope="module")
def samples():
    rng = np.random.default_rng(0)
    return rng.normal(size=(N_ROWS, 20)).astype(np.float32), rng.integers(0, 3, N_ROWS)  # 1.6 MB


def network(seed):
    return Network([Dense(4, activation="relu"), Dense(3), Softmax()], seed=seed)


def peak_of(function):
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        function()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def folds(k):
    """Return rows to train on and to validate on, other ones for every member: 1 % of the samples each."""
    held = np.arange(k * 100, k * 100 + 200) % N_ROWS
    return {"rows": np.arange(k, k + 200), "validation_rows": held}


@pytest.mark.compiled
@pytest.mark.parametrize(
    "options",
    [
        lambda k: {},
        lambda k: {"batch_size": "all", "shuffle": False},
        folds,
        lambda k: {"optimizer": "lbfgs", "batch_size": None},
        lambda k: folds(k) | {"optimizer": "lbfgs", "batch_size": None},
        lambda k: {"class_weight": "balanced"},
    ],
    ids=["usual", "all at once", "folds", "lbfgs", "folds, lbfgs", "weights of classes"],
)
def test_two_hundred_members_hold_the_samples_once(samples, options):
    """As float64, which all convert: one copy of X is wanted, and what two trainings need at a time."""
    x, y = samples

    def train(count):
        members = [Member(network(seed), **options(seed)) for seed in range(count)]
        Population(members, epochs=1, batch_size=512).fit(x.astype(np.float64), y, n_threads=2, progress=False)

    train(2)  # compiled, and with what a process keeps
    few, many = peak_of(lambda: train(4)), peak_of(lambda: train(N_MEMBERS))
    # Lists, networks and settings take some 10 kB a member; a copy of X for each would take 1.6 MB.
    assert many - few < N_MEMBERS * 30_000, f"{(many - few) / N_MEMBERS:.0f} bytes a member"


@pytest.mark.compiled
def test_what_is_held_out_is_copied_when_a_training_begins(samples):
    """A share of its own for every member: all copies together would be 20 times the samples."""
    x, y = samples
    population = Population([Member(network(seed), validation_share=0.1) for seed in range(N_MEMBERS)], epochs=0)
    population.fit(x[:100], y[:100], progress=False)
    rows = N_ROWS * 8  # row numbers take 8 bytes, once for the training and once for those held out
    assert peak_of(lambda: population.fit(x, y, progress=False)) < N_MEMBERS * (rows + 30_000) + 2 * x.nbytes
