"""The journal of a search: a folder in which every trial is written down as soon as it is through.

| file | what |
|---|---|
| search.json | what the search was given, so that it is never gone on with under other conditions |
| trials.jsonl | a line of JSON for each result; a line that a sudden end cut short is passed over |
| networks/NAME.netlet | the best networks, as model files |
| paused/NAME.netlet | what a paused trial is gone on from |

NAME tells the trial, its epochs and its settings: a file never passes for that of another moment, or of a search with
another budget, whose trial of the same number has other settings.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from types import TracebackType
from typing import Any

from netlet.errors import CheckpointMismatch, ModelFileError
from netlet.network.network import Network
from netlet.population.ensemble import Ensemble
from netlet.population.loading import load_networks
from netlet.scales.plain import plain
from netlet.searching.trial import Ask, Trial
from netlet.tensor_file import read_tensors, write_atomically, write_tensors
from netlet.training.folder_lock import FolderLock
from netlet.training.snapshot import Snapshot

FORMAT = 1
_TRIALS = "trials.jsonl"
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
    found : dict of (int, int or None, str) to Trial
        Results that an earlier search left, by the number of the trial, the epochs asked for, and its settings.
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
        try:
            (self.folder / "networks").mkdir(parents=True, exist_ok=True)
            (self.folder / "paused").mkdir(exist_ok=True)
            self._lock = FolderLock(self.folder / "search.lock")
        except BlockingIOError as error:
            raise BlockingIOError(
                error.errno or 0, f"folder={str(folder)!r} is used by another search; name a folder for each"
            ) from None
        except OSError as error:
            raise type(error)(
                error.errno or 0,
                f"folder={str(folder)!r}: {error.strerror or error}; name a folder that can be written to",
            ) from None
        self.found: dict[tuple[int, int | None, str], Trial] = {}
        self.seconds = 0.0
        try:
            self._check({name: plain(value) for name, value in conditions.items()})
            self._remove_parts()
            self._read()
            # Unbuffered: what could not be written is not tried again when the file is closed.
            self._stream = open(self.folder / _TRIALS, "ab", buffering=0)  # noqa: SIM115  (closed in __exit__)
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
        remedy = f"give another folder, or remove {self.folder} to begin anew"
        if not path.exists():
            if (self.folder / _TRIALS).exists():
                raise CheckpointMismatch(f"{path} is missing: what the trials beside it belong to is unknown; {remedy}")
            text = json.dumps({"format": FORMAT, "conditions": conditions}, indent=1, ensure_ascii=False)
            write_atomically(path, text.encode())
            return
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            before, its_format = dict(content["conditions"]), int(content["format"])
        except (ValueError, KeyError, TypeError):
            raise CheckpointMismatch(f"{path} is damaged; {remedy}") from None
        if its_format > FORMAT:
            raise CheckpointMismatch(
                f"{path} has format {its_format}, this version of netlet reads up to {FORMAT}; install a newer netlet"
            )
        differing = [name for name in conditions if before.get(name) != conditions[name]]
        if differing:
            name = differing[0]
            raise CheckpointMismatch(
                f"folder={str(self.folder)!r} holds a search that was given something else for "
                f"{', '.join(differing)}: {name} was {_short(before.get(name))}, now it is {_short(conditions[name])}; "
                "repeat the call as it was, give another folder, or remove this one to begin anew"
            )

    def _remove_parts(self) -> None:
        """Remove what a process left that was killed while it wrote."""
        for part in self.folder.rglob(".*.part"):
            with suppress(OSError):
                part.unlink()

    def _read(self) -> None:
        path = self.folder / _TRIALS
        if not path.exists():
            return
        lines = path.read_bytes().split(b"\n")
        if lines[-1]:  # cut short: what is written next must not be glued to it
            with open(path, "ab") as stream:
                stream.write(b"\n")
        for line in lines:
            with suppress(ValueError, KeyError, TypeError):
                record = dict(json.loads(line))
                asked, at = record.pop("asked"), float(record.pop("at"))
                trial = Trial(**record)
                self.found[_key(trial, asked)] = trial
                self.seconds = max(self.seconds, at)

    def result_of(self, ask: Ask) -> Trial | None:
        """Return what an earlier search found for an ask, if it did; a trial that was stopped is there, too."""
        found = self.found.get(_key(ask, ask.epochs))
        return None if found is None else replace(found, settings=ask.settings)

    def write(self, ask: Ask, trial: Trial, at: float) -> None:
        """Write a result down; it is on the disk when this returns.

        Parameters
        ----------
        ask : Ask
        trial : Trial
        at : float
            Seconds since the beginning of the search, those of earlier runs included.

        Raises
        ------
        OSError
            If the disk is full, say.
        """
        record = asdict(trial) | {"settings": plain(trial.settings), "asked": ask.epochs, "at": at}
        if record["cost"] == float("inf"):
            del record["cost"]
        with self._explained(trial):
            line = memoryview(json.dumps(record, ensure_ascii=False).encode() + b"\n")
            while line:
                line = line[self._stream.write(line) :]
            os.fsync(self._stream.fileno())

    def keep_snapshot(self, trial: Trial, snapshot: Snapshot) -> None:
        """Keep what a paused trial is gone on from."""
        with self._explained(trial):
            write_tensors(
                self._paused(trial), snapshot.values | {"kind": "snapshot", "format": FORMAT}, snapshot.arrays
            )

    def drop_snapshot(self, trial: Trial) -> None:
        """Forget what a trial was gone on from."""
        self._paused(trial).unlink(missing_ok=True)

    def snapshot(self, trial: Trial) -> Snapshot | None:
        """Return what a paused trial is gone on from; None where it was not kept, or is damaged."""
        try:
            values, arrays = read_tensors(self._paused(trial), "snapshot", "give an empty folder", _REMEDY, FORMAT)
        except (OSError, ModelFileError):
            return None
        return Snapshot(values, arrays)

    def keep_network(self, trial: Trial, network: Network | Ensemble) -> None:
        """Keep one of the best networks."""
        with self._explained(trial):
            network.save(self._network(trial))

    def drop_network(self, trial: Trial) -> None:
        """Forget a network that is no longer one of the best."""
        self._network(trial).unlink(missing_ok=True)

    def network(self, trial: Trial) -> Network | Ensemble | None:
        """Return a network that was kept; None where it was not, or is damaged."""
        try:
            return load_networks(self._network(trial))
        except (OSError, ModelFileError):
            return None

    def _network(self, trial: Trial) -> Path:
        return self.folder / "networks" / _file_name(trial)

    def _paused(self, trial: Trial) -> Path:
        return self.folder / "paused" / _file_name(trial)

    @contextmanager
    def _explained(self, trial: Trial) -> Iterator[None]:
        """Say of an error of the disk which trial it concerns, and that nothing else is lost."""
        try:
            yield
        except OSError as error:
            raise type(error)(
                error.errno or 0,
                f"folder={str(self.folder)!r}: trial {trial.number} could not be written down "
                f"({error.strerror or error}); those before it are there, and the same call goes on with them once it "
                "can be written to",
            ) from None


def _text_of(settings: Mapping[str, Any]) -> str:
    return json.dumps(plain(settings), sort_keys=True)


def _key(one: Ask | Trial, asked: int | None) -> tuple[int, int | None, str]:
    """Return what a result is found by: a search of more trials may give a number other settings."""
    return one.number, asked, _text_of(one.settings)


def _file_name(trial: Trial) -> str:
    return f"{trial.number}-{trial.epochs}-{zlib.crc32(_text_of(trial.settings).encode()):08x}.netlet"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) < 100 else text[:97] + "..."
