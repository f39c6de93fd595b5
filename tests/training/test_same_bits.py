"""The same seed gives the same bits, whatever the number of threads and whatever else the machine does."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from problems import classes, classifier

from netlet import SGD, Add, Dense, Dropout, Input, Network, Softmax
from netlet.graph.lowering import Training, lower
from netlet.kernels.registry import updates
from netlet.training.output import loss_of


def n_cuts(network, batch_size, gather=True):
    """Return into how many pieces a batch of a network is cut."""
    loss, reads = loss_of("auto", network._operations)
    training = Training(loss.row, updates["adam"], gather)
    return lower(network._operations, reads, batch_size, network.dtype, training).n_cuts


def residual(seed=0, dtype="float32"):
    x = Input(32)()
    hidden = Dense(96, activation="relu")(x)
    middle = Dropout(0.25)(Dense(96, activation="tanh")(hidden))
    return Network(Softmax()(Dense(4)(Add()(hidden, middle))), seed=seed, dtype=dtype)


def trained(network, x, y, **settings):
    defaults = {"epochs": 3, "batch_size": 256, "progress": False}
    history = network.fit(x, y, **(defaults | settings))
    return network.theta.copy(), history.column("loss")


@pytest.mark.compiled
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"shuffle": False},
        {"batch_size": "all"},
        {"batch_size": 250, "optimizer": SGD(0.1)},
        {"weighted": True, "validation_share": 0.2},
    ],
    ids=["shuffled", "in order", "one batch", "uneven", "weighted"],
)
def test_any_number_of_threads_gives_the_same_bits(settings, dtype):
    settings = dict(settings)
    x, y = classes(n=1100, n_features=32, n_classes=4, dtype=dtype)
    weights = np.random.default_rng(0).uniform(0, 2, len(x)) if settings.pop("weighted", False) else None
    assert n_cuts(residual(), 250) >= 3, "the network is too small to say anything"
    found = [
        trained(residual(dtype=dtype), x, y, n_threads=n_threads, sample_weight=weights, **settings)
        for n_threads in (1, 2, 3, 7)
    ]
    found.append(trained(residual(dtype=dtype), x, y, sample_weight=weights, **settings))
    for theta, losses in found[1:]:
        np.testing.assert_array_equal(theta, found[0][0])
        assert losses == found[0][1]


@pytest.mark.compiled
def test_predictions_do_not_depend_on_the_threads_or_on_the_other_rows():
    x, _ = classes(n=9001, n_features=32)
    network = residual()
    one = network.predict(x, n_threads=1)
    for n_threads in (2, 3, None):
        np.testing.assert_array_equal(network.predict(x, n_threads=n_threads), one)
    np.testing.assert_allclose(network.predict(x[17:18]), one[17:18], rtol=1e-5)


@pytest.mark.plain
def test_the_same_seed_gives_the_same_weights_and_another_others():
    x, y = classes()
    same = [trained(classifier(seed=5, dropout=0.3), x, y, batch_size=16) for _ in range(2)]
    np.testing.assert_array_equal(same[0][0], same[1][0])
    assert same[0][1] == same[1][1]
    other = trained(classifier(seed=6, dropout=0.3), x, y, batch_size=16)
    assert (other[0] != same[0][0]).any()


@pytest.mark.plain
def test_without_a_seed_every_network_is_another():
    first, second = (Network([Dense(3)]).build(4) for _ in range(2))
    assert (first.theta != second.theta).any()
    again = Network([Dense(3)], seed=first.seed).build(4)
    np.testing.assert_array_equal(again.theta, first.theta)


@pytest.mark.plain
@pytest.mark.parametrize("seed", [2**32 - 1, 2**32, 2**63, 2**64 - 1])
def test_every_bit_of_a_seed_counts(seed):
    x, y = classes(n=60)
    thetas = [trained(classifier(seed=s, dropout=0.3), x, y, batch_size=16)[0] for s in (seed, seed - 1, 0)]
    assert all(np.isfinite(theta).all() for theta in thetas)
    assert (thetas[0] != thetas[1]).any()
    assert (thetas[0] != thetas[2]).any()


@pytest.mark.compiled
def test_other_trainings_in_other_threads_change_nothing():
    x, y = classes(n=600, n_features=32, n_classes=4)
    alone = [trained(residual(seed=seed), x, y, n_threads=2)[0] for seed in range(3)]
    together = [None] * 3

    def work(seed):
        together[seed] = trained(residual(seed=seed), x, y, n_threads=2)[0]

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.plain
def test_a_training_leaves_numpys_random_numbers_alone():
    x, y = classes(n=60)
    np.random.seed(3)  # noqa: NPY002  (the global generator is the subject)
    expected = np.random.random()  # noqa: NPY002
    np.random.seed(3)  # noqa: NPY002
    trained(classifier(dropout=0.5), x, y)
    assert np.random.random() == expected  # noqa: NPY002
