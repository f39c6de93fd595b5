"""Programs: every number has a place of its own, and every parameter one slice."""

from __future__ import annotations

import numpy as np
import pytest
from drawing import networks
from hypothesis import given
from hypothesis import strategies as st

from netlet import Add, Dense, Input, Softmax
from netlet.graph import program as table
from netlet.graph.graph import graph_of
from netlet.graph.lowering import Training, lower, needed_for
from netlet.graph.operations import operations_of
from netlet.kernels import losses as _losses  # noqa: F401
from netlet.kernels.registry import layers, losses, updates

pytestmark = pytest.mark.plain


def places_of(program):
    """Return the interval of the arena that each thing was given, by its name."""
    places, rows = {}, program.batch_size
    for node, row in enumerate(program.nodes):
        if row[table.VALUE] >= 0:
            places[f"value {node}"] = (row[table.VALUE], rows * row[table.SIZE])
        if row[table.GRADIENT] >= 0:
            places[f"gradient {node}"] = (row[table.GRADIENT], rows * row[table.SIZE])
        if row[table.SAVED] >= 0:
            places[f"saved {node}"] = (row[table.SAVED], rows * row[table.SAVED_SIZE])
        if row[table.DERIVED_SIZE] > 0:
            places[f"derived {node}"] = (row[table.DERIVED], row[table.DERIVED_SIZE])
        if row[table.BACKWARD_INPUT] != 0:
            for place, source in ((table.DX, table.SOURCE), (table.DX2, table.SOURCE2)):
                if row[source] >= 0 and row[place] != program.nodes[row[source], table.GRADIENT]:
                    size = program.nodes[row[source], table.SIZE]
                    places[f"scratch of {node}, {place}"] = (row[place], rows * size)
    if program.plan[table.GATHER]:
        places["targets"] = (program.plan[table.TARGETS], rows * program.plan[table.N_TARGETS])
        if program.plan[table.WEIGHTS]:
            places["weights"] = (program.plan[table.WEIGHTS], rows)
    return {name: (int(start), int(size)) for name, (start, size) in places.items()}


def check_places(program):
    end, last = 0, "the start"
    for name, (start, size) in sorted(places_of(program).items(), key=lambda item: item[1]):
        assert start >= end, f"{name} begins within {last}"
        assert start % 16 == 0, f"{name} does not begin at a cache line"
        end, last = start + size, name
    assert end <= program.arena_size


@given(networks(), st.integers(1, 300), st.booleans(), st.booleans(), st.sampled_from(("float32", "float64")))
def test_everything_in_the_arena_has_a_place_of_its_own(graph, batch_size, gather, weighted, dtype):
    operations = operations_of(graph)
    output = len(operations) - 1
    training = Training(losses["squared_error"], updates["adam"], gather, weighted, seed=2**40 + 3)
    for program in (
        lower(operations, output, batch_size, dtype, training),
        lower(operations, output, batch_size, dtype),
    ):
        check_places(program)
        assert program.batch_size == batch_size
        assert program.new_arena().shape == (program.arena_size,)
        assert program.new_arena().dtype == program.factors.dtype == dtype
        assert 1 <= program.n_cuts <= batch_size
    assert (program.nodes[:, table.GRADIENT] == -1).all(), "a prediction has no gradients"
    assert len(program.slices) == 0


@given(networks(), st.integers(1, 2000))
def test_every_parameter_lies_in_one_slice(graph, batch_size):
    operations = operations_of(graph)
    program = lower(
        operations, len(operations) - 1, batch_size, "float32", Training(losses["squared_error"], updates["sgd"], True)
    )
    check_slices(program, operations)


def check_slices(program, operations):
    trained = np.zeros(sum(operation.n_theta for operation in operations), int)
    sizes = []
    with_theta = [operation for operation in operations if operation.n_theta]
    widths = {operation.theta: operation.width for operation in with_theta}
    uses = {
        each.theta: layers[each.row].n_uses(operations[each.sources[0]].size, each.size, each.settings)
        for each in with_theta
    }
    for node, first, last, start, stop in program.slices[:, :5]:
        row = program.nodes[node]
        width = widths[int(row[table.THETA])]
        assert 0 <= first < last <= row[table.THETA_SIZE] // width
        assert (start, stop) == (row[table.THETA] + first * width, row[table.THETA] + last * width)
        assert row[table.BACKWARD_PARAMETERS] != 0
        trained[start:stop] += 1
        sizes.append(uses[int(row[table.THETA])] * int(stop - start))
    assert (trained == 1).all()
    assert sizes == sorted(sizes, reverse=True), "the dearest slices come first"


@pytest.mark.parametrize("batch_size", [1, 37, 256, 4096])
def test_large_layers_are_cut(batch_size):
    operations = operations_of(graph_of([Input(300), Dense(200, activation="relu"), Dense(10), Softmax()]))
    training = Training(losses["cross_entropy"], updates["adam"], True)
    program = lower(operations, len(operations) - 2, batch_size, "float32", training)
    check_slices(program, operations)
    check_places(program)
    if batch_size >= 256:
        assert len(program.slices) > 4
        assert program.n_cuts > 1


def test_frozen_layers_have_no_slices_and_stop_the_gradient():
    graph = graph_of([Input(5), Dense(4), Dense(3), Dense(2)])
    operations = operations_of(graph)
    training = Training(losses["squared_error"], updates["sgd"], True, frozen=frozenset({"dense_1", "dense_2"}))
    program = lower(operations, len(operations) - 1, 8, "float32", training)
    assert {int(piece[table.NODE]) for piece in program.slices} == {3}
    assert list(program.nodes[:, table.GRADIENT] >= 0) == [False, False, False, True]
    assert not program.nodes[1:3, table.BACKWARD_INPUT].any()


def test_what_the_loss_does_not_read_is_left_out():
    x = Input(3)()
    logits = Dense(2)(x)
    operations = operations_of(graph_of(Softmax()(logits)))
    training = Training(losses["cross_entropy"], updates["sgd"], True)
    assert len(lower(operations, 1, 4, "float32", training).nodes) == 2
    assert len(lower(operations, 2, 4, "float32").nodes) == 3
    assert needed_for(operations, 1) == [0, 1]


def test_a_value_read_twice_has_its_gradients_added():
    """The reader that backward meets first writes, the other one writes to scratch that is added."""
    x = Dense(3)(Input(3)())
    operations = operations_of(graph_of(Add()(x, Dense(3)(x))))
    program = lower(operations, 3, 4, "float32", Training(losses["squared_error"], updates["sgd"], False))
    add, dense = program.nodes[3], program.nodes[2]
    assert add[table.DX] == program.nodes[1, table.GRADIENT]
    assert add[table.DX2] == program.nodes[2, table.GRADIENT]
    assert not add[table.ADD_DX]
    assert not add[table.ADD_DX2]
    assert dense[table.ADD_DX] == 1
    assert dense[table.DX] != program.nodes[1, table.GRADIENT]
