"""The graph: layers with what they read, in an order in which each reads only earlier ones, bound to an input size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from netlet.graph import initialisers
from netlet.graph.layers import Input, Layer, Node, layer_from
from netlet.kernels import layers as _rows  # noqa: F401  (fills the registry)
from netlet.kernels.memory import aligned_zeros
from netlet.kernels.random import STREAM_WEIGHTS, new_generator
from netlet.kernels.registry import layers as registry


@dataclass(frozen=True)
class Operation:
    """One row of a program to be: a kernel with its sources, sizes and parameters.

    Parameters
    ----------
    row : str
        The registry row; "input" for the input.
    layer : str
        The name of the layer it belongs to, for messages: ``dense_2``.
    sources : tuple of int
        The operations that it reads.
    size : int
        Numbers per sample.
    factors : tuple of float
    theta : int
        Where its parameters begin.
    n_theta : int
    initialiser : str or None
    bias : bool
    """

    row: str
    layer: str
    sources: tuple[int, ...]
    size: int
    factors: tuple[float, ...] = ()
    theta: int = 0
    n_theta: int = 0
    initialiser: str | None = None
    bias: bool = False


@dataclass(frozen=True)
class Graph:
    """Layers and what each reads; the input is item 0, the output the last.

    Parameters
    ----------
    layers : tuple of Layer
    sources : tuple of tuple of int
        For each layer the places of those that it reads.
    """

    layers: tuple[Layer, ...]
    sources: tuple[tuple[int, ...], ...]

    @property
    def n_features(self) -> int | None:
        """The input size, where an Input layer says it."""
        first = self.layers[0] if self.layers else None
        return first.size if isinstance(first, Input) else None

    def with_input(self, n_features: int) -> Graph:
        """Return the graph with its input size set."""
        if isinstance(self.layers[0], Input):
            return self
        sources = tuple(tuple(source + 1 for source in each) for each in self.sources)
        return Graph((Input(n_features), *self.layers), ((), *sources))

    def names(self) -> tuple[str, ...]:
        """Return a name for each layer: its kind and its number among its kind, as ``dense_1``."""
        counts: dict[str, int] = {}
        names = []
        for layer in self.layers:
            kind = type(layer).__name__.lower()
            counts[kind] = counts.get(kind, 0) + 1
            names.append("input" if isinstance(layer, Input) else f"{kind}_{counts[kind]}")
        return tuple(names)

    def describe(self) -> list[dict[str, Any]]:
        """Return the graph as plain values, for the model file."""
        return [
            layer.describe() | {"inputs": list(sources)}
            for layer, sources in zip(self.layers, self.sources, strict=True)
        ]


def graph_of(layers: Sequence[Layer] | Node) -> Graph:
    """Build a graph from a list of layers, each reading the one before, or from the node of the output.

    Raises
    ------
    ValueError
        If the list is empty, an Input stands elsewhere than first, or a layer needs more inputs than a list gives.
    TypeError
        If something is not a layer.
    """
    if isinstance(layers, Node):
        return _graph_of_node(layers)
    if isinstance(layers, (str, Layer)) or not isinstance(layers, Sequence):
        raise TypeError(f"layers={layers!r} is not a list of layers or a node; write Network([Dense(8), ...])")
    if not layers:
        raise ValueError("layers=[] is empty; give at least one layer, such as Dense(1)")
    for place, layer in enumerate(layers):
        if not isinstance(layer, Layer):
            raise TypeError(f"layers[{place}]={layer!r} is not a layer; write for example Dense(8)")
        if isinstance(layer, Input) and place > 0:
            raise ValueError(f"layers[{place}] is an Input, which may only stand first; remove it")
        if layer.n_inputs > 1:
            raise ValueError(
                f"layers[{place}]={layer!r} reads {layer.n_inputs} values, a list gives one; build a graph by calling "
                "layers: x = Input(4)(); y = Add()(x, Dense(4)(x)); Network(y)"
            )
    begins = isinstance(layers[0], Input)
    sources = tuple(() if begins and place == 0 else (place - 1,) for place in range(len(layers)))
    if begins and len(layers) == 1:
        raise ValueError("layers holds only an Input; add at least one layer, such as Dense(1)")
    return Graph(tuple(layers), sources)


def _graph_of_node(output: Node) -> Graph:
    """Order the nodes that an output depends on, the input first."""
    ordered: list[Node] = []
    places: dict[int, int] = {}
    waiting = [(output, False)]
    while waiting:
        node, visited = waiting.pop()
        if id(node) in places:
            continue
        if visited:
            places[id(node)] = len(ordered)
            ordered.append(node)
        else:
            waiting.append((node, True))
            waiting.extend((source, False) for source in reversed(node.sources))
    inputs = [node for node in ordered if isinstance(node.layer, Input)]
    if len(inputs) != 1:
        raise ValueError(f"the graph has {len(inputs)} Input nodes; it must depend on exactly one: x = Input(size)()")
    if len(ordered) == 1:
        raise ValueError("the graph holds only an Input; apply at least one layer to it")
    ordered.remove(inputs[0])
    ordered.insert(0, inputs[0])
    places = {id(node): place for place, node in enumerate(ordered)}
    return Graph(
        tuple(node.layer for node in ordered),
        tuple(tuple(places[id(source)] for source in node.sources) for node in ordered),
    )


def graph_from(description: list[dict[str, Any]]) -> Graph:
    """Build a graph from what `Graph.describe` returned.

    Raises
    ------
    ValueError
        If a layer is unknown or reads something that is not before it.
    """
    layers, sources = [], []
    for place, values in enumerate(description):
        values = dict(values)
        reads = tuple(values.pop("inputs"))
        layer = layer_from(values)
        if len(reads) != layer.n_inputs or not all(isinstance(read, int) and 0 <= read < place for read in reads):
            raise ValueError(f"inputs={list(reads)} of layer {place} do not name {layer.n_inputs} earlier layer(s)")
        layers.append(layer)
        sources.append(reads)
    return Graph(tuple(layers), tuple(sources))


def operations_of(graph: Graph) -> tuple[Operation, ...]:
    """Bind a graph whose input size is known: sizes, parameters' places and initialisers of each operation.

    Raises
    ------
    ValueError
        If two values that are to be added have different sizes.
    """
    operations: list[Operation] = []
    last_of: list[int] = []
    n_theta = 0
    for layer, reads, name in zip(graph.layers, graph.sources, graph.names(), strict=True):
        if isinstance(layer, Input):
            operations.append(Operation("input", name, (), layer.size))
            last_of.append(0)
            continue
        sources = tuple(last_of[read] for read in reads)
        for kernel in layer.kernels():
            row = registry[kernel.name]
            sizes = tuple(operations[source].size for source in sources)
            if len(set(sizes)) > 1:
                raise ValueError(
                    f"{name} reads values of {' and '.join(map(str, sizes))} numbers; they must be of one size"
                )
            size = kernel.units if row.n_out is None else row.n_out(sizes)
            assert size is not None
            count = (sizes[0] + kernel.bias) * size if row.backward_parameters is not None else 0
            operations.append(
                Operation(
                    kernel.name, name, sources, size, kernel.factors, n_theta, count, kernel.initialiser, kernel.bias
                )
            )
            n_theta += count
            sources = (len(operations) - 1,)
        last_of.append(sources[0])
    return tuple(_resolve_initialisers(operations))


def _resolve_initialisers(operations: list[Operation]) -> list[Operation]:
    """Put the initialiser that "auto" means in its place: it depends on the activation that reads the value."""
    readers: dict[int, str] = {}
    for operation in operations:
        for source in operation.sources:
            readers.setdefault(source, operation.row)
    return [
        operation
        if operation.initialiser is None
        else replace(operation, initialiser=initialisers.resolve(operation.initialiser, readers.get(place)))
        for place, operation in enumerate(operations)
    ]


def initial_parameters(operations: Sequence[Operation], seed: int, dtype: str) -> np.ndarray:
    """Return the flat parameter vector that a seed gives: weights by their initialisers, biases zero.

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
        if operation.initialiser is None:
            continue
        n_in, n_out = operations[operation.sources[0]].size, operation.size
        weight = theta[operation.theta : operation.theta + n_in * n_out]
        initialisers.initialise(operation.initialiser, weight, n_in, n_out, generator)
    return theta
