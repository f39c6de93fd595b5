"""Gradients with respect to a network's inputs: what each number of a sample does to its loss, or to one output.

    g_ij = dL_i / dx_ij        of an embedded category: |dL_i / de_ij|, the length of its vector's gradient

Reference: Simonyan, Vedaldi, Zisserman, "Deep inside convolutional networks: visualising image classification models
and saliency maps", 2013.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from netlet.graph import program as table
from netlet.graph.building import Operation
from netlet.graph.embedding import integer_columns
from netlet.insight.walk import Walk
from netlet.kernels.blas import single_threaded_blas
from netlet.kernels.compiling import LOSS, address
from netlet.training.learnt import Learnt
from netlet.training.losses import Loss
from netlet.training.stepper import Samples


def gradient_of_losses(
    operations: Sequence[Operation], learnt: Learnt, loss: Loss, reads: int, samples: Samples
) -> np.ndarray:
    """Compute the gradient of each sample's own loss with respect to its input.

    Parameters
    ----------
    operations : sequence of Operation
    learnt : Learnt
    loss : Loss
    reads : int
        The operation that the loss reads.
    samples : Samples
        Their weights are not used.

    Returns
    -------
    dtype, (n, n_features)
        In columns that hold numbers of categories: the length of the gradient with respect to the category's vector.
    """
    kernel, dtype = loss.row.kernel, learnt.theta.dtype
    address(kernel, LOSS, learnt.dtype)
    factors = np.zeros(table.N_SETTINGS, dtype)
    factors[: len(loss.factors())] = loss.factors()

    def slope(rows: slice, logits: np.ndarray) -> np.ndarray:
        gradient = np.zeros_like(logits)
        targets = np.array(samples.y[rows], dtype, order="C")
        kernel(logits, targets, np.zeros(0, dtype), dtype.type(1), factors, gradient)
        return gradient

    return _gradients(operations, learnt, reads, samples.x, slope)


def gradient_of_output(
    operations: Sequence[Operation], learnt: Learnt, reads: int, x: np.ndarray, output: np.ndarray | None
) -> np.ndarray:
    """Compute the gradient of one output of each sample with respect to its input.

    Parameters
    ----------
    operations : sequence of Operation
    learnt : Learnt
    reads : int
        The operation whose value holds the output.
    x : dtype, (n, n_features)
    output : int64, (n,), or None
        Which number of that value, for each sample; None: its largest.

    Returns
    -------
    dtype, (n, n_features)
        As `gradient_of_losses`.
    """

    def slope(rows: slice, values: np.ndarray) -> np.ndarray:
        gradient = np.zeros_like(values)
        chosen = values.argmax(axis=1) if output is None else output[rows]
        gradient[np.arange(len(values)), chosen] = 1
        return gradient

    return _gradients(operations, learnt, reads, x, slope)


def _gradients(
    operations: Sequence[Operation],
    learnt: Learnt,
    reads: int,
    x: np.ndarray,
    slope: Callable[[slice, np.ndarray], np.ndarray],
) -> np.ndarray:
    """Walk there and back with a block of samples after the other; `slope` gives the gradient at the end."""
    walk = Walk(operations, reads, learnt.theta, learnt.state)
    result = np.zeros(x.shape, learnt.dtype)
    places = [place for place, operation in enumerate(operations) if operation.row == "embedding"]
    embedded = list(zip(places, integer_columns(operations), strict=True))
    with single_threaded_blas():
        for start in range(0, len(x), walk.block):
            rows = slice(start, start + walk.block)
            gradients = walk.backward(slope(rows, walk.forward(x[rows])))
            if 0 in gradients:
                result[rows] = gradients[0]
            if embedded:
                _put_lengths(result[rows], gradients, embedded)
    return result


def _put_lengths(
    part: np.ndarray, gradients: dict[int, np.ndarray], embedded: list[tuple[int, tuple[int, int, int]]]
) -> None:
    """Put the lengths of the vectors' gradients in the columns of categories; those of several tables together."""
    squares = np.zeros(part.shape)  # in double precision: the square of a small float32 would vanish
    for place, (first, count, _) in embedded:
        if place in gradients:
            vectors = gradients[place].reshape(len(part), count, -1).astype(np.float64)
            squares[:, first : first + count] += (vectors**2).sum(axis=2)
    for _, (first, count, _) in embedded:
        part[:, first : first + count] = np.sqrt(squares[:, first : first + count])
