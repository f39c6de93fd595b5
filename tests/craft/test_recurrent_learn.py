"""What recurrent networks are known to learn."""

from __future__ import annotations

import gzip

import numpy as np
import pytest
from shared_data import shared

from netlet import LSTM, Dense, Input, Network

pytestmark = [pytest.mark.slow, pytest.mark.compiled]


def test_the_lstm_adds_two_numbers_that_lie_far_apart():
    """The adding problem over 50 steps: who guesses the mean has a mean squared error of 1/6."""
    rng = np.random.default_rng(0)

    def samples(n):
        numbers, marks = rng.uniform(size=(n, 50)), np.zeros((n, 50))
        marks[np.arange(n), rng.integers(0, 25, n)] = 1
        marks[np.arange(n), rng.integers(25, 50, n)] = 1
        return np.stack([numbers, marks], axis=2), (numbers * marks).sum(axis=1)

    network = Network([Input((50, 2)), LSTM(32), Dense(1)], seed=0)
    x, y = samples(20_000)
    network.fit(x, y, epochs=12, batch_size=64, learning_rate=5e-3, clip_norm=1.0, progress=False)
    x, y = samples(2000)
    assert np.mean((network.predict(x).ravel() - y) ** 2) < 0.02


def read_idx(name, offset):
    with gzip.open(shared(f"mnist/{name}.gz")) as file:
        return np.frombuffer(file.read(), np.uint8, offset=offset)


def test_the_lstm_reads_digits_row_by_row():
    pixels, labels = read_idx("train-images-idx3-ubyte", 16), read_idx("train-labels-idx1-ubyte", 8).astype(int)
    x = pixels.reshape(-1, 28, 28)[:12_000] / np.float32(255)
    network = Network([Input((28, 28)), LSTM(64), Dense(10, "softmax")], seed=0)
    network.fit(x[:10_000], labels[:10_000], epochs=4, batch_size=64, learning_rate=2e-3, progress=False)
    assert (network.predict(x[10_000:]).argmax(axis=1) == labels[10_000:12_000]).mean() > 0.9
