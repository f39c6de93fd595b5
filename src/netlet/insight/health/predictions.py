"""Predictions that say nothing: all the same, or no better than if they were."""

from __future__ import annotations

from netlet.insight.health.figures import Figures
from netlet.insight.health.finding import Finding

_CONSTANT = 0.02  # of the targets' spread; of logits: 0.02 changes a probability by half a percent at most
_NOTHING_LEARNT = 0.95  # of the loss of the best constant prediction, and more
_NOTHING_HELD_OUT = 0.98  # the same on held-out samples, where a network that learnt anything was once better
_WORSE = 1.15  # more than that share is not stuck there, but wrong in another way
_STUCK = 0.03  # less than that share the loss fell in the second half
_LEAST_EPOCHS = 5


def constant_prediction(figures: Figures) -> Finding | None:
    """Find a network that answers the same whatever it is asked."""
    look = figures.looks[-1]
    if figures.baseline is None or figures.has_only_begun or look.output_spread >= _CONSTANT * figures.target_spread:
        return None
    if figures.end < _NOTHING_LEARNT * figures.baseline:
        return None
    return Finding(
        "constant prediction", look.layers[-1].layer, look.epoch,
        f"over all samples the outputs vary by {look.output_spread:.2g} only, and the loss {figures.end:.4g} is that "
        f"of the best constant ({figures.baseline:.4g})",
        "Nothing of the inputs reaches the output: penalties hold the weights at 0, or a layer blocks the way",
        "Lower l1, l2, weight_decay and dropout; then look at the layers for one that gives always the same",
    )  # fmt: skip


def labels_do_not_match(figures: Figures) -> Finding | None:
    """Find answers that do not follow from the inputs: the loss is stuck at that of the best constant."""
    if figures.baseline is None or figures.has_only_begun or not figures.has_hidden:
        return None
    if len(figures.losses) < _LEAST_EPOCHS:
        return None
    if figures.validation_losses:
        end, held = min(figures.validation_losses), "on held-out samples the lowest loss"
        stuck = end > _NOTHING_HELD_OUT * figures.baseline
    else:
        end, held = figures.end, "the loss"
        stuck = end > _NOTHING_LEARNT * figures.baseline and figures.fall(0.5) < _STUCK
    if not stuck or end > _WORSE * figures.baseline:
        return None
    return Finding(
        "labels do not match", None, len(figures.losses),
        f"{held} is {end:.4g}, that of the best constant is {figures.baseline:.4g} (of classes: their entropy)",
        "The weights move, but nothing holds for all samples: the rows of y are not in the order of those of X, were "
        "shuffled alone, or X says nothing about y",
        "Look at some rows of X and y side by side; sort and shuffle both together",
    )  # fmt: skip
