"""Prune: from a trained network to the smallest that does as well, a share of the hidden units at a time."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from netlet.errors import check_number
from netlet.network.network import Network
from netlet.population.sizing.chain import Hidden, hidden_layers
from netlet.population.sizing.contributing import contributions
from netlet.population.sizing.removing import remove_units
from netlet.population.sizing.result import Sizing
from netlet.population.sizing.retraining import Retraining

_MOST_ROWS = 2000  # that contributions are measured on: an order needs no more
_EPOCHS, _PATIENCE = 20, 5


def prune(
    network: Network,
    X: Any,
    y: Any,
    *,
    validation_data: tuple[Any, ...],
    tolerance: float = 0.01,
    metric: Literal["loss", "accuracy"] = "loss",
    share: float = 0.25,
    fit: dict[str, Any] | None = None,
    seed: int | None = None,
    progress: bool | str = "auto",
) -> Sizing:
    """Remove hidden units, as many as the network can do without.

    In each round the units that contribute least are removed, their mean output goes into the next layer's bias, and
    the network is trained on. Where the score then leaves the tolerance, the round is undone and half as many are
    tried, down to a single unit of each layer. Ctrl-C ends it with what is there.

    Parameters
    ----------
    network : Network
        Trained; it is left as it is. A chain of layers: between its first and its last Dense only Dense, activations,
        Dropout, BatchNorm and Scaling. Frozen layers keep their units.
    X, y
        As for `Network.fit`: what contributions are measured and the smaller networks trained on.
    validation_data : tuple (X, y) or (X, y, sample_weight)
        Decides what is kept; it must not be among the samples trained on.
    tolerance : float, >= 0
        How much worse the score may be than that of the network given. For the loss a share of it: the loss may be
        ``loss + tolerance * |loss|``. For the accuracy absolute: 0.01 is one sample in a hundred.
    metric : {"loss", "accuracy"}
    share : float in (0, 1)
        Of the hidden units, how many are removed in a round.
    fit : dict, optional
        Options for `Network.fit`, such as ``{"epochs": 50, "learning_rate": 3e-4, "l2": 1e-4}``; default: 20 epochs
        with patience 5 and what `Network.fit` does by default. Penalties and the like that the network was trained with
        must be said again.
    seed : int, >= 0, optional
        Decides the order of samples, dropout, and which samples contributions are measured on; default: the network's.
    progress : {"auto", "lines", "none"} or bool
        A line on standard error for each size.

    Returns
    -------
    Sizing
        `network`, the smallest within the tolerance, and `curve`, of all that were tried.

    Raises
    ------
    NotBuilt
        If the network has no weights yet.
    ValueError, TypeError
        If the network is no such chain, or a parameter or the data are not as they should be.

    Notes
    -----
    The same seed gives the same result. For how units are ordered, and the references, see `contributions`. The
    validation score of the network returned is the best of several: measure it anew on samples that were never used.
    """
    _prunable(network)
    check_number("tolerance", tolerance, float, 0, below=np.inf)
    check_number("share", share, float, 0, above=True, below=1)
    check_number("seed", seed, int, 0, optional=True)
    lesson = Retraining(X, y, validation_data, metric, fit, progress, _EPOCHS, _PATIENCE)
    best = copy.deepcopy(network)
    if seed is not None:
        best.seed = int(seed)
    lesson.check(best)
    first = replace(lesson.measure(best, _units(best)), kept=True)
    if not np.isfinite(first.loss):
        raise ValueError("the network's validation loss is not finite, so that nothing is worse; train it anew")
    limit = lesson.cost(first) + lesson.margin(first, tolerance)
    curve, chosen = [first], 0
    lesson.show(first, "as given")
    samples = _some(best, lesson)
    most = sum(first.units)
    spared: set[str] = set()  # layers of which not even one unit can go
    try:
        while removable := [h for h in _prunable(best) if h.units > 1 and h.name not in spared]:
            count = min(max(1, int(share * sum(hidden.units for hidden in removable))), most)
            least = _least(best, removable, count, samples)
            candidate = best
            for layer, units in least.items():
                candidate = remove_units(candidate, layer, units, X=samples["X"])
            size, interrupted = lesson.train(candidate, _units(candidate))
            size = replace(size, kept=lesson.cost(size) <= limit)
            curve.append(size)
            lesson.show(size, "kept" if size.kept else "not within the tolerance")
            if size.kept:
                best, chosen = candidate, len(curve) - 1
                spared.clear()
            elif count > 1:
                most = count // 2
            else:
                spared.update(least)
            if interrupted:
                stopped = "interrupted"
                break
        else:
            stopped = "tolerance" if spared else "smallest"
    except KeyboardInterrupt:  # between two trainings; in one it is the second
        if lesson.is_training:
            raise
        stopped = "interrupted"
    return Sizing(best, tuple(curve), chosen, stopped, metric)


def _prunable(network: Network) -> list[Hidden]:
    """Return the hidden layers that may lose units."""
    found = hidden_layers(network)
    network._built()
    free = [hidden for hidden in found if hidden.name not in network.frozen]
    if not free:
        raise ValueError(
            f"all hidden layers of the network are frozen: {', '.join(h.name for h in found)}; unfreeze one"
        )
    return free


def _units(network: Network) -> tuple[int, ...]:
    return tuple(hidden.units for hidden in hidden_layers(network))


def _some(network: Network, lesson: Retraining) -> dict[str, Any]:
    """Return the samples to measure contributions on, as `contributions` takes them."""
    X, y, weights = network._features(lesson.X), np.asarray(lesson.y), lesson.options.get("sample_weight")
    if len(X) > _MOST_ROWS:
        rows = np.sort(np.random.default_rng([network.seed, 0]).permutation(len(X))[:_MOST_ROWS])
        X, y = X[rows], y[rows]
        weights = None if weights is None else np.asarray(weights)[rows]
    return {"X": X, "y": y, "sample_weight": weights, "loss": lesson.options.get("loss")}


def _least(network: Network, layers: list[Hidden], count: int, samples: dict[str, Any]) -> dict[str, list[int]]:
    """Return the units that contribute least, by layer; each layer keeps one."""
    measured = contributions(network, **samples)
    # A unit whose removal gives NaN comes last; NaN itself has no place in an order.
    costs = {name: np.where(np.isnan(values), np.inf, values) for name, values in measured.items()}
    ranked = sorted((float(costs[h.name][unit]), h.place, unit) for h in layers for unit in range(h.units))
    by_place = {hidden.place: hidden for hidden in layers}
    chosen: dict[str, list[int]] = {}
    for _, place, unit in ranked:
        hidden = by_place[place]
        if count and len(chosen.get(hidden.name, [])) < hidden.units - 1:
            chosen.setdefault(hidden.name, []).append(unit)
            count -= 1
    return chosen
