"""Health in the estimators: a training of theirs is looked at, and what is found is warned of."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING, Any

from netlet.errors import HealthWarning
from netlet.estimators.progress import Progress
from netlet.insight.health import Health
from netlet.insight.health.watching import Watch
from netlet.network.network import Network
from netlet.training.stepper import Rule, Samples

if TYPE_CHECKING:
    from netlet.training.learnt import Learnt

_INSIDE = ("netlet", "sklearn")  # between a warning and the line that calls `fit` lie frames of these


def check_health(value: Any) -> None:
    """Raise TypeError unless it is a yes or no."""
    if not isinstance(value, bool):
        raise TypeError(f"health={value!r} is not a bool; give True to look at the training, False not to")


def warn_of(health: Health) -> None:
    """Give a `HealthWarning` for each finding."""
    for finding in health.findings:
        warnings.warn(str(finding), HealthWarning, stacklevel=_depth())


def _depth() -> int:
    """Return how many frames above the caller the first one is that is neither netlet's nor scikit-learn's."""
    depth, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] in _INSIDE:
        depth, frame = depth + 1, frame.f_back
    return depth


class EstimatorWatch:
    """Looks at one `fit`.

    Parameters
    ----------
    network : Network
    rule : Rule
    samples : Samples
        Sparse ones too: only a few rows are looked at.
    batch_size : int
    epochs : int
        As many as there may be.
    """

    def __init__(self, network: Network, rule: Rule, samples: Samples, batch_size: int, epochs: int) -> None:
        self._learnt: Learnt = network._built()
        self._watch = Watch(network._operations, self._learnt, rule, samples, None, batch_size, epochs)
        self._next = self._watch.next_call(0)
        self._losses: list[float] = []
        self._validation_losses: list[float] = []

    def after_epoch(self, loss: float, validation_loss: float | None) -> None:
        """Note an epoch: its mean loss without penalties, and look if it is time."""
        self._losses.append(loss)
        if validation_loss is not None:
            self._validation_losses.append(validation_loss)
        if len(self._losses) == self._next:
            self._watch.after(self._next)
            self._next = self._watch.next_call(self._next)

    def report(self, progress: Progress, failed: bool = False) -> Health:
        """Return what was found, once the training is over."""
        return self._watch.report(
            self._losses,
            self._validation_losses,
            failed=failed,
            keeps_best=progress.early_stopping and progress.best is not None,
        )
