"""Penalties, decay and factors of the learning rate: from one number for all layers, or some by name, to terms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from netlet.errors import check_number
from netlet.graph.lowering import Terms

if TYPE_CHECKING:
    from netlet.network.core import Core


def terms_of(
    network: Core, l1: Any = 0.0, l2: Any = 0.0, rate_factors: Any = None, weight_decay: float = 0.0, gain: float = 1.0
) -> dict[str, Terms]:
    """Return the terms of every layer that is named, and under "" those of all others.

    Parameters
    ----------
    network : Core
    l1, l2 : float >= 0, or dict of layer's name to float
        Layers that a dict does not name, nor a block that they are in, have none.
    rate_factors : dict of layer's name to float >= 0, optional
        Likewise; the others have 1.
    weight_decay : float, >= 0
    gain : float
        The optimizer's: its proximal step for L1 is so much larger than the learning rate times `l1`.

    Raises
    ------
    ValueError, TypeError
        If a name is unknown or a number is not >= 0.
    """
    given = {"l1": l1, "l2": l2, "rate_factors": {} if rate_factors is None else rate_factors}
    if not isinstance(given["rate_factors"], Mapping):
        raise TypeError(
            f"rate_factors={rate_factors!r} is not a dict; give layers' names with numbers: {{'dense_1': 0.1}}"
        )
    for parameter, value in given.items():
        if isinstance(value, Mapping):
            network._check_names(f"layer in {parameter}", value)
            for name, number in value.items():
                check_number(f"{parameter}[{name!r}]", number, float, 0)
        else:
            check_number(parameter, value, float, 0)
    check_number("weight_decay", weight_decay, float, 0)

    def chosen(value: Any, name: str, otherwise: float) -> float:
        if not isinstance(value, Mapping):
            return float(value)
        while name and name not in value:  # a block such as a Residual stands for the layers in it
            name = name.rpartition(".")[0]
        return float(value.get(name, otherwise))

    def terms(name: str) -> Terms:
        own_l1, own_l2 = chosen(l1, name, 0.0), chosen(l2, name, 0.0)
        return Terms(chosen(given["rate_factors"], name, 1.0), own_l1, own_l2, float(weight_decay), own_l1 * gain)

    names = {name for value in given.values() if isinstance(value, Mapping) for name in value}
    return {name: terms(name) for name in ("", *sorted(names))}
