"""What the recurrent layers share: the order of their steps, and parameter gradients summed over all steps at once.

A sample is `steps` rows of features, one after another. For the kernels a cut of n samples is laid out in time: all
samples of step 0, then all of step 1, so that one step is one product of matrices that lie in one piece.

A sequence of length k < steps ends after k steps: later rows are not read, the outputs there are 0, and the states stay
as they were at its end. Backward, a reversed sequence is read from its own last row to its first: step t reads, and
gives its output at, row k - 1 - t. The order is thus settled where rows are copied, and the recurrences know only
steps that come first and an end that comes last.

`saved` begins with the number of samples in the cut, for the parameter gradients, which are those of all the cuts of a
batch; what a layer keeps follows at the next cache line.
"""

from collections.abc import Callable, Mapping

from netlet.kernels.compiling import inline
from netlet.kernels.memory import matrix, vector
from netlet.kernels.products import HAS_SMALL_KERNELS, add_transposed_dot, dot, dot_transposed, transposed_dot
from netlet.kernels.registry import Block

HEADER = 16  # numbers


def whole_lines(numbers: int) -> int:
    """Round a count of numbers up to whole cache lines, so that every cut of the batch begins at one."""
    return -(-numbers // HEADER) * HEADER


@inline
def length_of(lengths, i, steps):
    """Return how many steps sample i has: all, where `lengths` has no columns; a length beyond 0 to `steps` is cut."""
    if lengths.shape[1] == 0:
        return steps
    length = lengths[i, 0]
    if length >= steps:
        return steps
    return int(length) if length > 0 else 0


@inline
def row_of_step(t, length, reverse):
    """Return which row of a sequence is read, and written, at step t."""
    return length - 1 - t if reverse == 1 else t


@inline
def place_inputs(x, lengths, t, steps, reverse, inputs):
    """Copy the rows of x (n, steps * n_features) for step t to the first columns of `inputs` (n, >= n_features).

    Samples that have ended get zeros: what stands in their later rows, be it NaN, is not read.
    """
    n_features, zero = x.shape[1] // steps, x.dtype.type(0)
    for i in range(x.shape[0]):
        length = length_of(lengths, i, steps)
        if t < length:
            first = row_of_step(t, length, reverse) * n_features
            for j in range(n_features):
                inputs[i, j] = x[i, first + j]
        else:
            for j in range(n_features):
                inputs[i, j] = zero


@inline
def fill(values, number):
    """Set every number of `values` (n, m)."""
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            values[i, j] = number


@inline
def fill_column(values, column, number):
    """Set one column of `values` (n, m), unless it has not so many."""
    if column < values.shape[1]:
        for i in range(values.shape[0]):
            values[i, column] = number


@inline
def place_outputs(states, lengths, t, steps, reverse, whole, first, y):
    """Copy the states after step t, from column `first` of `states` on, to y: to their rows, or at the end as they are.

    y is (n, steps * units) where the whole sequence is wanted, else (n, units). A sample whose length is not a number
    has an output that is not one either.
    """
    units = y.shape[1] // steps if whole == 1 else y.shape[1]
    if whole == 0 and t < steps - 1:
        return
    for i in range(y.shape[0]):
        length = length_of(lengths, i, steps)
        if whole == 0:
            for j in range(units):
                y[i, j] = states[i, first + j]
        elif t < length:
            start = row_of_step(t, length, reverse) * units
            for j in range(units):
                y[i, start + j] = states[i, first + j]
        else:
            for j in range(t * units, (t + 1) * units):  # the rows after the end, in either direction
                y[i, j] = y.dtype.type(0)
        if lengths.shape[1] > 0 and lengths[i, 0] != lengths[i, 0]:
            for j in range(units):
                y[i, j] = lengths[i, 0]


@inline
def add_output_gradient(dy, i, length, t, steps, reverse, whole, dh):
    """Add the gradient of sample i's output after step t, before its end, to that of its state, dh (units,)."""
    if whole == 1:
        start = row_of_step(t, length, reverse) * dh.size
        for j in range(dh.size):
            dh[j] += dy[i, start + j]


@inline
def end_gradients(dy, whole, dh):
    """Set the gradient dh (n, units) of the last states: that of the output where it is them, else 0."""
    for i in range(dh.shape[0]):
        for j in range(dh.shape[1]):
            dh[i, j] = dh.dtype.type(0) if whole == 1 else dy[i, j]


@inline
def carry_back(da, theta, derived, n_features, lengths, t, steps, room, dh):
    """Set dh (n, m), the gradient of the states, to ``da U^T`` for samples that have not ended at step t.

    `da` (n, width) is the gradient of the sums, `room` (n, m) is room. U are the rows of theta (..., width) from
    `n_features` on; its transpose is what `derived` begins with, where there is one.
    """
    m, width = dh.shape[1], da.shape[1]
    if derived.size > 0:
        dot(da, matrix(derived, 0, width, m), room)
    else:
        dot_transposed(da, matrix(theta, n_features * width, m, width), room)
    for i in range(dh.shape[0]):
        if t < length_of(lengths, i, steps):
            for j in range(m):
                dh[i, j] = room[i, j]


@inline
def input_gradient(da, theta, derived, m, lengths, t, steps, reverse, room, dx):
    """Set the rows of dx (n, steps * n_features) that were read at step t to ``da W^T``, if dx has columns.

    W are the first rows of theta (..., width); its transpose stands in `derived` behind that of U, which has m rows.
    """
    if dx.shape[1] == 0:
        return
    n_features, width = room.shape[1], da.shape[1]
    if derived.size > 0:
        dot(da, matrix(derived, m * width, width, n_features), room)
    else:
        dot_transposed(da, matrix(theta, 0, n_features, width), room)
    for i in range(dx.shape[0]):
        length = length_of(lengths, i, steps)
        if t < length:
            first = row_of_step(t, length, reverse) * n_features
            for j in range(n_features):
                dx[i, first + j] = room[i, j]


@inline
def transpose(weight, first, last, transposed):
    """Copy rows `first` to `last` of `weight` (n_rows, m) to the columns of `transposed` (m, n_rows)."""
    for j in range(weight.shape[1]):
        for i in range(max(first, 0), min(last, weight.shape[0])):
            transposed[j, i] = weight[i, j]


@inline
def derive_transposed(theta, m, gates, n_before, first, last, derived):
    """Bring U^T and W^T in `derived` up to date with rows `first` to `last` of theta; U begins after `n_before` rows.

    What of these lies between W and U is passed over: W has as many rows as there is room for.
    """
    width = gates * m
    n_features = derived.size // width - m
    recurrent = matrix(theta, n_before * width, m, width)
    transpose(recurrent, first - n_before, last - n_before, matrix(derived, 0, width, m))
    transpose(matrix(theta, 0, n_features, width), first, last, matrix(derived, width * m, width, n_features))


@inline
def gradient_over_time(saved, inputs_at, n_inputs, gradients_at, width, steps, first, dtheta):
    """Set dtheta (n_rows, width) to rows `first` on of the sum of inputs^T gradients over all steps of all samples.

    Parameters
    ----------
    saved : (n, n_saved)
        Cut by cut as the kernels of the passes left it.
    inputs_at, gradients_at : int
        Where in a cut the inputs (steps * n, n_inputs) and the gradients (steps * n, width) begin: numbers a sample.
    """
    if saved.shape[0] == 0:
        fill(dtheta, dtheta.dtype.type(0))
    row = 0
    while row < saved.shape[0]:
        start = row * saved.shape[1]
        n = int(vector(saved, start, 1)[0])
        inputs = matrix(saved, start + HEADER + n * inputs_at, steps * n, n_inputs)
        gradients = matrix(saved, start + HEADER + n * gradients_at, steps * n, width)
        if row == 0:
            transposed_dot(inputs, first, gradients, dtheta)
        else:
            add_transposed_dot(inputs, first, gradients, dtheta)
        row += n


def size_of_states(n_in: tuple[int, ...], settings: Mapping[str, int]) -> int:
    """Return the size of the states after all steps, or of the last."""
    return settings["units"] * (settings["steps"] if settings["whole"] else 1)


def parameters_of(gates: int) -> Callable[[tuple[int, ...], int, Mapping[str, int]], tuple[Block, ...]]:
    """Return the rule for the blocks W, U and b of a layer with so many gates."""

    def blocks(n_in: tuple[int, ...], n_out: int, settings: Mapping[str, int]) -> tuple[Block, ...]:
        units, n_features = settings["units"], n_in[0] // settings["steps"]
        weights = (
            Block("weight", n_features, gates * units, is_weight=True),
            Block("recurrent_weight", units, gates * units, is_weight=True),
        )
        return (*weights, Block("bias", 1, gates * units)) if settings["bias"] else weights

    return blocks


def n_of_transposed(gates: int) -> Callable[[int, int, int, Mapping[str, int]], int]:
    """Return the rule for the size of U^T and W^T: OpenBLAS's small kernels are slow at ``da U^T``."""

    def size(n_in: int, n_out: int, batch_size: int, settings: Mapping[str, int]) -> int:
        units = settings["units"]
        return gates * units * (units + n_in // settings["steps"]) if HAS_SMALL_KERNELS else 0

    return size


def uses_of_steps(n_in: int, n_out: int, settings: Mapping[str, int]) -> int:
    """Return how often a sample uses each weight: once a step."""
    return settings["steps"]
