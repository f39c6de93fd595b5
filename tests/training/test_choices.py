"""Choosing a loss and an optimizer: what each name stands for, and the errors of a wrong one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from netlet import SGD, Adam, Dense, Dropout, Momentum, Sigmoid, Softmax
from netlet.graph.graph import graph_of
from netlet.graph.operations import operations_of
from netlet.kernels.registry import losses, updates
from netlet.training.losses import loss_of
from netlet.training.optimizers import OPTIMIZERS, optimizer_of

pytestmark = pytest.mark.plain


def operations(*layers):
    return operations_of(graph_of(list(layers)).with_input(4))


@pytest.mark.parametrize(
    ("layers", "loss", "reads"),
    [
        ([Dense(3), Softmax()], "cross_entropy", 1),
        ([Dense(3, activation="softmax")], "cross_entropy", 1),
        ([Dense(3), Sigmoid()], "binary_cross_entropy", 1),
        ([Dense(1, activation="sigmoid")], "binary_cross_entropy", 1),
        ([Dense(3)], "squared_error", 1),
        ([Dense(3, activation="tanh")], "squared_error", 2),
        ([Dense(3), Dropout(0.1)], "squared_error", 2),
    ],
)
def test_auto_follows_the_last_layer(layers, loss, reads):
    found, place = loss_of("auto", operations(*layers))
    assert (found.name, place) == (loss, reads)


@pytest.mark.parametrize("name", losses)
def test_every_loss_reads_the_output_where_no_link_is_its_own(name):
    found, place = loss_of(name, operations(Dense(3)))
    assert found is losses[name]
    assert place == 1


def test_squared_error_of_probabilities_reads_the_probabilities():
    assert loss_of("squared_error", operations(Dense(3), Softmax()))[1] == 2


@pytest.mark.parametrize(
    ("name", "layers", "message"),
    [
        ("cross_entropi", [Dense(3)], r"loss='cross_entropi' is not one of .*; did you mean 'cross_entropy'\?"),
        (
            "cross_entropy",
            [Dense(1)],
            r"loss='cross_entropy' needs an output for each class, the last layer has 1 unit; use",
        ),
        (
            "cross_entropy",
            [Dense(3), Sigmoid()],
            "computed from logits, but the last layer is a sigmoid; end with softmax",
        ),
        (
            "binary_cross_entropy",
            [Dense(3), Softmax()],
            "computed from logits, but the last layer is a softmax; end with",
        ),
        ("auto", [Dense(1), Softmax()], "needs an output for each class"),
    ],
)
def test_a_loss_that_does_not_fit_is_refused(name, layers, message):
    with pytest.raises(ValueError, match=message):
        loss_of(name, operations(*layers))


@pytest.mark.parametrize("last", [Softmax(), Sigmoid()])
def test_a_loss_of_the_input_itself_is_refused(last):
    """There would be no logits with a gradient of their own."""
    with pytest.raises(ValueError, match="would be computed from the network's input itself; put a Dense layer before"):
        loss_of("auto", operations(last))
    assert loss_of("squared_error", operations(last))[1] == 1


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_is_its_update_rule(name):
    optimizer = optimizer_of(name)
    assert len(optimizer.settings()) == len(updates[optimizer.rule].settings)
    assert optimizer_of(name, 0.25).learning_rate == 0.25
    assert optimizer_of(optimizer) is optimizer


def test_every_update_rule_has_an_optimizer():
    assert {optimizer_of(name).rule for name in OPTIMIZERS} == set(updates)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: SGD(0), r"^learning_rate=0 is not a number in \(0, inf\); choose one inside$"),
        (lambda: SGD(-1.0), "learning_rate=-1.0"),
        (lambda: SGD(math.nan), "learning_rate=nan"),
        (lambda: SGD(math.inf), "learning_rate=inf"),
        (lambda: SGD("high"), "learning_rate='high'"),
        (lambda: SGD(True), "learning_rate=True"),
        (lambda: Momentum(0.1, 1.0), r"^momentum=1.0 is not a number in \[0, 1\); choose one inside$"),
        (lambda: Momentum(0.1, -0.1), "momentum=-0.1"),
        (lambda: Adam(beta1=1.0), "beta1=1.0"),
        (lambda: Adam(beta2=-0.5), "beta2=-0.5"),
        (lambda: Adam(eps=0.0), "eps=0.0"),
        (
            lambda: optimizer_of("adams"),
            r"optimizer='adams' is not one of 'adadelta', 'adagrad', 'adam', .*, 'sgd'; did you mean 'adam'\?",
        ),
    ],
)
def test_a_value_outside_its_range_is_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()


@pytest.mark.parametrize("choice", [None, 3, SGD])
def test_what_is_no_optimizer_is_refused(choice):
    with pytest.raises(
        TypeError, match=r"is neither a name nor an optimizer; use 'adam' or Adam\(learning_rate=0.001\)"
    ):
        optimizer_of(choice)


def test_numpys_numbers_are_numbers():
    assert SGD(np.float32(0.25)).learning_rate == 0.25
    assert Adam(learning_rate=np.float64(0.5), beta1=np.float32(0.5)).settings()[0] == 0.5
