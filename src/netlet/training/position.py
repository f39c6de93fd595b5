"""How far a training has come: what decides its next epochs beside the weights, to be kept and gone on with."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from netlet.training.history import History
from netlet.training.learnt import Learnt
from netlet.training.schedules.base import Watch
from netlet.training.snapshot import Kept
from netlet.training.stepper import Stepper

_FIGURE = "history."  # begins the names of the arrays that hold the history's figures


@dataclass
class Position:
    """How far a training has come.

    Parameters
    ----------
    history : History
    lowest : float
        The lowest validation loss; where epochs are judged by accuracy, the highest accuracy times -1.
    tie : float
        The validation loss of that epoch, which decides between epochs that are as accurate.
    since : int
        Epochs since then.
    best : Learnt or None
        The network at the lowest validation loss, where it is to be put back.
    watch : Watch or None
        The memory of a schedule that has one.
    """

    history: History = field(default_factory=History)
    lowest: float = math.inf
    tie: float = math.inf
    since: int = 0
    best: Learnt | None = None
    watch: Watch | None = None

    @property
    def epoch(self) -> int:
        """Epochs done."""
        return len(self.history)

    def add(self, record: dict[str, float], learnt: Learnt, keep_best: bool, best_by: str = "loss") -> None:
        """Take the figures of a finished epoch into account."""
        self.history.records.append(record)
        if self.watch is not None:
            self.watch.after_epoch(record.get("validation_loss", record["loss"]))
        if "validation_loss" not in record:
            return
        loss = record["validation_loss"]
        figure = loss if best_by == "loss" else -record.get("validation_accuracy", 0.0)
        if (figure, loss) < (self.lowest, self.tie):
            self.lowest, self.tie, self.since = figure, loss, 0
            self.history.best_epoch = int(record["epoch"])
            if keep_best:
                self.best = learnt.copy() if self.best is None else self.best
                self.best.take(learnt)
        else:
            self.since += 1

    def keep(self, kept: Kept, stepper: Stepper, good: Learnt, good_after: int) -> None:
        """Write all that decides how the training goes on; `good` is the network after some earlier epoch."""
        learnt = stepper.learnt
        arrays = {
            "theta": learnt.theta,
            "state": learnt.state,
            "slots": stepper.slots[:, : learnt.theta.size],
            "good.theta": good.theta,
            "good.state": good.state,
        }
        if self.best is not None:
            arrays |= {"best.theta": self.best.theta, "best.state": self.best.state}
        # As arrays: JSON knows no NaN, which a validation loss may be.
        names = list(self.history.records[0])
        arrays |= {f"{_FIGURE}{name}": np.array(self.history.column(name), dtype=np.float64) for name in names}
        values: dict[str, Any] = {
            "epoch": self.epoch,
            "epochs_so_far": learnt.epochs,
            "steps_so_far": learnt.steps,
            "updates": stepper.n_updates,
            "lowest": self.lowest if math.isfinite(self.lowest) else None,
            "tie": self.tie if math.isfinite(self.tie) else None,
            "since": self.since,
            "watch": self.watch.state() if self.watch is not None else None,
            "figures": names,
            "best_epoch": self.history.best_epoch,
            "good_after": good_after,
        }
        kept.write(values, arrays)

    def resume(self, kept: Kept, stepper: Stepper, good: Learnt) -> int:
        """Go on with what was kept, if anything was; fill `good`, and return after which epoch it was."""
        found = kept.take()
        if found is None:
            return 0
        values, arrays = found
        learnt = stepper.learnt
        learnt.theta[:], learnt.state[:] = arrays["theta"], arrays["state"]
        learnt.epochs, learnt.steps = values["epochs_so_far"], values["steps_so_far"]
        stepper.slots[:, : learnt.theta.size] = arrays["slots"]
        stepper.n_updates = values["updates"]
        columns = [arrays[f"{_FIGURE}{name}"].tolist() for name in values["figures"]]
        self.history.records[:] = [dict(zip(values["figures"], row, strict=True)) for row in zip(*columns, strict=True)]
        self.history.best_epoch = values["best_epoch"]
        self.lowest = math.inf if values["lowest"] is None else values["lowest"]
        tie = values.get("tie", values["lowest"])  # files of earlier versions judge by the loss alone
        self.tie = math.inf if tie is None else tie
        self.since = values["since"]
        if self.watch is not None:
            self.watch.restore(values["watch"])
        good.theta[:], good.state[:] = arrays["good.theta"], arrays["good.state"]
        if "best.theta" in arrays:
            self.best = Learnt(arrays["best.theta"].copy(), arrays["best.state"].copy())
        after: int = values.get("good_after", max(0, self.epoch - 1))  # files of earlier versions do not say it
        return after
