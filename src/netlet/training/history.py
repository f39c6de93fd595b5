"""What a training went through, epoch by epoch."""

from __future__ import annotations

from collections.abc import MutableSequence
from dataclasses import dataclass, field
from typing import Any

from netlet.training.records import Record, Records


@dataclass
class History:
    """The record of one call of `fit`.

    Attributes
    ----------
    epochs : list of dict
        For each finished epoch: "epoch" (from 1), "loss" (the mean over its batches, dropout in force, without
        penalties), "seconds"; with penalties also "penalty", with validation data "validation_loss" and, for losses of
        classes, "validation_accuracy".
    records : sequence of dict
        What `epochs` is a copy of, kept as columns.
    stopped : str
        Why it ended: "epochs" (all done), "early" (no better for `patience` epochs), "time", "interrupted", "callback",
        "failed", "paused" (more are to come); for full-batch methods also "converged" (the tolerance is reached) or
        "stalled" (no step lowers the loss any more), and "converged" for the perceptron rule (no mistakes).
    best_epoch : int or None
        The epoch of the lowest validation loss.
    health : Health or None
        What was found that keeps the network from learning, where `fit` was asked to look.
    """

    records: MutableSequence[Record] = field(default_factory=Records)
    stopped: str = "epochs"
    best_epoch: int | None = None
    health: Any = None

    def __post_init__(self) -> None:
        if not isinstance(self.records, Records):
            self.records = Records(self.records)

    @property
    def epochs(self) -> list[Record]:
        """The figures of each finished epoch, as a list that is the caller's."""
        return list(self.records)

    def __len__(self) -> int:
        return len(self.records)

    def column(self, name: str) -> list[float]:
        """Return one figure over all epochs, such as ``history.column("loss")``.

        Raises
        ------
        KeyError
            If it was not recorded.
        """
        assert isinstance(self.records, Records)
        return self.records.column(name)

    def plot(self, ax: Any = None, **options: Any) -> Any:
        """Draw the learning curves: loss and validation loss by epoch, with the best epoch marked.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Default: those of a new figure.
        **options
            As for `netlet.plots.learning_curves`, such as ``columns=("loss", "accuracy")`` or ``log=True``.

        Returns
        -------
        Axes, or array of Axes
            An array if `columns` is a sequence.

        Raises
        ------
        ValueError, TypeError
            As `netlet.plots.learning_curves`.
        """
        from netlet import plots

        return plots.learning_curves(self, ax, **options)
