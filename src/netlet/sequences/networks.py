"""Networks that read sequences: what stands between the padded sequences and the outputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from netlet.errors import unknown_name
from netlet.graph.activations import ReLU
from netlet.graph.attention import TransformerBlock
from netlet.graph.convolution import Conv1D
from netlet.graph.distributions import Constant
from netlet.graph.joining import Multiply
from netlet.graph.layers import Dense, Dropout
from netlet.graph.normalisation import LayerNorm
from netlet.graph.pooling import GlobalAveragePool
from netlet.graph.positions import SinusoidalPositions
from netlet.graph.recurrent import GRU, LSTM, RNN, Bidirectional
from netlet.graph.shaping import Input, Reshape
from netlet.graph.specification import Layer, Node
from netlet.graph.time_dense import TimeDense
from netlet.sequences.padding import Padded

RECURRENT = {"gru": GRU, "lstm": LSTM, "rnn": RNN}
KINDS = (*RECURRENT, "convolution", "transformer")
USUAL_LAYERS = {"gru": 1, "lstm": 1, "rnn": 1, "convolution": 3, "transformer": 2}
WINDOW = 7  # steps that a convolution sees at once
READS_LENGTHS = (RNN, LSTM, GRU, Bidirectional)


def check_kind(kind: Any) -> None:
    """Raise ValueError unless there is such a network."""
    if kind not in KINDS:
        raise ValueError(unknown_name("kind", kind, KINDS))


def inputs_for(kind: str, sequences: Padded, values: np.ndarray) -> np.ndarray:
    """Return what a network of a kind reads: one row for each sample.

    A row holds the sequence step by step, and then its length (recurrent networks), or which of its steps are its own
    (1, else 0) and how many times longer the padded sequence is (the others).

    Parameters
    ----------
    kind : str
        One of KINDS.
    sequences : Padded
    values : array, (n_samples, time, features)
        Those of the sequences, standardised; 0 where there is padding.

    Returns
    -------
    float32, (n_samples, time * features + 1) or (n_samples, time * (features + 1) + 1)
    """
    flat, lengths = values.reshape(len(values), values.shape[1] * values.shape[2]), sequences.lengths[:, None]
    more = [lengths] if kind in RECURRENT else [sequences.mask(), values.shape[1] / lengths]
    return np.concatenate([flat, *more], axis=1, dtype=np.float32)


def sequence_network(
    kind: str, time: int, features: int, *, units: int, n_layers: int, bidirectional: bool, dropout: float, heads: int
) -> Node:
    """Return a network without its output layer; it reads what `inputs_for` makes, and no padding.

    Parameters
    ----------
    kind : str
        One of KINDS.
    time, features : int
        Of the padded sequences.
    units, n_layers, bidirectional, dropout, heads
        As of the estimators.
    """
    value = Input((time, features))()
    if kind in RECURRENT:
        lengths = Input(1)()
        for place in range(n_layers):
            layer: Layer = RECURRENT[kind](units, returns="last" if place == n_layers - 1 else "sequence")
            value = (Bidirectional(layer) if bidirectional else layer)(value, lengths)
            value = Dropout(dropout)(value) if dropout else value
        return value
    own, longer = Input(time)(), Input(1)()
    column, mean_of_all = Reshape((time, 1))(own), GlobalAveragePool()

    def on_steps(node: Node) -> Node:
        """Let nothing stand at padding: what is multiplied there is 0, whatever is learnt."""
        return Multiply()(node, TimeDense(units, bias=False, initialiser=Constant(1.0))(column))

    if kind == "convolution":
        for _ in range(n_layers):
            value = on_steps(ReLU()(LayerNorm()(Conv1D(units, WINDOW, padding="same")(value))))
            value = Dropout(dropout)(value) if dropout else value
    else:
        value = SinusoidalPositions()(TimeDense(units)(value))
        for _ in range(n_layers):
            value = TransformerBlock(heads, 2 * units, dropout, padding=0)(value, own)
        value = on_steps(LayerNorm()(value))
    # The mean over all steps, padding among them, times (all steps / own steps), is the mean over its own.
    return Multiply()(mean_of_all(value), Dense(units, bias=False, initialiser=Constant(1.0))(longer))
