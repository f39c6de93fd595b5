"""Factors for single parameters, and schedules of weight decay and dropout: against descent by NumPy."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from by_hand import gradient
from problems import classes

from netlet import SGD, Adam, CosineDecay, Dense, Dropout, Input, Network, ReduceOnPlateau, Softmax, StepDecay
from netlet.kernels.random import STREAM_LAYERS
from netlet.training.schedules import CosLog, FlatCosine

sys.path.append(str(Path(__file__).parents[1] / "kernels"))
from oracles.random import dropout_mask

pytestmark = pytest.mark.plain
N_IN, N_HIDDEN, N_CLASSES, SIZE = 4, 5, 3, 5
SIZES = [N_IN * N_HIDDEN, N_HIDDEN, N_HIDDEN * N_CLASSES, N_CLASSES]
NAMES = ("dense_1.weight", "dense_1.bias", "dense_2.weight", "dense_2.bias")


def problem():
    rng = np.random.default_rng(3)
    x, labels = rng.normal(size=(13, N_IN)), rng.permutation(np.arange(13) % N_CLASSES)
    network = Network([Dense(N_HIDDEN, "tanh"), Dense(N_CLASSES), Softmax()], seed=1, dtype="float64").build(N_IN)
    network.theta = rng.normal(size=sum(SIZES)) * 0.7
    return x, labels, network


def of_blocks(*numbers):
    return np.repeat(np.array(numbers, float), SIZES)


def train(network, x, labels, epochs=3, **how):
    return network.fit(x, labels, epochs=epochs, batch_size=SIZE, shuffle=False, progress=False, **how)


def descend(theta, x, labels, rates, decays):
    """Return the parameters after one step for each row of `rates` and `decays`: numbers for each parameter."""
    starts = [*range(0, len(x), SIZE)] * len(rates)
    for start, rate, decay in zip(starts, rates, decays, strict=False):
        rows = slice(start, start + SIZE)
        g = gradient(theta, x[rows], labels[rows], N_HIDDEN, N_CLASSES)[1]
        theta = theta - rate * decay * theta - rate * g
    return theta


@pytest.mark.parametrize(
    ("rate_factors", "decay_factors", "rates", "decays"),
    [
        ({"dense_1.bias": 0.1}, {}, (1, 0.1, 1, 1), (1, 0, 1, 0)),
        ({"dense_1": 2.0, "dense_1.weight": 0.5}, {"dense_1": 3.0}, (0.5, 2, 1, 1), (3, 0, 1, 0)),
        ({"dense_2.weight": 0.0}, {"dense_2.weight": 0.0, "dense_2.bias": 4.0}, (1, 1, 0, 1), (1, 0, 0, 4)),
        ({"dense_1.weight": 0.5}, {"dense_1.weight": 2.0}, (0.5, 1, 1, 1), (2, 0, 1, 0)),
    ],
    ids=["a bias", "a layer and its weight", "a bias that decays", "decay as before"],
)
def test_factors_of_single_parameters(rate_factors, decay_factors, rates, decays):
    x, labels, network = problem()
    n_steps = 9
    expected = descend(
        network.theta.copy(), x, labels, [0.3 * of_blocks(*rates)] * n_steps, [0.1 * of_blocks(*decays)] * n_steps
    )
    train(
        network, x, labels, optimizer=SGD(0.3, weight_decay=0.1), rate_factors=rate_factors, decay_factors=decay_factors
    )
    np.testing.assert_allclose(network.theta, expected, rtol=1e-11, atol=1e-14)


def test_ntk_form_is_a_rate_factor_and_the_decay_without_it():
    """``y = x W / sqrt(n_in) + b`` under Adam and decay is ``y = x V + b`` with V = W / sqrt(n_in), but for eps."""
    x, labels, network = problem()
    roots = of_blocks(N_IN**0.5, 1, N_HIDDEN**0.5, 1)
    is_weight = of_blocks(1, 0, 1, 0)
    rate, decay, beta1, beta2, eps = 0.05, 0.4, 0.9, 0.95, 1e-14
    w = network.theta * roots
    m, v = np.zeros_like(w), np.zeros_like(w)
    for step, start in enumerate([*range(0, len(x), SIZE)] * 4, start=1):
        rows = slice(start, start + SIZE)
        g = gradient(w / roots, x[rows], labels[rows], N_HIDDEN, N_CLASSES)[1] / roots
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g
        w = w * (1 - rate * decay * is_weight)
        w = w - rate * (m / (1 - beta1**step)) / (np.sqrt(v / (1 - beta2**step)) + eps)
    factors = {"dense_1.weight": N_IN**-0.5, "dense_2.weight": N_HIDDEN**-0.5}
    optimizer = Adam(rate, beta1=beta1, beta2=beta2, eps=eps, weight_decay=decay)
    back = {name: 1 / factor for name, factor in factors.items()}
    train(network, x, labels, 4, optimizer=optimizer, rate_factors=factors, decay_factors=back)
    np.testing.assert_allclose(network.theta, w / roots, rtol=1e-9)


def test_weight_decay_follows_its_schedule_beside_the_learning_rates():
    x, labels, network = problem()
    schedule, own = CosLog(2), FlatCosine(0.25)
    rates, decays = 0.3 * schedule.factors(0, 9, 3, 9), 0.5 * own.factors(0, 9, 3, 9)
    expected = descend(network.theta.copy(), x, labels, rates, decays[:, None] * of_blocks(1, 0, 1, 0))
    optimizer = SGD(0.3, weight_decay=0.5)
    train(network, x, labels, optimizer=optimizer, schedule=schedule, weight_decay_schedule=own)
    np.testing.assert_allclose(network.theta, expected, rtol=1e-11)


@pytest.mark.parametrize("several", [False, True], ids=["epoch by epoch", "epochs run together"])
def test_dropout_follows_its_schedule_from_step_to_step(several):
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(10, 6)), rng.normal(size=(10, 1))
    network = Network([Input(6), Dropout(0.5), Dense(1)], seed=7, dtype="float64")
    plain = Network([Input(6), Dense(1)], seed=7, dtype="float64")
    plain.theta = network.theta
    schedule = StepDecay(0.5, 1) if not several else FlatCosine()
    factors = schedule.factors(0, 8, 2, 8)
    for step in range(8):
        rows = slice(5 * (step % 2), 5 * (step % 2) + 5)
        mask = dropout_mask((5, 6), 0.5 * factors[step], STREAM_LAYERS + 1, (1, 7, 0, step, 0))
        plain.theta -= 0.1 * plain.loss_and_gradient(x[rows] * mask, y[rows])[1]
    how = {} if several else {"validation_data": (x, y)}
    network.fit(
        x,
        y,
        epochs=4,
        batch_size=5,
        shuffle=False,
        optimizer=SGD(0.1),
        dropout_schedule=schedule,
        progress=False,
        **how,
    )
    np.testing.assert_allclose(network.theta, plain.theta, rtol=1e-11)


COURSES = {
    "schedule": CosLog(), "weight_decay_schedule": "flat_cosine", "dropout_schedule": FlatCosine(0.3),
    "optimizer": Adam(0.02, weight_decay=0.3), "decay_factors": {"dense_1.weight": 2.0},
}  # fmt: skip


def dropping(seed=3):
    return Network([Dense(24, "relu"), Dropout(0.3), Dense(24, "relu"), Dropout(0.4), Dense(3), Softmax()], seed=seed)


@pytest.mark.parametrize("n_threads", [1, 2, 3])
def test_courses_give_the_same_bits_for_any_threads_and_when_gone_on_with(n_threads, tmp_path):
    x, y = classes(n=190)
    how = {"epochs": 6, "batch_size": 64, "progress": False} | COURSES
    whole = dropping()
    history = whole.fit(x, y, n_threads=1, **how)
    parts = dropping()
    stop = [lambda end: end.epoch == 3]
    parts.fit(x, y, checkpoint=tmp_path, checkpoint_epochs=1, callbacks=stop, n_threads=n_threads, **how)
    again = dropping()
    found = again.fit(x, y, checkpoint=tmp_path, checkpoint_epochs=1, n_threads=n_threads, **how)
    np.testing.assert_array_equal(again.theta, whole.theta)
    assert found.column("loss") == history.column("loss")


@pytest.mark.parametrize("name", ["weight_decay_schedule", "dropout_schedule"])
def test_a_checkpoint_with_another_course_is_refused(name, tmp_path):
    x, y = classes(n=60)
    how = {"epochs": 2, "batch_size": 20, "progress": False, "checkpoint": tmp_path} | COURSES
    dropping().fit(x, y, **how)
    with pytest.raises(ValueError, match=name):
        dropping().fit(x, y, **(how | {name: "cosine"}))


def test_a_constant_course_changes_no_bit():
    x, y = classes(n=60)
    one, other = dropping(), dropping()
    one.fit(x, y, epochs=2, batch_size=20, progress=False)
    other.fit(
        x, y, epochs=2, batch_size=20, progress=False, dropout_schedule="constant", weight_decay_schedule="constant"
    )
    np.testing.assert_array_equal(one.theta, other.theta)


@pytest.mark.parametrize(
    ("how", "error", "message"),
    [
        ({"rate_factors": {"dense_1.wait": 1}}, ValueError, "did you mean 'dense_1.weight'"),
        ({"decay_factors": {"dense_9": 1}}, ValueError, "layer or parameter in decay_factors='dense_9' is not one of"),
        ({"decay_factors": 0.1}, TypeError, "decay_factors=0.1 is not a dict"),
        ({"decay_factors": {"dense_1": -1}}, ValueError, r"decay_factors\['dense_1'\]=-1"),
        ({"l2": {"dense_1.weight": 1}}, ValueError, "layer in l2='dense_1.weight' is not one of"),
        ({"dropout_schedule": "cosin"}, ValueError, "dropout_schedule='cosin' is not one of"),
        ({"weight_decay_schedule": 3}, TypeError, "weight_decay_schedule=3 is neither a name nor a schedule"),
        ({"dropout_schedule": ReduceOnPlateau()}, ValueError, "dropout_schedule=.* follows the loss"),
        ({"optimizer": "lbfgs", "dropout_schedule": CosineDecay()}, ValueError, "dropout_schedule=.* is not possible"),
        ({"optimizer": "lbfgs", "decay_factors": {"dense_1": 1}}, ValueError, "decay_factors=.* is not possible"),
    ],
)
def test_bad_factors_and_courses_are_refused(how, error, message):
    x, labels, network = problem()
    before = network.theta.copy()
    with pytest.raises(error, match=message):
        network.fit(x, labels, progress=False, **how)
    np.testing.assert_array_equal(network.theta, before)
