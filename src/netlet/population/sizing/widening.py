"""Make a hidden layer wider and keep what was learnt: new units are copies, which share the outgoing weights.

    a'_i = a_{g(i)}        w'_i = w_{g(i)} / |{k : g(k) = g(i)}|        so that sum_i a'_i w'_i = sum_j a_j w_j

g maps each new unit to the old one that it copies; the first units are the old ones themselves. Copies that are alike
in all their weights would get equal gradients for ever: a little noise on the incoming weights of the new ones sets
them apart.

Reference: Chen, Goodfellow, Shlens, "Net2Net: accelerating learning via knowledge transfer", ICLR 2016. There g is
drawn for each new unit by itself; here every old unit is copied once before any is copied twice.
"""

from __future__ import annotations

import numpy as np

from netlet.errors import check_number
from netlet.network.network import Network
from netlet.population.sizing.chain import hidden_layer
from netlet.population.sizing.rebuilding import with_units


def widen(network: Network, layer: str, n_units: int, *, noise: float = 0.0, seed: int = 0) -> Network:
    """Return a network with more units in a hidden layer, which gives what the old one gives.

    Parameters
    ----------
    network : Network
        A chain of layers, built; it is left as it is.
    layer : str
        The hidden layer's name as `Network.summary` shows it, such as "dense_1".
    n_units : int, >= the layer's units
        How many there are to be.
    noise : float, >= 0
        Standard deviation of what is added to the incoming weights of new units, as a share of that of the layer's
        weights. Units without it never come to differ; 0.1 is usual before training on.
    seed : int, >= 0
        Decides which units are copied, and the noise.

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
    random = np.random.default_rng([int(seed), hidden.place])
    added = int(n_units) - hidden.units
    rounds = [random.permutation(hidden.units) for _ in range(-(-added // hidden.units))]
    chosen = np.concatenate([np.arange(hidden.units), *rounds])[: int(n_units)]
    made = with_units(network, hidden, chosen, 1.0 / np.bincount(chosen)[chosen])
    if noise and added:
        weight = made.parameters[f"{layer}.weight"]
        scale = noise * float(network.parameters[f"{layer}.weight"].std(dtype=np.float64))
        weight[:, hidden.units :] += scale * random.standard_normal((len(weight), added))
    return made
