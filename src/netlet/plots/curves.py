"""Learning curves: how loss and scores went, epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from netlet.errors import unknown_name
from netlet.plots.look import DARK, MARK, QUIET, axes_of, panels_of, quiet, type_size

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FEW = 30  # epochs of which each is marked
_HELD_OUT = "validation_"


def learning_curves(
    history: Any, ax: Axes | None = None, *, columns: str | Sequence[str] = "loss", log: bool = False
) -> Any:
    """Draw the loss of each epoch, on the training samples and on held-out ones, and mark the best epoch.

    Parameters
    ----------
    history : History, or mapping of str to numbers
        What `fit` returns; or columns of one length by name, such as ``{"loss": [...], "validation_loss": [...]}``.
    ax : Axes, optional
    columns : str or sequence of str, default "loss"
        What to draw. Each name stands for itself and for ``validation_<name>``, of which one may be absent:
        ``("loss", "accuracy")`` draws two panels, one below the other.
    log : bool, default False
        Draw the loss on a logarithmic scale. A loss of 0 has no place on it and leaves a gap.

    Returns
    -------
    Axes, or array of Axes, (n_columns,)
        An array if `columns` is a sequence; the Axes given are then divided.

    Raises
    ------
    ValueError
        If there is no epoch, no such column, columns differ in length, or a loss below 0 is to be drawn with `log`.
    TypeError
        If `history` or `ax` is something else.

    Notes
    -----
    The best epoch is the history's `best_epoch`; if it has none, that of the lowest "validation_loss".
    """
    table = _columns_of(history)
    names = [columns] if isinstance(columns, str) else list(columns)
    _check(table, names, log)
    best = _best_epoch(history, table)
    if isinstance(columns, str):
        ax = axes_of(ax)
        _draw(ax, table, columns, best, log and columns == "loss")
        ax.set_xlabel("epoch")
        ax.legend(frameon=False, fontsize=type_size(ax), handlelength=1.5)
        return ax
    panels = panels_of(ax, len(names), 1, sharex=True)[:, 0]
    for panel, name in zip(panels, names, strict=True):
        _draw(panel, table, name, best, log and name == "loss")
    panels[-1].set_xlabel("epoch")
    shared = {line.get_label(): line for panel in panels for line in panel.get_lines()}
    shared = {label: line for label, line in shared.items() if not label.startswith("_")}
    # One for all, above them: within small panels it would hide the lines.
    panels[0].legend(
        shared.values(), shared.keys(), frameon=False, fontsize=7, ncols=len(shared), loc="lower right",
        bbox_to_anchor=(1.0, 1.0), borderaxespad=0.0, handlelength=1.5, columnspacing=1.0,
    )  # fmt: skip
    return panels


def _columns_of(history: Any) -> dict[str, np.ndarray]:
    """Return the figures of a history by name, with the epochs' numbers."""
    if isinstance(history, Mapping):
        found = {str(name): np.asarray(values, dtype=float) for name, values in history.items() if values is not None}
    elif hasattr(history, "records") and hasattr(history, "column"):
        names = history.records[0] if len(history.records) else ()
        found = {name: np.asarray(history.column(name), dtype=float) for name in names}
    else:
        raise TypeError(
            f"history={type(history).__name__} is no History; give what fit returned, or a dict of columns such as "
            "{'loss': [...]}"
        )
    shapes = {name: values.shape for name, values in found.items()}
    if len(set(shapes.values())) > 1 or any(len(shape) != 1 for shape in shapes.values()):
        raise ValueError(f"the columns of history have the shapes {shapes}; give one number for each epoch")
    if not found or not len(next(iter(found.values()))):
        raise ValueError("history has no finished epoch; train for at least one")
    found.setdefault("epoch", np.arange(1.0, len(next(iter(found.values()))) + 1))
    return found


def _check(table: dict[str, np.ndarray], names: list[str], log: bool) -> None:
    if not names:
        raise ValueError("columns is empty; name at least one, such as 'loss'")
    known = {name.removeprefix(_HELD_OUT) for name in table} - {"epoch"}
    for name in names:
        if name not in known:
            raise ValueError(unknown_name("columns", name, known))
    if log and "loss" in names:
        for name in ("loss", _HELD_OUT + "loss"):
            least = np.nanmin(table[name]) if name in table and not np.isnan(table[name]).all() else 0.0
            if least < 0:
                raise ValueError(f"log=True, and {name} goes down to {least:.3g}; numbers below 0 need log=False")


def _best_epoch(history: Any, table: dict[str, np.ndarray]) -> float | None:
    own = getattr(history, "best_epoch", None)
    losses = table.get(_HELD_OUT + "loss")
    if own is not None or losses is None or np.isnan(losses).all():
        return own
    return float(table["epoch"][np.nanargmin(losses)])


def _draw(ax: Axes, table: dict[str, np.ndarray], name: str, best: float | None, log: bool) -> None:
    from matplotlib.ticker import MaxNLocator

    epochs = table["epoch"]
    few = len(epochs) <= _FEW
    style: dict[str, Any] = {"linewidth": 1.8 if few else 1.4, "marker": "o" if few else "", "markersize": 3.5}
    held_out = _HELD_OUT + name
    for column, colour, label in ((name, DARK, "training"), (held_out, MARK, "validation")):
        if column in table:
            ax.plot(epochs, table[column], color=colour, label=label, **style)
    place = np.flatnonzero(epochs == best)
    if best is not None and len(place):
        ax.axvline(best, color=QUIET, linestyle=":", linewidth=1.2, zorder=1, label=f"best epoch, {best:.0f}")
        if held_out in table:
            value = table[held_out][place[0]]
            ax.plot(best, value, "o", color=MARK, markersize=8, fillstyle="none", markeredgewidth=1.6)
    if log:
        ax.set_yscale("log", nonpositive="mask")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1, nbins="auto"))
    if len(epochs) == 1:
        ax.set_xlim(epochs[0] - 0.5, epochs[0] + 0.5)
    ax.set_ylabel(name.replace("_", " "))
    quiet(ax)
