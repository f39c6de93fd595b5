"""Calibration: whether of what is predicted with probability p a share of p comes true, and a temperature for it.

Temperature scaling divides the logits by one number T > 0, chosen to minimise the log loss on validation samples. The
most probable class stays the same; T > 1 makes a network less sure, T < 1 surer.

Reference: Guo, Pleiss, Sun, Weinberger, "On calibration of modern neural networks", 2017.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar

from netlet.errors import check_number
from netlet.population.probabilities import (
    Kind,
    as_outputs,
    check_kind,
    check_probabilities,
    logits_of,
    probabilities_of,
    smoothed_log_loss,
)
from netlet.training.losses import BinaryCrossEntropy, CrossEntropy, Loss
from netlet.training.samples.targets import targets_of

LEAST_TEMPERATURE, GREATEST_TEMPERATURE = 0.01, 100.0


def fit_temperature(logits: Any, y: Any, *, kind: str = "auto", smoothing: float = 0.0) -> float:
    """Find the temperature that minimises the log loss.

    Parameters
    ----------
    logits : array-like, (n_samples, n_outputs), or (n_samples,) for one output
        For probabilities p: log p, or log p - log(1 - p) for answers, as `logits_of` in
        `netlet.population.probabilities` computes them.
    y : array-like
        Of classes the labels 0 to n_outputs - 1, (n_samples,); of answers numbers from 0 to 1, (n_samples, n_outputs).
        Samples that the network was not trained on: those of the training are fitted too well.
    kind : {"auto", "classes", "answers"}
        "auto" takes one output for the answer to a yes-or-no question, several for classes.
    smoothing : float in [0, 1)
        The probability with which each label is taken to be another one. ``1 / (n_samples + 2)`` keeps few samples from
        making a network surer than they can show (Platt, "Probabilistic outputs for support vector machines", 1999).

    Returns
    -------
    float
        From 0.01 to 100. 1 where every sample is predicted rightly and nothing is smoothed: then the loss only falls as
        T goes to 0, and the samples say nothing of how sure the network may be.

    Raises
    ------
    ValueError, TypeError
        If the logits or y are not as they should be.

    Examples
    --------
    >>> round(fit_temperature([3.0, 3.0, 3.0, 3.0], [1, 1, 1, 0]), 3)  # log(3) would be right
    2.731
    """
    z = as_outputs("logits", logits).astype(np.float64)
    chosen = check_kind(kind, z.shape[1])
    targets = targets_for(z, y, chosen, "logits")
    check_number("smoothing", smoothing, float, 0, below=1)
    if not smoothing and _all_right(z, targets, chosen):
        return 1.0
    found = minimize_scalar(
        lambda log_t: smoothed_log_loss(z * math.exp(-log_t), targets, chosen, smoothing),
        bounds=(math.log(LEAST_TEMPERATURE), math.log(GREATEST_TEMPERATURE)),
        method="bounded",
        options={"xatol": 1e-8},
    )
    return math.exp(float(found.x))


def targets_for(outputs: np.ndarray, y: Any, kind: Kind, name: str) -> np.ndarray:
    """Check y beside outputs, (n_samples, n_outputs): labels, (n_samples, 1), or answers, (n_samples, n_outputs).

    Raises
    ------
    ValueError, TypeError
        If y is not as it should be; `name` is what to call the outputs.
    """
    loss = CrossEntropy() if kind == "classes" else BinaryCrossEntropy()
    return targets_beside(outputs, y, loss, name)


def targets_beside(outputs: np.ndarray, y: Any, loss: Loss, name: str) -> np.ndarray:
    """Check y beside outputs, (n_samples, n_outputs), for a loss: float64, (n_samples, n_targets).

    Raises
    ------
    ValueError, TypeError
        If y is not as it should be; `name` is what to call the outputs.
    """
    n_samples, n_outputs = outputs.shape
    rows = y.shape[0] if getattr(y, "shape", ()) else len(y) if isinstance(y, (list, tuple)) else n_samples
    if rows != n_samples:
        raise ValueError(f"y has {rows} rows, {name} has {n_samples}; give one target for each of its rows")
    return targets_of(y, loss, n_outputs, "float64", n_samples, training=False)


def _all_right(logits: np.ndarray, targets: np.ndarray, kind: Kind) -> bool:
    """Tell whether no T > 0 minimises the log loss: no sample is on the wrong side, or between the sides."""
    if kind == "classes":
        right = np.take_along_axis(logits, targets.astype(np.int64), axis=1)
        return bool((right >= logits.max(axis=1, keepdims=True)).all())
    side = np.where((targets == 0) | (targets == 1), (2 * targets - 1) * logits, -np.abs(logits))
    return bool((side >= 0).all())


def with_temperature(probabilities: np.ndarray, temperature: float, kind: Kind, dtype: Any = None) -> np.ndarray:
    """Return probabilities whose logits are divided by a temperature.

    Parameters
    ----------
    probabilities : float32 or float64, (n_samples, n_outputs)
    temperature : float, > 0
        1 changes nothing, not even a bit.
    kind : {"classes", "answers"}
    dtype : dtype, optional
        In which they were computed; default: their own.

    Returns
    -------
    float64, (n_samples, n_outputs)
    """
    if temperature == 1:
        return probabilities.astype(np.float64)
    return probabilities_of(logits_of(probabilities, kind, dtype) / temperature, kind)


@dataclass(frozen=True, eq=False)
class ReliabilityCurve:
    """How often what was predicted with a confidence came true; for the bins that hold a sample, in ascending order.

    Attributes
    ----------
    confidence : float64, (n,)
        The mean confidence of a bin's samples.
    frequency : float64, (n,)
        The share of them of which it came true. On the diagonal, where both are equal, is what is calibrated.
    counts : int64, (n,)
    """

    confidence: np.ndarray
    frequency: np.ndarray
    counts: np.ndarray


def reliability_curve(probabilities: Any, y: Any, n_bins: int = 15) -> ReliabilityCurve:
    """Compare confidence with how often it is right, in bins of equal width.

    Parameters
    ----------
    probabilities : array-like, (n_samples, n_classes), or (n_samples,) or (n_samples, 1)
        Of several classes: the confidence is the greatest probability of a row, and it comes true where that class is
        y's. With one column: it is the probability of yes, and it comes true where y is 1.
    y : array-like of int, (n_samples,)
        Labels 0 to n_classes - 1; with one column 0 or 1.
    n_bins : int, >= 1
        The interval from 0 to 1 is cut into as many; a bin holds its upper end, the first one 0 too.

    Returns
    -------
    ReliabilityCurve

    Raises
    ------
    ValueError, TypeError
        If an argument is not as it should be.
    """
    check_number("n_bins", n_bins, int, 1)
    p = as_outputs("probabilities", probabilities)
    kind = check_kind("auto", p.shape[1])
    check_probabilities("probabilities", p, kind)
    targets = targets_for(p, y, kind, "probabilities")[:, 0]
    if kind == "classes":
        confidence, right = p.max(axis=1).astype(np.float64), (p.argmax(axis=1) == targets).astype(np.float64)
    else:
        confidence, right = p[:, 0].astype(np.float64), targets
    edges = np.linspace(0, 1, n_bins + 1)
    bins = np.searchsorted(edges[1:-1], confidence)
    counts = np.bincount(bins, minlength=n_bins)
    held = counts > 0
    sums = (np.bincount(bins, weights=each, minlength=n_bins)[held] for each in (confidence, right))
    mean, share = (each / counts[held] for each in sums)
    return ReliabilityCurve(mean, share, counts[held])


def expected_calibration_error(probabilities: Any, y: Any, n_bins: int = 15) -> float:
    """Return the mean over the samples of the gap between confidence and frequency of their bin; 0 is calibrated.

    Parameters
    ----------
    probabilities, y, n_bins
        As for `reliability_curve`.

    Returns
    -------
    float
        From 0 to 1. It depends on the number of bins: compare only numbers of the same one.

    Raises
    ------
    ValueError, TypeError
        As `reliability_curve`.
    """
    curve = reliability_curve(probabilities, y, n_bins)
    return float((curve.counts * np.abs(curve.confidence - curve.frequency)).sum() / curve.counts.sum())
