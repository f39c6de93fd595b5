"""A search whose workers leave traces, and one of which is killed in the middle: for every engine the same."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netlet.scales import Choice, LogUniform
from netlet.searching import workers as engine
from netlet.searching.result import SearchResult
from netlet.searching.search import search

N_TRIALS = 24
LONG = 300.0  # seconds, after which a test has failed that waits for a process


def samples() -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(7)
    x = generator.standard_normal((400, 6)).astype(np.float32)
    return x, (x[:, 0] * x[:, 1] + x[:, 2] > 0).astype(np.int64)


def traced_build(folder: Path, deadly: str = "") -> Any:
    """Make a `build` that records in the folder where it was unpacked, where each trial ran, and who waits for death.

    It waits in the trial of 13 units: the first time ("once"), or every time ("always").

    The class is local, so that cloudpickle sends it by value: workers cannot import this module.
    """

    class Build:
        def __init__(self) -> None:
            self.folder, self.deadly = str(folder), deadly

        def __setstate__(self, state: dict[str, Any]) -> None:
            self.__dict__ = state
            with open(f"{self.folder}/unpacked-{os.getpid()}", "a") as file:
                file.write("once\n")

        def __call__(self, units: int, seed: int) -> Any:
            from netlet import Dense, Network, Sigmoid

            with open(f"{self.folder}/built-{os.getpid()}", "a") as file:
                file.write(f"{units}\n")
            marker = f"{self.folder}/waits"
            if units == 13 and (self.deadly == "always" or (self.deadly == "once" and not os.path.exists(marker))):
                with open(marker + "-partly", "w") as file:
                    file.write(str(os.getpid()))
                os.replace(marker + "-partly", marker)
                time.sleep(300)
            layers = [Dense(units, activation="tanh"), Dense(1), Sigmoid()]
            return Network(layers, seed=seed)

    return Build()


def try_many(
    build: Any, workers: Any = None, n_trials: int = N_TRIALS, slow: tuple[int, ...] = (), **options: Any
) -> SearchResult:
    """Search; trial 8 has 13 units, which no other has; slow ones take about a hundred times as long."""
    first = [{"units": 13 if k == 8 else 4 + k % 7, "learning_rate": 0.01, "batch_size": 400} for k in range(n_trials)]
    for k in slow:
        first[k] |= {"units": 2000, "batch_size": 1}
    options = {"epochs": 5, "metric": "accuracy", "seed": 5, "keep": 6, "progress": False} | options
    space = {"units": Choice([*range(4, 11), 13, 2000]), "learning_rate": LogUniform(1e-3, 1e-1)}
    space["batch_size"] = Choice([1, 400])
    x, y = samples()
    budget = options.pop("budget", n_trials)
    with pytest.MonkeyPatch.context() as patch:
        # A machine that is busy with other things takes long to start a process, and is no lost worker.
        patch.setattr(engine, "_PATIENCE", LONG)
        patch.setattr(engine, "_GRACE", LONG)
        return search(x, y, space, budget, build=build, first=first, workers=workers, **options)


class Killer(threading.Thread):
    """Kill the process that waits for it, once some trials are done."""

    def __init__(self, folder: Path, times: int = 1) -> None:
        super().__init__(daemon=True)
        self.folder, self.times = folder, times
        self.done = 0
        self.killed: list[int] = []

    def __call__(self, _trial: Any) -> None:  # a callback of the search
        self.done += 1

    def run(self) -> None:
        marker, end = self.folder / "waits", time.monotonic() + LONG
        while len(self.killed) < self.times and time.monotonic() < end:
            time.sleep(0.02)
            if self.done < 2 or not marker.exists():
                continue
            pid = int(marker.read_text())
            if pid not in self.killed:
                self.killed.append(pid)
                os.kill(pid, signal.SIGKILL)


def pids(folder: Path, what: str) -> Counter[int]:
    """Return how many lines each process wrote."""
    found = folder.glob(f"{what}-*")
    return Counter({int(path.name.rpartition("-")[2]): len(path.read_text().split()) for path in found})


def outcome(result: SearchResult) -> list[Any]:
    """What must be the same wherever the trials ran."""
    return [(t.number, t.settings, t.status, t.score, t.epochs, t.curves, t.n_parameters) for t in result.trials]


def check_same(result: SearchResult, expected: SearchResult) -> None:
    assert outcome(result) == outcome(expected)
    assert list(result.networks) == list(expected.networks)
    for number, network in result.networks.items():
        assert network.theta.tobytes() == expected.networks[number].theta.tobytes()


def wait_until_gone(processes: list[int]) -> None:
    end = time.monotonic() + 30  # less than the slow trials would go on
    while time.monotonic() < end and (left := [pid for pid in processes if _lives(pid)]):
        time.sleep(0.05)
    assert not left


class CtrlC:
    """A callback that is a person: presses Ctrl-C once so many trials are done."""

    def __init__(self, after: int) -> None:
        self.after, self.done = after, 0

    def __call__(self, _trial: Any) -> None:
        self.done += 1
        if self.done == self.after:
            signal.raise_signal(signal.SIGINT)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
