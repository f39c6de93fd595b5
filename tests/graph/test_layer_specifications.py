"""Layer specifications: what they refuse, and that they survive being written down."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from drawing import layers
from hypothesis import given

from netlet import (
    GRU,
    LSTM,
    RNN,
    Add,
    BatchNorm,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    Identity,
    Input,
    LayerNorm,
    LeakyReLU,
    LearnedPositions,
    MultiHeadAttention,
    ReLU,
    Sigmoid,
    SinusoidalPositions,
    Softmax,
    Tanh,
    TiedDense,
    TransformerBlock,
)
from netlet.graph.activations import ACTIVATIONS, GELU
from netlet.graph.augmentation import Augment
from netlet.graph.embedding import EmbeddingBag
from netlet.graph.graph import graph_of
from netlet.graph.initialisers import Constant
from netlet.graph.joining import Residual
from netlet.graph.layers import LAYERS, layer_from
from netlet.graph.operations import operations_of
from netlet.graph.shaping import Columns, Reshape
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
    (lambda: Input(0), "^shape=0 of Input is not an int >= 1 or a tuple of them; give the number of features$"),
    (lambda: Input(1.5), "shape=1.5 of Input"),
    (lambda: Input((3, 0)), r"shape=\(3, 0\) of Input"),
    (lambda: Input(()), r"shape=\(\) of Input is empty"),
    (lambda: Reshape(()), r"shape=\(\) of Reshape is empty; give the sizes of the new axes"),
    (lambda: Reshape((2, 0)), r"shape=\(2, 0\) of Reshape holds 0, which is not an int >= 1 or -1"),
    (lambda: Reshape((2, 1.5)), r"of Reshape holds 1.5, which"),
    (lambda: Reshape((True,)), r"of Reshape holds True, which"),
    (lambda: Reshape((-1, 2, -1)), r"shape=\(-1, 2, -1\) of Reshape holds -1 more than once; give all sizes but one"),
    (lambda: Columns(-1, 2), "first=-1 of Columns is not an int >= 0; columns are counted from 0"),
    (lambda: Columns(1.0, 2), "first=1.0 of Columns is not an int"),
    (lambda: Columns(1, 0), "count=0 of Columns is not an int >= 1; give the number of columns"),
    (lambda: BatchNorm(0), r"momentum=0.* of BatchNorm is not in \(0, 1\]; it is the share of the new batch"),
    (lambda: BatchNorm(1.5), "momentum=1.5 of BatchNorm"),
    (lambda: BatchNorm("a"), "momentum='a' of BatchNorm is not a finite number; it is the share of the new batch"),
    (lambda: BatchNorm(eps=0), "eps=0.* of BatchNorm is not > 0; 1e-5 is usual"),
    (lambda: LayerNorm(-1), "eps=-1.* of LayerNorm is not > 0; 1e-5 is usual"),
    (lambda: LayerNorm(math.inf), "eps=inf of LayerNorm is not a finite number"),
    (lambda: Embedding(0, 2), "categories=0 of Embedding is not an int >= 1; give the number of categories"),
    (lambda: Embedding(2, 0), "dimensions=0 of Embedding is not an int >= 1; give the length of a category's vector"),
    (lambda: Embedding(2**24 + 1, 2), "categories=16777217 of Embedding is more than 16777216, up to which float32"),
    (lambda: EmbeddingBag(0, 2), "categories=0 of EmbeddingBag is not an int >= 1; give the number of categories"),
    (lambda: Embedding(2, 2, "xavier"), "initialiser='xavier' is not one of"),
    (lambda: LSTM(0), "units=0 of LSTM is not an int >= 1; give the number of units"),
    (lambda: GRU(3, "all"), "returns of GRU='all' is not one of 'last', 'sequence'"),
    (lambda: RNN(3, activation="sigmoid"), "activation of RNN='sigmoid' is not one of 'relu', 'tanh'"),
    (lambda: LSTM(3, forget_bias="a"), "forget_bias='a' of LSTM is not a finite number; 1 is usual"),
    (lambda: LSTM(3, initialiser="xavier"), "initialiser='xavier' is not one of"),
    (lambda: LSTM(3, recurrent_initialiser="xavier"), "initialiser='xavier' is not one of"),
    (lambda: Bidirectional(Dense(3)), r"forward=Dense\(.*\) of Bidirectional is not a recurrent layer; give RNN"),
    (lambda: Bidirectional(GRU(3, reverse=True)), "of Bidirectional is reversed already; leave out reverse=True"),
    (lambda: Residual(()), r"layers=\(\) of Residual is empty; give at least one layer"),
    (lambda: Residual((Dense(3), "relu")), r"layers\[1\]='relu' of Residual is not a layer; write for example"),
    (lambda: Residual(Input(3)()), r"layers\[0\]=Node.* of Residual is not a layer"),
    (
        lambda: Residual((Add(),)),
        r"layers\[0\]=Add\(\) of Residual does not read one value, as a layer of a chain does",
    ),
    (lambda: Residual((Input(3),)), r"layers\[0\]=Input\(shape=3\) of Residual does not read one value"),
    (
        lambda: Dense(3, activation="rellu"),
        r"activation='rellu' is not one of 'elu', .*'identity', .*; did you mean 'relu'\?$",
    ),
    (lambda: Dense(3, activation="ReLu"), r"did you mean 'relu'\?$"),
    (
        lambda: Dense(3, activation=Dropout(0.1)),
        r"activation=Dropout\(rate=0.1\) is no activation; use one of",
    ),
    (lambda: Dense(3, activation=Dense(3)), r"is no activation"),
    (
        lambda: Dense(3, initialiser="xavier"),
        "initialiser='xavier' is not one of 'auto', 'glorot', 'glorot_normal'",
    ),
    (lambda: Dense(3, initialiser="glorott"), r"did you mean 'glorot'\?$"),
    (lambda: Dropout(1), r"rate=1.* of Dropout is not in \[0, 1\); it is the fraction dropped, 0.1 to 0.5 is usual"),
    (lambda: Dropout(-0.1), "rate=-0.1 of Dropout"),
    (lambda: Dropout(math.nan), "rate=nan of Dropout"),
    (lambda: Dropout("half"), "rate='half' of Dropout"),
    (lambda: Augment(shift=2), r"shift=2.0 of Augment is not in \[0, 1\); it is a share of the height and the width"),
    (lambda: Augment(rotation=181), r"rotation=181.0 of Augment is not in \[0, 180\]; it is in degrees, 10 is usual"),
    (lambda: Augment(zoom=1), r"zoom=1.0 of Augment is not in \[0, 1\); pictures are enlarged by 1 - zoom to 1"),
    (lambda: Augment(brightness=-1), r"brightness=-1.0 of Augment is not in \[0, inf\)"),
    (lambda: Augment(shift="a"), "shift='a' of Augment is not a finite number; it is a share"),
    (lambda: Augment(flip="up"), "flip='up' of Augment is not None, 'horizontal', 'vertical' or 'both'"),
    (lambda: Augment(flip=["both"]), r"flip=\['both'\] of Augment is not None"),
    (lambda: Augment(fill="zero"), r"fill of Augment='zero' is not one of 'edge', 'zeros'; did you mean 'zeros'\?"),
    (lambda: LeakyReLU(math.inf), "negative_slope=inf of LeakyReLU is not a finite number; 0.01 is usual"),
    (lambda: LeakyReLU("a"), "negative_slope='a' of LeakyReLU"),
]


@pytest.mark.parametrize(("build", "message"), REFUSED, ids=[message[:40] for _, message in REFUSED])
def test_a_wrong_parameter_is_refused_where_it_is_given(build, message):
    with pytest.raises(ValueError, match=message):
        build()


def test_numpys_numbers_are_numbers():
    """As in Dense(y.max() + 1); they become Python's, which a model file can hold."""
    for layer in (
        Dense(np.int64(3)), Input(np.int32(4)), Dropout(np.float32(0.25)), LeakyReLU(np.float64(0.5)),
        Reshape(np.array([2, -1]).tolist()), Reshape((np.int64(2), np.int64(-1))), Columns(np.int64(0), np.int64(2)),
        Embedding(np.int64(5), np.int32(2)), BatchNorm(np.float32(0.25), np.float64(0.5)), Input((np.int64(2), 3)),
    ):  # fmt: skip
        assert layer_from(json.loads(json.dumps(layer.describe()))) == layer


def test_layers_cannot_be_changed():
    with pytest.raises(AttributeError):
        Dense(3).units = 4


@given(layers())
def test_a_description_gives_the_layer_back(layer):
    assert layer_from(json.loads(json.dumps(layer.describe()))) == layer


EXAMPLES = {
    "Input": ((3, 4),),
    "Dense": (3, LeakyReLU(0.5), False, "he"),
    "Reshape": ((2, -1, 3),),
    "Columns": (1, 2),
    "Embedding": (7, 3, Constant(0.5)),
    "EmbeddingBag": (7, 3, Constant(0.5)),
    "BatchNorm": (0.25, 0.5),
    "Augment": (0.25, 30.0, 0.5, "both", 0.125, "zeros"),
    "Conv1D": (4, 3, 2, (1, 0), 2, 1, LeakyReLU(0.5), False, "he"),
    "Conv2D": (4, (3, 2), 2, ((1, 0), 2), (1, 2), 2, "relu", True, Constant(0.5)),
    "MaxPool2D": ((2, 3), None, "same"),
    "Upsample": ((2, 3),),
    "LayerNorm": (0.5,),
    "RNN": (3, "sequence", True, False, "he", Constant(0.5), "relu"),
    "LSTM": (3, "sequence", True, False, "auto", "glorot", 2.0),
    "GRU": (3,),
    "Bidirectional": (LSTM(3, initialiser=Constant(0.5)),),
    "TimeDense": (3, LeakyReLU(0.5), False, "he"),
    "MemberScaling": (3, Constant(0.5)),
    "MemberDense": (3, LeakyReLU(0.5), False, "he"),
    "TiedDense": ("embedding_1",),
    "LearnedPositions": ("he",),
    "MultiHeadAttention": (2, True, 3, False, "he"),
    "TransformerBlock": (2, 5, 0.25, True, "relu", "lengths", 0.5),
    "Residual": (
        (Dense(3, LeakyReLU(0.5), initialiser=Constant(1.0)), Residual((Dense(3, "relu"), Dropout(0.25)))),
        True,
    ),
}


@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_is_known_by_its_name(name):
    layer = LAYERS[name](*EXAMPLES.get(name, ()))
    assert layer_from(json.loads(json.dumps(layer.describe()))) == layer


OF_STEPS = (
    "TimeDense",
    "TiedDense",
    "LearnedPositions",
    "SinusoidalPositions",
    "MultiHeadAttention",
    "TransformerBlock",
    "EmbeddingBag",
)


READ = {
    "Conv1D": (9, 2), "Conv2D": (9, 9, 2), "MaxPool1D": (4, 2), "MaxPool2D": (4, 4, 2), "AveragePool1D": (4, 2),
    "AveragePool2D": (4, 4, 2), "GlobalAveragePool": (4, 2), "GlobalMaxPool": (4, 4, 2), "Upsample": (4, 4, 2),
    "Augment": (4, 4, 2), "MemberDense": (2, 3), "MemberMean": (2, 3),
}  # fmt: skip


def test_every_registry_row_is_used_by_a_layer():
    steps = Embedding(3, 4)(Input(6)())
    of_steps = [SinusoidalPositions()(steps), LearnedPositions()(steps), TiedDense()(steps)]
    of_steps += [TransformerBlock(2)(steps), MultiHeadAttention(2, padding="lengths")(steps, Input(1)())]
    of_steps += [EmbeddingBag(3, 4)(Input(6)(), Input(6)())]
    used = {operation.row for node in of_steps for operation in operations_of(graph_of(node))}
    for layer in [
        *(kind(*EXAMPLES.get(name, ())) for name, kind in LAYERS.items()),
        GELU(approximate=True),
        LAYERS["Conv2D"](2, 1),
    ]:
        if layer.n_inputs != 0 and type(layer).__name__ not in OF_STEPS:
            shape = (2, 3) if isinstance(layer, (RNN, LSTM, GRU, Bidirectional)) else READ.get(type(layer).__name__, 6)
            sources = [Input(shape)() for _ in range(2 if layer.n_inputs is None else 1)]
            used.update(operation.row for operation in operations_of(graph_of(layer(*sources))))
    assert used == {*registry, "input"}


@pytest.mark.parametrize(
    ("description", "message"),
    [
        ({"layer": "Densee", "units": 3}, r"layer='Densee' is not one of 'Add', .*; did you mean 'Dense'\?$"),
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
    with pytest.raises(TypeError, match=r"Add reads two or more node\(s\), 1 given; call it as Add\(...\)\(node\)"):
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
