"""Memory: the samples are not copied, and nothing grows from epoch to epoch."""

from __future__ import annotations

import gc
import tracemalloc

import numpy as np
import pytest
from problems import classifier

from netlet.training import trainer

pytestmark = pytest.mark.compiled


@pytest.fixture
def samples():
    rng = np.random.default_rng(0)
    return rng.normal(size=(40_000, 50)).astype(np.float32), rng.integers(0, 3, 40_000)  # 8 MB


def peak_of(function):
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        function()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "settings", [{}, {"shuffle": False}, {"batch_size": 1000}], ids=["shuffled", "in order", "large"]
)
def test_training_does_not_copy_the_samples(samples, settings):
    x, y = samples
    network = classifier()
    network.fit(x[:100], y[:100], epochs=1, progress=False)
    assert peak_of(lambda: network.fit(x, y, epochs=2, progress=False, **settings)) < x.nbytes / 4


def test_the_samples_are_read_where_they_lie(samples, monkeypatch):
    x, y = samples
    given = []
    run = trainer.Team.run

    def spy(self, function, arguments, *others, **named):
        given.extend(value for value in arguments if isinstance(value, np.ndarray) and value.shape == x.shape)
        return run(self, function, arguments, *others, **named)

    monkeypatch.setattr(trainer.Team, "run", spy)
    classifier().fit(x, y, epochs=1, progress=False)
    assert given
    assert all(np.shares_memory(value, x) for value in given)


def test_predicting_and_evaluating_do_not_copy_the_samples(samples):
    x, y = samples
    network = classifier()
    network.fit(x[:100], y[:100], epochs=1, progress=False)
    network.predict(x[:10])
    network.evaluate(x[:100], y[:100])
    assert peak_of(lambda: network.predict(x)) < x.nbytes / 4
    assert peak_of(lambda: network.evaluate(x, y)) < x.nbytes / 4


def test_nothing_grows_from_epoch_to_epoch(samples):
    x, y = samples
    network, sizes = classifier(), {}

    def note(state):
        if state.epoch in (10, 60):
            sizes[state.epoch] = tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        network.fit(
            x[:2000],
            y[:2000],
            epochs=60,
            validation_data=(x[2000:3000], y[2000:3000]),
            callbacks=[note],
            progress=False,
        )
    finally:
        tracemalloc.stop()
    assert sizes[60] - sizes[10] < 50 * 1000, "more than the history's entry of some 500 bytes an epoch"


def test_nothing_stays_behind_from_fit_to_fit(samples):
    x, y = samples[0][:500], samples[1][:500]
    network = classifier()

    def train(times):
        for _ in range(times):
            network.fit(x, y, epochs=1, progress=False)

    train(3)
    tracemalloc.start()
    try:
        train(3)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        train(20)
        gc.collect()  # what waits for Python's collector has not stayed behind
        assert tracemalloc.get_traced_memory()[0] - before < 20_000
    finally:
        tracemalloc.stop()
