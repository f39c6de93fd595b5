"""PyTorch in as many processes as there are cores, one thread in each.

Processes are forked where the system can, so that they need not import PyTorch again; elsewhere they are spawned. The
loop is the plain one, in the form that `step.py` finds fastest for networks of these sizes: tensors in memory, a fresh
permutation every epoch, gathered once and walked through in slices, and the fused Adam.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from configurations import BATCH_SIZE, N_CLASSES, N_FEATURES, Configuration, Digits, digits

METHOD = "fork" if sys.platform == "linux" else "spawn"
_parts: dict[str, torch.Tensor] = {}  # of a process of the pool: its tensors


def begin(data: Digits) -> None:
    """Make a process of the pool ready."""
    torch.set_num_threads(1)
    _parts.update({name: torch.from_numpy(array) for name, array in vars(data).items()})


def trained(one: Configuration, epochs: int, **adam: Any) -> float:
    """Train the network of a configuration in this process; return its validation accuracy."""
    torch.manual_seed(one.seed)
    layers: list[nn.Module] = []
    n_in = N_FEATURES
    for n_out in one.hidden:
        layers += [nn.Linear(n_in, n_out), nn.ReLU()]
        n_in = n_out
    network = nn.Sequential(*layers, nn.Linear(n_in, N_CLASSES))
    optimizer = torch.optim.Adam(network.parameters(), lr=one.learning_rate, **(adam or {"fused": True}))
    X, y = _parts["X"], _parts["y"]
    for _ in range(epochs):
        permutation = torch.randperm(len(X))
        batches = X[permutation].split(BATCH_SIZE), y[permutation].split(BATCH_SIZE)
        for inputs, targets in zip(*batches, strict=True):
            optimizer.zero_grad()
            functional.cross_entropy(network(inputs), targets).backward()
            optimizer.step()
    with torch.inference_mode():
        right = network(_parts["X_validation"]).argmax(dim=1) == _parts["y_validation"]
    return float(right.float().mean())


def searches(configurations: Sequence[Configuration], epochs: int) -> Callable[[], list[float]]:
    """Return the search; it gives the validation accuracies. The pool is started in the first and kept."""
    data = digits()
    n_processes = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    pools: list[Any] = []

    def search() -> list[float]:
        if not pools:
            pools.append(multiprocessing.get_context(METHOD).Pool(n_processes, begin, (data,)))
            atexit.register(pools[0].terminate)
        found: list[float] = pools[0].starmap(trained, [(one, epochs) for one in configurations], chunksize=1)
        return found

    return search
