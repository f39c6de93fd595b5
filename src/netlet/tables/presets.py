"""What a preset stands for: how many networks, on which rows, of what size, and for how long.

The numbers were found by experiment (docs/tables-ablation.md). What it showed:

- Three hidden layers of 256 and 256 epochs of batches of 256 cost 11 times the time of two of 128, fewer epochs and
  small batches, and gained nothing. Of noisy small tables the best epoch is among the first; tables of some thousand
  rows go on gaining to the last one, so they get more epochs. Ending early saved little: the schedule's last cycle,
  half of the epochs, is where clean tables gain most.
- A learning rate of 0.04 is as good for regression as the published 0.2.
- From a few thousand rows on, sharper waves and less dropout pay; below they overfit. How sharp is best differs from
  one large table to the next, and an average of networks of both kinds is better than either.
- An average of five is better than one everywhere; ten of one setting gain next to nothing more. Rows of small tables
  cannot tell settings apart: what a greedy selection took of them was worse on new rows than the average of all.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.model_selection import KFold, StratifiedKFold

from netlet.errors import unknown_name
from netlet.estimators.shaped.samples import held_out

FEWEST_ROWS = 10  # fewer are all learnt from, and nothing tells when to end
HELD_OUT = 0.2
FOLDS = 5
SMALL, LARGE = 3_000, 6_000  # rows to learn from
USUAL: Mapping[str, Any] = {}
CALM: tuple[Mapping[str, Any], ...] = (USUAL, {"learning_rate": 0.02}, {"dropout": 0.3}, {"hidden": (128, 128, 128)})
SHARP: tuple[Mapping[str, Any], ...] = (
    USUAL, {"hidden": (256, 128)}, {"numeric": "piecewise_linear"}, {"learning_rate": 0.1, "dropout": 0.1},
)  # fmt: skip


@dataclass(frozen=True)
class Preset:
    """How much is trained.

    Parameters
    ----------
    networks : tuple of int
        Of each setting, for small and other tables: 1 holds out a fifth of the rows once; more hold out one fifth after
        another.
    epochs : tuple of int
        Of small tables, and of those up to large.
    settings : tuple of (tuple of dict)
        Of small and of other tables: changes of the recipe, each with networks of its own. Of a small table all are
        averaged, since its rows cannot tell which are better; else those are selected that are best together.
    turns : tuple of dict
        Of large tables: changes that the networks of a setting have in turn, but for what the setting changes itself.
    """

    networks: tuple[int, int]
    epochs: tuple[int, int]
    settings: tuple[tuple[Mapping[str, Any], ...], tuple[Mapping[str, Any], ...]] = ((USUAL,), (USUAL,))
    turns: tuple[Mapping[str, Any], ...] = (USUAL, {"frequency_scale": 2.0})


PRESETS = {
    "fast": Preset((1, 1), (32, 96)),
    "default": Preset((5, 4), (48, 64)),
    "best": Preset((5, 4), (48, 64), (CALM, SHARP)),
}


def preset_of(name: str) -> Preset:
    """Return the preset of a name.

    Raises
    ------
    ValueError
        If there is none.
    """
    if not isinstance(name, str) or name not in PRESETS:
        raise ValueError(unknown_name("preset", name, PRESETS))
    return PRESETS[name]


def splits_of(n_rows: int, networks: int, classes: np.ndarray | None, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Choose the rows of each network.

    Parameters
    ----------
    n_rows, networks : int, >= 1
    classes : int64, (n_rows,), optional
        Class numbers, whose shares every part keeps.
    seed : int

    Returns
    -------
    list of (rows, held_out)
        int64 arrays. Of too few rows all are learnt from, and the same are looked at.
    """
    every = np.arange(n_rows)
    if n_rows < FEWEST_ROWS:
        return [(every, every)] * networks
    if networks == 1:
        rows, held = held_out(n_rows, HELD_OUT, classes, seed)
        return [(every, every) if rows is None or held is None else (rows, held)]
    splits: list[tuple[np.ndarray, np.ndarray]] = []
    while len(splits) < networks:
        offset = len(splits) // FOLDS
        if classes is not None and np.bincount(classes).min() >= FOLDS:
            folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed + offset).split(every, classes)
        else:
            folds = KFold(FOLDS, shuffle=True, random_state=seed + offset).split(every)
        splits += list(folds)
    return splits[:networks]


def pieces_for(n_rows: int) -> dict[str, Any]:
    """Return how the recipe is changed for so many rows to learn from."""
    by_size = {"frequency_scale": 0.1, "dropout": 0.15} if n_rows < SMALL else {"frequency_scale": 0.5, "dropout": 0.05}
    return {"hidden": (128, 128), "learning_rate": 0.04, **by_size}


def epochs_for(n_rows: int, preset: Preset) -> int:
    """Return the epochs of a training; beyond a large table's rows, fewer the more rows there are."""
    if n_rows < SMALL:
        return preset.epochs[0]
    return max(round(preset.epochs[1] * min(1.0, math.sqrt(LARGE / n_rows))), 4)


def batch_size_for(n_rows: int) -> int:
    """Return the batch size: the more rows, the larger; batches of 256 cost accuracy up to some 20,000 rows."""
    if n_rows < SMALL:
        return 16 if n_rows < SMALL // 2 else 32
    return int(np.clip(2 ** round(np.log2(n_rows / 200)), 64, 256))


def settings_for(n_rows: int, preset: Preset) -> tuple[Mapping[str, Any], ...]:
    """Return the changes of the recipe that are tried."""
    return preset.settings[0 if n_rows < SMALL else 1]


def turn_for(n_rows: int, preset: Preset, number: int) -> Mapping[str, Any]:
    """Return how the recipe is changed for a network of a setting, numbered from 0."""
    return USUAL if n_rows < LARGE else preset.turns[number % len(preset.turns)]


def networks_for(n_rows: int, preset: Preset) -> int:
    """Return the networks of each setting."""
    return preset.networks[0 if n_rows < SMALL else 1]
