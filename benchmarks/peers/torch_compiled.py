"""PyTorch's compiled step: gather, forward, gradient and Adam as one function under `torch.compile`.

The functional form (`torch.func.grad` and Adam written out, in place) gives the compiler the whole step as one graph;
compiling only the model and keeping `optimizer.step()` outside was four times slower on the small networks. The C++
wrapper replaces the generated Python around the kernels and needs a C++ compiler.
"""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", "1")  # no pool of compiling processes beside the measurement

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from peers import Run
from shapes import Shape

Tensors = list[torch.Tensor]


def forms(shape: Shape, X: NDArray[np.float32], y: NDArray[Any], n_threads: int) -> dict[str, Run]:
    """Return the compiled step with the C++ wrapper, plain and with `max_autotune`."""
    torch.set_num_threads(n_threads)
    torch.manual_seed(0)
    torch._dynamo.reset()  # every shape is a compilation of its own: without this the limit on recompilations is hit
    inputs = torch.from_numpy(X)
    targets = torch.from_numpy(y) if shape.classifies else torch.from_numpy(y[:, np.newaxis])
    loss = functional.cross_entropy if shape.classifies else functional.mse_loss
    activation = torch.tanh if shape.activation == "tanh" else torch.relu

    def loss_of(theta: Tensors, x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        for weight, bias in zip(theta[:-2:2], theta[1:-2:2], strict=True):
            x = activation(functional.linear(x, weight, bias))
        return loss(functional.linear(x, theta[-2], theta[-1]), t)

    def step(
        theta: Tensors, first: Tensors, second: Tensors, count: torch.Tensor,
        inputs: torch.Tensor, targets: torch.Tensor, batch: torch.Tensor,
    ) -> None:  # fmt: skip
        gradient = torch.func.grad(loss_of)(theta, inputs[batch], targets[batch])
        count += 1
        rate = 1e-3 / (1 - 0.9**count)
        scale = torch.rsqrt(1 - 0.999**count)
        for p, m, v, g in zip(theta, first, second, gradient, strict=True):
            m.mul_(0.9).add_(g, alpha=0.1)
            v.mul_(0.999).addcmul_(g, g, value=0.001)
            p.sub_(rate * m / (v.sqrt() * scale + 1e-8))

    def form(**options: bool) -> Run:
        theta: Tensors = []
        for n_in, n_out in zip(shape.sizes, shape.sizes[1:], strict=False):
            layer = torch.nn.Linear(n_in, n_out)
            theta += [layer.weight.detach(), layer.bias.detach()]
        first, second = ([torch.zeros_like(p) for p in theta] for _ in range(2))
        count = torch.zeros(())
        compiled = torch.compile(step, fullgraph=True, dynamic=False, options=dict(options))

        def run(epochs: int) -> list[float]:
            with torch.no_grad():
                for _ in range(epochs):
                    for batch in torch.randperm(shape.n_samples).split(shape.batch_size):
                        compiled(theta, first, second, count, inputs, targets, batch)
            return []

        return run

    return {"cpp_wrapper": form(cpp_wrapper=True), "max_autotune": form(cpp_wrapper=True, max_autotune=True)}
