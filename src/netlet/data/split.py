"""Setting rows aside: to test with, or to watch while training."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]


def split_rows(n_rows: int, share: float, seed: int = 0, labels: NDArray[np.int64] | None = None) -> tuple[Rows, Rows]:
    """Draw the rows to set aside.

    Parameters
    ----------
    n_rows : int
        How many rows there are.
    share : float, 0 <= share < 1
        The part of the rows to set aside; with 0 none are, else at least one.
    seed : int, default 0
        The same seed sets the same rows aside.
    labels : ndarray of int64, shape (n_rows,), or None
        Classes: each class is then set aside by the same share (as near as whole rows allow), and each keeps at least
        one row of those that stay.

    Returns
    -------
    kept, aside : ndarray of int64
        Row numbers, each in rising order.

    Raises
    ------
    ValueError
        If `share` is out of range or no row would stay.
    """
    if not 0 <= share < 1:
        raise ValueError(f"share={share} is not in 0 <= share < 1; use 0.2 to set a fifth of the rows aside")
    rows = np.arange(n_rows, dtype=np.int64)
    if share == 0:
        return rows, rows[:0]
    n_aside = max(1, round(share * n_rows))
    if n_aside >= n_rows:
        raise ValueError(f"share={share} sets aside all of the {n_rows} rows; use a smaller share")
    from sklearn.model_selection import train_test_split  # dear to import, and needed only here

    kinds = None if labels is None else _common(labels, n_rows - n_aside, n_aside)
    kept, aside = train_test_split(rows, test_size=n_aside, random_state=seed, stratify=kinds)
    if labels is not None:
        lone = ~np.isin(labels[aside], labels[kept])
        kept, aside = np.concatenate([kept, aside[lone]]), aside[~lone]
    return np.sort(kept), np.sort(aside)


def _common(labels: NDArray[np.int64], n_kept: int, n_aside: int) -> NDArray[np.int64] | None:
    """Put classes of a single row together, for they cannot be shared out; None where classes outnumber the rows."""
    counts = np.bincount(labels)
    single = counts[labels] == 1
    if single.sum() == 1:  # one alone is no better off: it joins the largest class
        merged = np.where(single, counts.argmax(), labels)
    else:
        merged = np.where(single, len(counts), labels)
    return merged if len(np.unique(merged)) <= min(n_kept, n_aside) else None
