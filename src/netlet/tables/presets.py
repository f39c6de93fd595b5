"""What a preset stands for: how many networks, on which rows, and for how long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import KFold, StratifiedKFold

from netlet.errors import unknown_name
from netlet.estimators.shaped.samples import held_out

FEWEST_ROWS = 10  # fewer are all learnt from, and nothing tells when to end
HELD_OUT = 0.2


@dataclass(frozen=True)
class Preset:
    """How much is trained.

    Parameters
    ----------
    folds : int
        Networks of each setting: one for each part of the rows held out in turn; 1: one part is held out once.
    seeds : int
        Times that all of it is done, each with its own rows and weights.
    """

    folds: int
    seeds: int = 1


PRESETS = {"fast": Preset(1), "default": Preset(5), "best": Preset(5, seeds=3)}


def preset_of(name: str) -> Preset:
    """Return the preset of a name.

    Raises
    ------
    ValueError
        If there is none.
    """
    if name not in PRESETS:
        raise ValueError(unknown_name("preset", name, PRESETS))
    return PRESETS[name]


def splits_of(
    n_rows: int, preset: Preset, classes: np.ndarray | None, seed: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Choose the rows of each network.

    Parameters
    ----------
    n_rows : int, >= 1
    preset : Preset
    classes : int64, (n_rows,), optional
        Class numbers, whose shares every part keeps.
    seed : int

    Returns
    -------
    list of (rows, held_out)
        int64 arrays, for each seed and fold. Of too few rows all are learnt from, and the same are looked at.
    """
    every = np.arange(n_rows)
    if n_rows < FEWEST_ROWS:
        return [(every, every)] * preset.seeds
    splits = []
    for offset in range(preset.seeds):
        if preset.folds == 1:
            rows, held = held_out(n_rows, HELD_OUT, classes, seed + offset)
            splits.append((every, every) if rows is None or held is None else (rows, held))
            continue
        if classes is not None and np.bincount(classes).min() >= preset.folds:
            folds = StratifiedKFold(preset.folds, shuffle=True, random_state=seed + offset).split(every, classes)
        else:
            folds = KFold(preset.folds, shuffle=True, random_state=seed + offset).split(every)
        splits += list(folds)
    return splits


def epochs_for(n_rows: int, batch_size: int) -> int:
    """Return the epochs of a training: many for few rows, fewer for many."""
    steps = -(-n_rows // batch_size)
    return int(np.clip(6000 / steps, 32, 256))


def batch_size_for(n_rows: int) -> int:
    """Return the batch size: at least some steps an epoch for few rows."""
    return int(np.clip(2 ** round(np.log2(max(n_rows, 1) / 16)), 16, 256))
