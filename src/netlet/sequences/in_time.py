"""What is validated on in time: the last windows of each series."""

from __future__ import annotations

import numpy as np

from netlet.sequences.windows import Windows

_LEAST_VALIDATION = 10


def split_in_time(cut: Windows, fraction: float) -> tuple[np.ndarray, np.ndarray | None]:
    """Divide windows so that what is learnt from ends before what is validated on begins.

    Parameters
    ----------
    cut : Windows
    fraction : float, 0 <= fraction < 1
        Of the windows of each series, its last ones.

    Returns
    -------
    learn : int64, (n_learn,)
        Of the windows.
    validate : int64, (n_validate,), or None
        None: there are too few.
    """
    learns, validates, horizon = [], [], cut.ahead.shape[1]
    for place in range(int(cut.series.max()) + 1):
        own = np.flatnonzero(cut.series == place)
        n_held = round(len(own) * fraction)
        if not n_held:
            learns.append(own)
            continue
        first = cut.origin[own[-n_held]]
        learns.append(own[cut.origin[own] + horizon <= first])
        validates.append(own[-n_held:])
    rows = np.concatenate(learns)
    if sum(map(len, validates)) < _LEAST_VALIDATION or len(rows) < len(cut) // 2:
        return np.arange(len(cut)), None
    return rows, np.concatenate(validates)
