"""Estimators with scikit-learn's interface."""

from netlet.estimators.mlp import MLPClassifier, MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor"]
