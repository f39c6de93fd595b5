"""What averages of members cost: many at once, from as few of the members' numbers as a cost reads.

    cross_entropy          mean_i -log a_i[y_i]
    binary_cross_entropy   mean_i -sum_j (t_ij log a_ij + (1 - t_ij) log(1 - a_ij))
    squared_error          mean_i 1 / (2 k) sum_j (a_ij - t_ij)^2

with the averages a, the targets t, k outputs. Of cross-entropy only the numbers of the right classes are kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from netlet.errors import unknown_name
from netlet.population.calibration import targets_beside, targets_for
from netlet.population.probabilities import check_kind, check_probabilities, clipped
from netlet.training.losses import SquaredError

Cost = str | Callable[[np.ndarray, Any], float]
COSTS = ("cross_entropy", "binary_cross_entropy", "squared_error")


@dataclass(frozen=True, eq=False)
class Measured:
    """Members as the numbers that a cost reads, and the cost of averages of them.

    Attributes
    ----------
    numbers : float64, (n_members, n)
    score : callable
        From averages, (n_averages, n), to costs, (n_averages,).
    """

    numbers: np.ndarray
    score: Callable[[np.ndarray], np.ndarray]


def measured_of(cost: Cost, members: np.ndarray, y: Any) -> Measured:
    """Prepare members for a cost.

    Parameters
    ----------
    cost : str or callable
    members : float32 or float64, (n_members, n_samples, n_outputs)
    y : array-like

    Raises
    ------
    ValueError
        If the name is unknown, or y or the predictions are not what the cost reads.
    TypeError
        If it is neither a name nor callable, or y holds no numbers.
    """
    if callable(cost):
        return Measured(_flat(members), _of_callable(cost, members.shape[1:], y))
    if not isinstance(cost, str):
        raise TypeError(f"cost={cost!r} is neither a name nor callable; use 'cross_entropy' or a function of (a, y)")
    if cost not in COSTS:
        raise ValueError(unknown_name("cost", cost, COSTS))
    if cost == "squared_error":
        t = targets_beside(members[0], y, SquaredError(), "predictions[0]").reshape(-1)
        return Measured(_flat(members), lambda averages: np.square(averages - t).mean(axis=1) / 2)
    if cost == "cross_entropy" and members.shape[2] == 1:
        raise ValueError("cost='cross_entropy' needs an output for each class, there is 1; use 'binary_cross_entropy'")
    kind = check_kind("classes" if cost == "cross_entropy" else "answers", members.shape[2])
    check_probabilities("predictions", members, kind)
    targets = targets_for(members[0], y, kind, "predictions[0]")
    dtype = members.dtype
    if kind == "classes":
        right = np.take_along_axis(members, targets.astype(np.int64)[np.newaxis], axis=2)
        return Measured(_flat(right), lambda averages: -np.log(clipped(averages, kind, dtype)).mean(axis=1))
    t, n_samples = targets.reshape(-1), len(targets)

    def of_answers(averages: np.ndarray) -> np.ndarray:
        p = clipped(averages, kind, dtype)
        return np.asarray(-(t * np.log(p) + (1 - t) * np.log1p(-p)).sum(axis=1) / n_samples)

    return Measured(_flat(members), of_answers)


def _flat(members: np.ndarray) -> np.ndarray:
    return members.reshape(len(members), -1).astype(np.float64)


def _of_callable(
    cost: Callable[[np.ndarray, Any], float], shape: tuple[int, ...], y: Any
) -> Callable[[np.ndarray], np.ndarray]:
    def score(averages: np.ndarray) -> np.ndarray:
        return np.array([float(cost(average.reshape(shape), y)) for average in averages])

    return score
