"""What a person does with a network: build, look, train, ask, measure."""

from __future__ import annotations

import numpy as np
import pytest
from samples import classifier, fit, regressor, three_classes, yes_or_no
from scipy import special

import netlet
from netlet import Add, Dense, Dropout, Input, LeakyReLU, Network, NotBuilt, Softmax
from netlet.training.losses import SquaredError

pytestmark = pytest.mark.plain


def test_the_input_size_comes_from_the_data_or_from_an_input_layer():
    X, y = three_classes()
    network = classifier()
    assert repr(network) == "Network(dense_1, dense_2, softmax_1; not built)"
    fit(network, X, y)
    assert network.theta.shape == (4 * 6 + 6 + 6 * 3 + 3,)
    given = Network([Input(4), Dense(6, activation="tanh"), Dense(3), Softmax()], seed=0)
    assert repr(given) == "Network(input, dense_1, dense_2, softmax_1; 51 parameters)"
    np.testing.assert_array_equal(given.theta, classifier().build(4).theta)
    assert len(given.layers) == 4


@pytest.mark.parametrize("ask", [lambda n: n.predict([[1.0]]), lambda n: n.evaluate([[1.0]], [0]), lambda n: n.theta])
def test_a_network_without_weights_says_so(ask):
    with pytest.raises(NotBuilt, match=r"call fit\(X, y\), or begin the layers with Input\(n_features\)"):
        ask(classifier())


def test_summary_is_a_table_of_the_layers():
    x = Input(5)()
    hidden = Dense(4, activation="relu")(x)
    network = Network(Dense(2)(Add()(hidden, Dense(4, bias=False)(hidden))), seed=0)
    lines = network.summary().splitlines()
    assert lines[0].split() == ["layer", "reads", "outputs", "parameters"]
    cells = [line.split() for line in lines[2:]]
    assert cells[0] == ["input", "5", "0"]
    assert cells[1] == ["dense_1", "(dense+relu)", "input", "4", "24"]
    assert cells[2] == ["dense_2", "dense_1", "4", "16"]
    assert cells[3] == ["add_1", "dense_1,", "dense_2", "4", "0"]
    assert cells[4] == ["dense_3", "add_1", "2", "10"]
    assert lines[-1] == "parameters: 50 (float32)"
    assert len({len(line) for line in lines[:2]}) == 1


def test_summary_before_the_input_size_is_known():
    lines = classifier().summary().splitlines()
    cells = [line.split() for line in lines[2:-1]]
    assert [row[0] for row in cells] == ["dense_1", "dense_2", "softmax_1"]
    assert [row[1] for row in cells] == ["input", "dense_1", "dense_2"]
    assert all(row[2:] == ["?", "?"] for row in cells)
    assert lines[-1] == "parameters: known once the input size is (float32)"


def by_hand(network, X, n_out):
    theta = network.theta.astype(np.float64)
    n_in = X.shape[1]
    w1, b1, w2, b2 = np.split(theta, np.cumsum([n_in * 6, 6, 6 * n_out]))
    return np.tanh(X @ w1.reshape(n_in, 6) + b1) @ w2.reshape(6, n_out) + b2


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 2e-6), ("float64", 1e-14)])
def test_predictions_and_figures_are_those_by_hand(dtype, tolerance):
    X, labels = three_classes(n=600)  # beyond the block of rows that prediction takes at a time
    rng = np.random.default_rng(1)
    weights = rng.uniform(0, 2, 600)

    network = classifier(dtype).build(4)
    logits = by_hand(network, X, 3)
    found = network.predict(X)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, special.softmax(logits, axis=1), atol=tolerance)
    losses = -special.log_softmax(logits, axis=1)[np.arange(600), labels]
    right = logits.argmax(axis=1) == labels
    assert network.evaluate(X, labels) == pytest.approx({"loss": losses.mean(), "accuracy": right.mean()}, rel=1e-6)
    assert network.evaluate(X, labels, sample_weight=weights) == pytest.approx(
        {"loss": np.average(losses, weights=weights), "accuracy": np.average(right, weights=weights)}, rel=1e-6
    )

    network, targets = yes_or_no(dtype, 2).build(4), rng.integers(0, 2, (600, 2))
    logits = by_hand(network, X, 2)
    np.testing.assert_allclose(network.predict(X), special.expit(logits), atol=tolerance)
    losses = -(targets * special.log_expit(logits) + (1 - targets) * special.log_expit(-logits)).sum(axis=1)
    right = ((logits > 0) == targets).all(axis=1)
    assert network.evaluate(X, targets) == pytest.approx({"loss": losses.mean(), "accuracy": right.mean()}, rel=1e-6)

    network, targets = regressor(dtype, 2).build(4), rng.normal(size=(600, 2))
    outputs = by_hand(network, X, 2)
    np.testing.assert_allclose(network.predict(X), outputs, atol=tolerance)
    assert network.evaluate(X, targets) == pytest.approx({"loss": ((outputs - targets) ** 2).mean() / 2}, rel=1e-6)


def test_the_last_fits_loss_is_the_one_that_is_measured():
    X, y = three_classes()
    network = classifier()
    fit(network, X, np.eye(3)[y], loss="squared_error")
    assert network.loss == SquaredError()
    assert set(network.evaluate(X, np.eye(3)[y])) == {"loss"}
    assert set(network.evaluate(X, y, loss="cross_entropy")) == {"loss", "accuracy"}


@pytest.mark.parametrize("n", [0, 1, 255, 256, 257, 513])
def test_any_number_of_rows_can_be_predicted(n):
    network = classifier().build(4)
    X = np.random.default_rng(0).normal(size=(600, 4))
    found = network.predict(X[:n])
    assert found.shape == (n, 3)
    np.testing.assert_allclose(found, network.predict(X)[:n], rtol=1e-6)


def test_dropout_is_off_in_prediction():
    network = Network([Dense(8), Dropout(0.9)], seed=0).build(3)
    X = np.random.default_rng(0).normal(size=(5, 3))
    np.testing.assert_array_equal(network.predict(X), network.predict(X))
    assert (network.predict(X) != 0).all()


def test_theta_can_be_set_and_is_checked():
    network = regressor().build(2)
    network.theta = np.arange(network.theta.size)
    np.testing.assert_array_equal(network.theta, np.arange(network.theta.size))
    with pytest.raises(ValueError, match=r"theta has shape \(3,\), the network has \(25,\); give all its numbers"):
        network.theta = np.zeros(3)


def test_building_again_draws_the_weights_anew():
    X, y = three_classes()
    network = classifier()
    fit(network, X, y, epochs=3)
    trained = network.predict(X)
    network.build(4)
    np.testing.assert_array_equal(network.theta, classifier().build(4).theta)
    assert (network.predict(X) != trained).any()


def test_labels_may_have_any_type_of_whole_number():
    X, y = three_classes()
    thetas = []
    for dtype in ("int64", "int8", "uint16", "float32", "float64"):
        network = classifier()
        fit(network, X, y.astype(dtype))
        thetas.append(network.theta)
    for theta in thetas[1:]:
        np.testing.assert_array_equal(theta, thetas[0])
    two = [yes_or_no(), yes_or_no()]
    fit(two[0], X, y > 0)
    fit(two[1], X, (y > 0).astype(float).reshape(-1, 1))
    np.testing.assert_array_equal(two[0].theta, two[1].theta)


def test_every_public_name_resolves():
    for name in netlet.__all__:
        assert getattr(netlet, name) is not None
    assert dir(netlet) == sorted(netlet.__all__)
    with pytest.raises(AttributeError, match="module 'netlet' has no attribute 'Densse'"):
        _ = netlet.Densse


def test_a_layer_with_its_own_setting():
    network = Network([Dense(3, activation=LeakyReLU(0.5), bias=False)], seed=0).build(3)
    network.theta = -np.eye(3).ravel()
    np.testing.assert_array_equal(network.predict(np.eye(3)), -0.5 * np.eye(3))


@pytest.mark.slow
@pytest.mark.compiled
def test_warmup_leaves_nothing_to_compile():
    from netlet.kernels.compiling import kernels, when_compiling

    told, compiled = [], []
    assert netlet.warmup(told.append) == 2 * len(kernels) == len(told)
    with when_compiling(lambda: compiled.append(1)):
        assert netlet.warmup() == 2 * len(kernels)
        X, y = three_classes()
        for dtype in ("float32", "float64"):
            network = Network([Dense(3, activation="relu"), Dropout(0.1), Dense(3), Softmax()], seed=0, dtype=dtype)
            fit(network, X, y, validation_share=0.2)
            network.predict(X)
    assert not compiled
