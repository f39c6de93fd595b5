"""Every network learns from rows of every class, however the rows were divided."""

from __future__ import annotations

import numpy as np


def with_every_class(rows: np.ndarray, held_out: np.ndarray, classes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the rows of a class that is only among those held out back to those to learn from.

    Parameters
    ----------
    rows, held_out : int64
        The rows to learn from, and the others.
    classes : int64, (n_rows,)
        The class number of each row.

    Returns
    -------
    rows, held_out : int64, sorted
        Where nothing else was held out, both are all rows.
    """
    moved = np.setdiff1d(classes[held_out], classes[rows])
    if not len(moved):
        return rows, held_out
    leave = np.isin(classes[held_out], moved)
    every = np.union1d(rows, held_out)
    return (every, every) if leave.all() else (np.union1d(rows, held_out[leave]), np.sort(held_out[~leave]))
