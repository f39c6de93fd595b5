"""Say which layer a training broke in, and why that is likely."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from netlet.graph.building import Operation
from netlet.training.learnt import Learnt
from netlet.training.loop import LOSS_NOT_FINITE
from netlet.training.prediction import Predictor

_LARGE = 1e3


def explain_failure(
    operations: Sequence[Operation],
    reads: int,
    learnt: Learnt,
    batch: np.ndarray,
    targets: np.ndarray,
    learning_rate: float,
    status: int,
) -> str:
    """Name the first layer whose numbers are not finite, and the likely cause.

    Parameters
    ----------
    operations : sequence of Operation
    reads : int
        The operation that the loss reads.
    learnt : Learnt
        At the failure.
    batch : dtype, (n, n_features)
        The samples of the step that failed.
    targets : dtype, (n, n_targets)
    learning_rate : float
    status : int
        The loop's status.

    Returns
    -------
    str
        Sentences.
    """
    what = "the loss" if status == LOSS_NOT_FINITE else "a gradient"
    where = "the loss itself" if status == LOSS_NOT_FINITE else "the backward pass"
    for place in range(1, reads + 1):
        operation = operations[place]
        own = learnt.theta[operation.theta : operation.theta + operation.n_theta]
        if not np.isfinite(own).all():
            where = f"the weights of {operation.layer}"
            break
        if not np.isfinite(
            Predictor(operations, place, learnt.dtype).predict(learnt.theta, learnt.state, batch, 1)
        ).all():
            where = f"the output of {operation.layer}" + ("" if operation.row == "dense" else f" ({operation.row})")
            break
    inputs, outputs = (float(np.abs(values).max(initial=0.0)) for values in (batch, targets))
    if inputs > _LARGE:
        cause = f"The inputs are as large as {inputs:.3g}: scale each column to about -1 to 1."
    elif outputs > _LARGE:
        cause = f"The targets are as large as {outputs:.3g}: scale them to about -1 to 1."
    else:
        cause = f"The learning rate {learning_rate:g} is likely too high: try {learning_rate / 10:g}."
    return f"{what} is not finite; the first numbers that are not are in {where}. {cause}"
