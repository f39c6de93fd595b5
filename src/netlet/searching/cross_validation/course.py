"""From the search's `strategy` to what decides, round by round, which candidates are trained and how far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from netlet.scales import Choice, Scale
from netlet.searching.cross_validation.candidates import Settings
from netlet.searching.cross_validation.distribution import Distribution, WholeDistribution
from netlet.searching.strategies.halving import Halving
from netlet.searching.strategies.hyperband import Hyperband
from netlet.searching.strategies.names import strategy_of
from netlet.searching.trial import Ask, Strategy, Trial


class OneRound:
    """All candidates at once, each trained to its end. It is a `Strategy`."""

    def __init__(self, settings: list[Settings]) -> None:
        self._asks = [Ask(number, each) for number, each in enumerate(settings)]

    def next_round(self) -> list[Ask]:
        """Return all candidates, then none."""
        asks, self._asks = self._asks, []
        return asks

    def tell(self, trial: Trial) -> None:
        """Hear what came of one, which changes nothing."""


def trains_in_parts(strategy: Any) -> bool:
    """Tell whether a strategy trains candidates a little and goes on with some of them."""
    return isinstance(strategy_of(strategy), (Halving, Hyperband))


def course_of(strategy: Any, space: list[dict[str, Any]], n_trials: int, epochs: int, random_state: Any) -> Strategy:
    """Begin a strategy of `netlet.searching.strategies`.

    Parameters
    ----------
    strategy : str or StrategySpecification
    space : list of dict
        One dict.
    n_trials, epochs : int
    random_state : int, RandomState or None

    Raises
    ------
    TypeError, ValueError
        If the strategy does not know such a space.
    """
    if len(space) != 1:
        raise ValueError(
            f"space has {len(space)} dicts, but strategy={strategy!r} searches one; use strategy='random', or a search "
            "for each"
        )
    whole = isinstance(random_state, (int, np.integer)) and random_state >= 0
    seed = int(random_state) if whole else int(check_random_state(random_state).randint(2**31))
    scales: Mapping[str, Scale] = {name: _scale(name, values) for name, values in space[0].items()}
    return strategy_of(strategy).begin(scales, seed, n_trials=n_trials, epochs=epochs)


def _scale(name: str, values: Any) -> Scale:
    if isinstance(values, Scale):
        return values
    if not hasattr(values, "rvs"):
        return Choice(list(values))
    if not (hasattr(values, "ppf") and hasattr(values, "cdf")):
        raise TypeError(
            f"space[{name!r}]={values!r} has rvs, but no quantiles (ppf, cdf), which this strategy goes by; use a "
            "distribution of scipy.stats, a scale of netlet, or strategy='random'"
        )
    return WholeDistribution(values) if hasattr(values, "pmf") else Distribution(values)
