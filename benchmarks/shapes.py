"""The networks, batch sizes and data on which netlet and its peers are timed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Shape:
    """One network with its batch size, the length of its epoch, and the bars netlet is held to on it."""

    sizes: tuple[int, ...]
    batch_size: int
    n_steps: int  # optimizer steps in one epoch
    activation: str = "relu"
    bar_eager: float | None = None  # how many times faster than PyTorch eager
    bar_fastest: float | None = None  # how many times faster than the fastest peer
    bar_threads: float | None = None  # how many times faster on two threads than on one

    @property
    def name(self) -> str:
        """The name on the command line and in the tables, such as `64-32-10/32`."""
        return "-".join(map(str, self.sizes)) + f"/{self.batch_size}"

    @property
    def hidden(self) -> tuple[int, ...]:
        """The sizes of the hidden layers."""
        return self.sizes[1:-1]

    @property
    def classifies(self) -> bool:
        """Whether the loss is softmax cross-entropy; with one output it is the squared error."""
        return self.sizes[-1] > 1

    @property
    def n_samples(self) -> int:
        """Samples in the data: whole batches only, so that every step does the same work."""
        return self.batch_size * self.n_steps

    @property
    def flop(self) -> int:
        """Floating point operations in the matrix products of one step.

        Forward and the gradient of the weights cost `2 * batch * n_in * n_out` each in every layer, and so does the
        gradient of the input in every layer but the first, where nobody needs it.
        """
        products = [n_in * n_out for n_in, n_out in zip(self.sizes, self.sizes[1:], strict=False)]
        return 2 * self.batch_size * (3 * sum(products) - products[0])

    def data(self, seed: int = 0) -> tuple[NDArray[np.float32], NDArray[Any]]:
        """Make the data: normal inputs, targets from a random linear teacher with noise.

        There is something to learn and it cannot be learnt by heart at once, so gradients stay of ordinary size for as
        long as a measurement lasts (vanishing ones become denormal numbers, on which some processors are slow).

        Returns
        -------
        X : float32 array of shape (n_samples, n_features)
        y : int64 array of labels, or float32 array of values, of shape (n_samples,)
        """
        rng = np.random.default_rng(seed)
        X = rng.standard_normal((self.n_samples, self.sizes[0]), dtype=np.float32)
        teacher = rng.standard_normal((self.sizes[0], self.sizes[-1])) / np.sqrt(self.sizes[0])
        scores = X @ teacher + rng.standard_normal((self.n_samples, self.sizes[-1]))
        return (X, scores.argmax(axis=1)) if self.classifies else (X, scores[:, 0].astype(np.float32))


SHAPES = {
    shape.name: shape
    for shape in (
        Shape((64, 32, 10), 32, 200, bar_eager=25, bar_fastest=2.5),
        Shape((64, 100, 10), 200, 200, bar_eager=8, bar_fastest=2.5, bar_threads=1.6),
        Shape((64, 64, 64, 64, 10), 64, 200, bar_eager=10, bar_fastest=1.8),
        Shape((30, 64, 32, 1), 64, 200),
        Shape((784, 256, 10), 128, 50, bar_eager=1.8, bar_fastest=1.1, bar_threads=1.6),
        Shape((784, 512, 512, 10), 128, 50, bar_eager=1.3, bar_fastest=1.1, bar_threads=1.6),
        Shape((8, 16, 16, 1), 16, 200, activation="tanh", bar_eager=40, bar_fastest=1.5),
    )
}

# One row is a batch; the "epoch" is a pass over a thousand of them.
PREDICTED = Shape((20, 32, 2), 1, 1000)


def shape_named(name: str) -> Shape:
    """Return a shape by its name."""
    return (SHAPES | {PREDICTED.name: PREDICTED})[name]
