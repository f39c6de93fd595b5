"""How a search chooses what it tries: strategies, and what they have in common."""

from netlet.searching.strategies.coarse_to_fine import CoarseToFine
from netlet.searching.strategies.halving import Halving
from netlet.searching.strategies.hyperband import Hyperband
from netlet.searching.strategies.names import strategy_of
from netlet.searching.strategies.optuna_search import OptunaSearch
from netlet.searching.strategies.random_search import RandomSearch
from netlet.searching.strategies.specification import StrategySpecification

__all__ = [
    "CoarseToFine",
    "Halving",
    "Hyperband",
    "OptunaSearch",
    "RandomSearch",
    "StrategySpecification",
    "strategy_of",
]
