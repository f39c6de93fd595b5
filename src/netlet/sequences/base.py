"""What the estimators of sequences share: their samples, and the network that is made for them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from netlet.errors import check_number
from netlet.estimators.shaped.base import ShapedEstimator
from netlet.estimators.shaped.samples import check_counts
from netlet.graph.layers import Dense
from netlet.graph.shaping import Input
from netlet.graph.specification import Layer, Node
from netlet.sequences.networks import (
    KINDS,
    READS_LENGTHS,
    RECURRENT,
    USUAL_LAYERS,
    check_kind,
    inputs_for,
    sequence_network,
)
from netlet.sequences.padding import Padded, padded

_PLAIN = "plain"  # a network that a person wrote, and that takes no lengths


class SequenceEstimator(ShapedEstimator):
    """Base of `SequenceClassifier` and `SequenceRegressor`.

    Attributes
    ----------
    max_length_ : int
        Steps of the longest sequence of the training.
    n_features_ : int
    feature_mean_, feature_scale_ : float64, (n_features,)
        Of the steps of the training.
    """

    kind: str
    units: int
    n_layers: int | None
    bidirectional: bool
    dropout: float
    heads: int

    def _check_parameters(self) -> None:
        super()._check_parameters()
        check_kind(self.kind)
        check_number("units", self.units, int, 1)
        check_number("n_layers", self.n_layers, int, 1, optional=True)
        check_number("heads", self.heads, int, 1)
        check_number("dropout", self.dropout, float, 0, below=1, hint="it is the fraction dropped, 0.1 is usual")
        if self.kind == "transformer" and self.units % self.heads:
            raise ValueError(
                f"heads={self.heads} do not divide units={self.units}; each head has units / heads numbers of a step"
            )
        if self.bidirectional and self.kind not in RECURRENT:
            raise ValueError(
                f"bidirectional=True is for kind={'|'.join(RECURRENT)}; kind={self.kind!r} sees both directions anyway"
            )

    def _checked(self, X: Any, y: Any, find: Callable[[Any], np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Check the parameters, and return what the network learns from: samples, and targets as `find` makes them."""
        self._check_parameters()
        x, targets = self._learn_samples(X), find(y)
        check_counts(len(x), len(targets))
        return x, targets

    def _learn_samples(self, X: Any) -> np.ndarray:
        """Find what a step is usually like, and return the samples as `_samples` does."""
        sequences = padded(X)
        if not len(sequences.values):
            raise ValueError("X has no samples; training needs at least one")
        self.max_length_, self.n_features_ = (int(size) for size in sequences.values.shape[1:])
        steps = sequences.values[sequences.mask()]
        self.feature_mean_, scale = steps.mean(axis=0), steps.std(axis=0)
        # A feature that is constant but for rounding is one that is constant.
        self.feature_scale_ = np.where(scale > 1e-12 * np.abs(self.feature_mean_), scale, 1.0)
        self._layout = self._layout_of()
        return self._inputs(sequences)

    def _layout_of(self) -> str:
        if self.layers is None:
            return self.kind
        listed = isinstance(self.layers, (list, tuple))
        return (
            next(iter(RECURRENT)) if listed and any(isinstance(each, READS_LENGTHS) for each in self.layers) else _PLAIN
        )

    def _samples(self, X: Any) -> np.ndarray:
        sequences = padded(X)
        if len(sequences.values) and sequences.values.shape[2] != self.n_features_:
            raise ValueError(
                f"X has {sequences.values.shape[2]} features at each step, the model was fitted on {self.n_features_}"
            )
        return self._inputs(self._fitting(sequences))

    def _fitting(self, sequences: Padded) -> Padded:
        """Bring sequences to the length that the network reads: of longer ones the last steps."""
        n_samples, time, features = len(sequences.values), self.max_length_, self.n_features_
        longer = sequences.lengths > time
        if longer.any():
            warnings.warn(
                f"{int(longer.sum())} of {n_samples} sequences are longer than the {time} steps of the longest in "
                "training; their last steps are read",
                stacklevel=4,
            )
        lengths = np.minimum(sequences.lengths, time)
        values = np.zeros((n_samples, time, features))
        for place, (length, kept) in enumerate(zip(sequences.lengths, lengths, strict=True)):
            values[place, :kept] = sequences.values[place, length - kept : length]
        return Padded(values, lengths)

    def _inputs(self, sequences: Padded) -> np.ndarray:
        values: np.ndarray = (sequences.values - self.feature_mean_) / self.feature_scale_
        values[~sequences.mask()] = 0
        if self._layout == _PLAIN:
            flat: np.ndarray = values.reshape(len(values), values.shape[1] * values.shape[2]).astype(np.float32)
            return flat
        return inputs_for(self._layout, sequences, values)

    def _body(self, _shape: tuple[int, ...], n_outputs: int) -> list[Layer] | Node:
        steps = self.max_length_, self.n_features_
        if self.layers is None or self._layout == _PLAIN:
            return super()._body(steps, n_outputs)
        value, lengths = Input(steps)(), Input(1)()
        for layer in self.layers:
            value = layer(value, lengths) if isinstance(layer, READS_LENGTHS) else layer(value)
        return Dense(n_outputs)(value)

    def _preset(self, shape: tuple[int, ...], n_outputs: int) -> Node:
        network = sequence_network(
            self.kind, *shape, units=self.units, n_layers=self.n_layers or USUAL_LAYERS[self.kind],
            bidirectional=self.bidirectional, dropout=self.dropout, heads=self.heads,
        )  # fmt: skip
        return Dense(n_outputs)(network)

    def _fitted(self) -> dict[str, Any]:
        return super()._fitted() | {
            "max_length": self.max_length_, "layout": self._layout,
            "feature_mean": self.feature_mean_.tolist(), "feature_scale": self.feature_scale_.tolist(),
        }  # fmt: skip

    def _restore(self, fitted: dict[str, Any]) -> None:
        super()._restore(fitted)
        self.max_length_, self._layout = int(fitted["max_length"]), str(fitted["layout"])
        if self.max_length_ < 1 or self._layout not in (*KINDS, _PLAIN):
            raise ValueError(f"max_length={self.max_length_} or layout={self._layout!r} is none")
        self.feature_mean_, self.feature_scale_ = np.array(fitted["feature_mean"]), np.array(fitted["feature_scale"])
        self.n_features_ = len(self.feature_mean_)
