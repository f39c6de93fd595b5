"""The gradient check: back-propagation against differences of the loss.

    two-sided:  g ~ (J(theta + h d) - J(theta - h d)) / 2h        error of order h^2
    one-sided:  g ~ (J(theta + h d) - J(theta)) / h               error of order h

A difference also misses where a kink (of a ReLU, say) lies between the points. There the step is made smaller, which
lets the kink's error vanish and that of a wrong gradient stay.

Reference: Dennis, Schnabel, "Numerical methods for unconstrained optimization and nonlinear equations", 1983, ch. 5.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from netlet.errors import check_number, unknown_name
from netlet.graph.building import Operation
from netlet.training.objective import Objective

TOLERANCE = {2: 1e-6, 1: 1e-4}
"""The relative error up to which a gradient counts as right, by the number of sides."""

_STEPS = {2: 1e-5, 1: 1e-7}
_FULL = 2_000  # parameters up to which each is moved by itself
_DIRECTIONS = 8  # of a random projection, for each block of parameters
_SMALLER = (1.0, 0.1, 0.01)  # of the step, where a kink may lie between the points
_METHODS = ("auto", "full", "projection")


@dataclass(frozen=True)
class BlockCheck:
    """The check of one block of parameters.

    Attributes
    ----------
    name : str
        ``dense_1.weight``.
    n_parameters : int
    error : float
        ``|g - n| / (|g| + |n|)``, lengths of vectors: g by back-propagation, n by differences (by projection: of
        slopes along random directions). 0 where both are 0.
    worst : int or None
        Which parameter of the block differs most, counted row by row; None for a projection.
    analytic, numeric : float
        Its gradient, or the slope along the worst direction, by both ways.
    """

    name: str
    n_parameters: int
    error: float
    worst: int | None
    analytic: float
    numeric: float


@dataclass(frozen=True)
class GradientCheck:
    """The outcome of a gradient check.

    Attributes
    ----------
    blocks : tuple of BlockCheck
        In the order of the layers; frozen layers are left out.
    method : {"full", "projection"}
    sides : {1, 2}
    step : float
    tolerance : float
    """

    blocks: tuple[BlockCheck, ...]
    method: str
    sides: int
    step: float
    tolerance: float

    @property
    def ok(self) -> bool:
        """Whether every block's error is within the tolerance."""
        return all(block.error <= self.tolerance for block in self.blocks)

    @property
    def worst(self) -> BlockCheck:
        """The block with the largest error."""
        return max(self.blocks, key=lambda block: block.error)

    @property
    def error(self) -> float:
        """The largest error of a block."""
        return self.worst.error

    def __str__(self) -> str:
        width = max(len("parameters of"), *(len(block.name) for block in self.blocks))
        lines = [f"{'parameters of':<{width}}  {'number':>8}  {'error':>8}"]
        lines += [f"{block.name:<{width}}  {block.n_parameters:>8,}  {block.error:8.1e}" for block in self.blocks]
        worst = self.worst
        which = "along a random direction" if worst.worst is None else f"of number {worst.worst}"
        verdict = "right" if self.ok else "WRONG"
        lines.append(
            f"{verdict}: the largest error is {worst.error:.1e} in {worst.name} (up to {self.tolerance:.0e} is right); "
            f"there the gradient {which} is {worst.analytic:.8g}, by {self.sides}-sided differences {worst.numeric:.8g}"
        )
        return "\n".join(lines)


def check_gradients(
    objective: Objective,
    operations: Sequence[Operation],
    theta: np.ndarray,
    seed: int = 0,
    *,
    method: Literal["auto", "full", "projection"] = "auto",
    sides: Literal[1, 2] = 2,
    step: float | None = None,
) -> GradientCheck:
    """Check the gradient of an objective.

    Parameters
    ----------
    objective : Objective
        In float64.
    operations : sequence of Operation
    theta : float64, (n_theta,)
        Where to check; not changed.
    seed : int
        Of the random directions.
    method, sides, step
        As for `Network.check_gradients`.

    Returns
    -------
    GradientCheck

    Raises
    ------
    ValueError
        If a choice is unknown, there is nothing to check, or the loss is not finite.
    """
    if method not in _METHODS:
        raise ValueError(unknown_name("method", method, _METHODS))
    if sides not in (1, 2) or isinstance(sides, bool):
        raise ValueError(f"sides={sides!r} is not 1 or 2; two-sided differences are the more exact")
    check_number("step", step, float, 0, optional=True, above=True)
    step = _STEPS[sides] if step is None else float(step)
    frozen = objective.stepper.rule.frozen
    places = [
        (f"{operation.layer}.{block.name}", place)
        for operation in operations
        if not frozen.intersection(operation.names)
        for block, place in operation.places()
    ]
    if not places:
        raise ValueError("the network has no parameters that are trained; there is no gradient to check")
    if method == "auto":
        method = "full" if theta.size <= _FULL else "projection"
    rng = np.random.default_rng(seed)
    state = objective.learnt.state.copy()
    with objective.stepper.team(None, 1) as (team, _):

        def evaluate(moved: np.ndarray) -> tuple[float, np.ndarray]:
            objective.learnt.state[:] = state  # training moves the running means; each evaluation begins alike
            return objective(moved, team)

        at, gradient = evaluate(theta)
        if not np.isfinite(at):
            raise ValueError("the loss is not finite at these parameters; check the inputs, or begin with new weights")
        slope = _slopes(lambda moved: evaluate(moved)[0], theta, at, sides, step)
        checks = [_check_block(name, place, gradient, slope, method, rng, TOLERANCE[sides]) for name, place in places]
    return GradientCheck(tuple(checks), method, sides, step, TOLERANCE[sides])


def _slopes(
    loss: Callable[[np.ndarray], float], theta: np.ndarray, at: float, sides: int, step: float
) -> Callable[[np.ndarray, float], float]:
    """Return the function that computes the slope along a direction by differences."""

    def slope(direction: np.ndarray, share: float = 1.0) -> float:
        h = step * share
        above = loss(theta + h * direction)
        if sides == 1:
            return (above - at) / h
        return (above - loss(theta - h * direction)) / (2 * h)

    return slope


def _check_block(
    name: str,
    place: slice,
    gradient: np.ndarray,
    slope: Callable[[np.ndarray, float], float],
    method: str,
    rng: np.random.Generator,
    tolerance: float,
) -> BlockCheck:
    """Compare one block's gradient with slopes along the axes or along random directions."""
    own = gradient[place]
    directions = np.eye(own.size) if method == "full" else rng.normal(size=(_DIRECTIONS, own.size))
    analytic, numeric = directions @ own, np.empty(len(directions))
    scale = float(np.linalg.norm(analytic))
    for row, direction in enumerate(directions):
        whole = np.zeros(gradient.size)
        whole[place] = direction
        candidates = []
        for share in _SMALLER:
            candidates.append(slope(whole, share))
            if abs(candidates[-1] - analytic[row]) <= tolerance * max(scale, 1e-12) / np.sqrt(len(directions)):
                break
        numeric[row] = min(candidates, key=lambda value: abs(value - analytic[row]))
    difference = np.abs(analytic - numeric)
    total = scale + float(np.linalg.norm(numeric))
    worst = int(np.argmax(difference))
    # Below this, both are nothing but the rounding of the loss.
    error = float(np.linalg.norm(difference) / total) if total > 1e-9 else float(np.linalg.norm(difference))
    return BlockCheck(
        name,
        own.size,
        error,
        worst if method == "full" else None,
        float(analytic[worst]),
        float(numeric[worst]),
    )
