"""What is refused, with a message that says what to do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from netlet import (
    Add,
    BatchNorm,
    Columns,
    Concatenate,
    Dense,
    Flatten,
    Input,
    LayerNorm,
    Network,
    Reshape,
    Residual,
    Softmax,
)
from netlet.errors import NotBuilt
from netlet.population.sizing import contributions, grow, prune, remove_units, widen

pytestmark = pytest.mark.plain

X = np.random.default_rng(0).normal(size=(20, 4))
Y = X[:, 0] + X[:, 1]


def network_of(*between: Any) -> Network:
    return Network([Input(4), Dense(6, activation="relu"), *between, Dense(1)], seed=0)


def joined() -> Network:
    x = Input(4)()
    return Network(Dense(1)(Add()(Dense(6)(x), Dense(6)(x))), seed=0)


def two_inputs() -> Network:
    return Network(Dense(1)(Dense(6)(Concatenate()(Input(2)(), Input(2)()))), seed=0)


def several_hidden_readers() -> Network:
    hidden = Dense(6)(Input(4)())
    return Network(Dense(1)(Concatenate()(hidden, Dense(3)(hidden))), seed=0)


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (network_of(LayerNorm()), "layernorm_1 brings the units .* use BatchNorm"),
        (network_of(Softmax()), "softmax_1 brings the units"),
        (network_of(Dense(3, activation="softmax")), "dense_2 brings the units"),
        (network_of(Residual((Dense(6),))), r"residual_1 \(Residual\) stands between two dense layers; only"),
        (network_of(Columns(0, 3)), r"columns_1 \(Columns\) stands between"),
        (network_of(Reshape((2, 3)), Flatten()), r"reshape_1 \(Reshape\) stands between"),
        (joined(), "dense_2 does not read the layer before it alone.*chains only"),
        (two_inputs(), "input_2 does not read the layer before it alone.*chains only"),
        (several_hidden_readers(), "concatenate_1 does not read the layer before it alone.*chains only"),
        (Network([Input(4), BatchNorm(), Dense(1)]), "no hidden layer: of its layers input, batchnorm_1, dense_1 only"),
    ],
)
def test_networks_that_are_no_chain(network: Network, message: str) -> None:
    for call in (
        lambda: prune(network, X, Y, validation_data=(X, Y)),
        lambda: grow(network, X, Y, validation_data=(X, Y)),
        lambda: widen(network, "dense_1", 9),
        lambda: remove_units(network, "dense_1", 0),
        lambda: contributions(network, X, Y),
    ):
        with pytest.raises(ValueError, match=message):
            call()


def test_no_weights_yet() -> None:
    network = Network([Dense(6), Dense(1)])
    for call in (
        lambda: prune(network, X, Y, validation_data=(X, Y)),
        lambda: widen(network, "dense_1", 9),
        lambda: remove_units(network, "dense_1", 0),
        lambda: contributions(network, X, Y),
    ):
        with pytest.raises(NotBuilt, match="call fit"):
            call()


def test_no_network() -> None:
    with pytest.raises(TypeError, match=r"network=\[1\] is not a Network"):
        prune([1], X, Y, validation_data=(X, Y))
    with pytest.raises(TypeError, match="make=3 is neither a Network nor a function"):
        grow(3, X, Y, validation_data=(X, Y))
    with pytest.raises(TypeError, match=r"make\(4\) returned None, which is not a Network"):
        grow(lambda units: None, X, Y, validation_data=(X, Y))


@pytest.mark.parametrize("layer", ["dense_3", "dense_2", "relu", 1, None])
def test_no_such_layer(layer: Any) -> None:
    with pytest.raises(ValueError, match=r"layer=.* is not one of 'dense_1'"):
        widen(network_of(), layer, 9)
    with pytest.raises(ValueError, match=r"layer=.* is not one of 'dense_1'"):
        remove_units(network_of(), layer, 0)


@pytest.mark.parametrize(
    ("units", "error", "message"),
    [
        ([0, 6], ValueError, "not all from 0 to 5, the units of dense_1"),
        (-1, ValueError, "not all from 0 to 5"),
        ([1, 1], ValueError, "more than once"),
        (range(6), ValueError, "all 6 units of dense_1; at least one must stay"),
        ([0.5], TypeError, "not ints"),
        ([True, False], TypeError, "not ints"),
        ([[0, 1]], TypeError, "not ints"),
        ("1", TypeError, "not ints"),
        (None, TypeError, "not ints"),
    ],
)
def test_units_that_are_none(units: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        remove_units(network_of(), "dense_1", units)


def test_no_samples_for_a_mean() -> None:
    with pytest.raises(ValueError, match="X has no rows"):
        remove_units(network_of(), "dense_1", 0, X=np.empty((0, 4)))


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"n_units": 5}, ValueError, "n_units=5 is not >= 6; dense_1 has 6 units; use remove_units"),
        ({"n_units": 8.0}, TypeError, "n_units=8.0 is not an int"),
        ({"n_units": 8, "noise": -0.1}, ValueError, "noise=-0.1 is not >= 0"),
        ({"n_units": 8, "noise": np.nan}, ValueError, "noise=nan is not >= 0"),
        ({"n_units": 8, "seed": -1}, ValueError, "seed=-1 is not >= 0"),
        ({"n_units": 8, "new": "old"}, ValueError, "new='old' is not one of"),
        ({"n_units": 8, "new": "fresh", "noise": 0.1}, ValueError, "noise=0.1 is for copies; leave it out"),
    ],
)
def test_widths_that_are_none(given: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        widen(network_of(), "dense_1", **given)


BOTH = [
    ({"validation_data": None}, TypeError, "validation_data is None, not a tuple"),
    ({"validation_data": X}, TypeError, "validation_data is a ndarray, not a tuple"),
    ({"validation_data": (X, Y, Y, Y)}, TypeError, "validation_data is a tuple, not a tuple"),
    ({"validation_data": (X[:, :3], Y)}, ValueError, "validation X has 3"),
    ({"validation_data": (X[:0], Y[:0])}, ValueError, "validation X has no rows"),
    ({"X": X[:, :3]}, ValueError, "X has 3"),
    ({"X": X[:5]}, ValueError, "y has"),
    ({"metric": "lost"}, ValueError, "metric='lost' is not one of 'accuracy', 'loss'; did you mean 'loss'"),
    ({"metric": "accuracy"}, ValueError, r"metric='accuracy' is not measured with SquaredError\(\)"),
    ({"fit": [1]}, TypeError, r"fit=\[1\] is not a dict"),
    ({"fit": {"epoch": 3}}, ValueError, "option of fit='epoch' is not one of .*did you mean 'epochs'"),
    ({"fit": {"epochs": -3}}, ValueError, "epochs=-3 is not >= 0"),
    ({"fit": {"validation_data": (X, Y)}}, ValueError, "'validation_data', which is a parameter of its own"),
    ({"fit": {"validation_share": 0.1}}, ValueError, "'validation_share', which is not possible here"),
    ({"fit": {"checkpoint": "folder"}}, ValueError, "'checkpoint', which is not possible here"),
    ({"fit": {"optimizer": "adm"}}, ValueError, "optimizer='adm'"),
    ({"progress": "loud"}, ValueError, "progress='loud' is not one of"),
    ({"seed": 1.5}, TypeError, "seed=1.5 is not an int"),
]


@pytest.mark.parametrize("call", [prune, grow])
@pytest.mark.parametrize(("given", "error", "message"), BOTH)
def test_parameters(call: Any, given: dict[str, Any], error: type[Exception], message: str) -> None:
    network = network_of()
    theta = network.theta.copy()
    with pytest.raises(error, match=message):
        call(network, **{"X": X, "y": Y, "validation_data": (X, Y), "progress": False} | given)
    assert (network.theta == theta).all()


@pytest.mark.parametrize("call", [prune, grow])
def test_validation_data_must_be_given(call: Any) -> None:
    with pytest.raises(TypeError, match="validation_data"):
        call(network_of(), X, Y)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"tolerance": -0.1}, ValueError, "tolerance=-0.1 is not >= 0"),
        ({"tolerance": "1 %"}, TypeError, "tolerance='1 %' is not a number"),
        ({"tolerance": np.nan}, ValueError, "tolerance=nan"),
        ({"share": 0}, ValueError, "share=0 is not > 0 and < 1"),
        ({"share": 1}, ValueError, "share=1 is not > 0 and < 1"),
    ],
)
def test_parameters_of_prune(given: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        prune(network_of(), X, Y, validation_data=(X, Y), **given)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"start": 0}, ValueError, "start=0 is not >= 1"),
        ({"factor": 1}, ValueError, "factor=1 is not > 1"),
        ({"factor": np.inf}, ValueError, "factor=inf"),
        ({"most": 3}, ValueError, "most=3 is not >= 4"),
        ({"patience": 0}, ValueError, "patience=0 is not >= 1"),
        ({"least_gain": -1}, ValueError, "least_gain=-1 is not >= 0"),
        ({"new": "copy"}, ValueError, "new='copy' is not one of 'copies', 'fresh'; did you mean"),
    ],
)
def test_parameters_of_grow(given: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        grow(lambda units: network_of(), X, Y, validation_data=(X, Y), **given)


def test_all_layers_frozen() -> None:
    network = network_of()
    network.freeze("dense_1")
    with pytest.raises(ValueError, match="all hidden layers of the network are frozen: dense_1; unfreeze one"):
        prune(network, X, Y, validation_data=(X, Y))


@pytest.mark.compiled
def test_a_network_without_a_loss() -> None:
    network = network_of()
    network.theta = np.full(network.theta.size, 1e30)
    with pytest.raises(ValueError, match="validation loss is not finite"):
        prune(network, X, Y, validation_data=(X, Y))
