"""Sequences and series: classifying them, predicting numbers from them, and forecasting how they go on."""

from netlet.sequences.classifier import SequenceClassifier
from netlet.sequences.forecast import Forecast
from netlet.sequences.forecaster import Forecaster
from netlet.sequences.regressor import SequenceRegressor
from netlet.sequences.rolling import RollingTest
from netlet.sequences.windows import Windows, windows

__all__ = [
    "Forecast",
    "Forecaster",
    "RollingTest",
    "SequenceClassifier",
    "SequenceRegressor",
    "Windows",
    "windows",
]
