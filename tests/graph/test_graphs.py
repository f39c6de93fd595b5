"""Graphs: their order, names and sizes, what they refuse, and that they survive being written down."""

from __future__ import annotations

import json

import pytest
from drawing import networks
from hypothesis import given

from netlet import Add, Dense, Input, ReLU, Softmax, Tanh
from netlet.graph.graph import graph_from, graph_of
from netlet.graph.operations import operations_of

pytestmark = pytest.mark.plain


@given(networks())
def test_each_layer_reads_earlier_ones_and_the_sizes_follow(graph):
    assert isinstance(graph.layers[0], Input)
    for place, (layer, reads) in enumerate(zip(graph.layers, graph.sources, strict=True)):
        assert len(reads) == layer.n_inputs
        assert all(0 <= read < place for read in reads)
    operations = operations_of(graph)
    n_theta = 0
    for place, operation in enumerate(operations[1:], start=1):
        assert all(0 <= source < place for source in operation.sources)
        if operation.row == "dense":
            assert operation.n_theta == (operations[operation.sources[0]].size + operation.bias) * operation.size
            assert operation.theta == n_theta
            assert operation.initialiser in ("glorot", "he"), "auto was not resolved"
        else:
            assert operation.n_theta == 0
            assert {operation.size} == {operations[source].size for source in operation.sources}
        n_theta += operation.n_theta
    assert {operation.layer for operation in operations} == set(graph.names())


@given(networks())
def test_a_description_gives_the_graph_back(graph):
    again = graph_from(json.loads(json.dumps(graph.describe())))
    assert again == graph
    assert operations_of(again) == operations_of(graph)


@given(networks())
def test_names_are_kinds_with_their_numbers(graph):
    names = graph.names()
    assert len(set(names)) == len(names)
    assert names[0] == "input"
    for name, layer in zip(names[1:], graph.layers[1:], strict=True):
        assert name.rsplit("_", 1)[0] == type(layer).__name__.lower()


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


def two_inputs():
    return Add()(Input(3)(), Input(3)())


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
        r"layers\[1\]=Add\(\) reads 2 values, a list gives one; build",
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
    (
        lambda: graph_of(two_inputs()),
        ValueError,
        r"the graph has 2 Input nodes; it must depend on exactly one",
    ),
]


@pytest.mark.parametrize(("build", "kind", "message"), REFUSED, ids=[case[2][:40] for case in REFUSED])
def test_what_is_no_network_is_refused(build, kind, message):
    with pytest.raises(kind, match=message):
        build()


def test_values_of_different_sizes_cannot_be_added():
    x = Input(3)()
    with pytest.raises(ValueError, match="add_1 reads values of 3 and 4 numbers; they must be of one size"):
        operations_of(graph_of(Add()(x, Dense(4)(x))))


@pytest.mark.parametrize("inputs", [[0, 0], [], [2], [-1], [0.0]])
def test_a_description_that_reads_what_is_not_before_it_is_refused(inputs):
    description = graph_of([Input(3), Dense(2)]).describe()
    description[1]["inputs"] = inputs
    with pytest.raises(ValueError, match=r"of layer 1 do not name 1 earlier layer\(s\)"):
        graph_from(description)
