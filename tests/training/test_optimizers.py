"""The optimizers as a person builds them: fields, defaults, ranges, plain values and back."""

from __future__ import annotations

import json
import math
from dataclasses import FrozenInstanceError, fields

import numpy as np
import pytest

from netlet.kernels.registry import updates
from netlet.training.optimizers import (
    OPTIMIZERS,
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    AdamW,
    AMSGrad,
    AveragedMomentum,
    Lion,
    Momentum,
    NAdam,
    Optimizer,
    RMSprop,
    Rprop,
    optimizer_from,
    optimizer_of,
)

pytestmark = pytest.mark.plain

# Rule, settings and learning rate of each name, as its paper or, where it says so, its docstring has them.
DEFAULTS = {
    "sgd": ("sgd", 0.1, ()),
    "momentum": ("momentum", 0.01, (0.9,)),
    "nesterov": ("nesterov", 0.01, (0.9,)),
    "averaged_momentum": ("averaged_momentum", 0.1, (0.9, 1.0)),
    "adagrad": ("adagrad", 0.01, (1e-10,)),
    "adadelta": ("adadelta", 1.0, (0.95, 1e-6)),
    "rmsprop": ("rmsprop", 0.001, (0.9, 1e-8)),
    "adam": ("adam", 0.001, (0.9, 0.999, 1e-8)),
    "adam_eps_hat": ("adam_eps_hat", 0.001, (0.9, 0.999, 1e-8)),
    "amsgrad": ("amsgrad", 0.001, (0.9, 0.999, 1e-8)),
    "adamw": ("adam", 0.001, (0.9, 0.999, 1e-8)),
    "nadam": ("nadam", 0.001, (0.9, 0.999, 1e-8)),
    "lion": ("lion", 1e-4, (0.9, 0.99)),
    "rprop": ("rprop", 0.01, (0.5, 1.2, 1e-6, 50.0)),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_defaults(name):
    optimizer = optimizer_of(name)
    assert (optimizer.rule, optimizer.learning_rate, optimizer.settings()) == DEFAULTS[name]
    assert optimizer.weight_decay == (0.01 if name == "adamw" else 0.0)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_learning_rate_stands_first_and_weight_decay_is_by_keyword(name):
    build = OPTIMIZERS[name]
    optimizer = build(0.25, weight_decay=0.5)
    assert (optimizer.learning_rate, optimizer.weight_decay) == (0.25, 0.5)
    assert optimizer == build(learning_rate=0.25, weight_decay=0.5) != build(0.25)
    with pytest.raises(TypeError, match="positional"):
        type(optimizer)(*[0.25] * len(fields(optimizer)))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_settings_are_the_fields_of_the_rules_names(name):
    optimizer = optimizer_of(name)
    named = dict(zip(updates[optimizer.rule].settings, optimizer.settings(), strict=True))
    own = {each.name for each in fields(optimizer)} - {"learning_rate", "weight_decay", "nesterov"}
    assert named == {each: float(getattr(optimizer, each)) for each in own}


def test_a_momentum_chooses_its_rule():
    assert optimizer_of("nesterov") == Momentum(nesterov=True)
    assert Momentum(0.1, 0.8, True).settings() == (0.8,)
    assert AveragedMomentum(bias_correction=False).settings() == (0.9, 0.0)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_plain_values_and_back(name):
    optimizer = OPTIMIZERS[name](np.float32(0.25), weight_decay=np.int64(2))
    description = optimizer.describe()
    again = optimizer_from(json.loads(json.dumps(description)))
    assert again == optimizer
    assert type(again) is type(optimizer)
    assert description["optimizer"] == type(optimizer).__name__
    assert optimizer_from(description).describe() == description  # the dict was left as it was
    assert optimizer_from({"optimizer": description["optimizer"]}) == type(optimizer)()


def test_an_optimizer_does_not_change():
    with pytest.raises(FrozenInstanceError):
        SGD().learning_rate = 2.0


@pytest.mark.parametrize(
    ("description", "message"),
    [
        ({"optimizer": "Adm"}, r"^optimizer='Adm' is not one of 'AMSGrad', .*, 'SGD'; did you mean 'Adam'\?$"),
        ({}, "^optimizer=None is not one of "),
        ({"optimizer": "Adam", "beta3": 0.5}, r"^parameter of Adam='beta3' is not one of .*; did you mean 'beta\d'\?$"),
        ({"optimizer": "Adam", "beta1": 2}, r"^beta1=2 is not a number in \[0, 1\); choose one inside$"),
        ({"optimizer": "Optimizer", "learning_rate": 1}, "^optimizer='Optimizer' is not one of "),
    ],
)
def test_a_description_that_is_wrong_is_refused(description, message):
    with pytest.raises(ValueError, match=message):
        optimizer_from(description)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: SGD(weight_decay=-0.1), r"^weight_decay=-0.1 is not a number in \[0, inf\); choose one inside$"),
        (lambda: AdamW(weight_decay=math.inf), "weight_decay=inf"),
        (lambda: Adam(weight_decay=None), "weight_decay=None"),
        (lambda: Momentum(nesterov=1), "^nesterov=1 of Momentum is neither True nor False; use one$"),
        (lambda: AveragedMomentum(beta=1), r"^beta=1 is not a number in \[0, 1\)"),
        (lambda: AveragedMomentum(bias_correction="yes"), "bias_correction='yes'"),
        (lambda: Adagrad(eps=0), r"^eps=0 is not a number in \(0, inf\)"),
        (lambda: Adadelta(rho=1.0), r"^rho=1.0 is not a number in \[0, 1\)"),
        (lambda: RMSprop(rho=-0.5), "rho=-0.5"),
        (lambda: AMSGrad(beta2=1), "beta2=1"),
        (lambda: NAdam(beta1=-1), "beta1=-1"),
        (lambda: Lion(beta2=1.5), "beta2=1.5"),
        (lambda: Rprop(eta_minus=1), r"^eta_minus=1 is not a number in \(0, 1\)"),
        (lambda: Rprop(eta_plus=1), r"^eta_plus=1 is not a number in \(1, inf\)"),
        (lambda: Rprop(least_step=0), "least_step=0"),
        (lambda: Rprop(most_step=math.inf), "most_step=inf"),
        (
            lambda: Rprop(least_step=2, most_step=1),
            r"^least_step=2.0 is more than most_step=1.0; choose least_step <= most_step$",
        ),
    ],
)
def test_a_value_outside_its_range_is_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()


def test_every_field_is_checked():
    """A field that nothing checks would take any text."""
    for build in OPTIMIZERS.values():
        for each in fields(build()):
            with pytest.raises(ValueError, match=f"^{each.name}='high' "):
                build(**{each.name: "high"})


def test_every_optimizer_says_which_form_it_is():
    kinds = {type(optimizer_of(name)) for name in OPTIMIZERS}
    for kind in kinds:
        assert kind.__doc__ is not None
        assert all(f"{each.name}" in kind.__doc__ for each in fields(kind))
    assert {kind.__doc__ for kind in kinds}.isdisjoint({Optimizer.__doc__, None})
