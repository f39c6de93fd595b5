"""Choosing an optimizer: what each name stands for, and the errors of a wrong one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from netlet import SGD, Adam, Momentum
from netlet.kernels import optimizers as _rows  # noqa: F401  (fills the registry)
from netlet.kernels.registry import updates
from netlet.training.optimizers import OPTIMIZERS, optimizer_of

pytestmark = pytest.mark.plain


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
            r"optimizer='adams' is not one of 'adadelta', .*'adam', .*'sgd'; did you mean 'adam'\?",
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
