"""Coarse to fine: random over the whole region, then denser inside the best part of it, again and again."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from netlet.errors import check_number
from netlet.scales.base import Point
from netlet.searching.space import Space
from netlet.searching.strategies.proposals import Proposals
from netlet.searching.strategies.rounds import Plan
from netlet.searching.strategies.specification import StrategySpecification
from netlet.searching.trial import Ask, Trial

ROUND = 16  # networks, where there is no end of them
SMALLEST_ROUND = 8  # fewer networks tell too little of where the best region is


@dataclass(frozen=True)
class CoarseToFine(StrategySpecification):
    """Random search that narrows: each round draws inside the box around the best networks so far.

    Parameters
    ----------
    rounds : int, default 3
        How often networks are drawn: once in the whole space, then in ever smaller boxes; >= 1.
    keep : float, default 0.25
        The share of the networks so far, at least two, that the next box is put around; in (0, 1).
    margin : float, default 0.1
        How much the box is widened at each of its sides, as a share of its width: the best place may lie just outside;
        >= 0.

    Notes
    -----
    The box is one of the unit cube, on which every scale is even: it has a side for each coordinate, and the size of a
    hidden layer is bounded by the networks that have the layer. A choice is restricted to the values seen in the box.
    A side that tells the good networks from the bad becomes short, another stays long.

    A number of trials is divided evenly over the rounds, of at least 8 networks each: few trials make fewer rounds.
    Without end, rounds of 16 are gone through from the whole space to the finest, and then again from the whole space
    with new networks, each time one round finer: where the first pass has settled in a poor place, a later one finds a
    better.
    """

    rounds: int = 3
    keep: float = 0.25
    margin: float = 0.1

    def __post_init__(self) -> None:
        check_number("rounds", self.rounds, int, 1)
        check_number("keep", self.keep, float, 0, above=True, below=1, hint="the share kept; 0.25 is usual")
        check_number("margin", self.margin, float, 0, below=math.inf, hint="a share of the box's width; 0.1 is usual")

    def _plan(self, space: Space, seed: int, n_trials: int | None, epochs: int, first: list[dict[str, Any]]) -> Plan:
        del epochs
        proposals = Proposals(space, seed, n_trials, first)
        depth = self.rounds if n_trials is None else min(self.rounds, max(1, n_trials // SMALLEST_ROUND))
        while True:
            best: list[tuple[float, int, dict[str, Any]]] = []
            for i in range(depth):
                size = ROUND if n_trials is None else (n_trials * (i + 1)) // depth - (n_trials * i) // depth
                asks = proposals.round(size, self._box(space, best))
                if not asks:
                    return
                best += _costs(asks, (yield asks))
            depth += 1

    def _box(self, space: Space, tried: list[tuple[float, int, dict[str, Any]]]) -> Box | None:
        """Return where to draw next; None, the whole space, while fewer than two networks were trained."""
        succeeded = sorted(each for each in tried if each[0] < math.inf)  # no two have the same number
        if len(succeeded) < 2:
            return None
        n_best = max(2, math.ceil(self.keep * len(tried)))
        return Box(space, [settings for _, _, settings in succeeded[:n_best]], self.margin)


def _costs(asks: list[Ask], told: list[Trial]) -> list[tuple[float, int, dict[str, Any]]]:
    """Return cost, number and settings of each network."""
    return [(trial.cost, ask.number, ask.settings) for ask, trial in zip(asks, told, strict=True)]


class Box:
    """The part of the unit cube around some settings. It is a `Region`.

    Parameters
    ----------
    space : Space
    inside : list of dict
        The settings, at least one.
    margin : float
        How much it is widened at each side, as a share of its width.
    """

    def __init__(self, space: Space, inside: list[dict[str, Any]], margin: float) -> None:
        points = np.array([space.point_of(settings) for settings in inside])
        uses = np.array([space.uses(settings) for settings in inside])
        used = uses.any(axis=0)
        low = np.where(used, np.where(uses, points, 1.0).min(axis=0), 0.0)
        high = np.where(used, np.where(uses, points, 0.0).max(axis=0), 1.0)
        width = high - low
        self.low = np.maximum(low - margin * width, 0.0)
        self.high = np.minimum(high + margin * width, 1.0)
        self._seen = {
            place: np.unique(points[:, place])
            for name, scale in space.scales.items()
            if not scale.ordered
            for place in range(space.dimensions)[space.coordinates(name)]
        }

    def draw(self, generator: np.random.Generator) -> Point:
        """Return a point of the box, drawn at random."""
        shares = generator.random(len(self.low))
        point: Point = np.minimum(self.low + shares * (self.high - self.low), self.high)
        for place, seen in self._seen.items():
            point[place] = seen[min(int(shares[place] * len(seen)), len(seen) - 1)]
        return point
