"""Successive halving: many networks for a few epochs, the best of them for more, and so on.

With the factor eta, rung i of a bracket of n networks trains the best floor(n / eta^i) of them to eta^i times the
epochs of the first rung, in all. They go on from where they were.

Reference: Jamieson and Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization", AISTATS
2016; Li et al., "Hyperband: a novel bandit-based approach to hyperparameter optimization", JMLR 18 (2018), algorithm 1.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

from netlet.errors import check_number
from netlet.search.space import Space
from netlet.search.strategies.proposals import Proposals
from netlet.search.strategies.rounds import Plan
from netlet.search.strategies.specification import StrategySpecification
from netlet.search.trial import Ask, Trial

SMALLEST_BRACKET = 32  # networks, where there is no end of them: the last rungs still hold some for every core


@dataclass(frozen=True)
class Halving(StrategySpecification):
    """Successive halving: only the best of each rung go on, from where they were.

    Parameters
    ----------
    factor : int, default 3
        One in so many goes on, to so many times the epochs; >= 2.
    least_epochs : int, optional
        The epochs of the first rung. Default: as few as still let the last rung hold one network, counting down from
        the epochs of the search by the factor.
    n_trials : int, optional
        The networks of a bracket. Default: those of the search, all in one bracket; without end, at least 32, so many
        that each rung divides evenly. Brackets follow one another, each with new networks, for as long as the search
        goes on.

    Notes
    -----
    The last rung trains to the epochs of the search even where they are no power of the factor times `least_epochs`. A
    network that failed never goes on, nor does another in its place.
    """

    factor: int = 3
    least_epochs: int | None = None
    n_trials: int | None = None

    def __post_init__(self) -> None:
        check_number("factor", self.factor, int, 2, hint="one network in so many goes on; 3 is usual")
        check_number("least_epochs", self.least_epochs, int, 1, optional=True)
        check_number("n_trials", self.n_trials, int, 1, optional=True)

    def _plan(self, space: Space, seed: int, n_trials: int | None, epochs: int, first: list[dict[str, Any]]) -> Plan:
        size = self.n_trials or n_trials
        if self.least_epochs is None:
            halvings = floor_log(epochs, self.factor)
            if size is not None:
                halvings = min(halvings, floor_log(size, self.factor))
            rungs = rungs_down(epochs, self.factor, halvings)
        else:
            rungs = rungs_up(self.least_epochs, epochs, self.factor)
        if size is None:
            evenly = self.factor ** (len(rungs) - 1)
            size = evenly * math.ceil(SMALLEST_BRACKET / evenly)
        proposals = Proposals(space, seed, n_trials, first)
        while (yield from bracket(proposals, size, rungs, self.factor)):
            pass

    def _begin(self, space: Space, seed: int, n_trials: int | None, epochs: int, first: list[dict[str, Any]]) -> Any:
        if self.least_epochs is not None and self.least_epochs > epochs:
            raise ValueError(
                f"least_epochs={self.least_epochs} of {type(self).__name__} is not <= epochs={epochs}, the most that a "
                "network is trained; lower it or leave it out"
            )
        return super()._begin(space, seed, n_trials, epochs, first)


def bracket(
    proposals: Proposals, size: int, rungs: Sequence[int], factor: int
) -> Generator[list[Ask], list[Trial], bool]:
    """Yield the rungs of a bracket of new networks; the value of the generator is whether there were any.

    Parameters
    ----------
    proposals : Proposals
    size : int
        The networks of the first rung.
    rungs : sequence of int
        The epochs, in all, to which each rung trains.
    factor : int
    """
    asks = proposals.round(size, epochs=rungs[0])
    if not asks:
        return False
    n_networks = len(asks)
    told = yield asks
    for i, epochs in enumerate(rungs[1:], start=1):
        ranked = sorted((trial.cost, trial.number) for trial in told if trial.cost < math.inf)
        surviving = {number for _, number in ranked[: max(1, n_networks // factor**i)]}
        asks = [Ask(ask.number, ask.settings, epochs) for ask in asks if ask.number in surviving]
        if not asks:
            break
        told = yield asks
    return True


def floor_log(number: int, base: int) -> int:
    """Return the greatest k with base**k <= number."""
    exponent = 0
    while base ** (exponent + 1) <= number:
        exponent += 1
    return exponent


def rungs_down(epochs: int, factor: int, halvings: int) -> list[int]:
    """Return the epochs of each rung, counting down from the last by the factor, to the nearest whole number."""
    return [max(1, round(epochs / factor ** (halvings - i))) for i in range(halvings + 1)]


def rungs_up(least: int, epochs: int, factor: int) -> list[int]:
    """Return the epochs of each rung, counting up from the first by the factor, and those of the last."""
    rungs = []
    while least < epochs:
        rungs.append(least)
        least *= factor
    return [*rungs, epochs]
