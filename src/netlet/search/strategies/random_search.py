"""Random search: every network is drawn from the whole space, by itself.

Reference: Bergstra and Bengio, "Random search for hyper-parameter optimization", JMLR 13 (2012).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from netlet.search.space import Space
from netlet.search.strategies.proposals import Proposals
from netlet.search.strategies.rounds import Plan
from netlet.search.strategies.specification import StrategySpecification

ROUND = 32  # networks, where there is no end of them


@dataclass(frozen=True)
class RandomSearch(StrategySpecification):
    """Settings drawn from the whole space, each network by itself.

    All are asked for in one round where their number is known, else in rounds of 32. A search of more trials begins
    with those of one of fewer.
    """

    def _plan(self, space: Space, seed: int, n_trials: int | None, epochs: int, first: list[dict[str, Any]]) -> Plan:
        del epochs
        proposals = Proposals(space, seed, n_trials, first)
        while asks := proposals.round(n_trials or ROUND):
            yield asks
