"""The network, its loss and Adam in JAX, shared by the two ways to run them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from shapes import Shape

Loss = Callable[[Any, jax.Array, jax.Array], jax.Array]
State = tuple[Any, Any, Any, jax.Array]  # parameters, first and second moments, count of steps


def loss_of(shape: Shape) -> Loss:
    """Return the mean loss as a function of (parameters, inputs, targets)."""
    activation = jnp.tanh if shape.activation == "tanh" else jax.nn.relu

    def loss(theta: Any, x: jax.Array, t: jax.Array) -> jax.Array:
        for weight, bias in theta[:-1]:
            x = activation(x @ weight + bias)
        weight, bias = theta[-1]
        out = x @ weight + bias
        if not shape.classifies:
            return jnp.mean((out[:, 0] - t) ** 2)
        # A product with one-hot rows beats a gather of the labels' columns on the CPU.
        return -jnp.mean(jnp.sum(jax.nn.log_softmax(out) * jax.nn.one_hot(t, shape.sizes[-1]), axis=1))

    return loss


def start(shape: Shape, flat: bool) -> tuple[State, Loss]:
    """Return a fresh state and the loss over it, the parameters a list of pairs or one flat vector."""
    rng = np.random.default_rng(0)
    theta: Any = [
        (jnp.asarray(rng.standard_normal((a, b)) * np.sqrt(2 / a), dtype="float32"), jnp.zeros(b, dtype="float32"))
        for a, b in zip(shape.sizes, shape.sizes[1:], strict=False)
    ]
    loss = loss_of(shape)
    if flat:
        theta, unravel = ravel_pytree(theta)
        inner = loss

        def loss(theta: Any, x: jax.Array, t: jax.Array) -> jax.Array:
            return inner(unravel(theta), x, t)

    zeros = [jax.tree.map(jnp.zeros_like, theta) for _ in range(2)]
    return (theta, zeros[0], zeros[1], jnp.float32(0)), loss


def update(state: State, gradient: Any) -> State:
    """One step of Adam."""
    theta, first, second, count = state
    count = count + 1
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradient)
    rate = 1e-3 / (1 - 0.9**count)
    scale = jax.lax.rsqrt(1 - 0.999**count)
    theta = jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) * scale + 1e-8), theta, first, second)
    return theta, first, second, count
