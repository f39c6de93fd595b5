"""Calling the kernels of any registry row, with inputs that suit it."""

from __future__ import annotations

import numpy as np
import oracles
from guarded import Guarded

from netlet.kernels import layers, losses, optimizers  # noqa: F401  (fill the registry)
from netlet.kernels.compiling import (
    BACKWARD_INPUT,
    BACKWARD_PARAMETERS,
    DERIVE,
    FORWARD,
    LOSS,
    PLAIN,
    UPDATE,
    address,
    prepare,
)

# Settings and factors by name, for every row that has them.
SETTINGS = {"stream": 1003}
FACTORS = {"negative_slope": 0.25, "rate": 0.375, "alpha": 0.5}
UPDATE_SETTINGS = {"beta1": 0.8, "beta2": 0.95, "eps": 1e-3, "momentum": 0.7}


def plain(function):
    """Return the plain Python function of a kernel."""
    return function if PLAIN else function.py_func


class LayerCall:
    """One layer's kernels with all their arrays, every output full of NaN beforehand.

    Numbers of the input keep away from 0, where some derivatives jump.
    """

    def __init__(
        self, row, dtype="float64", n=5, n_in=7, units=4, bias=True, seed=0, step=(1, 11, 22, 3, 0), n_derived=None
    ):
        self.row, self.dtype, self.step = row, dtype, step
        rng = np.random.default_rng(seed)
        named = {name: SETTINGS.get(name, 0) for name in row.settings} | {"units": units, "bias": int(bias)}
        named |= {"first": n_in // 3, "count": n_in - n_in // 3 - n_in // 4, "features": n_in}
        sizes = (n_in,) * row.n_inputs
        n_out = row.n_out(sizes, named)
        blocks = row.parameters(sizes, n_out, named)
        n_theta = sum(block.n_rows * block.width for block in blocks)
        self.guarded = Guarded(dtype)

        def inputs(*shape):
            x = rng.normal(size=shape)
            return x + 0.1 * np.sign(x)

        new = self.guarded.array
        self.x = new("x", (n, n_in), inputs(n, n_in))
        self.x2 = new("x2", (n, n_in if row.n_inputs == 2 else 0), inputs(n, n_in if row.n_inputs == 2 else 0))
        self.theta = new("theta", (n_theta,), rng.normal(size=n_theta))
        n_derived = row.n_derived(n_in, n_out, n) if n_derived is None else n_derived
        self.derived = new("derived", (n_derived,))
        self.y = new("y", (n, n_out))
        self.saved = new("saved", (n, row.n_saved(n_in, n_out)))
        self.dy = new("dy", (n, n_out), rng.normal(size=(n, n_out)))
        self.dx = new("dx", self.x.shape)
        self.dx2 = new("dx2", self.x2.shape)
        self.dtheta = new("dtheta", (n_theta,))
        self.n_rows = sum(block.n_rows for block in blocks)  # of parameters
        states = row.state(sizes, n_out, named)
        self.state = new("state", (sum(block.size for block in states),))
        self.state[:] = [block.value for block in states for _ in range(block.size)]
        self.settings = np.zeros(8, np.int64)
        self.settings[: len(row.settings)] = [named[name] for name in row.settings]
        self.factors = new("factors", (8,))
        self.factors[: len(row.factors)] = [FACTORS[name] for name in row.factors]
        for function, family in [
            (row.forward, FORWARD),
            (row.backward_input, BACKWARD_INPUT),
            (row.backward_parameters, BACKWARD_PARAMETERS),
            (row.derive, DERIVE),
        ]:
            address(function, family, dtype)  # compiles it for its family's types

    @property
    def named_settings(self):
        """The settings and the factors, by name."""
        return (
            dict(zip(self.row.settings, map(int, self.settings), strict=False)),
            dict(zip(self.row.factors, map(float, self.factors), strict=False)),
        )

    def forward(self, of=lambda function: function):
        of(self.row.forward)(
            self.x, self.x2, self.theta, self.y, self.saved, self.state, self.settings, self.factors, self.step
        )
        return self.y

    def backward(self, of=lambda function: function):
        """Run what follows a forward pass; return dx, dx2 and dtheta."""
        if self.derived.size:
            of(self.row.derive)(self.theta, self.settings, self.factors, 0, self.n_rows, self.derived)
        of(self.row.backward_input)(
            self.dy, self.x, self.x2, self.theta, self.derived, self.y, self.saved, self.settings, self.factors,
            self.dx, self.dx2,
        )  # fmt: skip
        if self.row.backward_parameters is not None:
            self.parameter_gradient(0, self.n_rows, self.dtheta, of)
        return self.dx, self.dx2, self.dtheta

    def parameter_gradient(self, first, last, dtheta, of=lambda function: function):
        of(self.row.backward_parameters)(
            self.dy, self.x, self.theta, self.y, self.saved, self.settings, self.factors, first, last, dtheta
        )


def expected_of(call):
    """Return what a layer's forward pass should give, by its oracle."""
    x, x2, theta = (values.astype(np.float64) for values in (call.x, call.x2, call.theta))
    return oracles.LAYERS[call.row.name](x, x2, theta, *call.named_settings, call.step)


def call_loss(row, logits, targets, weights, scale, dlogits, of=lambda function: function):
    """Return the value of a loss; its gradient goes to `dlogits`."""
    address(row.kernel, LOSS, str(logits.dtype))
    factors = np.zeros(8, logits.dtype)
    return of(row.kernel)(logits, targets, weights, logits.dtype.type(scale), factors, dlogits)


def loss_inputs(row, n, n_outputs, rng):
    """Return logits and targets, float64, that suit a loss."""
    logits = 3 * rng.normal(size=(n, n_outputs))
    if row.labels:
        return logits, rng.integers(0, n_outputs, (n, 1)).astype(float)
    return logits, rng.uniform(size=(n, n_outputs)) if row.output == "sigmoid" else rng.normal(size=(n, n_outputs))


def update_settings(row, dtype):
    settings = np.zeros(8, dtype)
    settings[: len(row.settings)] = [UPDATE_SETTINGS[name] for name in row.settings]
    return settings


def call_update(row, theta, dtheta, slots, learning_rate, number, of=lambda function: function):
    """Apply an update rule to slices; `slots` are as many as the row says."""
    address(row.kernel, UPDATE, str(theta.dtype))
    empty = [np.empty(0, theta.dtype)] * (3 - len(slots))
    of(row.kernel)(theta, dtheta, *slots, *empty, update_settings(row, theta.dtype), float(learning_rate), number)


def native(function, dtype="float64"):
    """Return a native function, compiled for a dtype."""
    return prepare(function, dtype)
