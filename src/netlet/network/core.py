"""What a network is: its layers, its numbers, their names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import numpy as np

from netlet import errors
from netlet.graph.building import Operation
from netlet.graph.embedding import integer_columns
from netlet.graph.graph import Graph, graph_of
from netlet.graph.operations import bound, initial_parameters, initial_state
from netlet.graph.specification import Layer, Node
from netlet.graph.summary import summary_of
from netlet.training.learnt import Learnt
from netlet.training.losses import Loss
from netlet.training.prediction import Predictor

DTYPES = ("float32", "float64")


class Core:
    """Layers with weights: the part of a `Network` that neither trains nor predicts."""

    def __init__(
        self,
        layers: Sequence[Layer] | Node,
        *,
        seed: int | None = None,
        dtype: Literal["float32", "float64"] = "float32",
    ) -> None:
        if dtype not in DTYPES:
            raise ValueError(errors.unknown_name("dtype", dtype, DTYPES))
        if seed is None:
            seed = int.from_bytes(os.urandom(4), "little")
        if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= seed < 2**64:
            raise ValueError(f"seed={seed!r} is not an int from 0 to 2**64 - 1")
        self.seed = int(seed)
        self.dtype: str = dtype
        self.loss: str | Loss = "auto"
        self.notes: dict[str, Any] = {}
        self.frozen: frozenset[str] = frozenset()
        self._graph: Graph = graph_of(layers)
        self._operations: tuple[Operation, ...] = ()
        self._output_shape: tuple[int, ...] = ()
        self._integers: list[tuple[int, int, int]] = []
        self._learnt: Learnt | None = None
        self._predictor: Predictor | None = None
        self._stream: Any = None
        if self._graph.n_features is not None:
            self.build(self._graph.n_features)

    def build(self, n_features: int) -> Any:
        """Set the input size and draw the weights anew.

        Parameters
        ----------
        n_features : int, >= 1

        Returns
        -------
        Network
            Itself.
        """
        self._graph = self._graph.with_input(n_features)
        self._bind()
        self._learnt = Learnt(
            initial_parameters(self._operations, self.seed, self.dtype), initial_state(self._operations, self.dtype)
        )
        return self

    def _bind(self) -> None:
        """Work out the operations of the graph, whose input size is known."""
        self._operations, self._output_shape = bound(self._graph)
        self._integers = integer_columns(self._operations)
        self._predictor = self._stream = None

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers, each after those that it reads."""
        return self._graph.layers

    @property
    def theta(self) -> np.ndarray:
        """All parameters: dtype, (n_parameters,); layer by layer, each block row by row."""
        return self._built().theta

    @theta.setter
    def theta(self, values: np.ndarray) -> None:
        self._assign("theta", self._built().theta, values)

    @property
    def state(self) -> np.ndarray:
        """What layers keep beside the parameters, such as running means: dtype, (n_state,)."""
        return self._built().state

    @state.setter
    def state(self, values: np.ndarray) -> None:
        self._assign("state", self._built().state, values)

    def _assign(self, name: str, own: np.ndarray, values: np.ndarray) -> None:
        values = np.asarray(values)
        if values.shape != own.shape:
            raise ValueError(f"{name} has shape {values.shape}, the network has {own.shape}; give all its numbers")
        own[:] = values

    @property
    def parameters(self) -> dict[str, np.ndarray]:
        """The parameters by name, as views that can be written to.

        ``network.parameters["dense_1.weight"]`` has shape (n_in, n_out), ``["dense_1.bias"]`` (n_out,).
        """
        theta, views = self.theta, {}
        for operation in self._operations:
            for block, place in operation.places():
                shape = (block.width,) if block.n_rows == 1 and not block.is_weight else (block.n_rows, block.width)
                views[f"{operation.layer}.{block.name}"] = theta[place].reshape(shape)
        return views

    def freeze(self, *names: str) -> None:
        """Let layers stay as they are in every later training.

        Parameters
        ----------
        *names : str
            Layers' names as `summary` shows them; a block such as a Residual stands for all its layers.

        Raises
        ------
        ValueError
            If a name is unknown.
        """
        self._built()
        self._check_names("name", names)
        self.frozen |= set(names)
        self._stream = None

    def unfreeze(self, *names: str) -> None:
        """Undo `freeze` for some layers; without names for all.

        Raises
        ------
        ValueError
            If a name is unknown.
        """
        self._check_names("name", names)
        self.frozen = self.frozen - set(names) if names else frozenset()
        self._stream = None

    def _check_names(self, parameter: str, names: Any, parameters: Iterable[str] = ()) -> None:
        """Raise ValueError unless all are layers with parameters, or some of `parameters`."""
        own = {operation.layer for operation in self._operations if operation.n_theta}
        known = (
            own
            | set(parameters)
            | {layer.rsplit(".", depth)[0] for layer in own for depth in range(1, layer.count(".") + 1)}
        )
        for name in names:
            if name not in known:
                raise ValueError(errors.unknown_name(parameter, name, known))

    def _built(self) -> Learnt:
        if self._learnt is None:
            raise errors.NotBuilt(
                "the network has no weights yet: its input size is not known; call fit(X, y), "
                "or begin the layers with Input(n_features)"
            )
        return self._learnt

    def summary(self) -> str:
        """Return a table of the layers: name, what it reads, numbers per sample, parameters."""
        return summary_of(self._graph, self._operations, self.dtype, self.frozen)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what holds machine addresses: they mean nothing in another process."""
        return self.__dict__ | {"_predictor": None, "_stream": None}

    def __repr__(self) -> str:
        count = f"{self._learnt.theta.size:,} parameters" if self._learnt is not None else "not built"
        return f"Network({', '.join(self._graph.names())}; {count})"
