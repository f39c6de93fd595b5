"""Take hidden units away; what they gave on average goes into the next layer's bias.

A reader's product is ``z = sum_j a_j w_j + b`` with w_j the outgoing weights of unit j. Without the units of R

    z' = sum_{j not in R} a_j w_j + (b + sum_{j in R} mean(a_j) w_j)

which is z where the outputs of the removed units do not change from sample to sample, and else differs from it by
``sum_{j in R} (mean(a_j) - a_j) w_j``, the least difference in the mean square that a bias can leave.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from netlet.network.network import Network
from netlet.population.sizing.chain import Hidden, hidden_layer
from netlet.population.sizing.outputs import unit_outputs
from netlet.population.sizing.rebuilding import with_units


def remove_units(network: Network, layer: str, units: Any, *, X: Any = None) -> Network:
    """Return a network without some units of a hidden layer.

    Parameters
    ----------
    network : Network
        A chain of layers, built; it is left as it is.
    layer : str
        The hidden layer's name as `Network.summary` shows it, such as "dense_1".
    units : int or sequence of int
        Which to remove, from 0; at least one must stay.
    X : array-like, (n_samples, n_features), optional
        Samples on which the removed units' mean outputs are taken, which then stand for them. Default: one sample of
        zeros, which is enough for units whose output never changes.

    Returns
    -------
    Network
        It gives what `network` gives, to rounding, where the outputs of the removed units never change.

    Raises
    ------
    NotBuilt
        If the network has no weights yet.
    ValueError, TypeError
        If the network is no chain, `layer` is none of its hidden layers, or `units` are not units of it.

    Examples
    --------
    >>> from netlet import Dense, Input, Network
    >>> from netlet.population.sizing import remove_units
    >>> network = Network([Input(3), Dense(8, activation="tanh"), Dense(1)], seed=0)
    >>> remove_units(network, "dense_1", [2, 5]).layers[1].units
    6
    """
    hidden = hidden_layer(network, layer)
    removed = _removed(units, hidden)
    x = network._features(np.zeros((1, network._operations[0].size)) if X is None else X)
    if len(x) == 0:
        raise ValueError("X has no rows; the units' mean output needs at least one sample")
    means = unit_outputs(network, hidden, x)[:, removed].mean(axis=0, dtype=np.float64)
    shift = means @ network.parameters[f"{hidden.reader}.weight"][removed]
    kept = np.delete(np.arange(hidden.units), removed)
    return with_units(network, hidden, kept, np.ones(len(kept)), shift)


def _removed(units: Any, hidden: Hidden) -> np.ndarray:
    """Check which units are to leave; return them as int64, (n_removed,)."""
    numbers = np.atleast_1d(np.asarray(units))
    if numbers.size and (numbers.ndim != 1 or numbers.dtype.kind not in "iu"):
        raise TypeError(f"units={units!r} are not ints; give the numbers of units of {hidden.name}, such as [0, 3]")
    if numbers.size and not all(0 <= each < hidden.units for each in numbers):
        raise ValueError(
            f"units={units!r} are not all from 0 to {hidden.units - 1}, the units of {hidden.name}; name only those"
        )
    if len(np.unique(numbers)) != len(numbers):
        raise ValueError(f"units={units!r} names a unit more than once; name each once")
    if len(numbers) == hidden.units:
        raise ValueError(f"units={units!r} are all {hidden.units} units of {hidden.name}; at least one must stay")
    return numbers.astype(np.int64)
