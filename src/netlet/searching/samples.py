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
    X: Any, y: Any, validation_data: Any, validation_share: float, sample_weight: Any, metric: str, epochs: int,
    patience: int | None, seed: int, build: Build | None, options: dict[str, Any], names: Container[str],
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
    has_classes = np.issubdtype(y.dtype, np.integer)
    if has_classes and y.ndim > 1 and build is None:
        raise ValueError(
            f"y holds ints in {y.shape[1]} columns; classes take one column, and numbers to predict are floats: "
            "y.astype(float)"
        )
    if has_classes and y.ndim > 1 and metric != "loss":
        raise ValueError(f"metric={metric!r} compares one class for each sample, y holds {y.shape[1]}; use 'loss'")
    if validation_data is None:
        check_number("validation_share", validation_share, float, 0, above=True, below=1)
        held = round(len(x) * validation_share)
        if not 0 < held < len(x):
            raise ValueError(
                f"validation_share={validation_share} of {len(x)} samples leaves {len(x) - held} to train "
                f"and {held} to validate; both need at least one"
            )
        order = np.random.default_rng([seed, 1]).permutation(len(x))
        out, rows = np.sort(order[:held]), np.sort(order[held:])
        validation, x, y = (x[out], y[out]), x[rows], y[rows]
        weight = None if weight is None else weight[rows]
    else:
        if not isinstance(validation_data, (tuple, list)) or len(validation_data) != 2:
            raise TypeError("validation_data is not a tuple (X, y)")
        validation = (
            features_of(validation_data[0], dtype, x.shape[1], "validation X"),
            _targets("validation y", validation_data[1]),
        )
        _check_length("validation y", validation[1], "validation X", validation[0])
    if has_classes and y.ndim == 1 and y.min() == y.max():
        raise ValueError(f"y holds only class {y[0]} to learn from; a network tells two or more apart")
    if has_classes and y.ndim == 1:
        n_outputs = max(int(y.max()), int(validation[1].max())) + 1
    else:
        n_outputs = 1 if y.ndim == 1 else y.shape[1]
    made = build or partial(
        perceptron,
        n_inputs=x.shape[1],
        n_outputs=n_outputs,
        has_classes=has_classes,
    )
    plan = Plan(made, options)
    return Task(x, y, validation, weight, plan, metric_of(metric, has_classes), epochs, patience, seed)


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
