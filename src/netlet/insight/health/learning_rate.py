"""A learning rate that is too high or too low, and single leaps of the loss."""

from __future__ import annotations

import numpy as np

from netlet.insight.health.figures import Figures
from netlet.insight.health.finding import Finding

# Of an update's length to that of the weights; about 1e-3 is usual.
_RATIO_HIGH, _RATIO_LOW = 1e-1, 1e-5
_SPIKE = 2.0  # times the lowest loss before, and
_SPIKE_OF_SCALE = 0.1  # so much of the loss of knowing nothing: where it is next to nothing, it may double
_SPIKES = 0.1  # of the epochs, and two at least: one may be chance
_LONE_SPIKE = 3.0  # times the lowest loss before, where it is too seldom for that
_LEAP = 5.0  # times the loss of knowing nothing: no noise of a batch does that to the mean of an epoch
_WORSE = 1.5  # times the loss at the start
_NOT_FALLEN = 0.75  # of the loss at the start: more than that after all epochs is no success
_LEARNT = 0.1  # of the loss of knowing nothing: a network that goes on from there has little left to learn
_HARDLY = 0.05  # by which the loss must fall for a low rate not to matter


def rate_too_high(figures: Figures) -> Finding | None:
    """Find steps that overshoot: a loss that is not finite, grows or leaps, or updates as large as the weights."""
    if figures.learning_rate is None:
        return None
    evidence = epoch = None
    losses, ratio = np.array(figures.losses), _ratio(figures)
    if figures.failed:
        evidence, epoch = "the loss or a gradient was not finite any more", len(losses) + 1
    elif len(losses):
        spikes = _spikes(losses, figures.start, _SPIKE_OF_SCALE * figures.scale)
        worse = losses > figures.start + max((_WORSE - 1) * figures.start, _SPIKE_OF_SCALE * figures.scale)
        leaps = losses > _LEAP * figures.scale
        shrunk = any(figures.has_shrunk(layer.layer) for layer in figures.looks[-1].weighted)
        if worse[-1] and not shrunk:
            evidence = f"the loss went from {figures.start:.3g} before the training to {losses[-1]:.3g}"
            epoch = 1 + int(worse.argmax())
        elif leaps.any():
            evidence = f"the loss went from {figures.start:.3g} before the training to {losses.max():.3g} on its way"
            epoch = 1 + int(leaps.argmax())
        elif len(spikes) >= max(2, _SPIKES * len(losses)):
            evidence = f"in {len(spikes)} of {len(losses)} epochs the loss was over twice the lowest before"
            epoch = int(spikes[0]) + 1
        elif ratio is not None and ratio > _RATIO_HIGH and figures.end > _NOT_FALLEN * figures.start:
            evidence = f"the loss went from {figures.start:.3g} to {figures.end:.3g} only"
            epoch = 1
    if evidence is None or epoch is None:
        return None
    if ratio is not None and ratio > _RATIO_LOW:  # where nothing moves any more, that is what came of it
        evidence += f"; an update was about {ratio:.1g} of the weights' length (1e-3 is usual)"
    return Finding(
        "learning rate too high", None, epoch, evidence,
        f"Steps at learning_rate={figures.learning_rate:g} jump over the valley that they should go down",
        f"Try learning_rate={figures.learning_rate / 10:g}",
    )  # fmt: skip


def loss_spikes(figures: Figures) -> Finding | None:
    """Find a loss that leapt up and came down again, too seldom for it to be the learning rate as such."""
    if not figures.losses or figures.failed or rate_too_high(figures) is not None:
        return None
    losses = np.array(figures.losses)
    spikes = _spikes(losses, figures.start, _SPIKE_OF_SCALE * figures.scale, _LONE_SPIKE)
    if not len(spikes):
        return None
    first = int(spikes[0])
    before = min(figures.start, losses[:first].min(initial=figures.start))
    others = f", and so in {len(spikes) - 1} more of {len(losses)} epochs" if len(spikes) > 1 else ""
    return Finding(
        "loss spikes", None, first + 1,
        f"in epoch {first + 1} the loss leapt to {losses[first]:.3g}, over three times the lowest before "
        f"({before:.3g}){others}",
        "A few steps went far too far: some samples are unlike all others, or the rate is high for a moment",
        "Limit the gradient (clip_norm=1), look at the rows with the largest numbers, or lower the learning rate",
    )  # fmt: skip


def rate_too_low(figures: Figures) -> Finding | None:
    """Find weights that hardly move, and a loss that hardly falls."""
    ratio = _ratio(figures)
    fall = 1 - figures.end / figures.start if figures.start > 0 else 1.0
    if (
        figures.learning_rate is None
        or ratio is None
        or ratio >= _RATIO_LOW
        or fall >= _HARDLY
        or figures.end < _LEARNT * figures.scale
    ):
        return None
    return Finding(
        "learning rate too low", None, 1,
        f"an update is about {ratio:.1g} of the weights' length (1e-3 is usual), and the loss went from "
        f"{figures.start:.4g} to {figures.end:.4g} in {len(figures.losses)} epochs",
        f"Steps at learning_rate={figures.learning_rate:g} are too short to get anywhere",
        f"Try learning_rate={figures.learning_rate * 100:g}, or ask find_learning_rate",
    )  # fmt: skip


def _ratio(figures: Figures) -> float | None:
    """Return the largest layer's ratio of update to weight, the median over the looks."""
    ratios = []
    for look in figures.looks:
        own = [each.update for each in look.layers if each.update is not None and not figures.has_shrunk(each.layer)]
        ratios += [max(own)] if own else []
    return float(np.median(ratios)) if ratios else None


def _spikes(losses: np.ndarray, start: float, least: float, times: float = _SPIKE) -> np.ndarray:
    """Return the places of epochs whose loss leapt over the lowest before."""
    lowest = np.minimum.accumulate(np.concatenate([[start], losses]))[:-1]
    return np.flatnonzero(losses > np.maximum(times * lowest, lowest + least))
