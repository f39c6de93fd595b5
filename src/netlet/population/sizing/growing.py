"""Grow: from a small network to the size from which on more units do not help."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from netlet.errors import check_number, unknown_name
from netlet.network.network import Network
from netlet.population.sizing.chain import Hidden, hidden_layers
from netlet.population.sizing.result import Size, Sizing
from netlet.population.sizing.retraining import Retraining
from netlet.population.sizing.widening import widen

_EPOCHS, _PATIENCE = 100, 10
_NOISE = 0.1  # on copies, of the standard deviation of the weights


def grow(
    make: Callable[[int], Network] | Network,
    X: Any,
    y: Any,
    *,
    validation_data: tuple[Any, ...],
    start: int = 4,
    factor: float = 2.0,
    most: int = 4096,
    patience: int = 1,
    least_gain: float = 0.01,
    metric: Literal["loss", "accuracy"] = "loss",
    new: Literal["copies", "fresh"] = "fresh",
    fit: dict[str, Any] | None = None,
    seed: int | None = None,
    progress: bool | str = "auto",
) -> Sizing:
    """Try larger and larger hidden layers until the validation score does not improve any more.

    Ctrl-C ends it with what is there.

    Parameters
    ----------
    make : callable or Network
        A function that returns an untrained network with so many hidden units, as it likes; every size is trained from
        the beginning. Or a network, trained or not, which is left as it is: its hidden layers are widened, see `widen`,
        so that what was learnt is kept and trained on; frozen layers keep their units.
    X, y
        As for `Network.fit`.
    validation_data : tuple (X, y) or (X, y, sample_weight)
        Decides; it must not be among the samples trained on.
    start : int, >= 1
        The first number of units that a function is called with; a network begins with the units that it has.
    factor : float, > 1
        By which the units (of each hidden layer) are multiplied from size to size.
    most : int
        The most units (of a hidden layer).
    patience : int, >= 1
        How many sizes in a row may be no better.
    least_gain : float, >= 0
        What counts as better. For the loss a share of it: it must be below ``loss - least_gain * |loss|`` of the best
        so far. For the accuracy absolute.
    metric : {"loss", "accuracy"}
    new : {"copies", "fresh"}
        Where a network is widened: what new units are, see `widen`; copies get a noise of 0.1.
    fit : dict, optional
        Options for `Network.fit`, such as ``{"epochs": 50, "learning_rate": 3e-4}``; default: 100 epochs with patience
        10 and what `Network.fit` does by default.
    seed : int, >= 0, optional
        Of a network: decides the order of samples, dropout and what `widen` draws; default: the network's own. With a
        function, every network has the seed that the function gives it.
    progress : {"auto", "lines", "none"} or bool
        A line on standard error for each size.

    Returns
    -------
    Sizing
        `network`, the smallest that no larger one betters by the least gain, and `curve`, of all that were tried.

    Raises
    ------
    ValueError, TypeError
        If a parameter or the data are not as they should be; if a network is to be widened that is no chain.
    TrainingFailed
        If the first training fails; larger networks whose training fails count as no better.

    Notes
    -----
    A widened network has been trained for longer than the small one had: with too few epochs for each size, or too
    small a learning rate, growing goes on because the training does. The validation score of the network returned is
    the best of several: measure it anew on samples that were never used.
    """
    check_number("start", start, int, 1)
    check_number("factor", factor, float, 1, above=True, below=np.inf)
    check_number("patience", patience, int, 1)
    check_number("least_gain", least_gain, float, 0, below=np.inf)
    check_number("seed", seed, int, 0, optional=True)
    if new not in ("copies", "fresh"):
        raise ValueError(unknown_name("new", new, ("copies", "fresh")))
    lesson = Retraining(X, y, validation_data, metric, fit, progress, _EPOCHS, _PATIENCE)
    sizes = _Widened(make, factor, most, new, seed) if isinstance(make, Network) else _Made(make, start, factor, most)
    curve: list[Size] = []
    best, chosen, since, stopped = None, 0, 0, "largest"
    try:
        while (network := sizes.next()) is not None:
            if not curve:
                lesson.check(network)
            size, interrupted = lesson.train(network, sizes.units)
            if not curve and lesson.failure is not None:
                raise lesson.failure
            limit = np.inf
            if curve and np.isfinite(curve[chosen].loss):
                limit = lesson.cost(curve[chosen]) - lesson.margin(curve[chosen], least_gain)
            size = replace(size, kept=lesson.cost(size) < limit)
            curve.append(size)
            lesson.show(size, "better" if size.kept else "no better")
            since += 1
            if size.kept or best is None:
                best, chosen, since = copy.deepcopy(network), len(curve) - 1, 0
            if interrupted or since >= patience:
                stopped = "interrupted" if interrupted else "no better"
                break
    except KeyboardInterrupt:  # between two trainings; in one it is the second
        if best is None or lesson.is_training:
            raise
        stopped = "interrupted"
    assert best is not None
    return Sizing(best, tuple(curve), chosen, stopped, metric)


class _Made:
    """The networks that a function makes, larger and larger."""

    def __init__(self, make: Any, start: int, factor: float, most: int) -> None:
        if not callable(make):
            raise TypeError(
                f"make={make!r} is neither a Network nor a function of the number of units that returns one"
            )
        check_number("most", most, int, start)
        self._make, self._next, self._factor, self._most = make, int(start), factor, int(most)
        self.units: tuple[int, ...] = ()

    def next(self) -> Network | None:
        """Return the next network, untrained; None after the largest."""
        if self.units == (self._most,):
            return None
        self.units = (self._next,)
        network = self._make(self._next)
        if not isinstance(network, Network):
            raise TypeError(f"make({self._next}) returned {network!r}, which is not a Network; return one")
        self._next = _larger(self._next, self._factor, self._most)
        return network


class _Widened:
    """A network whose hidden layers become wider and wider; it is trained between two calls."""

    def __init__(self, network: Network, factor: float, most: int, new: str, seed: int | None) -> None:
        check_number("most", most, int, max(hidden.units for hidden in hidden_layers(network)))
        self._network, self._factor, self._most = copy.deepcopy(network), factor, int(most)
        self._options: dict[str, Any] = {"new": new, "noise": _NOISE if new == "copies" else 0.0}
        if seed is not None:
            self._network.seed = int(seed)
        self.units: tuple[int, ...] = ()

    def next(self) -> Network | None:
        """Return the next network: the first as it is, each later one with the weights of the one before."""
        if self.units:
            wider = {h.name: _larger(h.units, self._factor, self._most) for h in self._free()}
            if all(h.units == wider[h.name] for h in self._free()):
                return None
            for place, (name, units) in enumerate(wider.items()):
                # Another seed for each size and layer.
                drawn = int(np.random.default_rng([self._network.seed, units, place]).integers(2**32))
                self._network = widen(self._network, name, units, seed=drawn, **self._options)
        self.units = tuple(hidden.units for hidden in hidden_layers(self._network))
        return self._network

    def _free(self) -> list[Hidden]:
        return [hidden for hidden in hidden_layers(self._network) if hidden.name not in self._network.frozen]


def _larger(units: int, factor: float, most: int) -> int:
    return min(max(units + 1, round(units * factor)), most)
