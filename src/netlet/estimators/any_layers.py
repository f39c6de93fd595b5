"""The network of an estimator of any layers: what is appended to them, and what is checked."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from netlet.estimators.base import BaseNetworkEstimator
from netlet.graph.activations import Exponential, Sigmoid, Softmax
from netlet.graph.graph import graph_of
from netlet.graph.layers import Dense
from netlet.graph.operations import operations_of
from netlet.graph.specification import Layer, Node
from netlet.training.samples.integers import check_integers

_BLOCK = 1024  # rows of sparse features that are looked at together
_LINKS = (Softmax(), Sigmoid(), Exponential())
LAYERS_GIVEN: dict[str, list[Any]] = {"layers": [list, tuple, Node, callable]}


class AnyLayers(BaseNetworkEstimator):
    """The network from `layers`: with an output appended, or as a callable returns it."""

    def _layers(self, n_features: int, n_outputs: int, output: Layer | None) -> list[Layer] | Node:
        given = self.layers
        if isinstance(given, Layer):
            raise ValueError(f"layers={given!r} is a single layer; write layers=[{given!r}]")
        if isinstance(given, (list, tuple, Node)):
            layers = _with_output(given, n_outputs, output)
            _check_input(layers, n_features)
            return layers
        layers = given(n_features, n_outputs)
        if not isinstance(layers, Node):
            layers = list(layers)
        _check_input(layers, n_features)
        return _with_link(layers, n_features, n_outputs, output)

    def _features(self, X: Any) -> Any:
        X = super()._features(X)
        self._check_features(X)
        return X

    def _check_features(self, X: Any) -> None:
        """Raise unless the columns that embeddings read hold numbers of categories; the kernels do not look."""
        columns = self.network_._integers
        if not columns:
            return
        if isinstance(X, np.ndarray):
            check_integers(X, columns)
            return
        for start in range(0, X.shape[0], _BLOCK):
            check_integers(X[start : start + _BLOCK].toarray(), columns, f"X[{start}:]")


def _with_output(layers: Any, n_outputs: int, output: Layer | None) -> list[Layer] | Node:
    last = layers.layer if isinstance(layers, Node) else layers[-1] if layers else None
    if _is_softmax(last):
        raise ValueError(
            f"layers ends with {last!r}, but the output is appended to it: Dense({n_outputs})"
            f"{f', {output!r}' if output is not None else ''}; leave the output out of layers, or give a callable "
            "layers(n_features, n_outputs) that returns the whole network"
        )
    if isinstance(last, Dense) and last.activation == "identity" and last.units == n_outputs:
        warnings.warn(
            f"layers ends with {last!r}, and another Dense({n_outputs}), the output, is appended to it; leave the "
            "output out of layers, or give a callable layers(n_features, n_outputs) that returns the whole network",
            UserWarning,
            stacklevel=2,
        )
    appended: list[Layer] = [Dense(n_outputs)] if output is None else [Dense(n_outputs), output]
    return _followed(layers, appended)


def _followed(layers: list[Layer] | Node, by: list[Layer]) -> list[Layer] | Node:
    if not isinstance(layers, Node):
        return [*layers, *by]
    for layer in by:
        layers = layer(layers)
    return layers


def _is_softmax(layer: Any) -> bool:
    if isinstance(layer, Dense):
        return layer.activation == "softmax" or isinstance(layer.activation, Softmax)
    return isinstance(layer, Softmax)


def _check_input(layers: list[Layer] | Node, n_features: int) -> None:
    """Raise unless the network reads as many numbers as X has columns."""
    wanted = graph_of(layers).n_features
    if wanted is not None and wanted != n_features:
        raise ValueError(
            f"X has {n_features} features, but the inputs of layers read {wanted}; leave Input out of a list, or build "
            "the graph in a callable layers(n_features, n_outputs)"
        )


def _with_link(layers: list[Layer] | Node, n_features: int, n_outputs: int, output: Layer | None) -> list[Layer] | Node:
    """Append the link to what a callable returned, unless it is there; raise if it ends in another way."""
    last = operations_of(graph_of(layers).with_input(n_features))[-1]
    if last.size != n_outputs:
        raise ValueError(
            f"layers({n_features}, {n_outputs}) returned a network with {last.size} outputs, {n_outputs} are needed; "
            "end it with Dense(n_outputs)"
        )
    if output is None or last.row == _row(output):
        return layers
    if last.row in map(_row, _LINKS):
        raise ValueError(
            f"layers({n_features}, {n_outputs}) returned a network that ends with {last.row}, but this y and loss need "
            f"{output!r}; end it with Dense(n_outputs), and what is needed is appended"
        )
    return _followed(layers, [output])


def _row(layer: Layer) -> str:
    return layer.kernels()[0].name
