"""Successive halving: few epochs for all candidates, more for those that are best so far.

Reference: K. Jamieson and A. Talwalkar, Non-stochastic best arm identification and hyperparameter optimization (2016).
"""

from __future__ import annotations

import math
from collections.abc import Sequence


def rungs(n_candidates: int, least: int, most: int, factor: float) -> list[int]:
    """Return how much of the resource each rung ends at: ``most / factor**k``, the last one at `most`.

    There are no more rungs than leave one candidate at least `factor` times as good as chosen, and none below `least`.

    Parameters
    ----------
    n_candidates : int, >= 1
    least, most : int, 1 <= least <= most
    factor : float, > 1

    Examples
    --------
    >>> rungs(64, 1, 20, 3)
    [2, 7, 20]
    >>> rungs(5, 1, 81, 3)
    [27, 81]
    """
    # Rounding errors must not cost a rung: log(9, 3) may be a little less than 2.
    wanted = 1 + math.floor(math.log(n_candidates, factor) + 1e-9)
    possible = 1 + math.floor(math.log(most / least, factor) + 1e-9)
    count = min(wanted, possible)
    return [max(least, round(most / factor**left)) for left in range(count - 1, -1, -1)]


def survivors(scores: Sequence[float], factor: float) -> list[int]:
    """Return the places of the best `1 / factor` of the candidates, rounded up, in their order.

    Of equal ones the first; those whose score is not a number are the worst.
    """
    best = sorted(range(len(scores)), key=lambda place: (math.isnan(scores[place]), -scores[place], place))
    return sorted(best[: math.ceil(len(scores) / factor)])
