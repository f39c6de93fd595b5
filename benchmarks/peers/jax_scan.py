"""JAX at its best: a whole epoch as one compiled `lax.scan`, the state donated.

The permutation is drawn by NumPy and handed over: JAX's own, inside the compiled function, sorts random keys and costs
more. The forms differ in the shape of the state, in where the batches are gathered, and in unrolling: which one is
fastest depends on the network and on the number of threads.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from peers import Run
from peers.jax_model import start, update
from shapes import Shape


def forms(shape: Shape, X: NDArray[np.float32], y: NDArray[Any], n_threads: int) -> dict[str, Run]:  # noqa: ARG001
    """Return the forms of the epoch by name."""
    inputs, targets = jnp.asarray(X), jnp.asarray(y)
    rng = np.random.default_rng(0)

    def form(flat: bool, gather_epoch: bool, unroll: int) -> Run:
        state, loss = start(shape, flat)
        carried: list[Any] = [state]

        def step(state: Any, batch: Any) -> tuple[Any, None]:
            x, t = batch if gather_epoch else (inputs[batch], targets[batch])
            return update(state, jax.grad(loss)(state[0], x, t)), None

        @partial(jax.jit, donate_argnums=0)
        def epoch(state: Any, permutation: Any) -> Any:
            batches = (inputs[permutation], targets[permutation]) if gather_epoch else permutation
            return jax.lax.scan(step, state, batches, unroll=unroll)[0]

        def run(epochs: int) -> list[float]:
            for _ in range(epochs):
                permutation = rng.permutation(shape.n_samples).astype(np.int32)
                carried[0] = epoch(carried[0], permutation.reshape(shape.n_steps, shape.batch_size))
            jax.block_until_ready(carried[0])
            return []

        return run

    return {
        "layers": form(flat=False, gather_epoch=False, unroll=1),
        "flat vector": form(flat=True, gather_epoch=False, unroll=1),
        "epoch gathered": form(flat=False, gather_epoch=True, unroll=1),
        "epoch gathered, unrolled by 4": form(flat=False, gather_epoch=True, unroll=4),
        "unrolled by 4": form(flat=False, gather_epoch=False, unroll=4),
    }
