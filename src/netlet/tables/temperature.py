"""The temperature of a model, from what its networks say of rows that they were not trained on.

    T = T_held^share

T_held is best for the outputs held out, T is used. Few rows tell it badly, and a rule that stays nearer to 1 is better
on new rows: over five tables and six settings, ten times each, the mean of the log of the log loss on test rows was

| share | 1 | 3/4 | 1/2 | 1/4 | 0 |
|---|---|---|---|---|---|
| one network | -1.92 | **-1.97** | -1.96 | | -1.81 |
| an average of five | -2.03 | -2.10 | -2.15 | **-2.19** | **-2.20** |

An average is less sure than each of its networks, which is all that outputs held out can show, so it needs less of it;
but without any, where single networks are far too sure, it is too sure too. A third is near the best on every table.
"""

from __future__ import annotations

import numpy as np

from netlet.tables.best_epoch import refined_loss

ALONE, TOGETHER, AVERAGED = 0.75, 1 / 3, 0.5  # shares


def temperature_of(
    outputs: np.ndarray, y: np.ndarray, weights: np.ndarray | None, n_networks: int, averaged: bool = False
) -> float:
    """Return the temperature of a model of so many networks.

    Parameters
    ----------
    outputs : float32 or float64, (n, n_classes)
        Probabilities for rows held out, of the one network that did not learn from them.
    y : int64, (n,)
    weights : float64, (n,), optional
    n_networks : int, >= 1
    averaged : bool
        Whether the outputs are averages themselves, of several networks that did not learn from the row.

    Returns
    -------
    float
    """
    share = ALONE if n_networks == 1 else AVERAGED if averaged else TOGETHER
    return float(refined_loss(y, weights, precise=True)(outputs).temperature ** share)
