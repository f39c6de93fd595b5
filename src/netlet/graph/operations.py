"""From a graph whose input size is known to its operations, its first parameters and its first state."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from netlet.graph import initialisers
from netlet.graph.building import Builder, Kernel, Operation, Value
from netlet.graph.graph import Graph
from netlet.kernels.memory import aligned_zeros
from netlet.kernels.random import STREAM_WEIGHTS, new_generator


def operations_of(graph: Graph) -> tuple[Operation, ...]:
    """Bind a graph whose input size is known: sizes, parameters' places and initialisers of each operation.

    Raises
    ------
    ValueError
        If a layer cannot read values of the shapes that it is given.
    """
    return bound(graph)[0]


def bound(graph: Graph) -> tuple[tuple[Operation, ...], tuple[int, ...]]:
    """Return a graph's operations, as `operations_of` does, and the shape of its output for one sample.

    The last operation computes the output: where no layer's does, as for an input that is only reshaped, an identity is
    appended.
    """
    builder, values = _build(graph)
    output = values[-1]
    if output.operation == 0 or output.operation != len(builder.operations) - 1:
        output = builder.add(Kernel("identity"), (output,))
    return tuple(_resolve_initialisers(builder.operations)), output.shape


def values_by_name(graph: Graph) -> dict[str, Value]:
    """Return what each layer of a graph whose input size is known gives, by the layer's name."""
    return dict(zip(graph.names(), _build(graph)[1], strict=True))


def _build(graph: Graph) -> tuple[Builder, list[Value]]:
    """Let every layer append its operations; return them, and what each layer gives."""
    inputs = graph.inputs
    builder = Builder(sum(each.size for each in inputs))
    whole, start = Value(0, (builder.operations[0].size,)), 0
    values: list[Value] = []
    for layer, reads, name in zip(graph.layers, graph.sources, graph.names(), strict=True):
        builder.layer = name
        if not reads:  # an input: the whole of what is read, or its own columns
            shape = layer.dimensions  # type: ignore[attr-defined]
            columns = Kernel("columns", {"first": start, "count": math.prod(shape)})
            values.append(Value(0, shape) if len(inputs) == 1 else builder.add(columns, (whole,), shape))
            start += math.prod(shape)
        else:
            values.append(layer.build(builder, tuple(values[read] for read in reads)))
    return builder, values


def _resolve_initialisers(operations: list[Operation]) -> list[Operation]:
    """Put the initialiser that "auto" means in its place: it depends on the activation that reads the value."""
    readers: dict[int, str] = {}
    for operation in operations:
        for source in operation.sources:
            readers.setdefault(source, operation.row)
    return [
        replace(
            operation,
            initialisers={
                block: initialisers.resolve(chosen, readers.get(place))
                for block, chosen in operation.initialisers.items()
            },
        )
        for place, operation in enumerate(operations)
    ]


def initial_parameters(operations: Sequence[Operation], seed: int, dtype: str) -> np.ndarray:
    """Return the flat parameter vector that a seed gives: each block by its initialiser, zero where it has none.

    Parameters
    ----------
    operations : sequence of Operation
    seed : int
    dtype : {"float32", "float64"}

    Returns
    -------
    dtype, (n_theta,)
    """
    theta = aligned_zeros((sum(operation.n_theta for operation in operations),), dtype)
    generator = new_generator(seed, STREAM_WEIGHTS)
    for operation in operations:
        for block, place in operation.places():
            if block.name in operation.initialisers:
                values = theta[place].reshape(block.n_rows, block.width)
                initialisers.initialise(operation.initialisers[block.name], values, generator, block.fans)
    return theta


def initial_state(operations: Sequence[Operation], dtype: str) -> np.ndarray:
    """Return the state before any training, such as running means of 0 and variances of 1: dtype, (n_state,)."""
    blocks = [np.full(block.size, block.value) for operation in operations for block in operation.states]
    return np.concatenate([np.empty(0), *blocks]).astype(dtype)
