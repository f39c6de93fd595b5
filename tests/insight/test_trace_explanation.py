"""The formulas of a trace: every worked line is evaluated as it stands and must give the number at its end."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from netlet import SGD, Dense, Input, LeakyReLU, Network, Softmax

pytestmark = pytest.mark.plain
NUMBER = r"-?[\d.]+(?:e-?\+?\d+)?"


def evaluated(text):
    """Read a formula as a person does: ``e^-(-0.5)`` and ``2 log 0.5`` and ``0.5 (1 - 0.5)``."""
    text = re.sub(rf"\blog ({NUMBER})", r"* log(\1)", text)
    text = re.sub(r"(^|[(+\-]) *\* log", r"\1 log", text)
    text = re.sub(r"\be\^", "E^", text)
    text = re.sub(r"([\d)]) \(", r"\1 * (", text)
    text = re.sub(r"else \((-?[\d.]+)\) ", r"else \1 * ", text)
    text = re.sub(rf"else ({NUMBER}) (?=[-\d(])", r"else \1 * ", text)
    names = {"E": math.e, "log": math.log, "tanh": math.tanh, "max": max, "sqrt": math.sqrt}
    return eval(text.replace("^", "**"), {"__builtins__": {}}, names)


def worked(text):
    """Return the lines that are worked out number by number: name, formula, value."""
    lines = [line.strip() for line in text.splitlines() if line.startswith("      ")]
    return [(line.split(" = ")[0], " = ".join(line.split(" = ")[1:-1]), line.split(" = ")[-1]) for line in lines]


CASES = {
    "sigmoid": ([Dense(2, "sigmoid"), Dense(1, "sigmoid")], "squared_error", [0.0, 1.0], "sgd"),
    "binary": ([Dense(2, "tanh"), Dense(1, "sigmoid")], "binary_cross_entropy", [0.0, 1.0], "sgd"),
    "softmax": ([Dense(2, "relu"), Dense(2), Softmax()], "cross_entropy", [1, 0], "adam"),
    "leaky": ([Dense(2, LeakyReLU(0.2)), Dense(2, "softplus")], "squared_error", [[0.5, 1], [1, 2]], "adam"),
    "plain": ([Dense(2, bias=False), Dense(2, "exponential")], "squared_error", [[0.5, 1], [1, 2]], SGD(0.1)),
}


@pytest.mark.parametrize("n", [1, 2])
@pytest.mark.parametrize("case", CASES)
def test_every_line_is_right(case, n):
    layers, loss, y, optimizer = CASES[case]
    network = Network([Input(3), *layers], dtype="float64", seed=1)
    x = np.array([[0.5, 0.1, -0.2], [1.0, -2.0, 0.3]])
    trace = network.trace(x[:n], y[:n], loss=loss, optimizer=optimizer)
    lines = worked(trace.explanation(digits=15))
    assert lines
    for name, formula, value in lines:
        found = evaluated(formula)
        # The lines' numbers have 15 digits, and 1 - a loses some.
        assert found == pytest.approx(float(value), rel=1e-11, abs=1e-14), f"{name} = {formula}"
        array, _, place = name.partition("[")
        own = trace[array][tuple(map(int, place[:-1].split(",")))] if place else trace[array]
        assert float(value) == pytest.approx(float(own), rel=1e-13, abs=1e-300)
    numbers = {name.partition("[")[0] for name, _, _ in lines}
    assert {"Z1", "Z2", "L", "dZ2", "dW2", "dA1" if case != "plain" else "dZ1", "dW1", "new W1"} <= numbers


def test_large_arrays_have_formula_shape_and_the_numbers_at_the_ends():
    network = Network([Input(30), Dense(20, "gelu"), Dense(3), Softmax()], seed=0)
    text = network.trace(np.ones((5, 30)), [0, 1, 2, 0, 1]).explanation()
    assert "Z1 = X W1 + b1    (5 x 20)" in text
    assert "dZ1 = dA1 * gelu'(Z1)    (5 x 20)" in text
    assert "dZ2 = (A2 - onehot(Y)) / n    (5 x 3)" in text
    assert "Z1[0, 0]" not in text
    assert max(map(len, text.splitlines())) < 140


def test_layers_stand_in_order(capsys):
    network = Network([Input(2), Dense(2, "tanh"), Dense(1)], dtype="float64", seed=0)
    network.trace([[1.0, 2.0]], [0.5]).explain()
    lines = [line for line in capsys.readouterr().out.splitlines() if line and not line.startswith(" ")]
    heads = ["Forward pass: n = 1 sample", "dense_1", "dense_2", "Loss: squared_error"]
    assert lines == [*heads, "Backward pass", "dense_2", "dense_1", "Update: sgd, rate = 0.1"]
