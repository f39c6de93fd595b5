"""Penalties, decay and factors of the learning rate: from one number for all layers, or some by name, to terms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from netlet.errors import check_number
from netlet.graph.lowering import Terms

if TYPE_CHECKING:
    from netlet.network.core import Core


def terms_of(
    network: Core,
    l1: Any = 0.0,
    l2: Any = 0.0,
    rate_factors: Any = None,
    weight_decay: float = 0.0,
    gain: float = 1.0,
    decay_factors: Any = None,
    penalise_biases: bool = False,
) -> dict[str, Terms]:
    """Return the terms of every layer and parameter that is named, and under "" those of all others.

    Parameters
    ----------
    network : Core
    l1, l2 : float >= 0, or dict of layer's name to float
        Layers that a dict does not name, nor a block that they are in, have none.
    rate_factors, decay_factors : dict of layer's or parameter's name to float >= 0, optional
        Likewise; the others have 1. A parameter that is named itself has that factor instead of its layer's.
    weight_decay : float, >= 0
    gain : float
        The optimizer's: its proximal step for L1 is so much larger than the learning rate times `l1`.
    penalise_biases : bool
        Whether parameters that are no weights have penalties and decay. One that `decay_factors` names decays anyway.

    Raises
    ------
    ValueError, TypeError
        If a name is unknown or a number is not >= 0.
    """
    given: dict[str, Any] = {"l1": l1, "l2": l2, "rate_factors": rate_factors, "decay_factors": decay_factors}
    blocks = {
        f"{operation.layer}.{block.name}": block for operation in network._operations for block in operation.blocks
    }
    for parameter, value in given.items():
        if parameter.endswith("factors"):
            value = given[parameter] = {} if value is None else value
            if not isinstance(value, Mapping):
                raise TypeError(
                    f"{parameter}={value!r} is not a dict; give layers' names with numbers: {{'dense_1': 0.1}}"
                )
            network._check_names(f"layer or parameter in {parameter}", value, blocks)
        elif isinstance(value, Mapping):
            network._check_names(f"layer in {parameter}", value)
        for name, number in value.items() if isinstance(value, Mapping) else ():
            check_number(f"{parameter}[{name!r}]", number, float, 0)
        if not isinstance(value, Mapping):
            check_number(parameter, value, float, 0)
    check_number("weight_decay", weight_decay, float, 0)

    def chosen(value: Any, name: str, otherwise: float) -> float:
        if not isinstance(value, Mapping):
            return float(value)
        while name and name not in value:  # a layer stands for its parameters, a Residual for the layers in it
            name = name.rpartition(".")[0]
        return float(value.get(name, otherwise))

    def terms(name: str) -> Terms:
        rate = chosen(given["rate_factors"], name, 1.0)
        decay = weight_decay * chosen(given["decay_factors"], name, 1.0)
        if name in blocks and not (blocks[name].is_weight or penalise_biases):
            return Terms(rate, weight_decay=decay if name in given["decay_factors"] else 0.0)
        own_l1, own_l2 = chosen(l1, name, 0.0), chosen(l2, name, 0.0)
        return Terms(rate, own_l1, own_l2, float(decay), own_l1 * gain)

    names = {name for value in given.values() if isinstance(value, Mapping) for name in value}
    return {name: terms(name) for name in ("", *sorted(names))}
