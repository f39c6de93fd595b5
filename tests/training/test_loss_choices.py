"""Choosing a loss: what each name and each last layer stands for, its settings, and the errors of a wrong one."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

import numpy as np
import pytest

from netlet import Dense, Dropout, Sigmoid, Softmax
from netlet.graph.graph import graph_of
from netlet.graph.operations import operations_of
from netlet.graph.specification import Kernel, Layer
from netlet.kernels import registry
from netlet.kernels.registry import LayerRow, losses
from netlet.training.losses import (
    LOSSES,
    AbsoluteError,
    BinaryCrossEntropy,
    CrossEntropy,
    Detection,
    Hinge,
    Huber,
    LogCosh,
    PerceptronLoss,
    Poisson,
    Quantile,
    SquaredError,
    loss_from,
)
from netlet.training.output import loss_of

pytestmark = pytest.mark.plain


@dataclass(frozen=True)
class Ending(Layer):
    """An output layer of any row of the registry."""

    row: str = ""

    def kernels(self):
        return (Kernel(self.row),)


@pytest.fixture(autouse=True)
def links(monkeypatch):
    """Make sure that the links of all losses are there."""
    for name in ("exponential", "step"):
        if name not in registry.layers:
            monkeypatch.setitem(registry.layers, name, LayerRow(name, None, None))


def operations(*layers):
    return operations_of(graph_of(list(layers)).with_input(4))


@pytest.mark.parametrize(
    ("layers", "loss", "reads"),
    [
        ([Dense(3), Softmax()], CrossEntropy(), 1),
        ([Dense(3, activation="softmax")], CrossEntropy(), 1),
        ([Dense(3), Sigmoid()], BinaryCrossEntropy(), 1),
        ([Dense(1, activation="sigmoid")], BinaryCrossEntropy(), 1),
        ([Dense(3), Ending("exponential")], Poisson(), 1),
        ([Dense(3), Ending("step")], PerceptronLoss(), 1),
        ([Dense(3)], SquaredError(), 1),
        ([Dense(3, activation="tanh")], SquaredError(), 2),
        ([Dense(3), Dropout(0.1)], SquaredError(), 2),
    ],
)
def test_auto_follows_the_last_layer(layers, loss, reads):
    assert loss_of("auto", operations(*layers)) == (loss, reads)


def test_every_row_has_a_loss():
    assert set(LOSSES) == set(losses)
    for name in LOSSES:
        assert LOSSES[name]().row is losses[name]


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_reads_the_output_where_no_link_is_its_own(name):
    # A loss of sequences counts its classes: the network's last axis; one of cells, what follows an object and its box.
    counted = {"sequence_cross_entropy": {"n_classes": 8}, "detection": {"n_classes": 3}}.get(name, {})
    assert loss_of(name, operations(Dense(8))) == (LOSSES[name](**counted), 1)


@pytest.mark.parametrize("name", [name for name in LOSSES if losses[name].output])
def test_every_loss_reads_what_its_own_link_reads(name):
    assert loss_of(name, operations(Dense(3), Ending(losses[name].output)))[1] == 1


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("link", ["softmax", "sigmoid", "exponential", "step"])
def test_a_loss_of_logits_refuses_the_link_of_another(name, link):
    """A loss of numbers may be asked for of any output: squared error of probabilities is Brier's score."""
    of_numbers = {"squared_error", "absolute_error", "huber", "log_cosh", "quantile"}
    if name in of_numbers:
        assert loss_of(name, operations(Dense(8), Ending(link)))[1] == 2
    elif losses[name].output != link:
        ending = f"with {losses[name].output} or " if losses[name].output else ""
        message = f"^loss={name!r} is computed from logits, but the last layer is a {link}; end {ending}without an out"
        with pytest.raises(ValueError, match=message):
            loss_of(name, operations(Dense(8), Ending(link)))


def test_a_loss_with_settings_is_taken_as_it_is():
    loss = Huber(0.25)
    assert loss_of(loss, operations(Dense(3)))[0] is loss


@pytest.mark.parametrize(
    ("loss", "layers", "message"),
    [
        ("cross_entropi", [Dense(3)], r"loss='cross_entropi' is not one of .*; did you mean 'cross_entropy'\?"),
        (
            "cross_entropy",
            [Dense(1)],
            r"loss='cross_entropy' needs an output for each class, the last layer has 1 unit; use",
        ),
        ("auto", [Dense(1), Softmax()], "needs an output for each class"),
        (
            Quantile((0.1, 0.5, 0.9)),
            [Dense(4)],
            r"^loss='quantile' needs 3 outputs for each target, the last layer has 4 in all; use Dense\(3\) for one",
        ),
        (
            "detection",
            [Dense(5)],
            r"^loss='detection' reads cells of 6 numbers or more .* output is \(5,\); end with Conv2D\(5 \+",
        ),
        (
            Detection(2),
            [Dense(8)],
            r"^loss='detection' reads cells of 7 numbers or more .* the network's output is \(8,\)",
        ),
    ],
)
def test_a_loss_that_does_not_fit_is_refused(loss, layers, message):
    with pytest.raises(ValueError, match=message):
        loss_of(loss, operations(*layers))


@pytest.mark.parametrize("choice", [None, 3, Huber])
def test_what_is_no_loss_is_refused(choice):
    with pytest.raises(TypeError, match=r"is neither a name nor a loss; use 'squared_error' or Huber\(delta=1.0\)"):
        loss_of(choice, operations(Dense(3)))


@pytest.mark.parametrize("last", [Softmax(), Sigmoid(), Ending("exponential"), Ending("step")])
def test_a_loss_of_the_input_itself_is_refused(last):
    """There would be no logits with a gradient of their own."""
    with pytest.raises(ValueError, match="would be computed from the network's input itself; put a Dense layer before"):
        loss_of("auto", operations(last))
    assert loss_of("squared_error", operations(last))[1] == 1


@pytest.mark.parametrize("name", LOSSES)
def test_factors_are_no_more_than_the_kernel_knows(name):
    factors = LOSSES[name]().factors()
    assert len(factors) <= len(losses[name].factors) <= 8
    assert len(factors) == len(losses[name].factors) or name == "quantile"


@pytest.mark.parametrize(
    ("loss", "factors"),
    [
        (CrossEntropy(0.125), (0.125,)),
        (Huber(2), (2.0,)),
        (Huber(np.float32(0.5)), (0.5,)),
        (Quantile(), (0.5,)),
        (Quantile([0.25, 0.75]), (0.25, 0.75)),
        (Quantile(np.array([0.25, 0.5])), (0.25, 0.5)),
        (LogCosh(), ()),
        (Detection(3, empty_weight=0.5, beta=1), (0.5, 1.0, 1.0, 2.0, 1.0)),
    ],
)
def test_settings_reach_the_kernel(loss, factors):
    assert loss.factors() == factors
    assert all(type(factor) is float for factor in loss.factors())


@pytest.mark.parametrize(
    ("loss", "n_targets"),
    [
        (CrossEntropy(), 1),
        (BinaryCrossEntropy(), 6),
        (Hinge(), 6),
        (Quantile((0.1, 0.5, 0.9)), 2),
        (Quantile(), 6),
        (Detection(1), 6),
    ],
)
def test_how_many_numbers_a_target_has(loss, n_targets):
    assert loss.n_targets(6) == n_targets


@pytest.mark.parametrize(
    "loss", [*(LOSSES[name]() for name in LOSSES), Huber(0.25), CrossEntropy(0.1), Quantile((0.1, 0.9))], ids=repr
)
def test_a_description_is_plain_and_gives_the_loss_back(loss):
    description = json.loads(json.dumps(loss.describe(), allow_nan=False))
    assert loss_from(description) == loss
    assert hash(loss_from(description)) == hash(loss)


def test_descriptions_as_they_stand_in_files():
    assert Huber().describe() == {"loss": "Huber", "delta": 1.0}
    assert Quantile((0.25, 0.5)).describe() == {"loss": "Quantile", "quantiles": [0.25, 0.5]}
    assert AbsoluteError().describe() == {"loss": "AbsoluteError"}
    assert loss_from("absolute_error") == AbsoluteError()


@pytest.mark.parametrize(
    ("description", "kind", "message"),
    [
        ({"loss": "Hubert"}, ValueError, r"loss='Hubert' is not one of .*; did you mean 'Huber'\?"),
        ({}, ValueError, "loss=None is not one of"),
        ({"loss": "Huber", "gamma": 2}, TypeError, "gamma"),
        ("l2", ValueError, "loss='l2' is not one of"),
        (7, TypeError, "loss=7 is neither a name nor a description"),
    ],
)
def test_a_description_of_no_loss_is_refused(description, kind, message):
    with pytest.raises(kind, match=message):
        loss_from(description)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (
            lambda: CrossEntropy(1.0),
            r"^label_smoothing=1.0 of CrossEntropy is not a number in \[0, 1\); it is the share spread over all "
            "classes, 0.1 is usual$",
        ),
        (lambda: CrossEntropy(-0.1), "label_smoothing=-0.1"),
        (lambda: CrossEntropy(math.nan), "label_smoothing=nan"),
        (lambda: CrossEntropy("0.1"), "label_smoothing='0.1'"),
        (lambda: CrossEntropy(True), "label_smoothing=True"),
        (lambda: Huber(0), r"^delta=0 of Huber is not a number in \(0, inf\); it is the difference from which on"),
        (lambda: Huber(-1.0), "delta=-1.0"),
        (lambda: Huber(math.inf), "delta=inf"),
        (lambda: Huber(None), "delta=None"),
        (
            lambda: Quantile((0.5, 1)),
            r"^quantiles=1 of Quantile is not a number in \(0, 1\); each is the share of targets below, such as 0.5$",
        ),
        (lambda: Quantile((0.0, 0.5)), r"quantiles=0.0 of Quantile"),
        (lambda: Quantile((0.5, math.nan)), "quantiles=nan of Quantile"),
        (
            lambda: Quantile((0.9, 0.1, 0.9)),
            r"^quantiles=\(0.9, 0.1, 0.9\) of Quantile are not ascending; use \(0.1, 0.9\)$",
        ),
        (lambda: Quantile((0.5, 0.5)), "are not ascending"),
        (lambda: Quantile(()), r"^quantiles=\(\) of Quantile are 0 numbers, not 1 to 7; give at least one"),
        (lambda: Quantile([k / 9 for k in range(1, 9)]), "are 8 numbers, not 1 to 7; train several networks"),
    ],
)
def test_a_setting_outside_its_range_is_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()


@pytest.mark.parametrize("given", [0.5, "0.5", None])
def test_quantiles_that_are_no_sequence_are_refused(given):
    with pytest.raises(TypeError, match=r"of Quantile is not a sequence of numbers; use \(0.5,\) for the median alone"):
        Quantile(given)
