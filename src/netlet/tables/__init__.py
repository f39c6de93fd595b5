"""The network to try first on any table."""

from netlet.tables.classifier import TableClassifier
from netlet.tables.regressor import TableRegressor

__all__ = ["TableClassifier", "TableRegressor"]
