"""The convolutional, recurrent and attention networks on which netlet and PyTorch are timed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

CNN, LSTM, TRANSFORMER = "CNN 28x28, 64", "LSTM 28x28, 64", "Transformer 64x64, 32"
VOCABULARY, WINDOW, WIDTH, HEADS, HIDDEN, BLOCKS = 65, 64, 64, 4, 256, 2


@dataclass(frozen=True)
class DeepShape:
    """One network with its batch size, the length of its epoch, and the bar netlet is held to on it."""

    name: str
    what: str
    batch_size: int
    n_steps: int  # optimizer steps in one epoch
    bar: float  # how many times faster than PyTorch in its best form

    @property
    def n_samples(self) -> int:
        """Samples in the data: whole batches only."""
        return self.batch_size * self.n_steps

    def data(self, seed: int = 0) -> tuple[NDArray[np.float32], NDArray[Any]]:
        """Make the data: noise, and labels that follow from it, so that gradients stay of ordinary size.

        Returns
        -------
        X : float32 array, (n_samples, 28, 28), or of character numbers, (n_samples, WINDOW)
        y : int64 array, (n_samples,), or (n_samples, WINDOW)
        """
        rng = np.random.default_rng(seed)
        if self.name == TRANSFORMER:
            numbers = rng.integers(0, VOCABULARY, (self.n_samples, WINDOW + 1))
            numbers[:, 1::2] = (numbers[:, 0:-1:2] * 7 + 3) % VOCABULARY
            return numbers[:, :-1].astype(np.float32), numbers[:, 1:].copy()
        X = rng.standard_normal((self.n_samples, 28, 28), dtype=np.float32)
        teacher = rng.standard_normal((784, 10)) / 28
        return X, (X.reshape(-1, 784) @ teacher).argmax(axis=1)


DEEP_SHAPES = {
    shape.name: shape
    for shape in (
        DeepShape(CNN, "convolution of 8 filters 3x3, ReLU, pool 2, of 16, ReLU, pool 2, dense 10", 64, 20, 2.0),
        DeepShape(LSTM, "28 steps of 28 numbers, LSTM of 64, dense 10", 64, 20, 2.5),
        DeepShape(TRANSFORMER, "width 64, 4 heads, 2 layers, 64 tokens, vocabulary 65", 32, 5, 1.5),
    )
}
