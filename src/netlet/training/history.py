"""What a training went through, epoch by epoch."""

from __future__ import annotations

from collections.abc import MutableSequence
from dataclasses import dataclass, field

from netlet.training.records import Record, Records


@dataclass
class History:
    """The record of one call of `fit`.

    Attributes
    ----------
    epochs : sequence of dict
        For each finished epoch: "epoch" (from 1), "loss" (the mean over its batches, dropout in force, without
        penalties), "seconds"; with penalties also "penalty", with validation data "validation_loss" and, for losses of
        classes, "validation_accuracy".
    stopped : str
        Why it ended: "epochs" (all done), "early" (no better for `patience` epochs), "time", "interrupted", "callback",
        "failed", "paused" (more are to come); for full-batch methods also "converged" (the tolerance is reached) or
        "stalled" (no step lowers the loss any more), and "converged" for the perceptron rule (no mistakes).
    best_epoch : int or None
        The epoch of the lowest validation loss.
    """

    epochs: MutableSequence[Record] = field(default_factory=Records)
    stopped: str = "epochs"
    best_epoch: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.epochs, Records):
            self.epochs = Records(self.epochs)

    def __len__(self) -> int:
        return len(self.epochs)

    def column(self, name: str) -> list[float]:
        """Return one figure over all epochs, such as ``history.column("loss")``.

        Raises
        ------
        KeyError
            If it was not recorded.
        """
        assert isinstance(self.epochs, Records)
        return self.epochs.column(name)
