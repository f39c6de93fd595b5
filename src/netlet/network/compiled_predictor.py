"""A network that is done with training, as a function: the shortest way from an array of features to the outputs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from netlet.graph.building import Operation
from netlet.graph.embedding import integer_columns
from netlet.kernels.memory import aligned_zeros
from netlet.training.prediction import Predictor
from netlet.training.samples.arrays import lent
from netlet.training.samples.integers import check_integers


class CompiledPredictor:
    """Predict with a network as it was when `Network.compile_predictor` was called.

    The weights are copies: what becomes of the network afterwards does not reach them. Any number of threads may call
    at once. It can be copied and pickled.

    Parameters
    ----------
    operations : sequence of Operation
    shape : tuple of int
        Of a sample's output.
    theta : float32 or float64, (n_theta,)
    state : of the same dtype, (n_state,)

    Attributes
    ----------
    n_features : int
        The numbers that a row holds; several inputs stand side by side.
    shape : tuple of int
    dtype : dtype
    """

    def __init__(
        self, operations: Sequence[Operation], shape: tuple[int, ...], theta: np.ndarray, state: np.ndarray
    ) -> None:
        self.n_features = operations[0].size
        self.shape = shape
        # The one object that NumPy's own arrays share; that of an array from a pickle is another.
        self.dtype = np.dtype(theta.dtype.name)
        self._operations = operations
        self._theta, self._state = aligned_zeros(theta.shape, theta.dtype), state.copy()
        self._theta[:] = theta
        # A new arena for a row of a network whose products are large took twenty times as long as the row.
        self._fill = Predictor(operations, len(operations) - 1, str(theta.dtype), keeps_arena=True).fill
        self._integers = integer_columns(operations)
        self._n_outputs = math.prod(shape)

    def __call__(self, x: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """Compute the outputs of one row or of several: the bits that `Network.predict` gives for the same rows.

        The numbers are not looked at: NaN gives NaN. Only those that an Embedding reads are, because they are places
        in its table.

        Parameters
        ----------
        x : dtype, (n_features,) or (n, n_features)
            An array of exactly the network's dtype.
        out : dtype, (*shape) or (n, *shape), contiguous, optional
            Filled with the outputs. Default: a new array.

        Returns
        -------
        dtype, (*shape) or (n, *shape)
            `out`, or an array that is the caller's own.

        Raises
        ------
        TypeError
            If `x` or `out` is no array, or is one of another dtype.
        ValueError
            If its shape is another, `out` is not contiguous or cannot be written, or an Embedding has no such
            category.

        Notes
        -----
        A row by itself and the same row among others may differ in the last bit: see `Predictor`.
        """
        if type(x) is not np.ndarray or x.dtype is not self.dtype:
            x = self._array("x", x)
        given = x.shape
        if len(given) == 2 and given[1] == self.n_features:
            rows, shape = x, (given[0], *self.shape)
        elif given == (self.n_features,):
            rows, shape = x[np.newaxis], self.shape
        else:
            raise ValueError(
                f"x has shape {given}, not ({self.n_features},) or (n, {self.n_features}); give one row or several, "
                "the numbers of a sample side by side"
            )
        if not rows.flags.carray:
            rows = lent(np.require(rows, requirements=["C", "A"]))
        if self._integers:
            check_integers(rows, self._integers, "x")
        out = np.empty(shape, self.dtype) if out is None else self._room(out, shape)
        values = out if out.ndim == 2 and rows is x else out.reshape(len(rows), self._n_outputs)
        self._fill(self._theta, self._state, rows, values)
        return out

    def _array(self, name: str, values: Any) -> np.ndarray:
        """Return `values` if it is an array of the dtype, of a subclass such as memmap; raise TypeError otherwise."""
        if not isinstance(values, np.ndarray) or isinstance(values, np.ma.MaskedArray):
            raise TypeError(
                f"{name} is a {type(values).__name__}, not an array of {self.dtype}; "
                "convert it, or use the network's predict, which takes anything that holds numbers"
            )
        if values.dtype != self.dtype:
            raise TypeError(
                f"{name} holds {values.dtype}, the network computes in {self.dtype}; use {name}.astype('{self.dtype}')"
            )
        return np.asarray(values)

    def _room(self, out: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        """Return `out` if it can be filled."""
        if type(out) is not np.ndarray or out.dtype is not self.dtype:
            out = self._array("out", out)
        if out.shape != shape:
            raise ValueError(f"out has shape {out.shape}, the outputs have {shape}; use np.empty({shape}, x.dtype)")
        if not out.flags.carray:
            raise ValueError("out is read-only, or its numbers do not lie side by side; use np.empty, or leave it out")
        return out

    def __reduce__(self) -> tuple[Any, ...]:
        """Leave out what holds machine addresses: they mean nothing in another process."""
        return type(self), (self._operations, self.shape, self._theta, self._state)

    def __repr__(self) -> str:
        outputs = self.shape[0] if len(self.shape) == 1 else self.shape
        return f"CompiledPredictor({self.n_features} -> {outputs}, {self.dtype})"
