"""Checkpoints: a training that was broken off at any moment goes on where it was last kept, bit for bit.

A folder holds one file, ``checkpoint.netlet``, which is replaced as a whole. Beside the parameters it holds everything
that decides the rest of the training, and what the training was given (as checksums), so that it is never gone on with
under other conditions.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from netlet.errors import CheckpointMismatch
from netlet.tensor_file import checksum_of, read_tensors, write_tensors

FILE = "checkpoint.netlet"
FORMAT = 1


def digest(array: np.ndarray) -> str:
    """Return a short text that tells an array from others: its shape, dtype and CRC-32."""
    return f"{array.shape} {array.dtype} {checksum_of({'': array}):08x}"


class Checkpoint:
    """The folder of one training.

    Parameters
    ----------
    folder : path
        Made if need be.
    every_epochs : int, optional
    every_seconds : float, optional
        How often to write, at ends of epochs: when either has passed.
    conditions : mapping of str to JSON values
        What the training is given; a checkpoint is gone on with only if all are equal.

    Raises
    ------
    OSError
        If the folder cannot be made or written to.
    """

    def __init__(
        self,
        folder: Path,
        every_epochs: int | None,
        every_seconds: float | None,
        conditions: Mapping[str, Any],
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / FILE
        self._every_epochs, self._every_seconds = every_epochs, every_seconds
        self._conditions = dict(conditions)
        self._written_at, self._written_epoch = time.monotonic(), 0
        for part in folder.glob(f".{FILE}.*.part"):  # of a process that was killed while it wrote
            with suppress(OSError):
                part.unlink()

    def read(self) -> tuple[dict[str, Any], dict[str, np.ndarray]] | None:
        """Return the values and arrays that were kept; None where there are none yet.

        Raises
        ------
        CheckpointMismatch
            If they belong to a training that was given something else.
        ModelFileError
            If the file is damaged.
        """
        if not self.path.exists():
            return None
        remedy = f"remove {self.path} to begin anew"
        values, arrays = read_tensors(self.path, "checkpoint", "give an empty folder", remedy, FORMAT)
        before = values["conditions"]
        differing = [name for name in self._conditions if before.get(name) != self._conditions[name]]
        if differing:
            name = differing[0]
            others = f" (and {', '.join(differing[1:])})" if differing[1:] else ""
            raise CheckpointMismatch(
                f"checkpoint={str(self.path.parent)!r} holds a training with another {name}{others}: "
                f"{before.get(name)} there, {self._conditions[name]} here; repeat the call as it was, give another "
                "folder, or remove this one to begin anew"
            )
        self._written_epoch = values["epoch"]
        return values, arrays

    def is_due(self, epoch: int) -> bool:
        """Tell whether it is time to write after an epoch."""
        epochs, seconds = epoch - self._written_epoch, time.monotonic() - self._written_at
        return (self._every_epochs is not None and epochs >= self._every_epochs) or (
            self._every_seconds is not None and seconds >= self._every_seconds
        )

    def write(self, values: dict[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
        """Replace what is kept; `values` are plain and name the "epoch".

        Raises
        ------
        OSError
            If it cannot be written; what was kept before is kept.
        """
        write_tensors(self.path, values | {"format": FORMAT, "conditions": self._conditions}, arrays)
        self._written_at, self._written_epoch = time.monotonic(), values["epoch"]
