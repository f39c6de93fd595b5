"""How much each sample counts: weights given one by one, by class, or both."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np

from netlet.errors import unknown_name
from netlet.training.losses import Loss
from netlet.training.samples.arrays import as_numbers, contiguous


def weights_of(sample_weight: Any, dtype: str, n_samples: int) -> np.ndarray:
    """Check sample weights: numbers >= 0, not all 0, (n_samples,). None gives an empty array, which stands for all 1.

    Raises
    ------
    ValueError
        For a wrong shape, a negative weight, or weights that are all 0.
    TypeError
        For anything that is not numbers.
    """
    if sample_weight is None:
        return np.empty(0, dtype=dtype)
    array = as_numbers("sample_weight", sample_weight)
    if array.shape != (n_samples,):
        raise ValueError(
            f"sample_weight has shape {array.shape}, not ({n_samples},); give one weight for each row of X"
        )
    result = contiguous("sample_weight", sample_weight, array, dtype)
    if (result < 0).any():
        row = int(np.argmax(result < 0))
        raise ValueError(f"sample_weight holds {result[row]:g} in row {row}; weights must be >= 0")
    if n_samples and not (result > 0).any():
        raise ValueError("sample_weight is 0 for every row; at least one sample needs a weight > 0")
    return result


def class_weights_of(
    class_weight: Any,
    targets: np.ndarray,
    loss: Loss,
    dtype: str,
    n_classes: int | None = None,
    rows: np.ndarray | None = None,
) -> np.ndarray:
    """Return each sample's weight by its class.

    Parameters
    ----------
    class_weight : None, "balanced" or dict of class to weight
        "balanced" gives a class the weight n_samples / (classes that occur * samples of the class), so that all of them
        weigh alike in sum. A dict has a number >= 0 for each class that occurs: a label, or 0 and 1 for a yes-or-no
        output.
    targets : dtype, (n_samples, n_targets)
        As `targets_of` returned them.
    loss : Loss
    dtype : {"float32", "float64"}
    n_classes : int, optional
        How many classes the network knows; a dict may name those that do not occur. Default: only those that occur.
    rows : int64, (n,), optional
        The samples that "balanced" counts, which are those to train on; default: all.

    Returns
    -------
    dtype, (n_samples,), or (0,) for None, which stands for all 1

    Raises
    ------
    ValueError
        If the loss has no classes, there are several yes-or-no outputs, a target lies between no and yes, or a dict
        lacks a class, names an unknown one or has a weight that is none.
    TypeError
        If `class_weight` is something else.
    """
    if class_weight is None:
        return np.empty(0, dtype=dtype)
    if isinstance(class_weight, str):
        if class_weight != "balanced":
            raise ValueError(unknown_name("class_weight", class_weight, ["balanced"]))
    elif not isinstance(class_weight, Mapping):
        raise TypeError(
            f"class_weight={class_weight!r} is not None, 'balanced' or a dict; use {{0: 1.0, 1: 5.0}} to name weights"
        )
    labels = _classes_of_samples(class_weight, targets, loss)
    classes, places = np.unique(labels, return_inverse=True)
    if isinstance(class_weight, str):
        counted = places if rows is None else places[rows]
        counts = np.bincount(counted, minlength=len(classes))
        balanced = len(counted) / (np.count_nonzero(counts) * np.maximum(counts, 1))
        return np.array(balanced[places], dtype=dtype)
    known = {0, 1} if loss.row.answers else {int(label) for label in classes} | set(range(n_classes or 0))
    chosen = _checked(class_weight, known)
    missing = [int(label) for label in classes if label not in chosen]
    if missing:
        raise ValueError(
            f"class_weight={class_weight!r} has no weight for the class {missing[0]}; "
            f"give one for each of {_listed(classes)}"
        )
    result = np.array([chosen[label] for label in classes.tolist()], dtype=dtype)[places]
    if len(result) and not result.any():
        raise ValueError(f"class_weight={class_weight!r} is 0 for every sample; at least one class needs a weight > 0")
    return result


def combine(sample_weights: np.ndarray, class_weights: np.ndarray) -> np.ndarray:
    """Return the product of two weights of every sample; an empty array stands for all 1.

    Raises
    ------
    ValueError
        If it is 0 for every sample.
    """
    if not sample_weights.size or not class_weights.size:
        return sample_weights if sample_weights.size else class_weights
    result: np.ndarray = sample_weights * class_weights
    if not result.any():
        raise ValueError(
            "sample_weight times class_weight is 0 for every row; at least one sample needs both of them > 0"
        )
    return result


def _classes_of_samples(class_weight: Any, targets: np.ndarray, loss: Loss) -> np.ndarray:
    """Return each sample's class, int64, (n_samples,)."""
    row = loss.row
    if not row.labels and not row.answers:
        raise ValueError(
            f"class_weight={class_weight!r} is given, but the loss {row.name!r} has no classes; "
            "leave it out, or use sample_weight"
        )
    if targets.shape[1] != loss.copies:
        raise ValueError(
            f"class_weight={class_weight!r} is given for {targets.shape[1]} yes-or-no outputs, not for one; "
            "use sample_weight"
        )
    labels = targets[:, 0].astype(np.int64)
    between = labels != targets[:, 0]
    if between.any():
        place = int(np.argmax(between))
        raise ValueError(
            f"class_weight={class_weight!r} is given, but the target in row {place}, {targets[place, 0]:g}, "
            "is neither 0 nor 1; use sample_weight"
        )
    return labels


def _checked(class_weight: Mapping[Any, Any], known: set[int]) -> dict[int, float]:
    chosen = {}
    for label, weight in class_weight.items():
        if label not in known:
            raise ValueError(
                f"class_weight={class_weight!r} names the class {label!r}, which no target has; "
                f"the classes are {_listed(sorted(known))}"
            )
        is_number = isinstance(weight, Real) and not isinstance(weight, bool)
        if not is_number or not math.isfinite(weight) or weight < 0:
            raise ValueError(
                f"class_weight={class_weight!r} has the weight {weight!r} for the class {label}; "
                "weights must be finite numbers >= 0"
            )
        chosen[int(label)] = float(weight)
    return chosen


def _listed(classes: Any) -> str:
    return ", ".join(str(int(label)) for label in classes)
