"""The loss surface: contours of the loss over a plane of parameters, with the path that a training took."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from netlet.plots.contours import add_legend, draw_contours, lines_of_paths
from netlet.plots.look import QUIET, axes_of, colours_of
from netlet.plots.room import name_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NEEDED = ("losses", "first", "second")


def loss_surface(surface: Any, paths: Mapping[str, Any] | None = None, ax: Axes | None = None) -> Axes:
    """Draw the contours of the loss over a plane, with paths on it.

    Parameters
    ----------
    surface : LossSurface
        What `Network.loss_surface` returns: `losses` (n, m), `first` (n,) and `second` (m,), and what it has of `path`
        (k, 2), `share` and `kind`.
    paths : mapping of str to array, (k, 2), optional
        Paths by name, in the surface's coordinates. Default: the surface's own.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    TypeError
        If `surface` or `ax` is something else.
    ValueError
        If a path is no array (k, 2).

    References
    ----------
    Li, Xu, Taylor, Studer, Goldstein, "Visualizing the loss landscape of neural nets", NeurIPS 2018.
    """
    check_surface(surface)
    chosen = checked_paths(_own(surface) if paths is None else paths, empty=True)
    ax = axes_of(ax)
    beside = draw_surface(ax, surface)
    lines_of_paths(ax, chosen, colours_of(len(chosen)))
    mark_starts(ax, chosen)
    if not chosen:
        centre = np.zeros(1)
        ax.plot(centre, centre, "+", color=QUIET, markersize=9, markeredgewidth=1.6, label="the centre")
    add_legend(ax, chosen, beside)
    return ax


def check_surface(surface: Any) -> None:
    """Raise TypeError unless it has what a surface is drawn from."""
    missing = [name for name in _NEEDED if not hasattr(surface, name)]
    if missing:
        raise TypeError(
            f"surface={type(surface).__name__} has no {', '.join(missing)}; give what Network.loss_surface returns"
        )


def draw_surface(ax: Axes, surface: Any, bar: bool = True) -> bool:
    """Draw the contours, with the names of the axes; return what `draw_contours` does."""
    beside = draw_contours(ax, surface.first, surface.second, surface.losses.T, "loss", bar)
    kind = {"random": "random ", "path": "principal "}.get(getattr(surface, "kind", ""), "")
    name_axes(ax, f"first {kind}direction", f"second {kind}direction")
    return beside


def checked_paths(paths: Any, empty: bool = False) -> dict[str, np.ndarray]:
    """Return paths by name as arrays: float64, (k, 2).

    Raises
    ------
    TypeError, ValueError
        If they are not; with `empty`, there may be none.
    """
    if not isinstance(paths, Mapping):
        raise TypeError(f"paths={type(paths).__name__} is no dict; give arrays (n, 2) by name: {{'adam': path}}")
    if not paths and not empty:
        raise ValueError("paths is empty; give at least one, such as {'adam': path}")
    checked = {}
    for name, path in paths.items():
        points = np.asarray(path, dtype=np.float64)
        if points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points[:1]).all() or not len(points):
            raise ValueError(
                f"paths[{name!r}] has shape {points.shape}; give an array (n, 2) that begins at a finite point"
            )
        checked[str(name)] = points
    return checked


def mark_starts(ax: Axes, paths: dict[str, np.ndarray]) -> None:
    """Put a ring where paths begin; one where they begin together."""
    starts = np.unique([path[0] for path in paths.values()], axis=0) if paths else np.empty((0, 2))
    if len(starts):
        ax.plot(
            starts[:, 0], starts[:, 1], "o", color="black", fillstyle="none", markersize=8, markeredgewidth=1.5,
            linestyle="", label="start", zorder=5,
        )  # fmt: skip


def _own(surface: Any) -> dict[str, Any]:
    path, share = getattr(surface, "path", None), getattr(surface, "share", None)
    if path is None:
        return {}
    return {"path" if share is None else f"path, {share:.0%} of it\nin this plane": path}
