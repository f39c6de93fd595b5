"""Checkpoints: a training that was broken off at any moment goes on where it was last kept, bit for bit.

A folder holds one file, ``checkpoint.netlet``, which is replaced as a whole. Beside the parameters it holds everything
that decides the rest of the training, and what the training was given (as checksums), so that it is never gone on with
under other conditions. One training at a time may use a folder.
"""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from netlet.errors import CheckpointMismatch, CheckpointNotWritten
from netlet.tensor_file import checksum_of, read_tensors, write_tensors
from netlet.training.folder_lock import FolderLock

FILE = "checkpoint.netlet"
LOCK = "checkpoint.lock"
FORMAT = 1
_SHOWN = 60  # characters of a condition in a message


def digest(array: np.ndarray) -> str:
    """Return a short text that tells an array from others: its shape, dtype and CRC-32."""
    return f"{array.shape} {array.dtype} {checksum_of({'': array}):08x}"


class Checkpoint:
    """The folder of one training, to be used in a ``with`` statement once it is read.

    Parameters
    ----------
    folder : path
        Made if need be.
    every_epochs : int, optional
    every_seconds : float, optional
        How often to write, at ends of epochs: when either has passed.
    conditions : mapping of str to plain values
        What the training is given; a checkpoint is gone on with only if all are equal.

    Attributes
    ----------
    found : tuple of dict and dict of array, or None
        The values and arrays that an earlier training left, until they are taken by `take`.

    Raises
    ------
    OSError
        If the folder cannot be made or written to, or another training uses it.
    CheckpointMismatch
        If it holds a training that was given something else.
    ModelFileError
        If its file is damaged.
    """

    def __init__(
        self,
        folder: Path,
        every_epochs: int | None,
        every_seconds: float | None,
        conditions: Mapping[str, Any],
    ) -> None:
        self.path = folder / FILE
        self._every_epochs, self._every_seconds = every_epochs, every_seconds
        self._conditions = {name: _text_of(value) for name, value in conditions.items()}
        self._tried_at, self._tried_epoch = time.monotonic(), 0
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = FolderLock(folder / LOCK)
        except OSError as error:
            reason = error.strerror or error
            remedy = "name a folder of its own for each training" if isinstance(error, BlockingIOError) else (
                "name a folder that can be written to"
            )  # fmt: skip
            raise type(error)(error.errno or 0, f"checkpoint={str(folder)!r}: {reason}; {remedy}") from None
        try:
            for part in folder.glob(f".{FILE}.*.part"):  # of a process that was killed while it wrote
                with suppress(OSError):
                    part.unlink()
            self.found = self._read()
        except BaseException:
            self._lock.release()
            raise

    def __enter__(self) -> Checkpoint:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def release(self) -> None:
        """Let another training use the folder; once more does nothing."""
        self._lock.release()

    def _read(self) -> tuple[dict[str, Any], dict[str, np.ndarray]] | None:
        if not self.path.exists():
            return None
        remedy = f"remove {self.path} to begin anew"
        values, arrays = read_tensors(self.path, "checkpoint", "give an empty folder", remedy, FORMAT)
        before = values["conditions"]
        differing = [name for name in self._conditions if before.get(name) != self._conditions[name]]
        if differing:
            name = differing[0]
            others = f" (and {', '.join(differing[1:])})" if differing[1:] else ""
            there, here = _where_they_differ(str(before.get(name)), self._conditions[name])
            raise CheckpointMismatch(
                f"checkpoint={str(self.path.parent)!r} holds a training that was given something else for "
                f"{name}{others}: {there} there, {here} here; repeat the call as it was, on a network made anew, "
                f"give another folder, or {remedy}"
            )
        self._tried_epoch = values["epoch"]
        return values, arrays

    def take(self) -> tuple[dict[str, Any], dict[str, np.ndarray]] | None:
        """Return what was found, once."""
        found, self.found = self.found, None
        return found

    def is_due(self, epoch: int) -> bool:
        """Tell whether it is time to write after an epoch."""
        epochs, seconds = epoch - self._tried_epoch, time.monotonic() - self._tried_at
        return (self._every_epochs is not None and epochs >= self._every_epochs) or (
            self._every_seconds is not None and seconds >= self._every_seconds
        )

    def write(self, values: dict[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
        """Replace what is kept; `values` are plain and name the "epoch".

        A disk that is full must not end the training: `CheckpointNotWritten` is warned of, what was kept before is
        kept, and the next time it is due it is tried again.
        """
        self._tried_epoch = values["epoch"]
        try:
            described = {"kind": "checkpoint", "format": FORMAT, "conditions": self._conditions}
            write_tensors(self.path, values | described, arrays)
        except OSError as error:
            warnings.warn(
                f"checkpoint={str(self.path.parent)!r} could not be written after epoch {values['epoch']} ({error}); "
                "the training goes on, and it will be tried again",
                CheckpointNotWritten,
                stacklevel=2,
            )
        self._tried_at = time.monotonic()


def _text_of(value: Any) -> str:
    """Return a value as a text that is the same for equal values, tuples and NumPy's numbers among them."""
    if isinstance(value, str):
        return value
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else repr(value)


def _where_they_differ(first: str, second: str) -> tuple[str, str]:
    """Return the pieces of two texts around the place from which on they differ."""
    if max(len(first), len(second)) <= _SHOWN:
        return first, second
    pairs = enumerate(zip(first, second, strict=False))
    start = next((place for place, (one, other) in pairs if one != other), min(len(first), len(second)))
    start = max(0, start - _SHOWN // 3)

    def piece(text: str) -> str:
        before, after = "... " if start else "", " ..." if len(text) > start + _SHOWN else ""
        return before + text[start : start + _SHOWN] + after

    return piece(first), piece(second)
