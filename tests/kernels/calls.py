"""Calling the kernels of any registry row, with inputs that suit it."""

from __future__ import annotations

import numpy as np
import oracles
from guarded import Guarded

from netlet.graph.program import N_SETTINGS
from netlet.kernels import layers, losses, optimizers, registry  # noqa: F401  (fill the registry)
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
SETTINGS = {
    "stream": 1003, "categories": 6, "dimensions": 3, "reverse": 0, "whole": 1, "relu": 0, "flips": 3, "edge": 1,
    "waves": 3, "size": 4, "bins": 4, "members": 3,
}  # fmt: skip
FACTORS = {"negative_slope": 0.25, "rate": 0.375, "eps": 0.25, "momentum": 0.25, "alpha": 0.5}
FACTORS |= {"shift": 0.25, "rotation": 0.5, "zoom": 0.375, "brightness": 0.75}
# Rows that are given room in `saved` beyond what they use, since it is counted per sample.
LEAVE_ROOM = (
    "attention", "batch_normalisation", "convolution", "gru", "layer_normalisation", "lstm", "padded_attention", "rnn",
)  # fmt: skip
# Rows whose second input holds the lengths of sequences; a sample is cut into steps.
RECURRENT = ("gru", "lstm", "rnn")
# Rows of sequences or members: their settings for `n_in` numbers, or so many features; the size of the input follows.
SEQUENCES = {
    "time_dense": lambda n_in: (3 * n_in, {"features": n_in}),
    "learned_positions": lambda n_in: (3 * n_in, {"features": n_in}),
    "sinusoidal_positions": lambda n_in: (3 * n_in, {"features": n_in}),
    "member_dense": lambda n_in: (3 * n_in, {"members": 3}),
    "member_mean": lambda n_in: (3 * n_in, {"members": 3}),
    "tied_dense": lambda n_in: (SETTINGS["dimensions"] * n_in, {}),
    "attention": lambda n_in: ((n_in % 5 + 1) * 12, {"steps": n_in % 5 + 1, "heads": 2, "causal": n_in % 2}),
    "padded_attention": lambda n_in: ((n_in % 5 + 1) * 12, {"steps": n_in % 5 + 1, "heads": 2, "causal": n_in % 2}),
}
UPDATE_SETTINGS = {"beta1": 0.8, "beta2": 0.95, "eps": 1e-3, "momentum": 0.7, "beta": 0.85, "bias_correction": 1}
UPDATE_SETTINGS |= {"rho": 0.9, "eta_minus": 0.5, "eta_plus": 1.25, "least_step": 0.02, "most_step": 0.08}


def picture_settings(n_in, units):
    """Return settings by name for a picture of `n_in` numbers, under windows of 2 x 3 that overlap and are padded."""
    channels = next(each for each in (3, 2, 1) if n_in % each == 0)
    places = n_in // channels
    height = max(each for each in range(1, int(places**0.5) + 1) if places % each == 0)
    width = places // height
    return {
        "height": height, "width": width, "channels": channels, "kernel_height": 2, "kernel_width": 3,
        "stride_height": 1, "stride_width": 2, "pad_top": 1, "pad_left": 1, "out_height": height,
        "out_width": (width + 1) // 2, "dilation_height": 1, "dilation_width": 1, "filters": units * channels,
        "groups": channels, "factor_height": 2, "factor_width": 3,
    }  # fmt: skip


def plain(function):
    """Return the plain Python function of a kernel."""
    return function if PLAIN else function.py_func


class LayerCall:
    """One layer's kernels with all their arrays, every output full of NaN beforehand.

    Numbers of the input keep away from 0, where some derivatives jump. `chosen` are settings by name.
    """

    def __init__(
        self, row, dtype="float64", n=5, n_in=7, units=4, bias=True, seed=0, step=(1, 11, 22, 3, 0), n_derived=None,
        n_in2=None, **chosen,
    ):  # fmt: skip
        self.row, self.dtype, self.step = row, dtype, step
        rng = np.random.default_rng(seed)
        named = {name: SETTINGS.get(name, 0) for name in row.settings} | {"units": units, "bias": int(bias)}
        named |= {"first": n_in // 3, "count": n_in - n_in // 3 - n_in // 4}
        # In evaluation nothing runs backward but what is frozen.
        named |= {"features": n_in, "frozen": 1 - step[0]}
        named["steps"] = n_in // 2 if n_in % 2 == 0 else n_in
        if n_in2 is None and row.name in RECURRENT:
            n_in2 = 1
        if n_in2 is None:
            n_in2 = n_in + 2 if row.name == "concatenate" else n_in if row.n_inputs == 2 else 0
        named |= {"width": n_in, "width2": n_in2}
        if "height" in row.settings:
            named |= picture_settings(n_in, units)
        if row.name in SEQUENCES and not chosen:
            n_in, chosen = SEQUENCES[row.name](n_in)
        named |= chosen
        if row.name == "padded_attention":
            n_in2 = 1 if named["padding"] == -1 else named["steps"]
        sizes = (n_in, n_in2)[: row.n_inputs]
        n_out = row.n_out(sizes, named)
        blocks = row.parameters(sizes, n_out, named)
        n_theta = sum(block.n_rows * block.width for block in blocks)
        self.guarded = Guarded(dtype)

        def inputs(*shape):
            x = rng.normal(size=shape)
            return x + 0.1 * np.sign(x)

        new = self.guarded.array
        self.x = new("x", (n, n_in), inputs(n, n_in))
        if row.name in ("embedding", "embedding_bag"):
            self.x[:] = rng.integers(0, named["categories"], self.x.shape)
        self.x2 = new("x2", (n, n_in2), inputs(n, n_in2))
        if row.name in RECURRENT:  # the first two go on to the end
            self.x2[:] = rng.integers(0, named["steps"] + 1, self.x2.shape)
            self.x2[:2] = named["steps"]
        if row.name == "padded_attention":
            self.x2[:] = rng.integers(0, named["steps"] + 1 if named["padding"] == -1 else 3, self.x2.shape)
        self.theta = new("theta", (n_theta,), rng.normal(size=n_theta))
        if row.name == "periodic_embedding":  # angles of many turns lose digits by their rounding, before any kernel
            self.theta[: named["waves"] * n_in] *= 0.25
        n_derived = row.n_derived(n_in, n_out, n, named) if n_derived is None else n_derived
        self.derived = new("derived", (n_derived,))
        self.y = new("y", (n, n_out))
        self.saved = new("saved", (n, row.n_saved(n_in, n_out, named)))
        self.dy = new("dy", (n, n_out), rng.normal(size=(n, n_out)))
        self.dx = new("dx", self.x.shape)
        self.dx2 = new("dx2", self.x2.shape)
        self.dtheta = new("dtheta", (n_theta,))
        self.n_rows = sum(block.n_rows for block in blocks)  # of parameters
        states = row.state(sizes, n_out, named)
        self.state = new("state", (sum(block.size for block in states),))
        self.state[:] = np.concatenate([np.empty(0), *(np.full(block.size, block.value) for block in states)])
        self.settings = np.zeros(N_SETTINGS, np.int64)
        self.settings[: len(row.settings)] = [named[name] for name in row.settings]
        self.factors = new("factors", (N_SETTINGS,))
        self.factors[: len(row.factors)] = [FACTORS[name] for name in row.factors]
        for function, family in [
            (row.forward, FORWARD),
            (row.backward_input, BACKWARD_INPUT),
            (row.backward_parameters, BACKWARD_PARAMETERS),
            (row.derive, DERIVE),
        ]:
            address(function, family, dtype)  # compiles it for its family's types

    @property
    def written(self):
        """All that a forward and a backward pass write, by name."""
        words = ("y", "saved", "dx", "dx2", "dtheta", "derived")
        return {word: getattr(self, word) for word in words if word != "saved" or self.row.name not in LEAVE_ROOM}

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


def away_from(kink, z):
    """Move numbers by 0.1, away from where they are as large as `kink`."""
    return z + 0.1 * np.sign(z) * np.sign(np.abs(z) - kink)


class LossCase:
    """A loss with values for its factors, and inputs that suit it."""

    def __init__(self, name, **factors):
        self.row = registry.losses[name]
        self.factors = {name: factors.get(name, 0.0) for name in self.row.factors}
        self.outputs_of_a_target = len(factors) if name == "quantile" else 1

    def inputs(self, n, n_targets, rng):
        """Return logits and targets, float64: at least 0.1 away from places where the derivative jumps."""
        z = 3 * rng.normal(size=(n, n_targets * self.outputs_of_a_target))
        if self.row.name == "sequence_cross_entropy":  # the last of three steps has a label in some samples
            t = rng.integers(0, n_targets, (n, 3)).astype(float)
            t[::2, -1] = self.factors["ignored"]
            return 3 * rng.normal(size=(n, 3 * n_targets)), t
        if self.row.name == "detection":  # three cells of as many classes; every second sample has no object
            return self._cells(n, n_targets, rng)
        if self.row.labels:
            return z, rng.integers(0, n_targets, (n, 1)).astype(float)
        if self.row.least_target == 0:
            return z / 3, rng.poisson(2.0, z.shape).astype(float)
        if self.row.answers and not self.row.only_0_and_1:
            return z, rng.uniform(size=z.shape)
        if self.row.answers:
            kink = 0.0 if self.row.name == "perceptron" else 1.0
            return away_from(kink, z), rng.integers(0, 2, z.shape).astype(float)
        t = rng.normal(size=(n, n_targets))
        repeated = np.repeat(t, self.outputs_of_a_target, axis=1)
        return repeated + away_from(self.factors.get("delta", 0.0), z - repeated), t

    def _cells(self, n, n_classes, rng):
        t = np.zeros((n, 3, 6))
        t[1::2, 0, 0] = 1
        t[1::2, 2, 0] = rng.integers(0, 2, n // 2)
        t[:, :, 1:5], t[:, :, 5] = rng.normal(size=(n, 3, 4)), rng.integers(0, n_classes, (n, 3))
        z = 3 * rng.normal(size=(n, 3, 5 + n_classes))
        z[:, :, 1:5] = t[:, :, 1:5] + away_from(self.factors["beta"], z[:, :, 1:5])
        return z.reshape(n, 3 * (5 + n_classes)), t.reshape(n, 18)


# Every loss, some with several values of their factors.
LOSS_CASES = {
    "absolute_error": LossCase("absolute_error"),
    "binary_cross_entropy": LossCase("binary_cross_entropy"),
    "cross_entropy": LossCase("cross_entropy"),
    "cross_entropy smoothed": LossCase("cross_entropy", label_smoothing=0.125),
    "detection": LossCase("detection", empty_weight=0.5, box_weight=2.0, label_weight=0.75, focus=2.0, beta=0.25),
    "detection unfocused": LossCase("detection", empty_weight=1.0, box_weight=1.0, label_weight=1.0, beta=2.0),
    "detection focused by half": LossCase("detection", empty_weight=1.0, label_weight=1.0, focus=0.5, beta=0.1),
    "hinge": LossCase("hinge"),
    "huber": LossCase("huber", delta=0.75),
    "huber far": LossCase("huber", delta=4.0),
    "log_cosh": LossCase("log_cosh"),
    "perceptron": LossCase("perceptron"),
    "poisson": LossCase("poisson"),
    "quantile of one": LossCase("quantile", quantile_1=0.25),
    "quantile of three": LossCase("quantile", quantile_1=0.125, quantile_2=0.5, quantile_3=0.75),
    "quantile of seven": LossCase("quantile", **{f"quantile_{k}": k / 8 for k in range(1, 8)}),
    "sequence_cross_entropy": LossCase("sequence_cross_entropy", ignored=-1.0),
    "sequence_cross_entropy smoothed": LossCase("sequence_cross_entropy", ignored=2.0, label_smoothing=0.125),
    "squared_error": LossCase("squared_error"),
}


def call_loss(case, logits, targets, weights, scale, dlogits, of=lambda function: function):
    """Return the value of a loss; its gradient goes to `dlogits`."""
    row = case.row
    address(row.kernel, LOSS, str(logits.dtype))
    factors = np.zeros(8, logits.dtype)
    factors[: len(row.factors)] = [case.factors[name] for name in row.factors]
    return of(row.kernel)(logits, targets, weights, logits.dtype.type(scale), factors, dlogits)


def update_settings(row, dtype, named):
    settings = np.zeros(8, dtype)
    settings[: len(row.settings)] = [named[name] for name in row.settings]
    return settings


def call_update(row, theta, dtheta, slots, learning_rate, number, of=lambda function: function, named=UPDATE_SETTINGS):
    """Apply an update rule to slices; `slots` are as many as the row says, `named` holds its settings by name."""
    address(row.kernel, UPDATE, str(theta.dtype))
    empty = [np.empty(0, theta.dtype)] * (3 - len(slots))
    settings = update_settings(row, theta.dtype, named)
    of(row.kernel)(theta, dtheta, *slots, *empty, settings, float(learning_rate), number)


def native(function, dtype="float64"):
    """Return a native function, compiled for a dtype."""
    return prepare(function, dtype)
