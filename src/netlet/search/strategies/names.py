"""Strategies by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from netlet.errors import unknown_name
from netlet.search.strategies.coarse_to_fine import CoarseToFine
from netlet.search.strategies.halving import Halving
from netlet.search.strategies.hyperband import Hyperband
from netlet.search.strategies.optuna_search import OptunaSearch
from netlet.search.strategies.random_search import RandomSearch
from netlet.search.strategies.specification import StrategySpecification

STRATEGIES: dict[str, Callable[[], StrategySpecification]] = {
    "random": RandomSearch,
    "coarse_to_fine": CoarseToFine,
    "halving": Halving,
    "hyperband": Hyperband,
    "tpe": OptunaSearch,
}


def strategy_of(strategy: Any) -> StrategySpecification:
    """Return the strategy of a name with its usual settings, and a strategy as it is.

    Parameters
    ----------
    strategy : {"random", "coarse_to_fine", "halving", "hyperband", "tpe"} or StrategySpecification

    Returns
    -------
    StrategySpecification

    Raises
    ------
    TypeError
        If it is neither.
    ValueError
        If the name is not known.
    """
    if isinstance(strategy, StrategySpecification):
        return strategy
    if not isinstance(strategy, str):
        remedy = "call it" if isinstance(strategy, type) else f"use one of {', '.join(map(repr, sorted(STRATEGIES)))}"
        raise TypeError(f"strategy={strategy!r} is neither a name nor a strategy; {remedy}")
    if strategy not in STRATEGIES:
        raise ValueError(unknown_name("strategy", strategy, STRATEGIES))
    return STRATEGIES[strategy]()
