"""What is said when a training ends."""

from __future__ import annotations

from netlet.training.history import History
from netlet.training.losses import Loss
from netlet.training.settings import Settings


def ending_of(history: History, best_is_kept: bool, settings: Settings) -> str:
    """Return one line: why it ended, which weights are kept, the last figures."""
    count = f"{len(history)} {'epoch' if len(history) == 1 else 'epochs'}"
    full = count.replace(" ", " full ")
    reasons = {
        "epochs": f"{count} done",
        "converged": f"converged after {count}",
        "stalled": f"stopped after {count}: no step lowers the loss any more",
        "early": f"stopped after {count}: no better validation {settings.best_by} for {settings.patience} epochs",
        "time": f"stopped by the time limit of {settings.time_limit} s after {full}",
        "interrupted": f"interrupted after {full}",
        "callback": f"stopped by a callback after {count}",
    }
    text = reasons[history.stopped]
    if best_is_kept:
        which = "lowest validation loss" if settings.best_by == "loss" else "highest validation accuracy"
        text += f"; the weights of epoch {history.best_epoch} ({which}) are kept"
    elif history.stopped not in ("epochs", "converged", "stalled"):
        text += "; the weights are kept"
    if history.records:
        text += f"; loss {history.records[-1]['loss']:.4f}, {history.records[-1]['seconds']:.2f} s"
    return text


def not_converged(history: History, loss: Loss) -> str:
    """Return the warning for a training that ends once it makes no mistake, and has not got there."""
    wrong = 1 - history.records[-1]["accuracy"]
    return (
        f"the training with loss={loss.rule!r} has not converged: {wrong:.1%} of the samples are still wrong after "
        f"{len(history)} epochs. One neuron can only learn classes that a plane separates; if these are, more epochs "
        "will do, else add a hidden layer and use loss='binary_cross_entropy'"
    )
