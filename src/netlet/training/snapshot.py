"""All that decides how a training goes on, in memory: to be put aside, or sent to another process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np


class Kept(Protocol):
    """Where a training is kept and found again."""

    def write(self, values: dict[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
        """Keep plain values, "epoch" among them, and arrays."""
        ...

    def take(self) -> tuple[dict[str, Any], dict[str, np.ndarray]] | None:
        """Return what was kept, if anything was."""
        ...


@dataclass
class Snapshot:
    """A `Kept` in memory.

    Parameters
    ----------
    values : dict
        Plain values.
    arrays : dict of str to array
    """

    values: dict[str, Any]
    arrays: dict[str, np.ndarray]

    def write(self, values: dict[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
        self.values, self.arrays = values, dict(arrays)

    def take(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        return self.values, self.arrays

    def copy(self) -> Snapshot:
        """Return one whose arrays no training writes to."""
        return Snapshot(dict(self.values), {name: array.copy() for name, array in self.arrays.items()})


def joined(snapshots: Sequence[Snapshot]) -> Snapshot:
    """Put the snapshots of several trainings into one; of a single one it is that."""
    if len(snapshots) == 1:
        return snapshots[0]
    arrays = {f"{place}.{name}": array for place, each in enumerate(snapshots) for name, array in each.arrays.items()}
    return Snapshot({"parts": [each.values for each in snapshots]}, arrays)


def parted(snapshot: Snapshot) -> list[Snapshot]:
    """Undo `joined`."""
    if "parts" not in snapshot.values:
        return [snapshot]
    return [
        Snapshot(
            values,
            {
                name.removeprefix(f"{place}."): array
                for name, array in snapshot.arrays.items()
                if name.startswith(f"{place}.")
            },
        )
        for place, values in enumerate(snapshot.values["parts"])
    ]
