"""A network of many members that share weights: against a network for each of them, written in NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import log_softmax, softmax

from netlet import (
    SGD,
    BinaryCrossEntropy,
    CrossEntropy,
    Dense,
    Ensemble,
    Huber,
    Input,
    Network,
    Quantile,
    Reshape,
    Sigmoid,
    Softmax,
    SquaredError,
    TimeDense,
)
from netlet.graph.layers import MemberDense, MemberMean, MemberScaling, layer_from

pytestmark = pytest.mark.plain
MEMBERS, WEIGHTS = 3, np.linspace(0.5, 2.0, 12)


def samples(n=12, n_classes=4):
    rng = np.random.default_rng(0)
    return rng.normal(size=(n, 5)), rng.integers(0, n_classes, n)


def network_of(outputs, *end, dtype="float64"):
    layers = [Input(5), MemberScaling(MEMBERS), TimeDense(6, "tanh"), MemberScaling(MEMBERS), MemberDense(outputs)]
    network = Network([*layers, *end, MemberMean()], seed=1, dtype=dtype)
    network.theta += np.random.default_rng(2).normal(size=network.theta.size) / 5
    return network


def of_each(network, x):
    """Return what each member gives before the last layers, (n_members, n, outputs)."""
    own = network.parameters
    first, second = (own[f"memberscaling_{place}.scale"].reshape(MEMBERS, -1) for place in (1, 2))
    weights = own["memberdense_1.weight"].reshape(MEMBERS, 6, -1)
    biases = own["memberdense_1.bias"].reshape(MEMBERS, -1)
    found = []
    for member in range(MEMBERS):
        hidden = np.tanh((x * first[member]) @ own["timedense_1.weight"] + own["timedense_1.bias"])
        found.append((hidden * second[member]) @ weights[member] + biases[member])
    return np.array(found)


def test_predictions_are_the_mean_of_the_members():
    x, _ = samples()
    network = network_of(4, Softmax())
    expected = softmax(of_each(network, x), axis=2).mean(axis=0)
    np.testing.assert_allclose(network.predict(x), expected, rtol=1e-12)
    numbers = network_of(2)
    np.testing.assert_allclose(numbers.predict(x), of_each(numbers, x).mean(axis=0), rtol=1e-12)


def pinball(y, z, levels):
    d = y[:, None] - z
    return np.maximum(levels * d, (levels - 1) * d).mean(axis=1)


LOSSES = {
    "cross_entropy": (4, (Softmax(),), CrossEntropy(), lambda y, z: -log_softmax(z, axis=1)[np.arange(len(y)), y]),
    "smoothed": (
        4, (Softmax(),), CrossEntropy(0.2),
        lambda y, z: -log_softmax(z, axis=1)[np.arange(len(y)), y] * 0.8 - 0.2 * log_softmax(z, axis=1).mean(axis=1),
    ),
    "logits": (4, (), CrossEntropy(), lambda y, z: -log_softmax(z, axis=1)[np.arange(len(y)), y]),
    "squared_error": (1, (), SquaredError(), lambda y, z: (y - z[:, 0]) ** 2 / 2),
    "huber": (1, (), Huber(100.0), lambda y, z: (y - z[:, 0]) ** 2 / 2),
    "quantile": (2, (), Quantile((0.2, 0.7)), lambda y, z: pinball(y, z, np.array([0.2, 0.7]))),
}  # fmt: skip


@pytest.mark.parametrize("name", LOSSES)
def test_the_loss_is_the_mean_of_the_members_losses(name):
    outputs, end, loss, of_samples = LOSSES[name]
    x, y = samples()
    network = network_of(outputs, *end)
    losses = [np.average(of_samples(y, z), weights=WEIGHTS) for z in of_each(network, x)]
    found, gradient = network.loss_and_gradient(x, y, loss=loss, sample_weight=WEIGHTS)
    np.testing.assert_allclose(found, np.mean(losses), rtol=1e-12)
    np.testing.assert_allclose(network.evaluate(x, y, loss=loss, sample_weight=WEIGHTS)["loss"], found, rtol=1e-12)
    assert network.check_gradients(x, y, loss=loss, sample_weight=WEIGHTS).ok
    expected = network.theta - 0.5 * gradient
    network.fit(x, y, loss=loss, optimizer=SGD(0.5), epochs=1, batch_size="all", sample_weight=WEIGHTS, progress=False)
    np.testing.assert_allclose(network.theta, expected, rtol=1e-12, atol=1e-15)
    assert network.loss.of_mean == loss


def test_members_learn_apart_and_an_average_is_no_worse_than_they():
    x, y = samples(60, 3)
    network = network_of(3, Softmax(), dtype="float32")
    before = network.evaluate(x, y)["loss"]
    network.fit(x, y, optimizer=SGD(0.1), epochs=5, batch_size=20, progress=False)
    after, together = network.evaluate(x, y), Ensemble([network]).evaluate(x, y)
    assert after["loss"] < before
    probabilities = network.predict(x).astype(float)
    np.testing.assert_allclose(together["loss"], -np.log(probabilities[np.arange(60), y]).mean(), rtol=1e-5)
    assert together["loss"] < after["loss"]
    assert together["accuracy"] == (probabilities.argmax(axis=1) == y).mean()
    each = softmax(of_each(network, x), axis=2).argmax(axis=2) == y
    assert after["accuracy"] == pytest.approx(each.mean())


def test_weights_of_classes_count_as_those_of_samples():
    x, y = samples(30, 2)
    found = []
    for options in ({"class_weight": {0: 1.0, 1: 3.0}}, {"sample_weight": np.where(y == 1, 3.0, 1.0)}):
        network = network_of(2, Softmax())
        network.fit(x, y, epochs=2, optimizer=SGD(0.1), batch_size=10, progress=False, **options)
        found.append(network.theta)
    np.testing.assert_array_equal(*found)


def test_files_hold_it(tmp_path):
    x, y = samples(30, 3)
    network = network_of(3, Softmax())
    network.fit(x, y, loss=CrossEntropy(0.1), epochs=1, progress=False)
    network.save(tmp_path / "a.netlet")
    again = Network.load(tmp_path / "a.netlet")
    np.testing.assert_array_equal(again.predict(x), network.predict(x))
    assert again.evaluate(x, y) == network.evaluate(x, y)
    for layer in (MemberScaling(3), MemberDense(4, "relu", bias=False), MemberMean()):
        assert layer_from(layer.describe()) == layer


def test_the_data_give_each_member_and_unit_variance_1():
    x, _ = samples(200)
    network = network_of(4, Softmax()).initialise_from_data(x, per_unit=True, bias_points=5)
    z = of_each(network, x)
    np.testing.assert_allclose(z.std(axis=1), 1, rtol=0.01)
    assert (z.min(axis=1) < 0).all()
    assert (z.max(axis=1) > 0).all()
    own = network.parameters
    scaled = x[:, None] * own["memberscaling_1.scale"].reshape(MEMBERS, -1)
    hidden = scaled.reshape(-1, 5) @ own["timedense_1.weight"]  # of all members together: they share these units
    np.testing.assert_allclose(hidden.std(axis=0), 1, rtol=0.01)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([Input(6), Reshape((2, 3)), MemberScaling(3)], "reads a row of features, or 3 members with features"),
        ([Input(6), MemberDense(3)], "put MemberScaling"),
        ([Input(6), Dense(3), MemberMean()], "put MemberScaling"),
    ],
)
def test_what_has_no_members_is_refused(layers, message):
    with pytest.raises(ValueError, match=message):
        Network(layers)


def test_bad_settings_are_refused():
    with pytest.raises(ValueError, match="members=0 of MemberScaling is not an int >= 1; 8 to 32"):
        MemberScaling(0)
    with pytest.raises(ValueError, match="units=-1 of MemberDense"):
        MemberDense(-1)


def test_losses_that_are_sums_are_refused():
    x, y = samples(12, 2)
    for end, loss in (((Sigmoid(),), BinaryCrossEntropy()), ((Sigmoid(),), "auto")):
        with pytest.raises(ValueError, match="'binary_cross_entropy' is not averaged over members"):
            network_of(1, *end).fit(x, y, loss=loss, progress=False)


@pytest.mark.parametrize(("y", "message"), [(np.arange(12), r"label 4 in row 4.*has 4 outputs"), ([1] * 12, "only")])
def test_labels_are_checked_as_those_of_one_network(y, message):
    with pytest.raises(ValueError, match=message):
        network_of(4, Softmax()).fit(samples()[0], y, progress=False)
