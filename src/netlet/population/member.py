"""One network of a population, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from netlet.errors import unknown_name
from netlet.network.network import Network
from netlet.network.options import FitOptions
from netlet.training.history import History

# What a population decides for all its members, and what is no option of a training.
_OF_ALL = ("validation_data", "n_threads", "progress", "time_limit", "sample_weight")
_OF_MEMBERS = ("rows", "validation_rows")
_NONE = (*_OF_ALL, *_OF_MEMBERS, "shared")
OPTIONS = tuple(name for name in FitOptions.__dataclass_fields__ if name not in _NONE)


class Member:
    """A network to train, and how.

    Parameters
    ----------
    network : Network
        Trained in place; with a seed of its own.
    rows : array-like of int, (n,), optional
        The samples to train it on; default: all.
    validation_rows : array-like of int, (m,), optional
        The samples to validate it on, such as those of a fold.
    name : str
        What it is called in messages; default: its place.
    **options
        Parameters of `Network.fit`, such as ``learning_rate=0.01``, instead of the population's own.

    Raises
    ------
    TypeError, ValueError
        If `network` is no Network, rows are no row numbers, or an option is unknown.
    """

    def __init__(
        self, network: Network, *, rows: Any = None, validation_rows: Any = None, name: str = "", **options: Any
    ) -> None:
        if not isinstance(network, Network):
            raise TypeError(f"a member's network is {network!r}, which is no Network")
        check_options(options)
        self.network, self.name, self.options = network, name, options
        self.rows = _rows_of("rows", rows)
        self.validation_rows = _rows_of("validation_rows", validation_rows)

    def __repr__(self) -> str:
        shown = "".join(f", {name}={value!r}" for name, value in self.options.items())
        return f"Member({self.network!r}{shown})"


@dataclass
class Outcome:
    """What came of one member.

    Attributes
    ----------
    network : Network
        The member's own, with what it learnt.
    history : History
    status : {"done", "failed", "stopped", "not begun"}
        Stopped: by Ctrl-C or the time limit, within its training; not begun: before.
    reason : str
        Why it failed; empty where it did not.
    seconds : float
    keeps_best : bool
        Whether the network has the weights of the lowest validation loss, which is so with patience, or those of the
        end.
    """

    network: Network
    history: History
    status: Literal["done", "failed", "stopped", "not begun"] = "not begun"
    reason: str = ""
    seconds: float = 0.0
    keeps_best: bool = False

    @property
    def validation_loss(self) -> float | None:
        """That of the weights that are kept: the lowest, or that of the end; None without validation."""
        losses = [epoch["validation_loss"] for epoch in self.history.records if "validation_loss" in epoch]
        if not losses:
            return None
        best = self.history.best_epoch if self.keeps_best else None
        return losses[-1 if best is None else best - 1]


def check_options(options: dict[str, Any]) -> None:
    """Raise TypeError if a name is no parameter of `Network.fit`, or one that is given to the population as a whole."""
    for name in options:
        if name in _OF_ALL:
            raise TypeError(f"{name} is the same for all members; give it to Population.fit")
        if name in _OF_MEMBERS:
            raise TypeError(f"{name} are a member's own; give them to Member")
        if name not in OPTIONS:
            raise TypeError(unknown_name("parameter of a training", name, OPTIONS))


def _rows_of(name: str, rows: Any) -> np.ndarray | None:
    if rows is None:
        return None
    numbers = np.asarray(rows)
    if numbers.dtype == bool:
        numbers = np.flatnonzero(numbers)
    if numbers.ndim != 1 or not (np.issubdtype(numbers.dtype, np.integer) and numbers.size):
        raise ValueError(
            f"{name} has shape {numbers.shape} and dtype {numbers.dtype}; give row numbers, at least one: int, (n,)"
        )
    return numbers.astype(np.int64)
