"""The model of a preset from its trained networks, and what that model says of rows held out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from netlet.population.ensemble import Ensemble
from netlet.tables.best_epoch import Cost
from netlet.tables.members import Trained
from netlet.training.history import History

STEPS = 12  # of the greedy selection; a setting that is taken twice weighs double
BEST_FIRST = 2  # so many settings are taken by their own costs, so that chance decides less


@dataclass(frozen=True)
class Chosen:
    """A model, and its outputs for rows held out.

    Attributes
    ----------
    model : Ensemble
    histories : list of History
        One for each network of the model.
    rows : int64, (m,)
    outputs : float, (m, n_outputs)
        Of networks that did not learn from the row.
    averaged : bool
        Whether they are averages of several such networks.
    members : list of Trained
        The networks of the model, in its order.
    """

    model: Ensemble
    histories: list[History]
    rows: np.ndarray
    outputs: np.ndarray
    averaged: bool
    members: list[Trained]


def choose(
    groups: Sequence[Sequence[Trained]], y: np.ndarray, cost_of: Callable[[np.ndarray], Cost], selects: bool = True
) -> Chosen:
    """Select the settings that are best together, or average all.

    Parameters
    ----------
    groups : sequence of sequence of Trained
        The networks of each setting, one or more of them.
    y : array, (n_rows,)
    cost_of : callable
        Gives for rows held out the cost of outputs for them.
    selects : bool
        Else all settings are averaged.

    Returns
    -------
    Chosen
        All networks of the only setting; else those of the settings that a greedy selection takes by what each says
        of the rows that its networks held out. Settings of which networks are lacking are left out, but where all are.
    """
    most = max(len(group) for group in groups)
    whole = [group for group in groups if len(group) == most]
    rows = _rows(whole[0])
    if len(whole) == 1 or any(not np.array_equal(_rows(group), rows) for group in whole):
        return _together(whole[0], Ensemble([each.network for each in whole[0]]), rows)
    predictions = np.stack([np.concatenate([each.outputs for each in group]) for group in whole])
    if not selects:
        every = [each for group in whole for each in group]
        model = Ensemble([each.network for each in every])
        averages = predictions.mean(axis=0, dtype=np.float64)
        return Chosen(model, [each.history for each in every], rows, averages, True, every)
    cost = cost_of(rows)

    def measured(average: np.ndarray, _: Any) -> float:
        return cost(average)

    model = Ensemble.select_parts(
        [[each.network for each in group] for group in whole], predictions, y[rows], size=STEPS, temperature=False,
        cost=measured, n_start=min(BEST_FIRST, len(whole)),
    )  # fmt: skip
    assert model.selection is not None
    shares = model.selection.weights
    taken = [each for group, share in zip(whole, shares, strict=True) if share for each in group]
    outputs = np.tensordot(shares, predictions.astype(np.float64), axes=1)
    return Chosen(model, [each.history for each in taken], rows, outputs, int((shares > 0).sum()) > 1, taken)


def _rows(group: Sequence[Trained]) -> np.ndarray:
    return np.concatenate([each.held_out for each in group])


def _together(group: Sequence[Trained], model: Ensemble, rows: np.ndarray) -> Chosen:
    outputs = np.concatenate([each.outputs for each in group])
    return Chosen(model, [each.history for each in group], rows, outputs, False, list(group))
