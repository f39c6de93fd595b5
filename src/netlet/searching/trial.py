"""What a search tries, and what came of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

Status = Literal["done", "paused", "failed", "stopped"]


@dataclass(frozen=True)
class Ask:
    """A network to train, or to train on.

    Attributes
    ----------
    number : int
        The trial, from 0. The same number again, with more epochs, goes on with a network that was paused.
    settings : dict of str to object
        A value for each name of the space.
    epochs : int or None
        To how many epochs in all it is trained now; None: as many as the search gives every trial.
    """

    number: int
    settings: dict[str, Any]
    epochs: int | None = None


@dataclass(frozen=True)
class Trial:
    """What came of a network that was tried.

    Attributes
    ----------
    number : int
    settings : dict of str to object
    score : float or None
        The metric on the validation samples; None where the training failed.
    cost : float
        The same, turned so that less is better; infinite where the training failed.
    epochs : int
        Done in all.
    status : {"done", "paused", "failed", "stopped"}
        Paused: may be gone on with. Stopped: by Ctrl-C or the end of the budget, before it was through.
    started, seconds : float
        When it began, counted from the beginning of the search, and how long it took in all.
    curves : dict of str to list of float
        Figures of each epoch: "loss", and "validation_loss", "validation_accuracy" where they were measured; of a
        cross-validation their mean over the folds, in which a fold that ended early keeps its last figures.
    reason : str
        Why it failed; empty where it did not.
    n_parameters : int
    """

    number: int
    settings: dict[str, Any]
    score: float | None = None
    cost: float = math.inf
    epochs: int = 0
    status: Status = "done"
    started: float = 0.0
    seconds: float = 0.0
    curves: dict[str, list[float]] = field(default_factory=dict, repr=False)
    reason: str = ""
    n_parameters: int = 0


class Strategy(Protocol):
    """What decides which networks are tried: it goes in rounds, and nothing but its seed and the costs decides."""

    def next_round(self) -> list[Ask]:
        """Return what to train now; empty when there is no more. Called again after every trial of the round is told.

        The networks of a round may be trained in any order, at once. A strategy without end returns rounds for ever.
        """
        ...

    def tell(self, trial: Trial) -> None:
        """Hear what came of one Ask of the round. They are told in the order in which they were asked."""
        ...


@runtime_checkable
class GoesOn(Protocol):
    """A strategy that does not ask for the same networks again when a search is gone on with."""

    def go_on_from(self, trials: Sequence[Trial]) -> list[Trial]:
        """Hear of the trials of earlier runs, in the order of their numbers, before the first round.

        Returns those that count as its own: with the settings as the space gives them, and never those that were
        stopped. The numbers of what it asks for follow on all of them.
        """
        ...
