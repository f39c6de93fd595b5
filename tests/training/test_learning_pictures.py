"""Networks with convolution: the same bits from any number of threads, and they learn to read digits."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import numpy as np
import pytest
from test_same_bits import n_cuts, trained

from netlet import (
    AveragePool2D,
    Conv1D,
    Conv2D,
    Dense,
    Flatten,
    GlobalAveragePool,
    Input,
    LayerNorm,
    MaxPool1D,
    MaxPool2D,
    Network,
    Softmax,
    Upsample,
)

SHARED = Path(os.environ.get("NETLET_SHARED_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
MNIST = SHARED / "mnist"


def every_kind(dtype="float32"):
    """Return a network with direct, pointwise, grouped and other convolutions, and all that makes pictures smaller."""
    return Network(
        [
            Input((12, 10, 2)),
            Conv2D(8, (2, 3), padding="same", activation="relu"),
            MaxPool2D(3, 2, "same"),
            Conv2D(8, 3, padding=1, groups=8, activation="relu"),
            Conv2D(12, 1),
            LayerNorm(),
            Upsample(),
            Conv2D(24, 3, stride=2, activation="silu"),
            AveragePool2D(2, 1),
            Conv2D(7, (2, 2), dilation=(2, 1), groups=1),
            Flatten(),
            Dense(3),
            Softmax(),
        ],
        seed=1,
        dtype=dtype,
    )


@pytest.mark.compiled
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_any_number_of_threads_gives_the_same_bits(dtype):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(230, 240)).astype(dtype), rng.integers(0, 3, 230)
    assert n_cuts(every_kind(), 100) >= 3, "the network is too small to say anything"
    found = [trained(every_kind(dtype), x, y, n_threads=n_threads, batch_size=100) for n_threads in (1, 2, 3)]
    for theta, losses in found[1:]:
        np.testing.assert_array_equal(theta, found[0][0])
        np.testing.assert_array_equal(losses, found[0][1])


@pytest.mark.plain
def test_stripes_that_lie_and_that_stand_are_told_apart():
    rng = np.random.default_rng(0)
    x, y = rng.normal(0, 0.3, (60, 6, 6)), np.arange(60) % 2
    for picture, stands in zip(x, y, strict=True):
        place = rng.integers(0, 6)
        picture[(slice(None), place) if stands else place] += 1.5
    layers = [Input((6, 6, 1)), Conv2D(8, 3, activation="relu"), MaxPool2D(), GlobalAveragePool(), Dense(2), Softmax()]
    network = Network(layers, seed=0)
    losses = network.fit(x.reshape(60, 36), y, epochs=25, batch_size=20, learning_rate=0.03, progress=False)
    assert losses.column("loss")[-1] < 0.4 * losses.column("loss")[0]


@pytest.mark.plain
def test_a_network_over_sequences_learns():
    rng = np.random.default_rng(0)
    x, y = rng.normal(0, 0.3, (60, 10)), np.arange(60) % 2
    for row, rises in zip(x, y, strict=True):
        place = rng.integers(0, 7)
        row[place : place + 3] += [-1, 0, 1] if rises else [1, 0, -1]
    layers = [Input((10, 1)), Conv1D(8, 3, padding="same", activation="relu"), MaxPool1D(), Flatten(), Dense(2)]
    losses = Network([*layers, Softmax()], seed=0).fit(
        x, y, epochs=25, batch_size=20, learning_rate=0.03, progress=False
    )
    assert losses.column("loss")[-1] < 0.4 * losses.column("loss")[0]


def mnist(part):
    with gzip.open(MNIST / f"{part}-images-idx3-ubyte.gz") as file:
        pictures = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 784)
    with gzip.open(MNIST / f"{part}-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), np.uint8, offset=8)
    return pictures.astype(np.float32) / 255, labels.astype(np.int64)


@pytest.mark.slow
@pytest.mark.compiled
@pytest.mark.skipif(
    not MNIST.is_dir(), reason="MNIST is not here; NETLET_SHARED_DATA names the folder that holds mnist/"
)
def test_2000_handwritten_digits_are_enough_to_read_most_others():
    x, y = mnist("train")
    network = Network(
        [
            Input((28, 28, 1)),
            Conv2D(8, 3, activation="relu"),
            MaxPool2D(),
            Conv2D(16, 3, activation="relu"),
            MaxPool2D(),
            Flatten(),
            Dense(10),
            Softmax(),
        ],
        seed=0,
    )
    network.fit(x[:2000], y[:2000], epochs=8, batch_size=64, progress=False)
    right = network.predict(x[2000:2500]).argmax(axis=1) == y[2000:2500]
    assert right.mean() > 0.9
