"""scikit-learn's own checks of estimators."""

from __future__ import annotations

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from netlet.tables.classifier import TableClassifier
from netlet.tables.regressor import TableRegressor

pytestmark = [pytest.mark.compiled, pytest.mark.filterwarnings("ignore")]

DRAWN = {
    "check_sample_weight_equivalence_on_dense_data": "which rows are held out depends on how many there are",
    "check_sample_weight_equivalence_on_sparse_data": "which rows are held out depends on how many there are",
}


@parametrize_with_checks(
    [
        TableClassifier("fast", epochs=15, learning_rate=0.01, recipe={"hidden": (32,)}, random_state=0),
        TableRegressor("fast", epochs=30, recipe={"hidden": (32,)}, random_state=0),
    ],
    expected_failed_checks=lambda estimator: DRAWN,
)
def test_a_check_of_scikit_learn(estimator, check):
    check(estimator)
