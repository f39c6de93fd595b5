"""JAX with one jitted step: the state is donated, the batch is cut out of the permutation inside the step."""

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
    """Return the step over a list of layers and over one flat vector (fewer buffers to hand over at each call)."""
    inputs, targets = jnp.asarray(X), jnp.asarray(y)
    rng = np.random.default_rng(0)

    def form(flat: bool) -> Run:
        state, loss = start(shape, flat)
        carried: list[Any] = [(state, jnp.int32(0))]

        @partial(jax.jit, donate_argnums=0)
        def step(carry: Any, inputs: Any, targets: Any, permutation: Any) -> Any:
            state, begin = carry
            batch = jax.lax.dynamic_slice(permutation, (begin,), (shape.batch_size,))
            state = update(state, jax.grad(loss)(state[0], inputs[batch], targets[batch]))
            return state, begin + shape.batch_size

        def run(epochs: int) -> list[float]:
            for _ in range(epochs):
                permutation = jnp.asarray(rng.permutation(shape.n_samples).astype(np.int32))
                carry = (carried[0][0], jnp.int32(0))
                for _ in range(shape.n_steps):
                    carry = step(carry, inputs, targets, permutation)
                carried[0] = carry
            jax.block_until_ready(carried[0])
            return []

        return run

    return {"layers": form(flat=False), "flat vector": form(flat=True)}
