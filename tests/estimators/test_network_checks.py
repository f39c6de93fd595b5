"""Scikit-learn's own checks of an estimator, for those of any layers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from netlet import Dense, NetworkClassifier, NetworkRegressor

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # the checks decide themselves which warnings are wrong
]


@dataclass(frozen=True)
class LinearModel:
    """A callable whose name, unlike a function's, is the same in every process."""

    def __call__(self, n_features: int, n_outputs: int) -> list[Dense]:
        return [Dense(n_outputs)]


ESTIMATORS = [
    NetworkClassifier([Dense(16, "relu")], learning_rate_init=0.01, max_iter=100),
    NetworkRegressor([Dense(16, "relu")], learning_rate_init=0.01, max_iter=100),
    NetworkClassifier(LinearModel(), solver="lbfgs"),
]
EXPECTED_FAILURES: dict[str, str] = {}
"""Checks that cannot pass, each with its reason."""


@parametrize_with_checks(ESTIMATORS, expected_failed_checks=lambda _: EXPECTED_FAILURES)
def test_scikit_learns_check(estimator: Any, check: Callable[[Any], None]) -> None:
    check(estimator)
