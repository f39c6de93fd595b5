"""Layers with a learning rate of their own, layers that are frozen, and classes that count more than others."""

from __future__ import annotations

import numpy as np
import pytest
from descent import IN_FIRST, IS_WEIGHT, RATE, descend, problem, train

from netlet import SGD, Adam, BatchNorm, Dense, Network, Sigmoid, Softmax

pytestmark = pytest.mark.plain
EPOCHS, BATCH = 4, 5


@pytest.mark.parametrize(
    ("given", "factors"),
    [
        ({"dense_1": 0.1}, np.where(IN_FIRST > 0, 0.1, 1)),
        ({"dense_1": 2.0, "dense_2": 0.5}, np.where(IN_FIRST > 0, 2.0, 0.5)),
        ({"dense_2": 0.0}, IN_FIRST),
    ],
    ids=["one slower", "faster and slower", "one not at all"],
)
def test_rate_factors(given, factors):
    """The factor is part of the learning rate, so that it scales decay and the step of L1 too."""
    x, labels, network = problem()
    terms = {"decay": 0.1 * IS_WEIGHT, "l1": 0.02 * IS_WEIGHT, "l2": 0.05 * IS_WEIGHT}
    expected = descend(network.theta.copy(), x, labels, EPOCHS, BATCH, factors=factors, **terms)[-1]
    optimizer = SGD(RATE, weight_decay=0.1)
    train(network, x, labels, EPOCHS, BATCH, optimizer=optimizer, l1=0.02, l2=0.05, rate_factors=given)
    np.testing.assert_allclose(network.theta, expected, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "lbfgs"])
def test_a_frozen_layer_keeps_its_bits_and_the_others_learn(optimizer):
    x, labels, network = problem()
    start = network.theta.copy()
    network.freeze("dense_1")
    how = {} if optimizer == "lbfgs" else {"l1": 0.01, "batch_size": 5, "clip_norm": 1.0}
    network.fit(x, labels, optimizer=optimizer, epochs=3, l2=0.1, penalise_biases=True, progress=False, **how)
    np.testing.assert_array_equal(network.theta[IN_FIRST > 0], start[IN_FIRST > 0])
    assert (network.theta[IN_FIRST == 0] != start[IN_FIRST == 0]).all()
    network.unfreeze()
    network.fit(x, labels, optimizer=optimizer, epochs=1, progress=False)
    assert (network.theta[IN_FIRST > 0] != start[IN_FIRST > 0]).all()


@pytest.mark.parametrize("frozen", ["dense_1", "dense_2"])
def test_freezing_is_descent_with_a_rate_of_0(frozen):
    x, labels, network = problem()
    factors = 1 - IN_FIRST if frozen == "dense_1" else IN_FIRST
    expected = descend(network.theta.copy(), x, labels, EPOCHS, BATCH, factors=factors)[-1]
    network.freeze(frozen)
    gradient = network.loss_and_gradient(x, labels)[1]
    assert (gradient[factors == 0] == 0).all()
    assert (gradient[factors == 1] != 0).all()
    train(network, x, labels, EPOCHS, BATCH)
    np.testing.assert_allclose(network.theta, expected, rtol=1e-11)


def test_frozen_layers_are_saved_and_stay_frozen(tmp_path):
    x, labels, network = problem()
    network.freeze("dense_2")
    train(network, x, labels, 2, BATCH)
    network.save(tmp_path / "network.netlet")
    loaded = Network.load(tmp_path / "network.netlet")
    assert loaded.frozen == {"dense_2"}
    for each in (network, loaded):
        before = each.theta.copy()
        train(each, x, labels, 2, BATCH)
        np.testing.assert_array_equal(each.theta[IN_FIRST == 0], before[IN_FIRST == 0])
        assert (each.theta[IN_FIRST > 0] != before[IN_FIRST > 0]).all()
    np.testing.assert_array_equal(network.theta, loaded.theta)
    loaded.unfreeze("dense_2")
    train(loaded, x, labels, 1, BATCH)
    assert (loaded.theta[IN_FIRST == 0] != network.theta[IN_FIRST == 0]).all()


def test_a_frozen_normalisation_keeps_its_statistics():
    x, labels, _ = problem()
    network = Network([Dense(5), BatchNorm(), Dense(3), Softmax()], seed=0, dtype="float64").build(4)
    train(network, x, labels, 2, BATCH)
    state = network.state.copy()
    network.freeze("batchnorm_1")
    before = {name: values.copy() for name, values in network.parameters.items()}
    train(network, x, labels, 2, BATCH)
    np.testing.assert_array_equal(network.state, state)
    for name, values in network.parameters.items():
        assert np.array_equal(values, before[name]) == name.startswith("batchnorm"), name


@pytest.mark.parametrize("sample_weight", [None, np.linspace(0.5, 2, 13)], ids=["alike", "weighted"])
@pytest.mark.parametrize("class_weight", [{0: 3.0, 1: 0.5, 2: 1.0}, {0: 0.0, 1: 1.0, 2: 1.0}, "balanced"], ids=str)
def test_class_weights_are_sample_weights(class_weight, sample_weight):
    x, labels, network = problem()
    labels[:4] = 0  # so that the classes are not equally many
    start, counts = network.theta.copy(), np.bincount(labels)
    chosen = dict(enumerate(13 / (3 * counts))) if class_weight == "balanced" else class_weight
    weights = np.array([chosen[label] for label in labels]) * (1 if sample_weight is None else sample_weight)
    expected = descend(start.copy(), x, labels, EPOCHS, BATCH, weights=weights)[-1]
    train(network, x, labels, EPOCHS, BATCH, class_weight=class_weight, sample_weight=sample_weight)
    np.testing.assert_allclose(network.theta, expected, rtol=1e-11)
    found, network.theta = network.theta.copy(), start
    train(network, x, labels, EPOCHS, BATCH, sample_weight=weights)
    np.testing.assert_array_equal(network.theta, found)


def test_balanced_classes_move_the_bias_to_even():
    """With inputs that say nothing, the answer is the share of yes: 3 of 12, and 1/2 where classes count alike."""
    X, y = np.zeros((12, 1)), np.arange(12) % 4 == 0
    for class_weight, share in ((None, 0.25), ("balanced", 0.5), ({0: 1, 1: 6}, 18 / 27)):
        network = Network([Dense(1), Sigmoid()], seed=0, dtype="float64")
        network.fit(X, y, optimizer=SGD(2.0), epochs=150, batch_size="all", class_weight=class_weight, progress=False)
        np.testing.assert_allclose(network.predict(X), share, rtol=1e-8)


def test_two_trainings_with_factors_of_1_are_the_same():
    x, labels, network = problem()
    start = network.theta.copy()
    train(network, x, labels, EPOCHS, BATCH, optimizer=Adam(0.01))
    found, network.theta = network.theta.copy(), start
    train(network, x, labels, EPOCHS, BATCH, optimizer=Adam(0.01), rate_factors={"dense_1": 1.0})
    np.testing.assert_array_equal(network.theta, found)
