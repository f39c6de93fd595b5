"""Weights scaled by what the data do to them: each dense layer's pre-activations get variance 1 before training.

Layer by layer, from the input on:

    y = x W + b        W <- W / deviation(y)        with means set to 0: b <- b - mean(y)

until the variance is 1 within a tolerance; with `bias_points` then, for each unit j,

    b_j = -sum_k a_jk (x_(i_jk) W)_j        a_j uniform over the convex weights, i_jk uniform over the samples

References: Mishkin, Matas, "All you need is a good init", ICLR 2016; they begin with orthogonal weights, here the
network's own are scaled, so give its layers ``initialiser="orthogonal"`` for their method. Holzmueller, Grinsztajn,
Steinwart, "Better by default: strong pre-tuned MLPs and boosted trees on tabular data", NeurIPS 2024, for the biases
("he+5") and the variance of each unit; Steinwart, "A sober look at neural network initializations", 2019.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from netlet.errors import check_number
from netlet.graph.building import Operation
from netlet.kernels.compiling import prepare
from netlet.kernels.random import STREAM_BIASES, fill_uniform, new_generator
from netlet.training import quantile_edges
from netlet.training.prediction import Predictor


def scale_to_unit_variance(
    operations: Sequence[Operation],
    theta: np.ndarray,
    state: np.ndarray,
    x: np.ndarray,
    *,
    per_unit: bool = False,
    zero_mean: bool = False,
    tolerance: float = 0.01,
    max_rounds: int = 10,
    bias_points: int = 0,
    only_edges: bool = False,
    seed: int = 0,
) -> None:
    """Scale the weights of all dense layers, in place, so that their pre-activations on a batch have variance 1.

    Those are `Dense`, `TimeDense`, whose steps count as samples, and `MemberDense`, each member's units by themselves.
    The edges of piecewise-linear embeddings are set to quantiles of what these read
    (`netlet.training.quantile_edges`), before the layers behind them are scaled.

    The network runs as it predicts, without dropout. It takes at least two forward passes up to each dense layer. The
    result does not depend on the number of threads.

    Parameters
    ----------
    operations : sequence of Operation
    theta : dtype, (n_theta,)
        Changed in place.
    state : dtype, (n_state,)
        Changed in place where there are edges.
    x : dtype, (n_samples, n_features), contiguous
        Some hundred samples, prepared as for training; at least two.
    per_unit : bool, default False
        Whether each unit gets variance 1 over the samples; else each layer, over its samples and units together.
    zero_mean : bool, default False
        Whether the bias is set so that each unit has mean 0 over the samples; then the variance of a layer is the mean
        of its units' variances. A layer without bias keeps its means.
    tolerance : float, > 0, default 0.01
        How far from 1 a variance may be.
    max_rounds : int, >= 1, default 10
        Scalings of one layer at most. One does, but where the biases of a layer as a whole are not 0.
    bias_points : int, >= 0, default 0
        If not 0, the bias of each unit is set so that the unit is 0 at a point between so many samples, drawn at
        random: its kink, or where it bends most, then lies within the data. 5 is usual.
    only_edges : bool, default False
        Whether the edges are set and all weights and biases stay as they are.
    seed : int
        Decides these points.

    Raises
    ------
    ValueError, TypeError
        If there are fewer than two samples, or a parameter is out of its range.

    Warns
    -----
    RuntimeWarning
        If pre-activations do not vary at all, or are not finite, or cannot be brought to variance 1. The layer, or the
        unit where units are scaled one by one, is then left as it was.
    """
    check_number("tolerance", tolerance, float, 0, above=True)
    check_number("max_rounds", max_rounds, int, 1)
    check_number("bias_points", bias_points, int, 0)
    if bias_points and zero_mean:
        raise ValueError(
            f"bias_points={bias_points} is given beside zero_mean=True; both set the biases: give one of them"
        )
    generator = new_generator(seed, STREAM_BIASES)
    if len(x) < 2:
        raise ValueError(f"X has {len(x)} row(s); a variance needs two or more, some hundred are usual")
    for place, operation in enumerate(operations):
        if operation.row == quantile_edges.ROW:
            reads = Predictor(operations, operation.sources[0], str(theta.dtype)) if operation.sources[0] else None
            quantile_edges.set_edges(operation, reads.predict(theta, state, x) if reads else x, state)
        if operation.row in ("dense", "time_dense", "member_dense") and not only_edges:
            predictor = Predictor(operations, place, str(theta.dtype))
            layer = _Dense(operation, predictor, theta, state, x, per_unit, zero_mean)
            complaint = layer.scale(tolerance, max_rounds)
            if bias_points and layer.bias.size and layer.is_scaled:
                layer.set_biases(bias_points, generator)
            if complaint:
                warnings.warn(complaint, RuntimeWarning, stacklevel=2)


class _Dense:
    """One dense layer of a network, with the batch."""

    def __init__(
        self,
        operation: Operation,
        predictor: Predictor,
        theta: np.ndarray,
        state: np.ndarray,
        x: np.ndarray,
        per_unit: bool,
        zero_mean: bool,
    ) -> None:
        self.name, self.predictor = operation.layer, predictor
        self.theta, self.state, self.x = theta, state, x
        blocks = {block.name: theta[place].reshape(-1, block.width) for block, place in operation.places()}
        members = operation.settings.get("members", 1)  # each with a weight of its own
        self.weight = blocks["weight"].reshape(members, -1, operation.settings["units"])
        self.bias = blocks["bias"].reshape(-1) if "bias" in blocks else np.zeros(0, theta.dtype)
        self.per_unit, self.zero_mean = per_unit, zero_mean and self.bias.size > 0
        self.is_scaled = False

    def scale(self, tolerance: float, max_rounds: int) -> str:
        """Scale the layer; return what stood in the way, "" if nothing did."""
        weight, bias = self.weight.copy(), self.bias.copy()
        for _ in range(max_rounds + 1):
            y = self._predict()
            if not np.isfinite(y).all():
                complaint = "are not finite; begin with smaller weights or scale the data"
                break
            means, variances, dead = self._moments(y)
            if dead.all():
                complaint = "do not vary over these samples; look at the layers before it and at the data"
                break
            is_off = self.zero_mean and np.abs(means[~dead]).max() > tolerance
            if not is_off and np.abs(variances[~dead] - 1).max() <= tolerance:
                self.is_scaled, self._outputs = True, y
                return self._on_dead_units(dead) if dead.any() else ""
            self._divide(np.sqrt(np.where(dead, 1.0, variances)), means, dead)
        else:
            remedy = "scale the data" if self.per_unit or self.zero_mean else "begin with biases of 0 or use zero_mean"
            complaint = f"do not reach variance 1 in {max_rounds} round(s); {remedy}"
        self.weight[:], self.bias[:] = weight, bias
        return f"{self.name} keeps its weights: its pre-activations {complaint}"

    def _predict(self) -> np.ndarray:
        """Return what each unit gives: float64, (n, n_units), a row for each step where the units are those of all."""
        y = self.predictor.predict(self.theta, self.state, self.x).astype(np.float64)
        return y.reshape(-1, self.weight.shape[0] * self.weight.shape[2])

    def set_biases(self, n_points: int, generator: np.ndarray) -> None:
        """Let each unit be 0 at a random convex combination of some samples, once the layer is scaled."""
        y = self._outputs - self.bias
        draws = np.empty((2, n_points, y.shape[1]))
        prepare(fill_uniform, "float64")(draws.reshape(-1), generator, 0.0, 1.0)
        rows = np.minimum((draws[0] * len(y)).astype(np.int64), len(y) - 1)
        shares = -np.log1p(-draws[1])  # exponential numbers over their sum are uniform among the convex weights
        shares /= np.maximum(shares.sum(axis=0), np.finfo(np.float64).tiny)
        self.bias[:] = -(shares * np.take_along_axis(y, rows, axis=0)).sum(axis=0)

    def _moments(self, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the mean of each unit, the variance that is to be 1, and where there is none: (n_outputs,) each."""
        centred = y - y[0]  # exactly 0 where all samples are alike, which a mean of many rounds away
        variances = centred.var(axis=0)
        # Samples that are alike may still differ by the rounding of a sum of so many products.
        noise = 4 * np.finfo(self.theta.dtype).eps * np.sqrt(self.weight.shape[1]) * np.abs(y).max(axis=0)
        dead = variances <= noise**2
        if not self.per_unit:
            variances = np.full_like(variances, variances.mean() if self.zero_mean else y.var())
            dead = np.full_like(dead, dead.all())
        return y.mean(axis=0), variances, dead

    def _divide(self, divisors: np.ndarray, means: np.ndarray, dead: np.ndarray) -> None:
        self.weight /= divisors.astype(self.theta.dtype).reshape(self.weight.shape[0], 1, -1)
        if self.zero_mean:
            # Without the bias the mean is `means - bias`, and it shrinks with the weight.
            self.bias[:] = np.where(dead, self.bias, (self.bias - means) / divisors)

    def _on_dead_units(self, dead: np.ndarray) -> str:
        return (
            f"{dead.sum()} of {len(dead)} units of {self.name} keep their weights: they do not vary over these "
            "samples; look at the layers before it and at the data"
        )
