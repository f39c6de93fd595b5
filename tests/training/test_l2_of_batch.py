"""The L2 penalty divided by each batch's weight, and its sum, against the formula worked in NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from netlet.graph.graph import graph_of
from netlet.graph.layers import Dense
from netlet.graph.lowering import Terms
from netlet.graph.operations import initial_parameters, initial_state, operations_of
from netlet.training.learnt import Learnt
from netlet.training.losses import SquaredError
from netlet.training.optimizers import SGD
from netlet.training.stepper import Rule, Samples, Stepper

ALPHA, RATE = 3.0, 0.1


@pytest.mark.plain
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("gather", [False, True])
@pytest.mark.parametrize("clip_norm", [np.inf, 0.5])
def test_steps(weighted, gather, clip_norm):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(5, 3)), rng.normal(size=(5, 1))
    v = rng.uniform(0.5, 2, 5) if weighted else np.ones(5)
    operations = operations_of(graph_of([Dense(1)]).with_input(3))
    learnt = Learnt(initial_parameters(operations, 0, "float64"), initial_state(operations, "float64"))
    w, b, penalty = learnt.theta[:3].copy(), 0.0, 0.0
    terms = {"": Terms(1.0, 0.0, ALPHA, 0.0, 0.0)}
    rule = Rule(
        SquaredError(),
        1,
        SGD(RATE),
        terms=terms,
        l2_of_batch=True,
        clip_norm=clip_norm,
    )
    stepper = Stepper(operations, learnt, rule, 2, gather, weighted)
    order = np.array([4, 2, 0, 1, 3])
    samples = Samples(x, y, v if weighted else np.empty(0))
    with stepper.team(1, 3) as (team, _):
        for _ in range(2):  # the sum is that of the last run
            stepper.run(team, samples, order if gather else order[:0], np.full(3, RATE))
    for _ in range(2):
        penalty = 0.0
        for batch in ([0, 1], [2, 3], [4]):
            rows = order[batch] if gather else np.array(batch)
            share = v[rows] / v[rows].sum()
            wrong = x[rows] @ w + b - y[rows, 0]
            gradient = np.append(x[rows].T @ (share * wrong) + ALPHA / v[rows].sum() * w, share @ wrong)
            penalty += len(rows) * ALPHA / 2 / v[rows].sum() * (w @ w)
            gradient *= min(1.0, clip_norm / np.linalg.norm(gradient))
            w, b = w - RATE * gradient[:3], b - RATE * gradient[3]
    np.testing.assert_allclose(learnt.theta, [*w, b], rtol=1e-12)
    np.testing.assert_allclose(stepper.penalty_of_batches(), penalty, rtol=1e-12)
