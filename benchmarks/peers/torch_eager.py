"""PyTorch as most people write it: a `Sequential`, `backward` and `torch.optim.Adam`.

All three implementations of Adam take part. Gathering the shuffled epoch once and walking through it in slices is
cheaper for small networks than indexing at every step, and dearer for wide inputs: both take part for the fastest Adam.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from peers import Run
from shapes import Shape


def forms(shape: Shape, X: NDArray[np.float32], y: NDArray[Any], n_threads: int) -> dict[str, Run]:
    """Return Adam's implementations by name, `fused` also with a gather at every step."""
    torch.set_num_threads(n_threads)
    torch.manual_seed(0)
    inputs = torch.from_numpy(X)
    targets = torch.from_numpy(y) if shape.classifies else torch.from_numpy(y[:, np.newaxis])
    loss = functional.cross_entropy if shape.classifies else functional.mse_loss
    batch_size = shape.batch_size

    def form(gather_epoch: bool, **adam: bool) -> Run:
        layers: list[nn.Module] = []
        for n_in, n_out in zip(shape.sizes, shape.sizes[1:], strict=False):
            layers += [nn.Linear(n_in, n_out), nn.Tanh() if shape.activation == "tanh" else nn.ReLU()]
        network = nn.Sequential(*layers[:-1])
        optimizer = torch.optim.Adam(network.parameters(), lr=1e-3, **adam)

        def step(x: torch.Tensor, t: torch.Tensor) -> None:
            optimizer.zero_grad()
            loss(network(x), t).backward()
            optimizer.step()

        def run(epochs: int) -> list[float]:
            for _ in range(epochs):
                permutation = torch.randperm(shape.n_samples)
                if gather_epoch:
                    shuffled = inputs[permutation].split(batch_size), targets[permutation].split(batch_size)
                    for x, t in zip(*shuffled, strict=True):
                        step(x, t)
                else:
                    for batch in permutation.split(batch_size):
                        step(inputs[batch], targets[batch])
            return []

        return run

    return {
        "default": form(True),
        "foreach": form(True, foreach=True),
        "fused": form(True, fused=True),
        "fused, gather a step": form(False, fused=True),
    }
