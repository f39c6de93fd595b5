"""Estimators with scikit-learn's interface."""

from netlet.estimators.mlp import MLPClassifier, MLPRegressor
from netlet.estimators.network import NetworkClassifier, NetworkRegressor

__all__ = ["MLPClassifier", "MLPRegressor", "NetworkClassifier", "NetworkRegressor"]
