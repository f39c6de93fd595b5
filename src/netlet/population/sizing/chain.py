"""The hidden layers of a chain: whose units can be taken away or doubled, and which parameters belong to each unit."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from netlet.errors import unknown_name
from netlet.graph.activations import ACTIVATIONS, Softmax
from netlet.graph.layers import Dense, Dropout
from netlet.graph.normalisation import BatchNorm, LayerNorm, Scaling
from netlet.graph.shaping import Flatten
from netlet.graph.specification import Layer
from netlet.network.network import Network

# They treat each unit by itself, so that one may leave without the others noticing. (A dense layer gives a row, which
# Flatten leaves as it is.)
_EACH_UNIT_BY_ITSELF = (
    *dict.fromkeys(kind for kind in ACTIVATIONS.values() if kind is not Softmax),
    Dropout,
    BatchNorm,
    Scaling,
    Flatten,
)


@dataclass(frozen=True)
class Hidden:
    """A dense layer whose outputs another dense layer reads.

    Attributes
    ----------
    name : str
    place : int
        In the network's layers.
    units : int
    members : tuple of str
        The layers whose parameters are one for each unit: itself and those between it and its reader.
    reader : str
        The dense layer that reads it.
    reader_place : int
    """

    name: str
    place: int
    units: int
    members: tuple[str, ...]
    reader: str
    reader_place: int


def hidden_layers(network: Any) -> tuple[Hidden, ...]:
    """Find the hidden layers of a chain, first to last.

    Layers before the first Dense and after the last one may be anything that stands in a list.

    Raises
    ------
    TypeError
        If it is no Network.
    ValueError
        If it is no chain, has no hidden layer, or has between two dense layers something that mixes the units.
    """
    if not isinstance(network, Network):
        raise TypeError(f"network={network!r} is not a Network; give a trained one, such as Network([Dense(8), ...])")
    graph = network._graph
    layers, names = graph.layers, graph.names()
    for place, sources in enumerate(graph.sources):
        if sources != (() if place == 0 and not layers[0].n_inputs else (place - 1,)):
            raise ValueError(
                f"{names[place]} does not read the layer before it alone: the size can be changed of chains only, "
                "where each layer reads the one before; give a network made of a list of layers"
            )
    dense = [place for place, layer in enumerate(layers) if isinstance(layer, Dense)]
    if len(dense) < 2:
        raise ValueError(
            f"network has no hidden layer: of its layers {', '.join(names)} only a Dense that another Dense reads "
            "has units to take away or add; put Dense(8, activation='relu') before the last one"
        )
    found = []
    for place, reader in pairwise(dense):
        for between in range(place, reader):
            _check_units_apart(layers[between], names[between])
        units = layers[place].units  # type: ignore[attr-defined]
        found.append(Hidden(names[place], place, units, names[place:reader], names[reader], reader))
    return tuple(found)


def _check_units_apart(layer: Layer, name: str) -> None:
    """Raise ValueError if a layer before a dense one makes a unit depend on the others."""
    activation = layer.activation if isinstance(layer, Dense) else layer
    if isinstance(activation, (LayerNorm, Softmax)) or activation == "softmax":
        raise ValueError(
            f"{name} brings the units of a hidden layer to a common scale, so that none can leave without changing the "
            "others; use BatchNorm or an activation such as 'relu' there"
        )
    if not isinstance(layer, (Dense, *_EACH_UNIT_BY_ITSELF)):
        raise ValueError(
            f"{name} ({type(layer).__name__}) stands between two dense layers; only activations, Dropout, BatchNorm "
            "and Scaling may, where units are to be taken away or added"
        )


def hidden_layer(network: Any, name: object) -> Hidden:
    """Return one hidden layer by its name.

    Raises
    ------
    TypeError, ValueError
        As `hidden_layers`, or if the name is not that of a hidden layer.
    NotBuilt
        If the network has no weights yet.
    """
    found = {hidden.name: hidden for hidden in hidden_layers(network)}
    network._built()
    if not isinstance(name, str) or name not in found:
        raise ValueError(unknown_name("layer", name, found))
    return found[name]
