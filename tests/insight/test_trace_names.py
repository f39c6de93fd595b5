"""By which names a trace is asked, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from netlet import Add, BatchNorm, Dense, Input, Network, Softmax, TrainingFailed
from netlet.errors import NotBuilt

pytestmark = pytest.mark.plain
X, Y = np.array([[0.5, 0.1, -0.2], [1.0, -2.0, 0.3]]), [0, 1]


@pytest.fixture
def network():
    return Network([Input(3), Dense(4, "relu"), Dense(5), Dense(2), Softmax()], dtype="float64", seed=0)


def test_names_of_the_code_stand_for_those_on_paper(network):
    trace = network.trace(X, Y)
    for name, own in network.parameters.items():
        np.testing.assert_array_equal(trace[name], own)
    assert trace["dense_2.weight"] is trace["W2"]
    for layer in ("dense_1", "dense_2", "dense_3", "softmax_1"):
        np.testing.assert_allclose(trace[layer], network.activations(X, layer), rtol=1e-14)
    np.testing.assert_allclose(trace["A3"], network.predict(X), rtol=1e-14)


def test_a_layer_without_activation_gives_its_pre_activation(network):
    trace = network.trace(X, Y)
    assert trace["A2"] is trace["Z2"]
    assert trace["dA2"] is trace["dZ2"]
    assert trace["A0"] is trace["X"]
    assert trace["dA0"] is trace["dX"]


def test_what_the_loss_contains_has_no_gradient_of_its_own(network):
    trace = network.trace(X, Y)
    assert "dA3" not in trace
    assert "dZ3" in trace
    with pytest.raises(KeyError, match="did you mean"):
        trace["dA3"]


def test_layers_that_join_have_a_number_too():
    x = Input(3)()
    y = Add()(Dense(3, "tanh")(x), x)
    trace = Network(Dense(2)(y), dtype="float64", seed=0).trace(X, np.zeros((2, 2)))
    np.testing.assert_allclose(trace["Z2"], trace["A1"] + X, rtol=1e-14)
    np.testing.assert_allclose(trace["dX"], trace["dZ1"] @ trace["W1"].T + trace["dZ2"], rtol=1e-13)


def test_frozen_layers_have_no_gradient_and_stay(network):
    network.freeze("dense_2")
    trace = network.trace(X, Y)
    assert not trace["dW2"].any()
    assert not trace["change W2"].any()
    assert trace["change W1"].any()
    text = trace.explanation()
    assert "the layer is frozen: the gradient of its parameters counts as 0" in text
    assert "dW2" not in text
    assert "new W2" not in text
    small = Network([Input(3), Dense(2, "relu"), Dense(1)], dtype="float64", seed=0)
    small.freeze("dense_1")
    assert small.trace(X[:1], [0.0]).to_html().count(">frozen<") == 3 * 2 + 2  # a box for each weight and bias


def test_a_frozen_layer_that_normalises_keeps_its_statistics():
    network = Network([Input(3), Dense(4, "tanh"), BatchNorm(), Dense(2), Softmax()], dtype="float64", seed=0)
    network.freeze("batchnorm_1")
    trace = network.trace(X, Y)
    loss, gradient = network.loss_and_gradient(X, Y)
    names = [each.name for each in trace.quantities if each.meaning == "parameter"]
    assert trace.loss == pytest.approx(loss, rel=1e-14)
    np.testing.assert_allclose(np.concatenate([trace[f"d{name}"].ravel() for name in names]), gradient, rtol=1e-12)
    assert network.state.tolist() == [0.0] * 4 + [1.0] * 4


def test_memory_of_adam_is_that_of_its_first_step(network):
    trace = network.trace(X, Y, optimizer="adam")
    np.testing.assert_allclose(trace["m W1"], 0.1 * trace["dW1"], rtol=1e-13)
    np.testing.assert_allclose(trace["v b3"], 0.001 * trace["db3"] ** 2, rtol=1e-12)


def test_every_name_is_a_row_of_the_table(network):
    trace = network.trace(X, Y)
    assert [line.split("  ")[0] for line in repr(trace).splitlines()[2:]] == list(trace)
    assert len(trace) == len(list(trace))


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"optimizer": "lbfgs"}, ValueError, "optimizer='lbfgs' is not one of"),
        ({"optimizer": 3}, TypeError, "optimizer=3 is neither"),
        ({"learning_rate": -1.0}, ValueError, "learning_rate=-1.0 is not a number in"),
        ({"loss": "huger"}, ValueError, "did you mean 'huber'"),
    ],
)
def test_what_is_refused(network, given, error, message):
    with pytest.raises(error, match=message):
        network.trace(X, Y, **given)


def test_learning_rate_beside_an_optimizer_is_refused(network):
    from netlet import SGD

    with pytest.raises(ValueError, match=r"learning_rate=0.1 is given beside optimizer=SGD"):
        network.trace(X, Y, optimizer=SGD(0.5), learning_rate=0.1)


def test_a_network_without_weights_is_refused():
    with pytest.raises(NotBuilt):
        Network([Dense(2)]).trace(X, Y)


def test_a_loss_that_is_not_finite_is_refused(network):
    network.parameters["dense_1.weight"][:] = 1e308
    with np.errstate(all="ignore"), pytest.raises(TrainingFailed, match="not finite"):
        network.trace(X * 1e3, Y)


def test_digits_are_checked(network):
    trace = network.trace(X, Y)
    for ask in (trace.explain, trace.explanation):
        with pytest.raises(ValueError, match="digits=0"):
            ask(digits=0)
    with pytest.raises(TypeError, match="digits=2.5"):
        trace.to_html(digits=2.5)
