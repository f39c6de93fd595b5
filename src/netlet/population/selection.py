"""Ensemble selection: which members, and how often each, average best on validation samples.

Greedy, with replacement: begin with the best member, then add, again and again, the member with which the average
costs least; a member that is added twice weighs double.

Reference: Caruana, Niculescu-Mizil, Crew, Ksikes, "Ensemble selection from libraries of models", 2004.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from netlet.errors import check_number
from netlet.population.selection_costs import Cost, measured_of
from netlet.training.samples.arrays import as_numbers

_BLOCK = 1 << 21  # numbers looked at together, so that candidates need little memory beside the members
_ROUNDING = 1e-12  # relative; averages of the same members in another order differ by less


@dataclass(frozen=True, eq=False)
class Selection:
    """Which members an ensemble is made of.

    Attributes
    ----------
    counts : int64, (n_members,)
        How often each is taken, in the prefix of `order` that costs least.
    order : tuple of int
        The members in the order in which they were added, in all steps.
    curve : float64, (size,)
        The cost of the average after each step.
    member_costs : float64, (n_members,)
        The cost of each member by itself.
    """

    counts: np.ndarray
    order: tuple[int, ...]
    curve: np.ndarray
    member_costs: np.ndarray

    @property
    def weights(self) -> np.ndarray:
        """The counts, divided by their sum: float64, (n_members,)."""
        return np.asarray(self.counts / self.counts.sum())

    @property
    def cost(self) -> float:
        """The cost of the selected average; never above that of the best member."""
        return float(self.curve[int(self.counts.sum()) - 1])


def greedy_selection(predictions: Any, y: Any, *, cost: Cost, size: int = 50, n_start: int = 1) -> Selection:
    """Select members, with replacement, whose average costs least.

    Parameters
    ----------
    predictions : array-like, (n_members, n_samples, n_outputs), or a list of arrays (n_samples, n_outputs)
        Of each member for the same validation samples. (n_members, n_samples) for one output.
    y : array-like
        As the cost wants it.
    cost : {"cross_entropy", "binary_cross_entropy", "squared_error"} or callable
        Less is better. Cross-entropy takes probabilities of classes and labels 0, 1, 2 ..., (n_samples,); binary
        cross-entropy takes probabilities of yes and answers from 0 to 1; squared error takes numbers. They are what
        `Network.evaluate` calls the loss. A callable gets a float64 average, (n_samples, n_outputs), and y as it is,
        and returns a float.
    size : int, >= 1
        Steps, which is the most members that are averaged, counted as often as they are taken.
    n_start : int, >= 1
        The first so many steps take the best members in the order of their costs, so that the few samples on which one
        happens to be best decide less.

    Returns
    -------
    Selection
        Of the steps, as many as cost least; equal costs go to the lower index and to fewer steps.

    Raises
    ------
    ValueError
        If there are no members, they differ in shape, a prediction is not finite, y does not fit, or a cost is NaN.
    TypeError
        If something is no number.

    Notes
    -----
    A step looks at n_members averages. Nothing is random.

    Examples
    --------
    >>> predictions = [[[1.0], [2.0]], [[5.0], [5.0]], [[2.5], [3.5]]]
    >>> found = greedy_selection(predictions, [2.0, 3.0], cost="squared_error", size=9)
    >>> found.counts, found.cost
    (array([1, 0, 2]), 0.0)
    """
    members = members_of(predictions)
    check_number("size", size, int, 1)
    check_number("n_start", n_start, int, 1)
    if n_start > min(size, len(members)):
        raise ValueError(
            f"n_start={n_start} is more than size={size} or the {len(members)} members; "
            f"use 1 to {min(size, len(members))}"
        )
    measured = measured_of(cost, members, y)
    numbers, score = measured.numbers, measured.score
    total, step = np.zeros(numbers.shape[1]), 0
    member_costs = _costs(numbers, total, 1, score)
    ranking = np.argsort(member_costs, kind="stable")
    order: list[int] = []
    curve = np.empty(size)
    for step in range(size):
        if step < n_start:
            chosen = int(ranking[step])
            curve[step] = _costs(numbers[[chosen]], total, step + 1, score)[0]
        else:
            costs = _costs(numbers, total, step + 1, score)
            chosen = int(np.argmin(costs))
            curve[step] = costs[chosen]
        total += numbers[chosen]
        order.append(chosen)
    least = curve.min()
    enough = curve <= (least + _ROUNDING * abs(least) if np.isfinite(least) else least)
    n_best = int(np.argmax(enough)) + 1
    counts = np.bincount(order[:n_best], minlength=len(members)).astype(np.int64)
    return Selection(counts, tuple(order), curve, member_costs)


def members_of(predictions: Any) -> np.ndarray:
    """Check the members' predictions: real dtype, (n_members, n_samples, n_outputs).

    Raises
    ------
    ValueError
        If there are none, they differ in shape, or a number is not finite: it names the member.
    TypeError
        If they are not numbers.
    """
    if isinstance(predictions, (str, dict)) or not hasattr(predictions, "__len__"):
        raise TypeError(f"predictions={predictions!r} is no array of predictions; give one for each member")
    if len(predictions) == 0:
        raise ValueError("predictions is empty; give those of at least one member")
    arrays = [as_numbers(f"predictions[{member}]", each) for member, each in enumerate(predictions)]
    for member, each in enumerate(arrays):
        if each.shape != arrays[0].shape:
            raise ValueError(
                f"predictions[{member}] has shape {each.shape}, predictions[0] has {arrays[0].shape}; "
                "all members must predict the same samples and outputs"
            )
    if arrays[0].ndim not in (1, 2) or arrays[0].size == 0:
        raise ValueError(
            f"predictions[0] has shape {arrays[0].shape}, not (n_samples, n_outputs) with at least one of each"
        )
    for member, each in enumerate(arrays):
        if not np.isfinite(each).all():
            place = tuple(int(i) for i in np.argwhere(~np.isfinite(each))[0])
            raise ValueError(
                f"predictions[{member}] holds {each[place]} in row {place[0]}; leave the member {member} out"
            )
    members = np.stack(arrays)
    if members.dtype.kind != "f":
        members = members.astype(np.float64)
    return members.reshape(len(members), members.shape[1], -1)


def _costs(numbers: np.ndarray, total: np.ndarray, count: int, score: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Return the cost of the average with each of some members added to a sum: float64, (n_members,)."""
    rows = max(1, _BLOCK // max(1, numbers.shape[1]))
    parts = [score((numbers[start : start + rows] + total) / count) for start in range(0, len(numbers), rows)]
    costs = np.concatenate(parts)
    if np.isnan(costs).any():
        raise ValueError(
            f"the cost of an average with the member {int(np.argmax(np.isnan(costs)))} is nan; "
            "use a cost that is a number for all predictions"
        )
    return costs
