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

from netlet.kernels.compiling import inline
from netlet.kernels.memory import matrix, vector
from netlet.kernels.products import add_transposed_dot, transposed_dot

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
def place_input_gradients(gradients, lengths, t, steps, reverse, dx):
    """Copy `gradients` (n, n_features) of step t to their rows of dx (n, steps * n_features)."""
    n_features = gradients.shape[1]
    for i in range(dx.shape[0]):
        length = length_of(lengths, i, steps)
        if t < length:
            first = row_of_step(t, length, reverse) * n_features
            for j in range(n_features):
                dx[i, first + j] = gradients[i, j]


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
    """Add the gradient of sample i's output after step t, which is before its end, to that of its state, dh (units,)."""
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
def transpose(weight, first, last, transposed):
    """Copy rows `first` to `last` of `weight` (n_rows, m) to the columns of `transposed` (m, n_rows)."""
    for j in range(weight.shape[1]):
        for i in range(max(first, 0), min(last, weight.shape[0])):
            transposed[j, i] = weight[i, j]


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
