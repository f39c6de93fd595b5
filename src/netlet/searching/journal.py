"""The journal of a search: a folder in which every trial is written down as soon as it is through.

| file | what |
|---|---|
| search.json | what the search was given, so that it is never gone on with under other conditions |
| trials.jsonl | a line of JSON for each result; a line that a sudden end cut short is passed over |
| networks/N.netlet | the best networks, as model files |
| paused/N.netlet | what a paused trial is gone on from |
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from types import TracebackType
from typing import Any

from netlet.errors import CheckpointMismatch, ModelFileError
from netlet.network.network import Network
from netlet.population.ensemble import Ensemble
from netlet.population.loading import load
from netlet.scales.plain import plain
from netlet.searching.trial import Ask, Trial
from netlet.tensor_file import read_tensors, write_atomically, write_tensors
from netlet.training.folder_lock import FolderLock
from netlet.training.snapshot import Snapshot

FORMAT = 1
_REMEDY = "the trial is trained again without it"


class Journal:
    """The folder of one search, to be used in a ``with`` statement.

    Parameters
    ----------
    folder : path
        Made if need be.
    conditions : mapping of str to object
        What the search is given.

    Attributes
    ----------
    found : dict of (int, int or None) to Trial
        Results that an earlier search left, by the number of the trial and the epochs asked for.
    seconds : float
        How long the search ran before.

    Raises
    ------
    CheckpointMismatch
        If the folder holds a search that was given something else.
    OSError
        If it cannot be written to, or another search uses it.
    """

    def __init__(self, folder: str | os.PathLike[str], conditions: Mapping[str, Any]) -> None:
        self.folder = Path(folder)
        (self.folder / "networks").mkdir(parents=True, exist_ok=True)
        (self.folder / "paused").mkdir(exist_ok=True)
        try:
            self._lock = FolderLock(self.folder / "search.lock")
        except BlockingIOError as error:
            raise BlockingIOError(
                error.errno or 0, f"folder={str(folder)!r} is used by another search; name a folder for each"
            ) from None
        self.found: dict[tuple[int, int | None], Trial] = {}
        self.seconds = 0.0
        try:
            self._check({name: plain(value) for name, value in conditions.items()})
            self._read()
            self._stream = open(self.folder / "trials.jsonl", "a", encoding="utf-8")  # noqa: SIM115  (closed in close)
        except BaseException:
            self._lock.release()
            raise

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()
        self._lock.release()

    def _check(self, conditions: dict[str, Any]) -> None:
        path = self.folder / "search.json"
        conditions = json.loads(json.dumps(conditions))
        if not path.exists():
            text = json.dumps({"format": FORMAT, "conditions": conditions}, indent=1, ensure_ascii=False)
            write_atomically(path, text.encode())
            return
        try:
            before = json.loads(path.read_text(encoding="utf-8"))["conditions"]
        except (ValueError, KeyError, TypeError):
            raise CheckpointMismatch(
                f"{path} is damaged; give another folder, or remove {self.folder} to begin anew"
            ) from None
        differing = [name for name in conditions if before.get(name) != conditions[name]]
        if differing:
            name = differing[0]
            raise CheckpointMismatch(
                f"folder={str(self.folder)!r} holds a search that was given something else for "
                f"{', '.join(differing)}: {name} was {_short(before.get(name))}, now it is {_short(conditions[name])}; "
                "repeat the call as it was, give another folder, or remove this one to begin anew"
            )

    def _read(self) -> None:
        path = self.folder / "trials.jsonl"
        if not path.exists():
            return
        lines = path.read_bytes().split(b"\n")
        if lines[-1]:  # cut short: what is written next must not be glued to it
            with open(path, "ab") as stream:
                stream.write(b"\n")
        for line in lines:
            with suppress(ValueError, KeyError, TypeError):
                record = json.loads(line)
                asked, at = record.pop("asked"), record.pop("at")
                trial = Trial(**record)
                self.found[trial.number, asked] = trial
                self.seconds = max(self.seconds, at)

    def result_of(self, ask: Ask) -> Trial | None:
        """Return what an earlier search found for an ask, if it did."""
        found = self.found.get((ask.number, ask.epochs))
        return None if found is None or found.status == "stopped" else replace(found, settings=ask.settings)

    def write(self, ask: Ask, trial: Trial, at: float) -> None:
        """Write a result down; it is on the disk when this returns.

        Parameters
        ----------
        ask : Ask
        trial : Trial
        at : float
            Seconds since the beginning of the search, those of earlier runs included.
        """
        record = asdict(trial) | {"settings": plain(trial.settings), "asked": ask.epochs, "at": at}
        if record["cost"] == float("inf"):
            del record["cost"]
        self._stream.write(json.dumps(record, ensure_ascii=False) + "\n")
        self._stream.flush()
        os.fsync(self._stream.fileno())

    def keep_snapshot(self, number: int, snapshot: Snapshot | None) -> None:
        """Keep what a paused trial is gone on from; None: it is not needed any more."""
        path = self.folder / "paused" / f"{number}.netlet"
        if snapshot is None:
            path.unlink(missing_ok=True)
        else:
            write_tensors(path, snapshot.values | {"kind": "snapshot", "format": FORMAT}, snapshot.arrays)

    def snapshot(self, number: int) -> Snapshot | None:
        """Return what a paused trial is gone on from; None where it was not kept, or is damaged."""
        path = self.folder / "paused" / f"{number}.netlet"
        try:
            values, arrays = read_tensors(path, "snapshot", "give an empty folder", _REMEDY, FORMAT)
        except (OSError, ModelFileError):
            return None
        return Snapshot(values, arrays)

    def keep_network(self, number: int, network: Network | Ensemble | None) -> None:
        """Keep one of the best networks; None: it is no longer one of them."""
        path = self.folder / "networks" / f"{number}.netlet"
        if network is None:
            path.unlink(missing_ok=True)
        else:
            network.save(path)

    def network(self, number: int) -> Network | Ensemble | None:
        """Return a network that was kept; None where it was not, or is damaged."""
        try:
            return load(self.folder / "networks" / f"{number}.netlet")
        except (OSError, ModelFileError):
            return None


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) < 100 else text[:97] + "..."
