"""PyTorch's convolutional, recurrent and attention networks, eager and compiled, with the fused Adam.

Attention is PyTorch's own fused `scaled_dot_product_attention`, the LSTM is `torch.nn.LSTM` (one call of a native
kernel); convolutions take part with pictures channels first and channels last. `torch.compile` is tried on all.
"""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", "1")  # no pool of compiling processes beside the measurement

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from deep_shapes import BLOCKS, CNN, HEADS, HIDDEN, LSTM, TRANSFORMER, VOCABULARY, WIDTH, WINDOW, DeepShape
from peers import Run


class LastStep(nn.Module):
    """An LSTM that gives its last state."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(28, 64, batch_first=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(n, time, features) to (n, units)."""
        return self.lstm(x)[0][:, -1]


class Block(nn.Module):
    """A block of a Transformer that normalises first."""

    def __init__(self) -> None:
        super().__init__()
        self.norm_1, self.norm_2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.dense = nn.Sequential(nn.Linear(WIDTH, HIDDEN), nn.GELU(), nn.Linear(HIDDEN, WIDTH))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(n, time, width) to the same."""
        n, time, width = x.shape
        q, k, v = self.qkv(self.norm_1(x)).view(n, time, 3, HEADS, width // HEADS).permute(2, 0, 3, 1, 4)
        attended = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(attended.transpose(1, 2).reshape(n, time, width))
        return x + self.dense(self.norm_2(x))


class Transformer(nn.Module):
    """A causal model of characters."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, WIDTH)
        self.positions = nn.Parameter(torch.randn(WINDOW, WIDTH) * 0.02)
        self.blocks = nn.Sequential(*[Block() for _ in range(BLOCKS)])
        self.norm, self.out = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, VOCABULARY)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """(n, time) to logits, (n, vocabulary, time)."""
        x = self.embedding(tokens) + self.positions[: tokens.shape[1]]
        return self.out(self.norm(self.blocks(x))).transpose(1, 2)


def model_of(shape: DeepShape) -> nn.Module:
    """Return one of the networks."""
    if shape.name == CNN:
        return nn.Sequential(
            nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 3), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(400, 10),
        )  # fmt: skip
    return nn.Sequential(LastStep(), nn.Linear(64, 10)) if shape.name == LSTM else Transformer()


def forms(shape: DeepShape, X: NDArray[np.float32], y: NDArray[Any], n_threads: int) -> dict[str, Run]:
    """Return the networks eager and compiled, convolutions also with channels last."""
    torch.set_num_threads(n_threads)
    torch.manual_seed(0)
    inputs, targets = torch.from_numpy(X), torch.from_numpy(y)
    if shape.name == TRANSFORMER:
        inputs = inputs.long()
    elif shape.name == CNN:
        inputs = inputs[:, None]

    def form(compiled: bool, channels_last: bool) -> Run:
        model: Any = model_of(shape)
        given = inputs
        if channels_last:
            model = model.to(memory_format=torch.channels_last)
            given = inputs.to(memory_format=torch.channels_last)
        optimizer = torch.optim.Adam(model.parameters(), fused=True)
        if compiled:
            model = torch.compile(model, dynamic=False)

        def run(epochs: int) -> list[float]:
            for _ in range(epochs):
                for batch in torch.randperm(shape.n_samples).split(shape.batch_size):
                    optimizer.zero_grad()
                    functional.cross_entropy(model(given[batch]), targets[batch]).backward()
                    optimizer.step()
            return []

        return run

    layouts = {"": False, ", channels last": True} if shape.name == CNN else {"": False}
    return {
        f"{'compiled' if compiled else 'eager'}{layout}": form(compiled, last)
        for compiled in (False, True)
        for layout, last in layouts.items()
    }
