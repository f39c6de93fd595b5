"""Several optimizers' paths over one surface, as a picture and as an animation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from netlet.errors import check_number
from netlet.plots.contours import add_legend, corners_of, draw_contours, ends_of, lines_of_paths
from netlet.plots.look import axes_of, colours_of, panels_of
from netlet.plots.room import inches_of, name_axes, size_that_fits, width_of
from netlet.plots.surfaces import check_surface, checked_paths, draw_surface, mark_starts

if TYPE_CHECKING:
    from matplotlib.animation import FuncAnimation
    from matplotlib.axes import Axes

Surface = Callable[[np.ndarray], Any]
Span = tuple[tuple[float, float], tuple[float, float]]

_POINTS = 101  # of the grid, each way
_ROOM = 0.15
_FAR = 4.0  # times as far from the start as the middle one of the paths goes: a path that diverges sets no limits


def optimizer_paths(
    function: Surface | Any,
    paths: Mapping[str, Any],
    ax: Axes | None = None,
    *,
    span: Span | None = None,
    minimum: Any = None,
    apart: bool = False,
) -> Any:
    """Draw several optimizers' paths over the contours of a function of two numbers, with start and minimum.

    Parameters
    ----------
    function : callable or LossSurface
        From a point, float64 (2,), to a number; or what `Network.loss_surface` returns.
    paths : mapping of str to array, (n, 2)
        Paths by name, such as `descend` returns; a path ends at the first row that is not finite.
    ax : Axes, optional
    span : two intervals, optional
        What to show: ``((-2, 2), (-1, 3))``. Default: where the paths go, without those that leave; of a surface all.
    minimum : pair of float, optional
        Where the minimum is. Default: the lowest point of the grid that is drawn.
    apart : bool, default False
        Draw each path in a panel of its own, side by side.

    Returns
    -------
    Axes, or array of Axes, (n_paths,)
        An array with `apart`; the Axes given are then divided.

    Raises
    ------
    TypeError, ValueError
        If a parameter is not as it should be.

    Examples
    --------
    >>> from netlet import descend, plots
    >>> from matplotlib.figure import Figure
    >>> def bowl(point):
    ...     return point[0] ** 2 + 10 * point[1] ** 2
    >>> def slope(point):
    ...     return 2 * point[0], 20 * point[1]
    >>> paths = {name: descend(slope, (4, 1), name, 50, learning_rate=0.05) for name in ("sgd", "momentum", "adam")}
    >>> ax = plots.optimizer_paths(bowl, paths, Figure().subplots())
    """
    chosen = checked_paths(paths)
    grid = _grid(function, chosen, span)
    lowest = _minimum(minimum, grid)
    if not apart:
        ax = axes_of(ax)
        _together(ax, grid, chosen, lowest)
        return ax
    panels = panels_of(ax, 1, len(chosen), sharex=True, sharey=True)[0]
    width = min(width_of(panel) for panel in panels)
    for place, (name, path) in enumerate(chosen.items()):
        panel, colour = panels[place], colours_of(len(chosen))[place]
        _background(panel, grid, bar=place == len(chosen) - 1)
        lines_of_paths(panel, {name: path}, [colour])
        mark_starts(panel, {name: path})
        _mark_minimum(panel, lowest)
        panel.set_title(name, color=colour, fontsize=size_that_fits(name, 0.8 * width, 12))
        panel.label_outer()
        label = panel.get_xlabel()
        if width < inches_of(label, 10):  # once for all panels, under the middle one
            is_middle = place == len(chosen) // 2
            panel.set_xlabel(label if is_middle else "", fontsize=size_that_fits(label, width * len(chosen)))
    return panels


def animate_paths(
    function: Surface | Any,
    paths: Mapping[str, Any],
    ax: Axes | None = None,
    *,
    span: Span | None = None,
    minimum: Any = None,
    frames: int = 100,
    seconds: float = 6.0,
) -> FuncAnimation:
    """Let several optimizers' paths grow, all with the same step at the same time.

    Parameters
    ----------
    function, paths, ax, span, minimum
        As for `optimizer_paths`.
    frames : int, >= 2, default 100
        The most pictures; where the paths have more steps, some are passed over.
    seconds : float, > 0, default 6
        How long it takes.

    Returns
    -------
    matplotlib.animation.FuncAnimation
        Keep it while it is to be seen. ``animation.save("paths.gif", writer="pillow")`` writes it to a file, and
        ``animation.to_jshtml()`` makes it part of a page or notebook.

    Raises
    ------
    TypeError, ValueError
        As `optimizer_paths`.
    """
    from matplotlib.animation import FuncAnimation

    check_number("frames", frames, int, 2)
    check_number("seconds", seconds, float, 0, above=True)
    chosen = checked_paths(paths)
    grid = _grid(function, chosen, span)
    ax = axes_of(ax)
    drawn = _together(ax, grid, chosen, _minimum(minimum, grid))
    vertical, horizontal = corners_of(ax, chosen)[1].split()  # the legend has the first
    counter = ax.text(
        *(0.98 if horizontal == "right" else 0.02, 0.97 if vertical == "upper" else 0.03), "", transform=ax.transAxes,
        ha=horizontal, va="top" if vertical == "upper" else "bottom", fontsize=9,
        bbox={"facecolor": "white", "alpha": 0.85, "linewidth": 0, "pad": 2},
    )  # fmt: skip
    most = max(len(path) for path in chosen.values())
    shown = np.unique(np.linspace(0, most - 1, min(frames, most)).astype(int))

    def draw(step: int) -> list[Any]:
        for (line, head), path in zip(drawn, chosen.values(), strict=True):
            gone = path[: step + 1]
            line.set_data(gone[:, 0], gone[:, 1])
            here = ends_of(gone)[-1:]
            head.set_data(here[:, 0], here[:, 1])
        counter.set_text(f"step {step}")
        return [counter, *(artist for pair in drawn for artist in pair)]

    return FuncAnimation(ax.figure, draw, frames=shown.tolist(), interval=1000 * seconds / len(shown), blit=False)  # type: ignore[arg-type]


class _Grid:
    """A surface on a grid: x (n,), y (m,), values (m, n)."""

    def __init__(self, x: np.ndarray, y: np.ndarray, values: np.ndarray, surface: Any = None) -> None:
        self.x, self.y, self.values, self.surface = x, y, values, surface


def _grid(function: Any, paths: dict[str, np.ndarray], span: Any) -> _Grid:
    if not callable(function):
        check_surface(function)
        return _Grid(function.first, function.second, function.losses.T, function)
    (left, right), (low, high) = _around(paths) if span is None else _checked(span)
    x, y = np.linspace(left, right, _POINTS), np.linspace(low, high, _POINTS)
    values = np.array([[_value(function, a, b) for a in x] for b in y])
    return _Grid(x, y, values)


def _value(function: Surface, a: float, b: float) -> float:
    value = np.asarray(function(np.array([a, b])), dtype=np.float64)
    if value.size != 1:
        raise ValueError(f"function gives an array of shape {value.shape} at a point; return one number")
    return float(value.reshape(()))


def _around(paths: dict[str, np.ndarray]) -> Span:
    """Return the intervals in which the paths lie, without points far beyond where most of them go."""
    ends = [ends_of(path) for path in paths.values()]
    # hypot does not overflow, as squares would, where a path diverges.
    far = [np.hypot(*(path - path[0]).T) for path in ends]
    reach = _FAR * float(np.median([distances.max() for distances in far]))
    near = np.concatenate([path[distances <= reach] for path, distances in zip(ends, far, strict=True)])
    low, high = near.min(axis=0), near.max(axis=0)
    extent = np.maximum(high - low, 0.3 * float((high - low).max()))
    extent = np.where(extent > 0, extent, 1.0)
    middle = (low + high) / 2
    left, right = middle - (0.5 + _ROOM) * extent, middle + (0.5 + _ROOM) * extent
    return (float(left[0]), float(right[0])), (float(left[1]), float(right[1]))


def _checked(span: Any) -> Span:
    try:
        ends = np.asarray(span, dtype=np.float64)
    except (TypeError, ValueError):
        ends = np.empty(0)
    if ends.shape != (2, 2) or not np.isfinite(ends).all() or (ends[:, 0] >= ends[:, 1]).any():
        raise ValueError(f"span={span!r} is not two intervals; give ((-2, 2), (-1, 3)), each from low to high")
    return (float(ends[0, 0]), float(ends[0, 1])), (float(ends[1, 0]), float(ends[1, 1]))


def _minimum(given: Any, grid: _Grid) -> np.ndarray | None:
    if given is not None:
        point = np.asarray(given, dtype=np.float64)
        if point.shape != (2,) or not np.isfinite(point).all():
            raise ValueError(f"minimum={given!r} is not a point; give two numbers")
        return point
    finite = np.where(np.isfinite(grid.values), grid.values, np.inf)
    row, column = np.unravel_index(int(np.argmin(finite)), finite.shape)
    if finite[row, column] == np.inf:
        return None
    return np.array([grid.x[column], grid.y[row]])


def _background(ax: Axes, grid: _Grid, bar: bool = True) -> bool:
    """Draw the contours; return what `draw_contours` does."""
    if grid.surface is not None:
        return draw_surface(ax, grid.surface, bar)
    name_axes(ax, "first coordinate", "second coordinate")
    return draw_contours(ax, grid.x, grid.y, grid.values, "value", bar)


def _together(ax: Axes, grid: _Grid, paths: dict[str, np.ndarray], lowest: np.ndarray | None) -> list[Any]:
    """Draw all in one picture; return the lines and marks of the paths."""
    beside = _background(ax, grid)
    drawn = lines_of_paths(ax, paths, colours_of(len(paths)))
    mark_starts(ax, paths)
    _mark_minimum(ax, lowest)
    add_legend(ax, paths, beside)
    return drawn


def _mark_minimum(ax: Axes, lowest: np.ndarray | None) -> None:
    if lowest is not None:
        ax.plot(*lowest, "*", color="black", markersize=10, linestyle="", label="minimum", zorder=3)
