"""New networks to try: numbered, drawn, and each at most once where a space holds finitely many."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any, Protocol

import numpy as np

from netlet.search.scales.base import Point
from netlet.search.space import Space
from netlet.search.trial import Ask

# After as many settings in a row that were tried before, few are left. Those are listed, where it is a short list.
PATIENCE = 100
LONGEST_LIST = 100_000


class Region(Protocol):
    """A part of the unit cube."""

    def draw(self, generator: np.random.Generator) -> Point:
        """Return a point of it, drawn at random."""
        ...


class Proposals:
    """The networks that a strategy has not asked for yet.

    Parameters
    ----------
    space : Space
    seed : int
    n_trials : int or None
        How many there are in all; None: as many as the space has settings, or no end of them.
    first : iterable of dict
        Those that come before all others.
    """

    def __init__(
        self, space: Space, seed: int, n_trials: int | None = None, first: Iterable[dict[str, Any]] = ()
    ) -> None:
        self.space = space
        self.n_asked = 0
        self._n_trials = n_trials
        self._n_settings = space.count()
        self._generator = np.random.default_rng([seed])
        self._first = list(first)
        self._tried: set[tuple[Hashable, ...]] = set()
        self._rest: list[dict[str, Any]] | None = None

    @property
    def exhausted(self) -> bool:
        """Whether a finite space has no settings left that were not tried."""
        return self._n_settings is not None and len(self._tried) >= self._n_settings

    def round(self, size: int, region: Region | None = None, epochs: int | None = None) -> list[Ask]:
        """Return at most so many asks; fewer, or none, where the number of trials or the space is exhausted.

        Parameters
        ----------
        size : int
        region : Region, optional
            Where to draw; default: in the whole space. What a finite space has left elsewhere serves where the region
            is exhausted.
        epochs : int, optional
            See `Ask`.
        """
        if self._n_trials is not None:
            size = min(size, self._n_trials - self.n_asked)
        asks: list[Ask] = []
        while len(asks) < size and (settings := self.untried(region)) is not None:
            asks.append(Ask(self.n_asked, settings, epochs))
            self.n_asked += 1
        return asks

    def take(self, settings: dict[str, Any]) -> bool:
        """Note settings as tried and return True; False where a finite space had them tried before."""
        if self._n_settings is None:
            return True
        key = self.space.key(settings)
        if key in self._tried:
            return False
        self._tried.add(key)
        return True

    def untried(self, region: Region | None = None) -> dict[str, Any] | None:
        """Return the settings of one network more and note them as tried; None where a finite space is exhausted."""
        while self._first:
            settings = self._first.pop(0)
            if self.take(settings):
                return settings
        for part in (region, None) if region is not None else (None,):
            if self.exhausted:
                return None
            for _ in range(PATIENCE):
                settings = self.space.sample(self._generator) if part is None else self._drawn(part)
                if self.take(settings):
                    return settings
        return self._from_rest()

    def _drawn(self, region: Region) -> dict[str, Any]:
        return self.space.settings_at(region.draw(self._generator))

    def _from_rest(self) -> dict[str, Any] | None:
        """Return one of the few settings that were never drawn."""
        if self._n_settings is None or self._n_settings > LONGEST_LIST:
            return None
        if self._rest is None:
            self._rest = [each for each in self.space.all_settings() if self.space.key(each) not in self._tried]
            self._generator.shuffle(self._rest)
        while self._rest:
            settings = self._rest.pop()
            if self.take(settings):
                return settings
        return None
