"""Make a hidden layer wider and keep what was learnt.

New units are copies of old ones, and share their outgoing weights (Net2WiderNet):

    a'_i = a_{g(i)}        w'_i = w_{g(i)} / |{k : g(k) = g(i)}|        so that sum_i a'_i w'_i = sum_j a_j w_j

g maps each new unit to the old one that it copies; the first units are the old ones themselves. Copies that are alike
in all their weights would get equal gradients for ever: a little noise on the incoming weights of the new ones sets
them apart.

Or new units are fresh: their incoming weights are drawn as those of a new layer, their outgoing weights are 0. Where a
network was trained to the end, copies are at a point where the gradient is 0 for all of them, a saddle or a minimum of
the wide network (Fukumizu, Amari, "Local minima and plateaus in hierarchical structures of multilayer perceptrons",
Neural Networks 13, 2000), which little noise does not leave. The outgoing weight of a fresh unit has the gradient
``mean_i dL/dz_i a_i``, which is not 0 wherever errors go together with what the unit gives.

Reference: Chen, Goodfellow, Shlens, "Net2Net: accelerating learning via knowledge transfer", ICLR 2016. There g is
drawn for each new unit by itself; here every old unit is copied once before any is copied twice.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from netlet.errors import check_number, unknown_name
from netlet.network.network import Network
from netlet.population.sizing.chain import hidden_layer
from netlet.population.sizing.rebuilding import FRESH, with_units


def widen(
    network: Network,
    layer: str,
    n_units: int,
    *,
    new: Literal["copies", "fresh"] = "copies",
    noise: float = 0.0,
    seed: int = 0,
) -> Network:
    """Return a network with more units in a hidden layer, which gives what the old one gives.

    Parameters
    ----------
    network : Network
        A chain of layers, built; it is left as it is.
    layer : str
        The hidden layer's name as `Network.summary` shows it, such as "dense_1".
    n_units : int, >= the layer's units
        How many there are to be.
    new : {"copies", "fresh"}
        Whether new units are copies of old ones, or drawn anew, with outgoing weights of 0.
    noise : float, >= 0
        Standard deviation of what is added to the incoming weights of copies, as a share of that of the layer's
        weights. Without it copies never come to differ; 0.1 is usual before training on.
    seed : int, >= 0
        Decides which units are copied, the noise, and how fresh units begin.

    Returns
    -------
    Network
        Without noise it gives what `network` gives, to rounding; with Dropout in between only in evaluation.

    Raises
    ------
    NotBuilt
        If the network has no weights yet.
    ValueError, TypeError
        If the network is no chain, `layer` is none of its hidden layers, or a number is out of its range.

    Examples
    --------
    >>> import numpy as np
    >>> from netlet import Dense, Input, Network
    >>> from netlet.population.sizing import widen
    >>> network = Network([Input(3), Dense(4, activation="tanh"), Dense(1)], seed=0)
    >>> wide = widen(network, "dense_1", 16)
    >>> np.allclose(wide.predict(np.eye(3)), network.predict(np.eye(3)), atol=1e-6)
    True
    """
    hidden = hidden_layer(network, layer)
    check_number(
        "n_units", n_units, int, hidden.units, hint=f"{layer} has {hidden.units} units; use remove_units for less"
    )
    check_number("noise", noise, float, 0, below=np.inf)
    check_number("seed", seed, int, 0)
    if new not in ("copies", "fresh"):
        raise ValueError(unknown_name("new", new, ("copies", "fresh")))
    if new == "fresh" and noise:
        raise ValueError(f"noise={noise!r} is for copies; leave it out with new='fresh'")
    random = np.random.default_rng([int(seed), hidden.place])
    added = int(n_units) - hidden.units
    if new == "fresh":
        chosen = np.concatenate([np.arange(hidden.units), np.full(added, FRESH)])
        return with_units(
            network, hidden, chosen, np.where(chosen == FRESH, 0.0, 1.0), seed=int(random.integers(2**32))
        )
    rounds = [random.permutation(hidden.units) for _ in range(-(-added // hidden.units))]
    chosen = np.concatenate([np.arange(hidden.units), *rounds])[: int(n_units)]
    made = with_units(network, hidden, chosen, 1.0 / np.bincount(chosen)[chosen])
    if noise and added:
        weight = made.parameters[f"{layer}.weight"]
        scale = noise * float(network.parameters[f"{layer}.weight"].std(dtype=np.float64))
        weight[:, hidden.units :] += scale * random.standard_normal((len(weight), added))
    return made
