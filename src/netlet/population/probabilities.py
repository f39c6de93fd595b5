"""Probabilities and their logits: classes, of which one is right, and answers, each yes or no by itself.

    classes:   z_ij = log p_ij                       p_i  = softmax(z_i)
    answers:   z_ij = log p_ij - log(1 - p_ij)       p_ij = sigmoid(z_ij)

Shapes: p, z are (n_samples, n_outputs).
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from scipy.special import expit, log_softmax

from netlet.errors import unknown_name
from netlet.training.samples.arrays import as_numbers

Kind = Literal["classes", "answers"]
KINDS = ("classes", "answers")
_SUM = 1e-3  # how far from 1 the sum of a row may be: float32 and a thousand classes are within


def check_kind(kind: str, n_outputs: int) -> Kind:
    """Return what probabilities are of; "auto" takes one output for an answer, several for classes.

    Raises
    ------
    ValueError
        If it is unknown, or there are classes with one output.
    """
    if kind not in (*KINDS, "auto"):
        raise ValueError(unknown_name("kind", kind, (*KINDS, "auto")))
    if kind == "classes" and n_outputs == 1:
        raise ValueError(
            "kind='classes' needs an output for each class, there is 1; use 'answers' for the probability of yes"
        )
    return "answers" if kind == "answers" or n_outputs == 1 else "classes"


def as_outputs(name: str, values: Any) -> np.ndarray:
    """Check outputs of a network: real dtype, (n_samples, n_outputs), from (n_samples,) for one output.

    Raises
    ------
    ValueError
        If they have another shape, no rows, or are not finite.
    TypeError
        If they are not numbers.
    """
    array = as_numbers(name, values)
    if array.ndim == 1:
        array = array.reshape(-1, 1)
    if array.ndim != 2 or 0 in array.shape:
        raise ValueError(f"{name} has shape {array.shape}, not (n_samples, n_outputs) with at least one of each")
    if not np.isfinite(array).all():
        row, column = (int(place) for place in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name} holds {array[row, column]} in row {row}, column {column}; it must be finite")
    return array


def check_probabilities(name: str, array: np.ndarray, kind: Kind) -> None:
    """Raise ValueError unless numbers, (..., n_outputs), are from 0 to 1 and, of classes, sum to 1 in each row."""
    wrong = ~((array >= 0) & (array <= 1))  # NaN too
    if wrong.any():
        place = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise ValueError(
            f"{name}[{', '.join(map(str, place))}] is {array[place]}, no probability; give numbers from 0 to 1, "
            "as a network that ends with Softmax() or Sigmoid() predicts them"
        )
    if kind == "classes":
        sums = array.sum(axis=-1, dtype=np.float64)
        wrong = np.abs(sums - 1) > _SUM
        if wrong.any():
            place = tuple(int(i) for i in np.argwhere(wrong)[0])
            raise ValueError(
                f"{name}[{', '.join(map(str, place))}] sums to {sums[place]:g}, not to 1; give the probabilities of "
                "all classes, or use kind='answers' where each output is a question of its own"
            )


def clipped(probabilities: np.ndarray, kind: Kind, dtype: Any = None) -> np.ndarray:
    """Keep probabilities away from where their logarithm is infinite only because they were rounded.

    Those of answers are put between eps and 1 - eps, those of classes at the least normal number or above.

    Parameters
    ----------
    probabilities : float32 or float64
    kind : {"classes", "answers"}
    dtype : dtype, optional
        In which they were computed, which decides what rounding does; default: their own.

    Returns
    -------
    float64, of the same shape
    """
    limits = np.finfo(np.dtype(dtype or probabilities.dtype))
    p = probabilities.astype(np.float64)
    if kind == "classes":
        return np.maximum(p, float(limits.tiny))
    return np.clip(p, float(limits.eps), 1 - float(limits.eps))


def logits_of(probabilities: np.ndarray, kind: Kind, dtype: Any = None) -> np.ndarray:
    """Return finite logits whose probabilities these are.

    Parameters
    ----------
    probabilities, kind, dtype
        As for `clipped`, which is applied first.

    Returns
    -------
    float64, (n_samples, n_outputs)
    """
    p = clipped(probabilities, kind, dtype)
    logarithm: np.ndarray = np.log(p)
    return logarithm if kind == "classes" else logarithm - np.log1p(-p)


def probabilities_of(logits: np.ndarray, kind: Kind) -> np.ndarray:
    """Return the softmax of each row, for classes, or each number's sigmoid; of the logits' dtype."""
    result: np.ndarray
    if kind == "classes":  # SciPy's softmax gives the same bits, and takes three times as long for a row
        result = np.exp(logits - logits.max(axis=-1, keepdims=True))
        result /= result.sum(axis=-1, keepdims=True)
        return result
    result = expit(logits)
    return result


def mean_log_loss(logits: np.ndarray, targets: np.ndarray, kind: Kind) -> float:
    """Return the mean over the samples of the cross-entropy, of answers summed over the outputs.

    Parameters
    ----------
    logits : float64, (n_samples, n_outputs)
    targets : float64
        Of classes the labels, (n_samples, 1); of answers from 0 to 1, (n_samples, n_outputs).
    kind : {"classes", "answers"}
    """
    if kind == "classes":
        right = np.take_along_axis(log_softmax(logits, axis=1), targets.astype(np.int64), axis=1)
        return -float(right.mean())
    losses = np.logaddexp(0, logits) - logits * targets
    return float(losses.sum(axis=1).mean())


def smoothed_log_loss(logits: np.ndarray, targets: np.ndarray, kind: Kind, smoothing: float) -> float:
    """Return the mean log loss against labels each of which is another one with a probability.

    Parameters
    ----------
    logits, targets, kind
        As for `mean_log_loss`.
    smoothing : float in [0, 1)
    """
    if not smoothing:
        return mean_log_loss(logits, targets, kind)
    if kind == "answers":
        return mean_log_loss(logits, targets * (1 - smoothing) + (1 - targets) * smoothing, kind)
    right = mean_log_loss(logits, targets, kind)
    n_outputs = logits.shape[1]
    shifted = logits - logits.max(axis=1, keepdims=True)
    every = np.log(np.exp(shifted).sum(axis=1, keepdims=True)) - shifted  # the loss of each class
    others = (float(every.sum(axis=1).mean()) - right) / max(n_outputs - 1, 1)
    return float((1 - smoothing) * right + smoothing * others)
