"""Targets at the border: labels, answers, counts or numbers that suit the loss, or a clear error."""

from __future__ import annotations

from typing import Any

import numpy as np

from netlet.training.losses import Detection, Loss
from netlet.training.samples.arrays import as_numbers, contiguous


def targets_of(
    y: Any, loss: Loss, n_outputs: int, dtype: str, n_samples: int, name: str = "y", training: bool = True
) -> np.ndarray:
    """Check the targets of a loss.

    Parameters
    ----------
    y : array-like
        For a loss of labels: ints 0 to n_outputs - 1, (n_samples,); for one of sequences a row of them for each
        sample, (n_samples, steps); for detection six numbers for each cell (see `Detection`). Else numbers,
        (n_samples, n_targets), or (n_samples,) for one target: from 0 to 1 for binary cross-entropy, 0 or 1 for hinge
        and perceptron, >= 0 for Poisson.
    loss : Loss
    n_outputs : int
    dtype : {"float32", "float64"}
    n_samples : int
    name : str
    training : bool
        Whether a network is to learn from them, for which one class is not enough.

    Returns
    -------
    dtype, (n_samples, loss.n_targets(n_outputs)), contiguous
        Of a loss of members each row is repeated for each of them.

    Raises
    ------
    ValueError
        For a wrong shape or length, a value that the loss does not allow, a single class, or a number that is not
        finite.
    TypeError
        For anything that is not numbers.
    """
    row, has_classes = loss.row, loss.row.labels or loss.row.answers
    try:
        array = as_numbers(name, y)
    except TypeError as error:
        hint = "; for class names use: classes, y = numpy.unique(y, return_inverse=True)" if has_classes else ""
        raise TypeError(f"{error}{hint}") from None
    if array.ndim == 0 or len(array) != n_samples:
        found = "a single number" if array.ndim == 0 else f"{len(array)} rows"
        raise ValueError(f"{name} has {found}, X has {n_samples}; give one target for each row of X")
    width = loss.n_targets(n_outputs) // loss.copies
    if array.ndim == 1:
        array = array.reshape(-1, 1)
    if array.ndim != 2 or array.shape[1] != width:
        expected = f"({n_samples},) of class labels" if row.labels and width == 1 else f"({n_samples}, {width})"
        each = loss.outputs_of_a_target
        why = f": the network has {n_outputs} outputs, {each} for each target" if each > 1 else ""
        raise ValueError(f"{name} has shape {array.shape}, the loss {row.name!r} needs {expected}{why}")
    result = contiguous(name, y, array, dtype)
    if row.labels:
        _check_labels(name, result, loss, n_outputs)
    elif isinstance(loss, Detection):
        _check_cells(name, result, loss.classes(n_outputs))
    elif row.only_0_and_1:
        wrong = (result != 0) & (result != 1)
        _refuse(name, result, wrong, f"the loss {row.name!r} knows only 0 and 1; use 0 for no and 1 for yes")
    elif row.answers:
        _refuse(name, result, (result < 0) | (result > 1), "outside [0, 1]; use 0 for no and 1 for yes")
    elif (result < row.least_target).any():
        remedy = (
            f"the loss {row.name!r} needs targets >= {row.least_target:g}; use another loss, such as 'squared_error'"
        )
        _refuse(name, result, result < row.least_target, remedy)
    if training and has_classes and width == 1 and n_samples > 0 and (result == result[0, 0]).all():
        raise ValueError(
            f"{name} holds only the class {result[0, 0]:g}; training needs samples of at least two classes"
        )
    return result if loss.copies == 1 else np.tile(result, (1, loss.copies))


def _refuse(name: str, targets: np.ndarray, wrong: np.ndarray, remedy: str) -> None:
    """Raise if a number is marked as wrong, with the first one's place."""
    if wrong.any():
        row, column = (int(i) for i in np.argwhere(wrong)[0])
        raise ValueError(f"{name} holds {targets[row, column]:g} in row {row}, column {column}, {remedy}")


def _check_cells(name: str, targets: np.ndarray, n_classes: int) -> None:
    full, labels = targets[:, ::6], targets[:, 5::6]
    wrong = np.zeros(targets.shape, dtype=bool)
    wrong[:, ::6] = (full != 0) & (full != 1)
    _refuse(name, targets, wrong, "where 1 stands for a cell with an object and 0 for one without")
    wrong[:, 5::6] = (full == 1) & ((labels < 0) | (labels >= n_classes) | (labels != np.floor(labels)))
    _refuse(name, targets, wrong, f"the class of an object, not an int from 0 to {n_classes - 1}")


def _check_labels(name: str, labels: np.ndarray, loss: Loss, n_outputs: int) -> None:
    n_classes = loss.classes(n_outputs)
    wrong = (labels < 0) | (labels >= n_classes) | (labels != np.floor(labels))
    if loss.ignored is not None:
        wrong &= labels != loss.ignored
    if wrong.any() and labels.shape[1] > 1:
        remedy = f"not an int from 0 to {n_classes - 1}" + (
            f" nor {loss.ignored:g}, which stands for none" if loss.ignored is not None else ""
        )
        _refuse(name, labels, wrong, f"{remedy}; number the classes from 0")
    if wrong.any():
        row = int(np.argwhere(wrong)[0, 0])
        raise ValueError(
            f"{name} holds the label {labels[row, 0]:g} in row {row}, not an int from 0 to {n_classes - 1} "
            f"(the network has {n_classes} outputs); use: "
            "classes, y = numpy.unique(y, return_inverse=True), and Dense(len(classes))"
        )
