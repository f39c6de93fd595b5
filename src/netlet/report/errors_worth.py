"""The rows that were predicted worst: where the data or the model are most wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netlet.errors import check_number
from netlet.report.facts import Cell, ErrorRow


def worst_errors(
    frame: pl.DataFrame,
    truth: NDArray[Any],
    outputs: NDArray[np.floating],
    classes: Sequence[object] = (),
    *,
    count: int = 12,
    rows: NDArray[np.integer] | None = None,
) -> tuple[ErrorRow, ...]:
    """Return the rows with the highest loss.

    Parameters
    ----------
    frame : polars.DataFrame
        The test rows, raw.
    truth : ndarray, shape (n,)
        Labels from 0, or numbers in the target's unit.
    outputs : ndarray, shape (n, k) in classification, (n,) or (n, 1) in regression
        Probabilities, or numbers in the target's unit.
    classes : sequence
        The k classes; empty in regression.
    count : int, >= 0
        How many at most.
    rows : ndarray of int, shape (n,), optional
        The rows' places in the file, from 0. Default: their places in the frame.

    Returns
    -------
    tuple of ErrorRow
        The worst first. In classification only rows whose prediction is wrong.

    Raises
    ------
    ValueError
        If the lengths differ.
    """
    check_number("count", count, int, 0)
    n = frame.height
    if len(truth) != n or len(outputs) != n or (rows is not None and len(rows) != n):
        raise ValueError(f"frame has {n} rows, truth {len(truth)}, outputs {len(outputs)}; they must be the same rows")
    places = np.arange(n) if rows is None else rows
    if classes:
        labels = np.asarray(truth, dtype=np.int64)
        predicted = np.argmax(outputs, axis=1) if n else labels
        loss = np.where(predicted != labels, -np.asarray(outputs, dtype=np.float64)[np.arange(n), labels], -np.inf)
        worst = [int(at) for at in np.argsort(-loss, kind="stable")[:count] if loss[at] > -np.inf]
        return tuple(
            ErrorRow(
                int(places[at]) + 1,
                _cells(frame, at),
                str(classes[int(labels[at])]),
                str(classes[int(predicted[at])]),
                float(outputs[at, predicted[at]]),
            )
            for at in worst
        )
    numbers = np.asarray(outputs, dtype=np.float64).reshape(n)
    off = np.abs(numbers - np.asarray(truth, dtype=np.float64))
    worst = [int(at) for at in np.argsort(-off, kind="stable")[:count]]
    return tuple(ErrorRow(int(places[at]) + 1, _cells(frame, at), float(truth[at]), float(numbers[at])) for at in worst)


def _cells(frame: pl.DataFrame, row: int) -> dict[str, Cell]:
    return {
        name: value if value is None or isinstance(value, (str, int, float, bool)) else str(value)
        for name, value in frame.row(row, named=True).items()
    }
