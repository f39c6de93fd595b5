"""A walk: the kernels of a network called one by one from Python, each value kept to be looked at.

Training and prediction run their passes in one compiled loop over one arena, and training leaves out the gradient of
the input, which no parameter needs. A walk computes the same with the same kernels. By itself it runs as prediction
does: without dropout, and with running statistics in batch normalisation, forward and backward. Given the step of a
training it runs as that step does: then all samples of the batch are to be walked with together.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from netlet.graph import program as table
from netlet.graph.building import Operation
from netlet.graph.lowering import lower, needed_for
from netlet.kernels.compiling import BACKWARD_INPUT, BACKWARD_PARAMETERS, DERIVE, address
from netlet.kernels.registry import layers

_BYTES = 2**26  # of values and gradients of the samples that are taken together
_MOST_ROWS = 256
_PREDICTING = (0, 0, 0, 0, 0)  # the step: no training, no random numbers


class Walk:
    """The operations that one of them depends on, ready to be walked.

    Parameters
    ----------
    operations : sequence of Operation
    output : int
        The operation at which the walk ends.
    theta : dtype, (n_theta,)
    state : dtype, (n_state,)
        Overwritten by layers that keep something while training.
    step : tuple of 5 int
        As kernels are given it: 1 while training, the two halves of the seed, the step's number, the first row.
    frozen : frozenset of str
        Layers that stay as they are in that training.

    Attributes
    ----------
    block : int
        How many samples to walk with together, so that all their values keep to some 64 MB.
    values, saved : dict of int to array
        By operation, of the samples of the last walk: what it gives (n, size), and what it keeps for the way back.
    """

    def __init__(
        self,
        operations: Sequence[Operation],
        output: int,
        theta: np.ndarray,
        state: np.ndarray,
        step: tuple[int, int, int, int, int] = _PREDICTING,
        frozen: frozenset[str] = frozenset(),
    ) -> None:
        self._step = step
        self.operations, self.output, self.theta, self.state = operations, output, theta, state
        self.dtype = str(theta.dtype)
        self.kept = needed_for(operations, output)
        program = lower(operations, output, 1, self.dtype)
        self._nodes, self._settings, self._factors = program.nodes, program.settings, program.factors
        for row, place in enumerate(self.kept[1:], start=1):
            names = layers[operations[place].row].settings
            if "frozen" in names:  # backward then takes the running statistics for what they are: constants
                stays = step == _PREDICTING or not frozen.isdisjoint(operations[place].names)
                self._settings[row, names.index("frozen")] = int(stays)
        numbers = int(2 * self._nodes[:, table.SIZE].sum() + self._nodes[:, table.SAVED_SIZE].sum())
        self.block = min(max(1, _BYTES // (numbers * theta.itemsize)), _MOST_ROWS)
        self.values: dict[int, np.ndarray] = {}
        self.saved: dict[int, np.ndarray] = {}

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Compute the output of some samples.

        Parameters
        ----------
        x : dtype, (n, n_features)

        Returns
        -------
        dtype, (n, size of the output)
        """
        self.values, self.saved = {0: np.array(x, dtype=self.dtype, order="C")}, {}
        for row, place in enumerate(self.kept[1:], start=1):
            node, operation = self._nodes[row], self.operations[place]
            y = np.zeros((len(x), operation.size), self.dtype)
            saved = np.zeros((len(x), int(node[table.SAVED_SIZE])), self.dtype)
            first, second = self._sources(operation)
            layers[operation.row].forward(
                first, second, self._own(node, table.THETA, self.theta), y, saved,
                self._own(node, table.STATE, self.state), self._settings[row], self._factors[row], self._step,
            )  # fmt: skip
            self.values[place], self.saved[place] = y, saved
        return self.values[self.output]

    def backward(self, slope: np.ndarray, at: int | None = None) -> dict[int, np.ndarray]:
        """Carry a gradient from the output back to the input, after `forward`; once.

        Parameters
        ----------
        slope : dtype, (n, size of the output)
        at : int, optional
            An operation before the output, whose gradient `slope` is instead.

        Returns
        -------
        dict of int to array
            By operation, the gradient with respect to what it gives: (n, size). 0 is the input. Operations that the
            output follows from by no derivative, such as what only an embedding reads, are left out.
        """
        gradients = {self.output if at is None else at: np.array(slope, dtype=self.dtype, order="C")}
        for row in range(len(self.kept) - 1, 0, -1):
            place = self.kept[row]
            operation = self.operations[place]
            if place not in gradients or operation.row == "embedding":
                continue
            for source, gradient in zip(operation.sources, self._carried(row, gradients[place]), strict=False):
                gradients[source] = gradients[source] + gradient if source in gradients else gradient
        return gradients

    def derivative(self, place: int) -> np.ndarray:
        """Compute the derivative of an operation that takes every number by itself, after `forward`: (n, size)."""
        return self._carried(self.kept.index(place), np.ones_like(self.values[place]))[0]

    def parameter_gradient(self, gradients: dict[int, np.ndarray]) -> np.ndarray:
        """Compute the gradient with respect to the parameters from what `backward` returned: dtype, (n_theta,)."""
        dtheta = np.zeros_like(self.theta)
        for row, place in enumerate(self.kept):
            operation, node = self.operations[place], self._nodes[row]
            owner = operation if operation.shares is None else self.operations[operation.shares]
            if place not in gradients or not owner.n_theta:
                continue
            kernel = layers[operation.row]
            address(kernel.backward_parameters, BACKWARD_PARAMETERS, self.dtype)
            own = np.zeros(owner.n_theta, self.dtype)
            kernel.backward_parameters(
                gradients[place], self._sources(operation)[0], self._own(node, table.THETA, self.theta),
                self.values[place], self.saved[place], self._settings[row], self._factors[row], 0, owner.n_rows, own,
            )  # fmt: skip
            dtheta[owner.theta : owner.theta + owner.n_theta] += own
        return dtheta

    def _carried(self, row: int, dy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the gradients with respect to the two values that a row's operation reads."""
        place = self.kept[row]
        operation, node = self.operations[place], self._nodes[row]
        kernel = layers[operation.row]
        address(kernel.backward_input, BACKWARD_INPUT, self.dtype)
        first, second = self._sources(operation)
        dx, dx2 = np.zeros_like(first), np.zeros_like(second)
        theta = self._own(node, table.THETA, self.theta)
        kernel.backward_input(
            dy, first, second, theta, self._derived(row, operation, theta, len(dy)), self.values[place],
            self.saved[place], self._settings[row], self._factors[row], dx, dx2,
        )  # fmt: skip
        return dx, dx2

    def _sources(self, operation: Operation) -> tuple[np.ndarray, np.ndarray]:
        """Return the values that an operation reads; the second has no columns where there is none."""
        first = self.values[operation.sources[0]]
        if len(operation.sources) == 2:
            return first, self.values[operation.sources[1]]
        return first, np.zeros((len(first), 0), self.dtype)

    def _own(self, node: np.ndarray, column: int, numbers: np.ndarray) -> np.ndarray:
        """Return a node's part of the parameters or of the state; its size stands in the column after its place."""
        return numbers[node[column] : node[column] + node[column + 1]]

    def _derived(self, row: int, operation: Operation, theta: np.ndarray, n_samples: int) -> np.ndarray:
        """Return what backward needs that follows from the parameters alone."""
        kernel = layers[operation.row]
        n_in = self.operations[operation.sources[0]].size
        derived = np.zeros(kernel.n_derived(n_in, operation.size, n_samples, operation.settings), self.dtype)
        if derived.size:
            address(kernel.derive, DERIVE, self.dtype)
            kernel.derive(theta, self._settings[row], self._factors[row], 0, theta.size, derived)
        return derived
