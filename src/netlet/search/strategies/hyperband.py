"""Hyperband: brackets of successive halving, from many networks for a few epochs to a few for all of them.

With R epochs at most and the factor eta, s_max = floor(log_eta R), and the bracket s = s_max, ..., 0 begins with

    n = ceil((s_max + 1) / (s + 1) * eta^s)   networks, for   r = R / eta^s   epochs.

So all brackets cost about as much, and one of them suits a loss whose early values tell little of the late ones.

Reference: Li et al., "Hyperband: a novel bandit-based approach to hyperparameter optimization", JMLR 18 (2018),
algorithm 1 and table 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from netlet.errors import check_number
from netlet.search.space import Space
from netlet.search.strategies.halving import bracket, floor_log, rungs_down
from netlet.search.strategies.proposals import Proposals
from netlet.search.strategies.rounds import Plan
from netlet.search.strategies.specification import StrategySpecification


@dataclass(frozen=True)
class Hyperband(StrategySpecification):
    """Brackets of successive halving, each of another balance between many networks and many epochs.

    Parameters
    ----------
    factor : int, default 3
        One network in so many goes on, to so many times the epochs; >= 2.

    Notes
    -----
    Without end, the brackets are repeated with new networks. Of a number of trials each bracket gets its share, so that
    all are gone through: a number below that of one pass makes smaller brackets, not fewer.
    """

    factor: int = 3

    def __post_init__(self) -> None:
        check_number("factor", self.factor, int, 2, hint="one network in so many goes on; 3 is usual")

    def _plan(self, space: Space, seed: int, n_trials: int | None, epochs: int, first: list[dict[str, Any]]) -> Plan:
        brackets = hyperband_brackets(epochs, self.factor)
        proposals = Proposals(space, seed, n_trials, first)
        sizes = [size for size, _ in brackets]
        passes = 1 if n_trials is None else max(1, round(n_trials / sum(sizes)))
        going = True
        while going:
            shares = sizes * passes if n_trials is None else shared_out(n_trials, sizes * passes)
            for share, (_, rungs) in zip(shares, brackets * passes, strict=True):
                if share:
                    going = yield from bracket(proposals, share, rungs, self.factor)
                    if not going:
                        break


def hyperband_brackets(epochs: int, factor: int) -> list[tuple[int, list[int]]]:
    """Return for each bracket the networks that it begins with and the epochs of its rungs.

    Parameters
    ----------
    epochs : int
        The most that a network is trained.
    factor : int

    Examples
    --------
    >>> hyperband_brackets(9, 3)
    [(9, [1, 3, 9]), (5, [3, 9]), (3, [9])]
    """
    most = floor_log(epochs, factor)
    return [
        (-(-(most + 1) * factor**halvings // (halvings + 1)), rungs_down(epochs, factor, halvings))
        for halvings in range(most, -1, -1)
    ]


def shared_out(total: int, weights: list[int]) -> list[int]:
    """Return whole numbers in proportion to the weights that sum to the total: by the largest remainders."""
    exact = [total * weight / sum(weights) for weight in weights]
    shares = [math.floor(share) for share in exact]
    by_remainder = sorted(range(len(weights)), key=lambda i: shares[i] - exact[i])
    for i in by_remainder[: total - sum(shares)]:
        shares[i] += 1
    return shares
