"""What a fresh process of `population.py` does: each function measures one thing and returns its figures.

A peer's module in `peers` has a function `searches(configurations, epochs)`; what that returns is called for every
search, and starts whatever the library needs when it is first called.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from configurations import EPOCHS, TINY_BATCH, TINY_EPOCHS, best, digits, draw, two_moons

STRATEGIES = ("random", "halving")


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    """Return the wall seconds of a call and its result, after collecting the garbage of what was before."""
    gc.collect()
    begin = time.perf_counter()
    result = call()
    return time.perf_counter() - begin, result


def two_searches(module: str, n_configurations: int, started: float) -> dict[str, Any]:
    """Search twice: the first search starts what the library needs, the next finds it standing.

    Returns "script", the seconds since `started` (of `time.time`, taken before this process was started), until the
    first search was over; "first" and "next", the seconds of the searches; "accuracies" of the first.
    """
    search = import_module(f"peers.{module}").searches(draw(n_configurations), EPOCHS)
    first, accuracies = timed(search)
    script = time.time() - started
    following, again = timed(search)
    return {"script": script, "first": first, "next": following, "accuracies": accuracies, "best again": best(again)}


def halving(n_configurations: int, n_rounds: int) -> dict[str, dict[str, list[float]]]:
    """Search the same list at random and with halving, in turns, another list every round (the first is the peers').

    Returns "seconds" and "best", the best validation accuracies, by strategy.
    """
    from peers.netlet_search import best_found

    data = digits()
    result: dict[str, dict[str, list[float]]] = {
        what: {each: [] for each in STRATEGIES} for what in ("seconds", "best")
    }
    for strategy in STRATEGIES:
        best_found(data, draw(4), strategy)
    for i in range(n_rounds):
        configurations = draw(n_configurations, seed=i)
        for strategy in STRATEGIES:
            seconds, score = timed(partial(best_found, data, configurations, strategy))
            result["seconds"][strategy].append(seconds)
            result["best"][strategy].append(score)
    return result


def threads(n_configurations: int, numbers: list[int], n_rounds: int) -> dict[str, list[float]]:
    """Train the same population with each number of threads, in turns; return the seconds by number."""
    from peers.netlet_population import searches

    calls = {str(n): searches(draw(n_configurations), EPOCHS, n) for n in numbers}
    return in_turns(calls, n_rounds)


def tiny_threads(n_networks: int, numbers: list[int], n_rounds: int) -> dict[str, list[float]]:
    """Train tiny networks with each number of threads, in turns; return the seconds by number."""
    X, y = two_moons()
    return in_turns({str(n): lambda n=n: fit_tiny(tiny(n_networks), X, y, n) for n in numbers}, n_rounds)


def in_turns(calls: dict[str, Callable[[], Any]], n_rounds: int) -> dict[str, list[float]]:
    """Call each once to warm it up, then all in turns; return the seconds."""
    for call in calls.values():
        call()
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(n_rounds):
        for name, call in calls.items():
            seconds[name].append(timed(call)[0])
    return seconds


def tiny(n_networks: int) -> list[Any]:
    """Build networks 2-8-1, tanh and sigmoid, that differ by their seeds."""
    import netlet

    return [
        netlet.Network([netlet.Dense(8, activation="tanh"), netlet.Dense(1), netlet.Sigmoid()], seed=seed)
        for seed in range(n_networks)
    ]


def fit_tiny(networks: list[Any], X: Any, y: Any, n_threads: int, epochs: int = TINY_EPOCHS) -> list[Any]:
    """Train tiny networks in one call."""
    from netlet.population.population import Member, Population

    members = [Member(network, learning_rate=0.01) for network in networks]
    population = Population(members, epochs=epochs, batch_size=TINY_BATCH, optimizer="adam")
    outcomes: list[Any] = population.fit(X, y, n_threads=n_threads, progress=False)
    return outcomes


def tiny_memory(n_networks: int, n_threads: int, epochs: int) -> dict[str, int]:
    """Train tiny networks once; return bytes: "built" by building them, "peak" of the training on top of that.

    Twenty others are trained before, so that the code and the threads are there.
    """
    X, y = two_moons()
    fit_tiny(tiny(20), X, y, n_threads, epochs=2)
    gc.collect()
    before = resident()
    networks = tiny(n_networks)
    n_parameters = 2 * 8 + 8 + 8 + 1
    built = resident()
    forget_peak()
    outcomes = fit_tiny(networks, X, y, n_threads, epochs)
    found = peak() - built
    assert len(outcomes) == n_networks
    return {"built": built - before, "peak": found, "parameters": 4 * n_parameters * n_networks}


def resident() -> int:
    """Bytes that this process holds in memory now; the most it ever held where the system does not tell."""
    return _status("VmRSS") or peak()


def peak() -> int:
    """The most bytes that this process held in memory, since `forget_peak` on Linux."""
    if told := _status("VmHWM"):
        return told
    import resource  # Windows has none

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def forget_peak() -> None:
    """Begin to look for the peak anew, where the system can."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _status(field: str) -> int:
    try:
        lines = Path(f"/proc/{os.getpid()}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{field}:")), 0)
