"""The samples of a search: what its networks learn from, and what they are compared by."""

from __future__ import annotations

from collections.abc import Container
from functools import partial
from typing import Any

import numpy as np

from netlet.errors import check_number
from netlet.searching.building import Build, Plan, perceptron
from netlet.searching.metrics import metric_of
from netlet.searching.task import Task
from netlet.training.samples.arrays import features_of


def task_of(
    X: Any, y: Any, validation_data: Any, validation_share: float, folds: int | None, sample_weight: Any, metric: str,
    epochs: int, patience: int | None, seed: int, build: Build | None, options: dict[str, Any], names: Container[str],
) -> Task:  # fmt: skip
    """Check the samples, hold some out if need be, and put together what all trials share."""
    # What a network of doubles would miss is not to be rounded away; the others convert it once for all trials.
    may_be_double = build is not None or "dtype" in names
    dtype = "float64" if may_be_double and getattr(X, "dtype", None) != np.float32 else "float32"
    x, y = features_of(X, dtype, None, "X"), _targets("y", y)
    _check_length("y", y, "X", x)
    weight = None if sample_weight is None else np.asarray(sample_weight)
    if weight is not None:
        _check_length("sample_weight", weight, "X", x)
    has_classes = bool(np.issubdtype(y.dtype, np.integer))
    if has_classes and y.ndim > 1 and build is None:
        raise ValueError(
            f"y holds ints in {y.shape[1]} columns; classes take one column, and numbers to predict are floats: "
            "y.astype(float)"
        )
    if has_classes and y.ndim > 1 and metric != "loss":
        raise ValueError(f"metric={metric!r} compares one class for each sample, y holds {y.shape[1]}; use 'loss'")
    n_outputs = _n_outputs(y, has_classes)
    validation: tuple[np.ndarray, ...]
    if folds is not None:
        if validation_data is not None:
            raise ValueError(f"folds={folds} is given beside validation_data; give one of them")
        if folds > len(x):
            raise ValueError(f"folds={folds} of {len(x)} samples leaves folds empty; use {len(x)} or fewer")
        validation = tuple(fold_rows(y, folds, seed))
    elif validation_data is None:
        rows, out = _held_out(len(x), validation_share, seed)
        validation, x, y = (x[out], y[out]), x[rows], y[rows]
        weight = None if weight is None else weight[rows]
    else:
        if not isinstance(validation_data, (tuple, list)) or len(validation_data) != 2:
            raise TypeError("validation_data is not a tuple (X, y)")
        x_out, y_out = validation_data
        validation = features_of(x_out, dtype, x.shape[1], "validation X"), _targets("validation y", y_out)
        _check_length("validation y", validation[1], "validation X", validation[0])
        n_outputs = max(n_outputs, _n_outputs(validation[1], has_classes))
    if has_classes and y.ndim == 1 and y.min() == y.max():
        raise ValueError(f"y holds only class {y[0]} to learn from; a network tells two or more apart")
    made = build or partial(perceptron, n_inputs=x.shape[1], n_outputs=n_outputs, has_classes=has_classes)
    chosen = metric_of(metric, has_classes)
    return Task(x, y, validation, weight, Plan(made, options), chosen, epochs, patience, seed, folds is not None)


def fold_rows(y: np.ndarray, folds: int, seed: int) -> list[np.ndarray]:
    """Deal the samples out to folds, at random but so that each has its share of every class, or of low and high y.

    Parameters
    ----------
    y : array, (n,) or (n, n_targets)
        Of several targets the first counts.
    folds : int
    seed : int

    Returns
    -------
    list of int64, (about n / folds,)
        The rows of each fold, ascending.
    """
    by = y if y.ndim == 1 else y[:, 0]
    generator = np.random.default_rng([seed, 2])
    drawn = generator.permutation(len(y))
    order = drawn[np.argsort(by[drawn], kind="stable")]
    if np.issubdtype(y.dtype, np.integer):
        return [np.sort(order[start::folds]) for start in range(folds)]
    # Of numbers hardly two are equal: which fold gets which of each few neighbours is drawn.
    dealt = generator.permuted(np.tile(np.arange(folds), (-(-len(y) // folds), 1)), axis=1).reshape(-1)[: len(y)]
    return [np.sort(order[dealt == fold]) for fold in range(folds)]


def _held_out(n_samples: int, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows to train on and those to validate on."""
    check_number("validation_share", share, float, 0, above=True, below=1)
    held = round(n_samples * share)
    if not 0 < held < n_samples:
        raise ValueError(
            f"validation_share={share} of {n_samples} samples leaves {n_samples - held} to train "
            f"and {held} to validate; both need at least one"
        )
    order = np.random.default_rng([seed, 1]).permutation(n_samples)
    return np.sort(order[held:]), np.sort(order[:held])


def _n_outputs(y: np.ndarray, has_classes: bool) -> int:
    if y.ndim == 2:
        return int(y.shape[1])
    return int(y.max()) + 1 if has_classes else 1


def _targets(name: str, y: Any) -> np.ndarray:
    array = np.asarray(y)
    if array.dtype.kind not in "iufb":
        raise TypeError(
            f"{name} holds {array.dtype}; give numbers, or for class names: "
            "classes, y = numpy.unique(y, return_inverse=True)"
        )
    if array.ndim not in (1, 2) or not array.size:
        raise ValueError(f"{name} has shape {array.shape}; give one number for each sample, or one row of numbers")
    if array.dtype.kind == "f":
        if not np.isfinite(array).all():
            row = int(np.argwhere(~np.isfinite(array))[0][0])
            raise ValueError(f"{name} holds {array[row]} in row {row}; leave such samples out")
        return array
    array = array.astype(np.int64)
    return array.reshape(-1) if array.ndim == 2 and array.shape[1] == 1 else array


def _check_length(name: str, one: np.ndarray, of: str, other: np.ndarray) -> None:
    if one.ndim == 0 or len(one) != len(other):
        found = "a single number" if one.ndim == 0 else f"{len(one)} rows"
        raise ValueError(f"{name} has {found}, {of} has {len(other)}; give one for each row of {of}")
