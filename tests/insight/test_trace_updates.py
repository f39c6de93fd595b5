"""The formulas of the update rules, read as they are printed, give the parameters that the kernels give."""

from __future__ import annotations

import re

import numpy as np
import pytest

from netlet import Dense, Input, Network
from netlet.insight.trace.formulas import MEMORY, UPDATES
from netlet.kernels.registry import updates
from netlet.training.optimizers import OPTIMIZERS, AveragedMomentum

pytestmark = pytest.mark.plain


def test_every_rule_has_its_formulas():
    assert set(UPDATES) == set(updates)
    assert {rule: len(MEMORY.get(rule, ())) for rule in updates} == {rule: row.n_slots for rule, row in updates.items()}


def computed(line, names):
    """Evaluate a formula: numbers side by side are multiplied."""
    text = line.replace("^", "**").replace("new W", "new_W")
    while (product := re.sub(r"([\w)]) (?=[\w(])", r"\1 * ", text)) != text:
        text = product
    left, _, right = text.partition(" = ")
    names[left] = eval(right, {"__builtins__": {}}, names)


@pytest.mark.parametrize(
    "optimizer",
    [
        *(make(0.02) for name, make in OPTIMIZERS.items() if name != "adamw"),
        AveragedMomentum(0.1, bias_correction=False),
    ],
    ids=repr,
)
def test_formulas_give_what_the_kernels_give(optimizer):
    network = Network([Input(3), Dense(2, "tanh"), Dense(1)], dtype="float64", seed=0)
    trace = network.trace([[0.5, 0.1, -0.2], [1.0, -2.0, 0.3]], [1.0, -1.0], optimizer=optimizer)
    for name in ("W1", "b1", "W2", "b2"):
        rule = optimizer.rule
        names = {"sqrt": np.sqrt, "max": np.maximum, "min": np.minimum, "sign": np.sign, "t": 1}
        names |= dict(zip(updates[rule].settings, optimizer.settings(), strict=True))
        names |= {"W": trace[name], "dW": trace[f"d{name}"], "rate": optimizer.learning_rate}
        names |= dict.fromkeys(MEMORY.get(rule, ()), 0.0)
        for line in UPDATES[rule]:
            assert f"  {line}" in trace.explanation().splitlines()
            computed(line, names)
        np.testing.assert_allclose(trace[f"new {name}"], names["new_W"], rtol=1e-12)
        for kept in MEMORY.get(rule, ()):
            np.testing.assert_allclose(trace[f"{kept} {name}"], names[kept], rtol=1e-12)
