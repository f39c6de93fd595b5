"""Measurements in turns: candidates are timed one after the other, round after round, and compared within a round."""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from machine import busy_seconds
from worker import PeerError, Worker

SETTLE = 0.05  # seconds between two measurements: OpenBLAS and OpenMP threads spin for up to 30 ms before they sleep
DISTURBED = 0.10  # a measurement is repeated when other processes took more than this share of the machine meanwhile
PREPARE_LIMIT = 240.0  # seconds a peer may take to build and compile one network in all its forms


@dataclass
class Candidate:
    """One peer with a number of threads in one of its forms."""

    worker: Worker
    form: str
    epoch_seconds: float  # a first estimate, to choose how many epochs make a measurement
    seconds: list[float] = field(default_factory=list)  # seconds per epoch, one a round
    own_seconds: list[float] = field(default_factory=list)  # the same by the library's own clock (median of epochs)

    @property
    def label(self) -> str:
        """Form and threads in words."""
        threads = self.worker.n_threads
        return f"{self.form}, {threads} thread{'s' if threads > 1 else ''}"


class Workers:
    """The processes of all peers, started when first needed and kept for all shapes."""

    def __init__(self, threads: Sequence[int]) -> None:
        self.threads = tuple(threads)
        self._workers: dict[tuple[str, int], Worker] = {}

    def candidates(self, peer: str, shape_name: str) -> list[Candidate]:
        """Prepare a peer on a shape with every number of threads; raise PeerError when nothing works."""
        found: list[Candidate] = []
        failed: PeerError | None = None
        for n_threads in self.threads:
            key = (peer, n_threads)
            if key not in self._workers or not self._workers[key].alive:
                self._workers[key] = Worker(peer, n_threads)
            try:
                forms = self._workers[key].prepare(shape_name, PREPARE_LIMIT)
            except PeerError as error:
                failed = error
                continue
            found += [Candidate(self._workers[key], form, seconds) for form, seconds in forms.items()]
        if not found and failed is not None:
            raise failed
        return found

    def note(self) -> str:
        """Name the peers whose process had to be replaced because it hung."""
        hung = [f"{peer} on {n} threads, {one.hangs} times" for (peer, n), one in self._workers.items() if one.hangs]
        return f"Processes that hung and were replaced: {', '.join(hung)}." if hung else "No process hung."

    def close(self) -> None:
        """End all processes."""
        for worker in self._workers.values():
            worker.close()
        self._workers.clear()

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Rounds:
    """Times candidates in turns and keeps account of what else the machine was doing."""

    def __init__(self, least_seconds: float) -> None:
        self.least_seconds = least_seconds
        self.others: list[float] = []  # share of the machine taken by other processes, one a measurement
        self.repeated = 0
        self._random = random.Random(0)

    def run(self, candidates: Sequence[Candidate], n_rounds: int, least_seconds: float | None = None) -> None:
        """Add `n_rounds` measurements to every candidate, in a fresh random order in each round."""
        for _ in range(n_rounds):
            for candidate in self._random.sample(candidates, len(candidates)):
                self._measure(candidate, least_seconds or self.least_seconds)

    def _measure(self, candidate: Candidate, least_seconds: float) -> None:
        epochs = max(1, math.ceil(least_seconds / candidate.epoch_seconds))
        candidate.worker.measure(candidate.form, 1)  # wakes the process, its threads and its caches
        for attempt in range(4):
            busy, begin = busy_seconds(), time.perf_counter()
            answer = candidate.worker.measure(candidate.form, epochs)
            wall = time.perf_counter() - begin
            now = busy_seconds()
            time.sleep(SETTLE)
            if busy is None or now is None:
                break
            # The kernel counts in ticks of 10 ms, so one tick of difference says nothing.
            others = max(0.0, now - busy - answer["cpu"] - 0.02) / (wall * (os.cpu_count() or 1))
            if others <= DISTURBED or attempt == 3:
                self.others.append(others)
                break
            self.repeated += 1
        candidate.seconds.append(answer["seconds"] / epochs)
        if answer["epochs"]:
            candidate.own_seconds.append(median(answer["epochs"]))

    def note(self) -> str:
        """Say how quiet the machine was."""
        if not self.others:
            return "How busy the machine was with other work is not known on this system."
        return (
            f"Other processes took {100 * median(self.others):.0f} % of the machine in the median measurement and "
            f"{100 * max(self.others):.0f} % in the worst; {self.repeated} measurements were repeated because it was "
            f"more than {100 * DISTURBED:.0f} %."
        )


def fastest(candidates: Iterable[Candidate]) -> Candidate:
    """Return the candidate with the smallest median."""
    return min(candidates, key=lambda candidate: median(candidate.seconds))


def ratio(slow: Candidate, fast: Candidate) -> float:
    """How many times longer `slow` takes than `fast`: the median of the ratios of the rounds."""
    return median(a / b for a, b in zip(slow.seconds, fast.seconds, strict=True))


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Lay out a table in Markdown with aligned columns."""
    cells = [list(header), *[list(row) for row in rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    padded = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in cells]
    lines = ["| " + " | ".join(row) + " |" for row in padded]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def figure(value: float) -> str:
    """Three digits that mean something, without an exponent."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def verdict(value: float, bar: float, at_least: bool = True) -> str:
    """A value beside its bar, and whether it is reached."""
    reached = value >= bar if at_least else value <= bar
    return f"{figure(value)} (bar {bar:g}: {'pass' if reached else 'MISS'})"


def add_common_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that every benchmark has."""
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to this file")
    parser.add_argument("--quick", action="store_true", help="few and short measurements: to see that it works")


def finish(result: dict[str, Any], text: str, json_file: Path | None) -> None:
    """Print the tables, and write the figures as JSON when asked to."""
    print(text)
    if json_file is not None:
        json_file.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def say(line: str) -> None:
    """Tell on the error stream what is going on, so that the output stays a clean report."""
    print(line, file=sys.stderr, flush=True)
