"""How a search chooses what it tries: strategies, and what they have in common."""

from netlet.search.strategies.coarse_to_fine import CoarseToFine
from netlet.search.strategies.halving import Halving
from netlet.search.strategies.hyperband import Hyperband
from netlet.search.strategies.names import strategy_of
from netlet.search.strategies.optuna_search import OptunaSearch
from netlet.search.strategies.random_search import RandomSearch
from netlet.search.strategies.specification import StrategySpecification

__all__ = [
    "CoarseToFine",
    "Halving",
    "Hyperband",
    "OptunaSearch",
    "RandomSearch",
    "StrategySpecification",
    "strategy_of",
]
