"""The loss surface: the loss over a plane through the space of the parameters.

    L(a, b) = loss(centre + a d1 + b d2)

Random directions are scaled filter by filter to the length of the weights, `d <- d |w| / |d|` for each unit's weights:
without that a plane shows how large the weights are rather than how steep the loss is. Biases, and the scales and
shifts of normalisation, stay as they are. The other plane of use is that of a training's path: its two principal
directions, by singular value decomposition of the path about its mean.

Reference: Li, Xu, Taylor, Studer, Goldstein, "Visualizing the loss landscape of neural nets", NeurIPS 2018.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from netlet import plots
from netlet.errors import unknown_name
from netlet.graph.building import Operation
from netlet.insight.record_path import RecordPath

if TYPE_CHECKING:
    from matplotlib.axes import Axes

KINDS = ("random", "path")
_RANDOM_SPAN = 1.0
_ROOM = 0.25  # of a path's extent, on either side of it
_FLAT = 1e-9  # of a path's extent along its first direction


@dataclass(frozen=True, eq=False)
class LossSurface:
    """The loss over a plane.

    Attributes
    ----------
    losses : float64, (steps, steps)
        ``losses[i, j]`` is the loss at ``centre + first[i] * directions[0] + second[j] * directions[1]``.
    first, second : float64, (steps,)
        The coordinates along the two directions.
    directions : float64, (2, n_parameters)
    centre : float64, (n_parameters,)
    kind : {"random", "path", "given"}
        Where the directions come from.
    path : float64, (n, 2) or None
        The coordinates of the path's points, each at its foot on the plane.
    share : float or None
        The share of the path's variance that lies within the plane: near 1 the picture tells the path truly.
    """

    losses: np.ndarray
    first: np.ndarray
    second: np.ndarray
    directions: np.ndarray
    centre: np.ndarray
    kind: str
    path: np.ndarray | None = None
    share: float | None = None

    def project(self, path: Any) -> np.ndarray:
        """Compute the coordinates of other parameters, such as another optimizer's path.

        Parameters
        ----------
        path : RecordPath or array-like, (n, n_parameters)

        Returns
        -------
        float64, (n, 2)
            Of the nearest point of the plane to each.
        """
        return projected(points_of(path, self.centre.size), self.centre, self.directions)

    def plot(self, ax: Axes | None = None, *, paths: dict[str, np.ndarray] | None = None) -> Axes:
        """Draw the contours of the loss, with the path.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Default: those of a new figure.
        paths : dict of str to array, (n, 2), optional
            Paths by name, as `project` gives them. Default: the surface's own.

        Returns
        -------
        matplotlib Axes
        """
        return plots.loss_surface(self, paths=paths, ax=ax)

    def __repr__(self) -> str:
        low, high = float(np.nanmin(self.losses)), float(np.nanmax(self.losses))
        text = f"{self.kind} directions, {len(self.first)} x {len(self.second)}: {low:.4g} to {high:.4g}"
        if self.path is not None:
            text += f"; a path of {len(self.path)} points, {self.share:.1%} of it in the plane"
        return f"LossSurface({text})"


def surface_of(
    loss: Callable[[np.ndarray], float],
    centre: np.ndarray,
    directions: np.ndarray,
    kind: str,
    span: Any,
    steps: int,
    path: np.ndarray | None,
) -> LossSurface:
    """Compute the loss at each point of a grid.

    Parameters
    ----------
    loss : callable
        From parameters, float64 (n_parameters,), to the loss.
    centre : float64, (n_parameters,)
    directions : float64, (2, n_parameters)
    kind : str
    span, steps
        As for `Network.loss_surface`.
    path : float64, (n, n_parameters), optional

    Returns
    -------
    LossSurface

    Raises
    ------
    ValueError
        If the span is no interval.
    """
    on_plane = None if path is None else projected(path, centre, directions)
    ranges = _ranges(span, on_plane)
    first, second = (np.linspace(low, high, steps) for low, high in ranges)
    losses = np.empty((steps, steps))
    for i, a in enumerate(first):
        along = centre + a * directions[0]
        for j, b in enumerate(second):
            losses[i, j] = loss(along + b * directions[1])
    share = None if path is None else _share(path, directions)
    return LossSurface(losses, first, second, directions, centre, kind, on_plane, share)


def points_of(path: Any, n_parameters: int, name: str = "path") -> np.ndarray:
    """Check recorded parameters: float64, (n, n_parameters)."""
    points = np.asarray(path.path if isinstance(path, RecordPath) else path, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != n_parameters or not len(points):
        raise ValueError(
            f"{name} has shape {points.shape}, the network has {n_parameters} parameters; give a RecordPath that was a "
            f"callback of its training, or an array (n, {n_parameters})"
        )
    if not np.isfinite(points).all():
        raise ValueError(f"{name} has numbers that are not finite; leave those points out")
    return points


def projected(points: np.ndarray, centre: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """Return the coordinates of the points of a plane that are nearest to some points: float64, (n, 2)."""
    coordinates: np.ndarray = np.linalg.lstsq(directions.T, (points - centre).T, rcond=None)[0].T
    return coordinates


def directions_of(
    choice: Any, theta: np.ndarray, operations: Sequence[Operation], fixed: frozenset[str], path: Any, seed: int
) -> tuple[np.ndarray, str]:
    """Return the two directions that a choice stands for, and its kind.

    Parameters
    ----------
    choice : {"random", "path"}, pair of array-like (n_parameters,), or None
    theta : float64, (n_parameters,)
        By whose weights random directions are scaled.
    operations : sequence of Operation
    fixed : frozenset of str
        Layers that random directions leave as they are.
    path : float64, (n, n_parameters), or None
    seed : int

    Returns
    -------
    float64, (2, n_parameters)
    str

    Raises
    ------
    ValueError
        If there are no two such directions.
    """
    if choice is None:
        choice = "random" if path is None else "path"
    if isinstance(choice, str):
        if choice not in KINDS:
            raise ValueError(unknown_name("directions", choice, KINDS) + "; or give two arrays laid out as theta")
        if choice == "random":
            return _random(theta, operations, fixed, seed), choice
        if path is None:
            raise ValueError("directions='path' without a path; give path=, a RecordPath of the training")
        return _principal(path), choice
    directions = _given(choice, theta.size)
    if np.linalg.matrix_rank(directions) < 2:
        raise ValueError("directions are along one line, or 0; give two that span a plane")
    return directions, "given"


def _given(choice: Any, n_parameters: int) -> np.ndarray:
    wanted = f"give 'random', 'path' or two arrays of {n_parameters} numbers, laid out as theta"
    try:
        directions = np.array([np.asarray(each, dtype=np.float64).ravel() for each in choice])
    except (TypeError, ValueError):
        raise ValueError(f"directions={choice!r} are not two vectors; {wanted}") from None
    if directions.shape != (2, n_parameters):
        raise ValueError(f"directions have shape {directions.shape}; {wanted}")
    if not np.isfinite(directions).all():
        raise ValueError(f"directions have numbers that are not finite; {wanted}")
    return directions


def _random(theta: np.ndarray, operations: Sequence[Operation], fixed: frozenset[str], seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    directions = np.zeros((2, theta.size))
    for operation in operations:
        for block, place in operation.places():
            if not block.is_weight or fixed.intersection(operation.names):
                continue
            weight = theta[place].reshape(block.n_rows, block.width)
            for direction in directions:
                drawn = rng.normal(size=weight.shape)
                # Each column is what one unit, or one filter, reads with.
                direction[place] = (drawn * _lengths(weight) / _lengths(drawn)).ravel()
    if np.linalg.matrix_rank(directions) < 2:
        raise ValueError(
            "directions='random' span no plane: fewer than two weights are trained and not 0; give two directions"
        )
    return directions


def _lengths(columns: np.ndarray) -> np.ndarray:
    lengths: np.ndarray = np.sqrt((columns**2).sum(axis=0))
    return lengths


def _principal(path: np.ndarray) -> np.ndarray:
    _, lengths, rows = np.linalg.svd(path - path.mean(axis=0), full_matrices=False)
    if len(lengths) < 2 or lengths[1] <= _FLAT * lengths[0]:
        raise ValueError(
            f"path has {len(path)} points on one line, which span no plane; record more epochs, or use "
            "directions='random'"
        )
    # A singular vector's sign is any; let the path run to the right and upwards.
    signs = np.where((path[-1] - path[0]) @ rows[:2].T < 0, -1.0, 1.0)
    return np.asarray(rows[:2] * signs[:, None])


def _share(path: np.ndarray, directions: np.ndarray) -> float:
    centred = path - path.mean(axis=0)
    total = float((centred**2).sum())
    if total == 0:
        return 1.0
    plane = np.linalg.qr(directions.T)[0]
    return min(1.0, float(((centred @ plane) ** 2).sum()) / total)


def _ranges(span: Any, path: np.ndarray | None) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the interval of each coordinate: what is asked, or what holds the path and the centre."""
    if span is not None:
        return _asked(span)
    if path is None:
        return (-_RANDOM_SPAN, _RANDOM_SPAN), (-_RANDOM_SPAN, _RANDOM_SPAN)
    shown = np.vstack([path, np.zeros(2)])  # the centre has coordinates 0
    low, high = shown.min(axis=0), shown.max(axis=0)
    extent = high - low
    # A path that is all but straight is given room across, too.
    room = _ROOM * np.maximum(extent, 0.25 * extent.max()) if extent.max() > 0 else np.full(2, _RANDOM_SPAN)
    return tuple((float(a), float(b)) for a, b in zip(low - room, high + room, strict=True))  # type: ignore[return-value]


def _asked(span: Any) -> tuple[tuple[float, float], tuple[float, float]]:
    try:
        ends = np.asarray(span, dtype=np.float64)
    except (TypeError, ValueError):
        ends = np.empty(0)
    if ends.ndim == 0:
        ends = np.array([[-ends, ends], [-ends, ends]], dtype=np.float64)
    if ends.shape != (2, 2) or not np.isfinite(ends).all() or (ends[:, 0] >= ends[:, 1]).any():
        raise ValueError(
            f"span={span!r} is neither a number > 0 nor two intervals; give 1.0, or ((-1, 1), (-0.5, 2)), each from "
            "low to high"
        )
    return (float(ends[0, 0]), float(ends[0, 1])), (float(ends[1, 0]), float(ends[1, 1]))
