"""Networks trained with every loss: what it is least for is what they learn, and a saved one remembers it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from netlet import Dense, Network
from netlet.training.losses import (
    LOSSES,
    AbsoluteError,
    CrossEntropy,
    Detection,
    Huber,
    LogCosh,
    PerceptronLoss,
    Poisson,
    Quantile,
    SequenceCrossEntropy,
    SquaredError,
)

pytestmark = pytest.mark.plain


def trained(layers, X, y, epochs=300, rate=0.05, **settings):
    network = Network(layers, seed=0, dtype="float64")
    how = {"epochs": epochs, "batch_size": "all", "learning_rate": rate, "progress": False}
    network.fit(X, y, **(how | settings))
    return network


def test_shares_of_the_targets_lie_below_the_quantiles():
    """The spread grows with x, so that three lines of different slope are to be found."""
    rng = np.random.default_rng(0)
    X = rng.uniform(0, 2, (400, 1))
    y = 1 + X[:, 0] + (0.5 + X[:, 0]) * rng.normal(size=400)
    shares = (0.1, 0.5, 0.9)
    found = trained([Dense(3)], X, y, loss=Quantile(shares)).predict(X)
    np.testing.assert_allclose((y[:, None] < found).mean(axis=0), shares, atol=0.02)
    assert (found[:, 0] < found[:, 1]).all()
    assert (found[:, 1] < found[:, 2]).all()


def test_quantiles_of_two_targets_stand_target_by_target():
    rng = np.random.default_rng(0)
    y = np.column_stack([rng.normal(5, 1, 400), rng.normal(-5, 3, 400)])
    X = np.zeros((400, 1))
    found = trained([Dense(4)], X, y, rate=0.2, loss=Quantile((0.25, 0.75))).predict(X)[0].reshape(2, 2)
    np.testing.assert_allclose(found, np.quantile(y, (0.25, 0.75), axis=0).T, atol=0.2)


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (SquaredError(), np.mean),
        (AbsoluteError(), np.median),
        (Huber(0.01), np.median),
        (Huber(100.0), np.mean),
        (Poisson(), lambda y: np.log(np.mean(y))),
    ],
    ids=["squared", "absolute", "huber 0.01", "huber 100", "poisson"],
)
def test_a_constant_answer_is_the_least_of_the_loss(loss, expected):
    y = np.random.default_rng(0).exponential(2, 201)
    network = trained([Dense(1)], np.zeros((201, 1)), y, loss=loss)
    assert network.predict(np.zeros((1, 1))) == pytest.approx(expected(y), abs=0.03)


def test_smoothed_labels_bound_the_probabilities():
    """Of classes that x tells apart fully, the best probability is 1 - s + s / K."""
    labels = np.arange(60) % 3
    X = np.eye(3)[labels]
    network = trained([Dense(3, activation="softmax")], X, labels, loss=CrossEntropy(0.3))
    np.testing.assert_allclose(network.predict(X).max(axis=1), 0.8, atol=0.01)


def test_counts_are_found_from_the_logarithm_of_their_mean():
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, (400, 1))
    network = trained([Dense(1)], X, rng.poisson(np.exp(1 + X[:, 0])), loss="poisson")
    np.testing.assert_allclose(network.theta, [1, 1], atol=0.1)


@pytest.mark.parametrize("loss", ["hinge", "perceptron", "binary_cross_entropy"])
def test_classes_that_a_line_divides_are_told_apart(loss):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100, 2))
    side = X @ [1, -2] + 0.5
    X, y = X[np.abs(side) > 0.3], (side > 0)[np.abs(side) > 0.3]
    network = trained([Dense(1)], X, y, loss=loss)
    assert network.evaluate(X, y)["accuracy"] == 1
    if loss == "perceptron":
        assert network.evaluate(X, y)["loss"] == 0


@pytest.mark.parametrize("loss", ["cross_entropy", "binary_cross_entropy", "hinge"])
def test_class_weights_are_sample_weights(loss):
    X, y = np.random.default_rng(0).normal(size=(12, 3)), np.arange(12) % 4 // 3
    layers = [Dense(2 if loss == "cross_entropy" else 1)]
    by_class = trained(layers, X, y, epochs=3, loss=loss, class_weight="balanced")
    by_sample = trained(layers, X, y, epochs=3, loss=loss, sample_weight=np.where(y == 1, 2, 2 / 3))
    np.testing.assert_allclose(by_class.theta, by_sample.theta, rtol=1e-12)


def test_zero_is_a_yes_for_the_perceptron_alone():
    X, y = np.zeros((2, 1)), np.array([1, 0])
    network = Network([Dense(1)], seed=0).build(1)
    figures = {loss: network.evaluate(X[:1], y[:1], loss=loss)["accuracy"] for loss in ("perceptron", "hinge")}
    assert figures == {"perceptron": 1, "hinge": 0}
    assert network.evaluate(X, y, loss=PerceptronLoss())["accuracy"] == 0.5


def test_measuring_takes_the_factors_of_the_last_fit_or_of_the_loss_that_is_asked_for():
    X, y = np.zeros((3, 1)), np.array([0.0, 4.0, 1.0])
    network = trained([Dense(1)], X, y, epochs=0, loss=Huber(0.5))
    assert network.loss == Huber(0.5)
    network.theta = np.zeros(2)
    assert network.evaluate(X, y)["loss"] == special.huber(0.5, y).mean()
    assert network.evaluate(X, y, loss=Huber(2))["loss"] == special.huber(2, y).mean()
    assert network.evaluate(X, y, loss="log_cosh")["loss"] == pytest.approx(np.log(np.cosh(y)).mean())
    assert network.evaluate(X, y, loss=Quantile((0.25,)))["loss"] == pytest.approx(0.25 * y.mean())


@pytest.mark.parametrize(
    "loss", [*(LOSSES[name]() for name in LOSSES), Huber(0.25), CrossEntropy(0.125), Quantile((0.25, 0.75))], ids=repr
)
def test_a_saved_network_remembers_its_loss(loss, tmp_path):
    X, y = np.random.default_rng(0).normal(size=(8, 3)), np.arange(8) % 2
    layers = [Dense(2)]
    if isinstance(loss, Detection):  # a cell with six numbers for its target
        layers, y = [Dense(7)], np.zeros((8, 6))
    elif loss.n_targets(2) == 2:
        y = np.eye(2)[y]
    network = trained(layers, X, y, epochs=0, loss=loss)
    network.save(tmp_path / "model")
    assert Network.load(tmp_path / "model").loss == network.loss
    if not isinstance(loss, (SequenceCrossEntropy, Detection)):  # which count the classes
        assert network.loss == loss


def test_a_file_that_names_its_loss_is_read(tmp_path):
    """As files were written before losses had settings."""
    network = Network([Dense(2)], seed=0).build(3)
    network.loss = "squared_error"
    network.save(tmp_path / "model")
    assert Network.load(tmp_path / "model").loss == SquaredError()


def test_validation_measures_with_the_factors_too():
    X, y = np.random.default_rng(0).normal(size=(9, 3)), np.random.default_rng(1).normal(size=9)
    network = Network([Dense(1)], seed=0, dtype="float64")
    for loss in (Huber(0.125), LogCosh(), Quantile((0.9,))):
        history = network.fit(X, y, loss=loss, epochs=2, validation_data=(X, y), progress=False)
        assert history.epochs[-1]["validation_loss"] == pytest.approx(network.evaluate(X, y, loss=loss)["loss"])
