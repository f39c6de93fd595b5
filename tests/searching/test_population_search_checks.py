"""Scikit-learn's own checks of an estimator, for the search over netlet's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from netlet.estimators import MLPClassifier, MLPRegressor
from netlet.searching.population_search import PopulationSearchCV
from netlet.searching.strategies.halving import Halving

pytestmark = [
    pytest.mark.slow,
    pytest.mark.plain,
    pytest.mark.filterwarnings("ignore"),  # the checks decide themselves which warnings are wrong
]

SMALL: dict[str, Any] = {"hidden_layer_sizes": (4,), "max_iter": 30, "learning_rate_init": 0.05, "random_state": 0}
SPACE = {"alpha": [0.0, 0.1]}
SEARCHES = [
    PopulationSearchCV(MLPClassifier(**SMALL), SPACE, cv=2, random_state=0),
    PopulationSearchCV(MLPRegressor(**SMALL), SPACE, cv=2, random_state=0),
    PopulationSearchCV(MLPClassifier(**SMALL), SPACE, cv=2, random_state=0, strategy=Halving(factor=2)),
]
EXPECTED_FAILURES: dict[str, str] = {}
"""Checks that cannot pass, each with its reason."""


@parametrize_with_checks(SEARCHES, expected_failed_checks=lambda _: EXPECTED_FAILURES)
def test_scikit_learns_check(estimator: Any, check: Callable[[Any], None]) -> None:
    check(estimator)
