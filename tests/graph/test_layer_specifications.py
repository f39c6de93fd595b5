"""Layer specifications: what they refuse, and that they survive being written down."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from drawing import layers
from hypothesis import given

from netlet import Add, Dense, Dropout, Identity, Input, LeakyReLU, ReLU, Sigmoid, Softmax, Tanh
from netlet.graph.activations import ACTIVATIONS, ELU, GELU
from netlet.graph.layers import LAYERS, layer_from
from netlet.graph.specification import Layer
from netlet.kernels.registry import layers as registry

pytestmark = pytest.mark.plain

REFUSED = [
    (lambda: Dense(0), r"^units=0 of Dense is not an int >= 1; give the number of units$"),
    (lambda: Dense(-3), "units=-3 of Dense"),
    (lambda: Dense(2.0), "units=2.0 of Dense"),
    (lambda: Dense(True), "units=True of Dense"),
    (lambda: Dense("8"), "units='8' of Dense"),
    (lambda: Dense(None), "units=None of Dense"),
    (lambda: Input(0), "size=0 of Input"),
    (lambda: Input(1.5), "size=1.5 of Input"),
    (lambda: Dense(3, activation="rellu"), r"activation='rellu' is not one of 'elu', .*; did you mean 'relu'\?$"),
    (lambda: Dense(3, activation="ReLu"), r"did you mean 'relu'\?$"),
    (
        lambda: Dense(3, activation=Dropout(0.1)),
        r"activation=Dropout\(rate=0.1\) is no activation; use one of",
    ),
    (lambda: Dense(3, activation=Dense(3)), r"is no activation"),
    (
        lambda: Dense(3, initialiser="xavier"),
        "initialiser='xavier' is not one of 'auto', 'glorot', 'he'",
    ),
    (lambda: Dense(3, initialiser="glorott"), r"did you mean 'glorot'\?$"),
    (lambda: Dropout(1), r"rate=1.* of Dropout is not in \[0, 1\); it is the fraction dropped, 0.1 to 0.5 is usual"),
    (lambda: Dropout(-0.1), "rate=-0.1 of Dropout"),
    (lambda: Dropout(math.nan), "rate=nan of Dropout"),
    (lambda: Dropout("half"), "rate='half' of Dropout"),
    (lambda: LeakyReLU(math.inf), "negative_slope=inf of LeakyReLU is not a finite number; 0.01 is usual"),
    (lambda: LeakyReLU("a"), "negative_slope='a' of LeakyReLU"),
    (lambda: ELU(math.nan), r"^alpha=nan of ELU is not a finite number; 1.0 is usual$"),
    (lambda: ELU("a"), "alpha='a' of ELU"),
    (lambda: GELU("tanh"), r"^approximate='tanh' of GELU is not True or False; True takes the hyperbolic tangent in "),
]


@pytest.mark.parametrize(("build", "message"), REFUSED, ids=[message[:40] for _, message in REFUSED])
def test_a_wrong_parameter_is_refused_where_it_is_given(build, message):
    with pytest.raises(ValueError, match=message):
        build()


def test_numpys_numbers_are_numbers():
    """As in Dense(y.max() + 1); they become Python's, which a model file can hold."""
    for layer in (Dense(np.int64(3)), Input(np.int32(4)), Dropout(np.float32(0.25)), ELU(np.float64(0.5))):
        assert layer_from(json.loads(json.dumps(layer.describe()))) == layer


def test_layers_cannot_be_changed():
    with pytest.raises(AttributeError):
        Dense(3).units = 4


@given(layers())
def test_a_description_gives_the_layer_back(layer):
    assert layer_from(json.loads(json.dumps(layer.describe()))) == layer


@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_is_known_by_its_name(name):
    given_names = {"Input": (3,), "Dense": (3, LeakyReLU(0.5), False, "he")}
    layer = LAYERS[name](*given_names.get(name, ()))
    assert layer_from(json.loads(json.dumps(layer.describe()))) == layer


def test_every_registry_row_is_used_by_a_layer():
    used = {kernel.name for kind in LAYERS.values() if kind not in (Input, Dense) for kernel in kind().kernels()}
    used |= {GELU(approximate=True).kernels()[0].name}
    assert used | {kernel.name for kernel in Dense(1).kernels()} == set(registry)


@pytest.mark.parametrize(
    ("description", "message"),
    [
        ({"layer": "Densee", "units": 3}, r"layer='Densee' is not one of 'Add', 'Dense'"),
        ({"units": 3}, "layer=None is not one of"),
        ({"layer": "Dense", "unit": 3}, r"parameter of Dense='unit' is not one of .*; did you mean 'units'\?"),
        ({"layer": "Dense", "units": 3, "activation": {"layer": "Sofmax"}}, "layer='Sofmax' is not one of"),
    ],
)
def test_a_description_that_is_not_known_is_refused(description, message):
    with pytest.raises(ValueError, match=message):
        layer_from(description)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_by_name_is_that_layer(name):
    assert Dense(3, activation=name).kernels() == Dense(3, activation=ACTIVATIONS[name]()).kernels()


def test_calling_a_layer_checks_what_it_reads():
    x = Input(3)()
    with pytest.raises(TypeError, match=r"Add reads 2 node\(s\), 1 given; call it as Add\(...\)\(node\)"):
        Add()(x)
    with pytest.raises(TypeError, match=r"Dense reads 1 node\(s\), 2 given"):
        Dense(3)(x, x)
    with pytest.raises(TypeError, match=r"Input reads 0 node\(s\), 1 given"):
        Input(3)(x)
    with pytest.raises(TypeError, match=r"Tanh was called with Dense, which is not a node; begin with Input"):
        Tanh()(Dense(3))


def test_the_base_has_no_kernels():
    with pytest.raises(NotImplementedError):
        Layer().kernels()
    assert [layer.kernels()[0].name for layer in (Identity(), ReLU(), Sigmoid(), Softmax())] == [
        "identity", "relu", "sigmoid", "softmax",
    ]  # fmt: skip
