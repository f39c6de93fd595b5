"""A network with other units in one hidden layer: the specifications replaced, the weights taken from the old one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import numpy as np

from netlet.graph.layers import Dense
from netlet.network.network import Network
from netlet.population.sizing.chain import Hidden

FRESH = -1
"""Stands for a unit that is a copy of none: it begins as the layer's initialiser has it."""


def with_units(
    network: Network,
    hidden: Hidden,
    chosen: np.ndarray,
    outgoing: np.ndarray,
    shift: np.ndarray | None = None,
    seed: int | None = None,
) -> Network:
    """Build a network whose hidden layer consists of chosen units of the old one.

    Parameters
    ----------
    network : Network
        Built; it is left as it is.
    hidden : Hidden
    chosen : int, (n_units,)
        The old unit that each new unit is a copy of, or FRESH.
    outgoing : float, (n_units,)
        By which the outgoing weights of each new unit are multiplied.
    shift : float, (n_outputs of the reader,), optional
        Added to the reader's bias; a reader without bias is given one unless this is 0.
    seed : int, optional
        Decides how fresh units begin.

    Returns
    -------
    Network
        With the same seed, dtype, loss, notes and frozen layers, and with as many epochs behind it.
    """
    layers = list(network.layers)
    layers[hidden.place] = replace(cast(Dense, layers[hidden.place]), units=len(chosen))
    reader = cast(Dense, layers[hidden.reader_place])
    if shift is not None and shift.any() and not reader.bias:
        layers[hidden.reader_place] = replace(reader, bias=True)
    made = Network(layers, seed=network.seed if seed is None else seed, dtype=cast(Any, network.dtype))
    made.seed = network.seed
    old, copied = network.parameters, chosen != FRESH
    for name, values in made.parameters.items():
        layer = name.rpartition(".")[0]
        if layer in hidden.members:
            values[..., copied] = old[name][..., chosen[copied]]
        elif name == f"{hidden.reader}.weight":
            values[...] = old[name][chosen] * outgoing[:, None]
        elif name == f"{hidden.reader}.bias":
            values[...] = old.get(name, 0)
            if shift is not None:
                values += shift
        else:
            values[...] = old[name]
    _take_state(network, made, hidden, chosen[copied], copied)
    made.loss, made.notes, made.frozen = network.loss, dict(network.notes), network.frozen
    before, learnt = network._built(), made._built()
    learnt.epochs, learnt.steps = before.epochs, before.steps
    return made


def _take_state(network: Network, made: Network, hidden: Hidden, chosen: np.ndarray, copied: np.ndarray) -> None:
    """Copy the running statistics, those of the chosen units in the hidden layer."""
    for old, new in zip(network._operations, made._operations, strict=True):
        source, target = old.state, new.state
        for before, after in zip(old.states, new.states, strict=True):
            values = network.state[source : source + before.size]
            own = made.state[target : target + after.size]
            if old.layer in hidden.members:
                own[copied] = values[chosen]
            else:
                own[:] = values
            source, target = source + before.size, target + after.size
