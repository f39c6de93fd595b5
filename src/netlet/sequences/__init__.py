"""Sequences and time series: classes, numbers and forecasts."""
