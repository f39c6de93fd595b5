"""Sequences and series: classifying them, predicting numbers from them, and forecasting how they go on."""

from netlet.sequences.classifier import SequenceClassifier
from netlet.sequences.regressor import SequenceRegressor

__all__ = ["SequenceClassifier", "SequenceRegressor"]
