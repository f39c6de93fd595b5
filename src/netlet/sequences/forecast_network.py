"""The network of a forecast: from a window, the calendar and what is known ahead to the quantiles of each step."""

from __future__ import annotations

from netlet.graph.convolution import Conv1D
from netlet.graph.joining import Add, Concatenate
from netlet.graph.layers import Dense, Dropout
from netlet.graph.pooling import MaxPool1D
from netlet.graph.shaping import Flatten, Input, Reshape
from netlet.graph.specification import Node

KINDS = ("mlp", "convolution")


def forecast_network(kind: str, lags: int, n_more: int, n_outputs: int, *, units: int, dropout: float) -> Node:
    """Return a linear forecast and what a network adds to it; both begin at the naive one.

    Parameters
    ----------
    kind : str
        One of KINDS.
    lags, n_more : int
        How many values of the past it reads, and how many numbers beside them.
    n_outputs : int
        Steps ahead times quantiles.
    units : int
    dropout : float
    """
    past = Input(lags)()
    whole = Concatenate()(past, Input(n_more)()) if n_more else past
    value = whole
    if kind == "convolution":
        value = Reshape((lags, 1))(past)
        for _ in range(2):
            value = Conv1D(max(1, units // 4), 5, padding="same", activation="relu")(value)
            value = MaxPool1D(2, padding="same")(value)
        value = Flatten()(value)
        value = Concatenate()(value, whole)
    for _ in range(2 if kind == "mlp" else 1):
        value = Dense(units, activation="relu")(value)
        value = Dropout(dropout)(value) if dropout else value
    return Add()(Dense(n_outputs, initialiser="zeros")(whole), Dense(n_outputs, initialiser="zeros")(value))
