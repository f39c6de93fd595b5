"""Graphs: their order, names and sizes, what they refuse, and that they survive being written down."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from drawing import n_parameters_of, networks, shape_of
from hypothesis import given

from netlet import Add, BatchNorm, Dense, Embedding, Input, Network, ReLU, Softmax, Tanh
from netlet.graph.embedding import EmbeddingBag
from netlet.graph.graph import graph_from, graph_of
from netlet.graph.joining import Concatenate, Multiply, Residual
from netlet.graph.operations import bound, operations_of
from netlet.graph.shaping import Columns, Flatten, Reshape

pytestmark = pytest.mark.plain


@given(networks())
def test_each_layer_reads_earlier_ones_and_the_sizes_follow(graph):
    assert isinstance(graph.layers[0], Input)
    shapes = []
    operations, output_shape = bound(graph)
    n_theta, n_state = 0, 0
    for place, operation in enumerate(operations[1:], start=1):
        assert all(0 <= source < place for source in operation.sources)
        assert (operation.theta, operation.state) == (n_theta, n_state)
        assert "auto" not in operation.initialisers.values(), "auto was not resolved"
        n_theta, n_state = n_theta + operation.n_theta, n_state + operation.n_state
    for place, (layer, reads, name) in enumerate(zip(graph.layers, graph.sources, graph.names(), strict=True)):
        assert len(reads) == layer.n_inputs if layer.n_inputs is not None else len(reads) >= 2
        assert all(0 <= read < place for read in reads)
        shapes.append(shape_of(layer, *(shapes[read] for read in reads)))
        own = [operation for operation in operations if operation.layer.split(".")[0] == name]
        assert sum(operation.n_theta for operation in own) == n_parameters_of(layer, *(shapes[read] for read in reads))
        if own:
            assert own[-1].size == math.prod(shapes[-1])
        else:
            assert isinstance(layer, (Reshape, Flatten)), "what computes something has an operation"
    assert output_shape == shapes[-1]
    assert operations[-1].size == math.prod(output_shape)
    assert n_theta == sum(operation.n_theta for operation in operations)


@given(networks())
def test_a_description_gives_the_graph_back(graph):
    again = graph_from(json.loads(json.dumps(graph.describe())))
    assert again == graph
    assert operations_of(again) == operations_of(graph)


@given(networks())
def test_names_are_kinds_with_their_numbers(graph):
    names = graph.names()
    assert len(set(names)) == len(names)
    for name, layer in zip(names, graph.layers, strict=True):
        assert name.rsplit("_", 1)[0] == type(layer).__name__.lower()
    n_inputs = len(graph.inputs)
    assert names[:n_inputs] == (("input",) if n_inputs == 1 else tuple(f"input_{i + 1}" for i in range(n_inputs)))


def test_names_count_each_kind_from_1():
    graph = graph_of([Dense(4), Tanh(), Dense(3), Softmax()])
    assert graph.names() == ("dense_1", "tanh_1", "dense_2", "softmax_1")
    assert graph.n_features is None
    assert graph.with_input(7).names() == ("input", "dense_1", "tanh_1", "dense_2", "softmax_1")
    assert graph.with_input(7).n_features == 7
    assert graph.with_input(7).with_input(9).n_features == 7


def test_a_list_and_the_same_calls_are_the_same_graph():
    chain = graph_of([Input(3), Dense(4), Tanh(), Dense(2)])
    assert graph_of(Dense(2)(Tanh()(Dense(4)(Input(3)())))) == chain


def test_what_the_output_does_not_depend_on_is_left_out():
    x = Input(3)()
    Dense(9)(x)
    assert graph_of(Dense(2)(x)).layers == (Input(3), Dense(2))


def test_a_layer_may_stand_in_several_places():
    """The same specification twice is two layers, each with weights of its own."""
    layer, x = Dense(3), Input(3)()
    operations = operations_of(graph_of(layer(layer(x))))
    assert [operation.theta for operation in operations] == [0, 0, 12]
    once = layer(x)
    assert len(operations_of(graph_of(Add()(once, once)))) == 3


def test_a_graph_may_be_deep():
    node = Input(2)()
    for _ in range(3000):
        node = Tanh()(node)
    assert len(graph_of(node).layers) == 3001


def test_several_inputs_are_columns_of_one_wide_input_in_the_order_in_which_they_were_made():
    first, second, third = Input(2)(), Input((2, 3))(), Input(1)()
    graph = graph_of(Concatenate()(third, Flatten()(second), first))
    assert graph.names() == ("input_1", "input_2", "input_3", "flatten_1", "concatenate_1")
    assert graph.n_features == 9
    operations, shape = bound(graph)
    assert operations[0].size == 9
    assert shape == (9,)
    parts = [operation for operation in operations if operation.row == "columns"]
    assert [dict(part.settings) for part in parts] == [
        {"first": 0, "count": 2}, {"first": 2, "count": 6}, {"first": 8, "count": 1},
    ]  # fmt: skip
    assert [part.layer for part in parts] == ["input_1", "input_2", "input_3"]
    assert all(part.sources == (0,) for part in parts)


def test_adding_several_nodes_folds_them_in_pairs():
    x = Input(3)()
    operations = operations_of(graph_of(Add()(x, Tanh()(x), ReLU()(x))))
    assert [(operation.row, operation.sources) for operation in operations[1:]] == [
        ("tanh", (0,)), ("relu", (0,)), ("add", (0, 1)), ("add", (3, 2)),
    ]  # fmt: skip


@pytest.mark.parametrize("layers", [[Input(6), Reshape((2, 3))], [Input((2, 3)), Flatten()]], ids=str)
def test_an_input_that_is_only_reshaped_still_has_an_operation_that_computes_the_output(layers):
    operations = operations_of(graph_of(layers))
    assert [operation.row for operation in operations] == ["input", "identity"]
    x = np.arange(12.0).reshape(2, 6)
    np.testing.assert_array_equal(Network(layers, dtype="float64").predict(x).reshape(2, 6), x)


def test_nothing_is_appended_where_the_last_operation_is_the_output():
    operations = operations_of(graph_of([Input(6), Dense(4), Reshape((2, -1))]))
    assert [operation.row for operation in operations] == ["input", "dense"]


def test_the_layers_within_a_residual_are_named_after_it():
    inner = (Dense(5, activation="relu"), Dense(4), BatchNorm())
    operations = operations_of(graph_of([Input(3), Residual(inner, project=True), Residual((Tanh(),))]))
    assert [(operation.row, operation.layer) for operation in operations[1:]] == [
        ("dense", "residual_1.dense_1"),
        ("relu", "residual_1.dense_1"),
        ("dense", "residual_1.dense_2"),
        ("batch_normalisation", "residual_1.batchnorm_1"),
        ("dense", "residual_1.projection"),
        ("add", "residual_1"),
        ("tanh", "residual_2.tanh_1"),
        ("add", "residual_2"),
    ]
    assert operations[1].initialisers == {"weight": "he"}
    assert operations[5].n_theta == 12, "the projection has no bias"


REFUSED = [
    (lambda: graph_of([]), ValueError, r"layers=\[\] is empty; give at least one layer, such as Dense\(1\)"),
    (lambda: graph_of([Input(3)]), ValueError, r"layers holds only an Input; add at least one layer"),
    (lambda: graph_of(Input(3)()), ValueError, r"the graph holds only an Input; apply at least one layer to it"),
    (
        lambda: graph_of([Dense(3), Input(3)]),
        ValueError,
        r"layers\[1\] is an Input, which may only stand first",
    ),
    (
        lambda: graph_of([Dense(3), Add()]),
        ValueError,
        r"layers\[1\]=Add\(\) reads several values, a list gives one; build",
    ),
    (
        lambda: graph_of([Dense(3), "relu"]),
        TypeError,
        r"layers\[1\]='relu' is not a layer; write for example",
    ),
    (lambda: graph_of([Dense(3), ReLU]), TypeError, r"layers\[1\]=.*is not a layer"),
    (lambda: graph_of([8, 3]), TypeError, r"layers\[0\]=8 is not a layer"),
    (
        lambda: graph_of("dense"),
        TypeError,
        r"layers='dense' is not a list of layers or a node; write",
    ),
    (lambda: graph_of(Dense(3)), TypeError, "is not a list of layers or a node"),
    (lambda: graph_of(8), TypeError, "layers=8 is not a list of layers or a node"),
]


@pytest.mark.parametrize(("build", "kind", "message"), REFUSED, ids=[case[2][:40] for case in REFUSED])
def test_what_is_no_network_is_refused(build, kind, message):
    with pytest.raises(kind, match=message):
        build()


MISFITS = [
    (lambda x: Add()(x, Dense(4)(x)), r"^add_1 reads values of sizes 6 and 4; they must be equal: give the layers"),
    (lambda x: Multiply()(x, Reshape((2, 3))(x)), r"^multiply_1 reads values of sizes 6 and \(2, 3\); they must"),
    (
        lambda x: Concatenate()(x, Reshape((2, 3))(x)),
        r"^concatenate_1 joins values of shapes \(6,\) and \(2, 3\) along the last axis; all others must be equal",
    ),
    (lambda x: Dense(2)(Reshape((2, 3))(x)), r"^dense_1 reads a row .*, not the shape \(2, 3\); put Flatten\(\)"),
    (lambda x: Columns(0, 2)(Reshape((2, 3))(x)), r"^columns_1 reads a row .*, not the shape \(2, 3\); put Flatten"),
    (lambda x: Columns(4, 3)(x), r"^columns_1 takes the columns 4 to 6, but what it reads has 6, counted from 0"),
    (lambda x: Reshape((4, -1))(x), r"^reshape_1 cannot give 6 numbers the shape \(4, -1\); the sizes must multiply"),
    (lambda x: Reshape((3, 3))(x), r"^reshape_1 cannot give 6 numbers the shape \(3, 3\)"),
    (lambda x: Reshape(3)(x), r"^reshape_1 cannot give 6 numbers the shape \(3,\)"),
    (
        lambda x: Residual((Dense(4),))(x),
        r"^residual_1 adds x of shape \(6,\) to f\(x\) of shape \(4,\); add project=True, or let f keep the shape",
    ),
    (
        lambda x: Embedding(3, 2)(Dense(4)(x)),
        r"^embedding_1 reads dense_1, whose numbers are computed; an Embedding reads an Input, as it is or through",
    ),
    (lambda x: EmbeddingBag(3, 2)(Dense(6)(x), x), r"^embeddingbag_1 reads dense_1, whose numbers are computed"),
    (
        lambda x: EmbeddingBag(3, 2)(x, Columns(0, 2)(x)),
        r"^embeddingbag_1 reads numbers of categories of shape \(6,\) and weights of shape \(2,\); give one weight",
    ),
    (lambda x: Embedding(3, 2)(Concatenate()(x, x)), r"^embedding_1 reads concatenate_1, whose numbers are computed"),
    (lambda x: Residual((Tanh(), Embedding(3, 2)))(x), r"^residual_1.embedding_1 reads residual_1.tanh_1, whose"),
]


@pytest.mark.parametrize(("build", "message"), MISFITS, ids=[case[1][:30] for case in MISFITS])
def test_values_that_do_not_suit_a_layer_are_refused(build, message):
    with pytest.raises(ValueError, match=message):
        operations_of(graph_of(build(Input(6)())))


@pytest.mark.parametrize("inputs", [[0, 0], [], [2], [-1], [0.0]])
def test_a_description_that_reads_what_is_not_before_it_is_refused(inputs):
    description = graph_of([Input(3), Dense(2)]).describe()
    description[1]["inputs"] = inputs
    with pytest.raises(ValueError, match=r"of layer 1 do not name 1 earlier layer\(s\)"):
        graph_from(description)
