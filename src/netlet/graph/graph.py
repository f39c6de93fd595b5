"""The graph: layers with what they read, in an order in which each reads only earlier ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from netlet.graph.layers import layer_from
from netlet.graph.shaping import Input
from netlet.graph.specification import Layer, Node


@dataclass(frozen=True)
class Graph:
    """Layers and what each reads; the inputs come first, the output last.

    Parameters
    ----------
    layers : tuple of Layer
    sources : tuple of tuple of int
        For each layer the places of those that it reads.
    """

    layers: tuple[Layer, ...]
    sources: tuple[tuple[int, ...], ...]

    @property
    def inputs(self) -> tuple[Input, ...]:
        """The inputs; empty where the input size is not known yet."""
        return tuple(layer for layer in self.layers if isinstance(layer, Input))

    @property
    def n_features(self) -> int | None:
        """Numbers of a sample, over all inputs; None where that is not known yet."""
        return sum(each.size for each in self.inputs) if self.inputs else None

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
            is_only_input = isinstance(layer, Input) and len(self.inputs) == 1
            names.append("input" if is_only_input else f"{kind}_{counts[kind]}")
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
        if layer.n_inputs not in (0, 1):
            raise ValueError(
                f"layers[{place}]={layer!r} reads several values, a list gives one; build a graph by calling "
                "layers: x = Input(4)(); y = Add()(x, Dense(4)(x)); Network(y)"
            )
    begins = isinstance(layers[0], Input)
    sources = tuple(() if begins and place == 0 else (place - 1,) for place in range(len(layers)))
    if begins and len(layers) == 1:
        raise ValueError("layers holds only an Input; add at least one layer, such as Dense(1)")
    return Graph(tuple(layers), sources)


def _graph_of_node(output: Node) -> Graph:
    """Order the nodes that an output depends on, the inputs first, as they were made."""
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
    inputs = sorted((node for node in ordered if isinstance(node.layer, Input)), key=lambda node: node.order)
    if len(ordered) == len(inputs):
        raise ValueError("the graph holds only an Input; apply at least one layer to it")
    ordered = [*inputs, *(node for node in ordered if not isinstance(node.layer, Input))]
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
    if not description:
        raise ValueError("layers=[] is empty")
    layers, sources = [], []
    for place, values in enumerate(description):
        values = dict(values)
        reads = tuple(values.pop("inputs"))
        layer = layer_from(values)
        if not layer.reads(len(reads)) or not all(isinstance(read, int) and 0 <= read < place for read in reads):
            raise ValueError(
                f"inputs={list(reads)} of layer {place} do not name {layer.reads_in_words} earlier layer(s)"
            )
        layers.append(layer)
        sources.append(reads)
    return Graph(tuple(layers), tuple(sources))
