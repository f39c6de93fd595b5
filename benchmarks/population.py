"""A search through many small networks at once: netlet against scikit-learn's search and PyTorch in processes.

The search is of 64 random configurations on scikit-learn's digits (1437 rows to learn from, 360 to judge by): 1 to 3
hidden layers of 16 to 128 units (log-uniform), ReLU, Adam with a log-uniform learning rate of 1e-4 to 1e-1, batches of
64, 20 epochs, float32. They are drawn once, and every library trains the same ones for all epochs and gives the
validation accuracy of each. netlet trains them as a `Population` in threads; scikit-learn by `GridSearchCV` with one
fixed split, `n_jobs=-1`; PyTorch in a pool of as many processes as there are cores, with one thread each.

Every search is in a fresh process; the libraries take turns, in a new order every round. Three times are told:

- first search: the libraries are imported and the data loaded; what the search itself starts is in it: the processes
  of joblib and of PyTorch's pool, and netlet's compiled code, loaded from its cache. The bar is on this one.
- next search: the same once more in the same process, with all that standing.
- script: from the start of the interpreter to the end of the first search.

A ratio is taken within each round; the tables give the median of the ratios. Compiling (once per machine and version,
see `start.py`) is done before. Bars:

| what                                                                                    | bar     |
|-----------------------------------------------------------------------------------------|---------|
| first search, times as fast as scikit-learn                                             | >= 8    |
| first search, times as fast as PyTorch in processes                                     | >= 8    |
| search with halving, times as fast as at random (same trials, no worse validation score) | >= 3    |
| the population on 2 threads, times as fast as on 1                                      | >= 1.8  |

A thousand tiny networks (2-8-1, tanh and sigmoid, 400 points, batches of 32, 200 epochs) are trained in one call. The
memory is what a process holds beyond what it held before, in the difference of 1000 networks and 100: what one network
more takes to be built, and at the peak of the training. Beside it stand the bytes of its parameters.

Run `python benchmarks/population.py`, `--quick` for a look, `--peers none` for netlet alone.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from statistics import mean, median
from typing import Any

from configurations import EPOCHS, TINY_EPOCHS, best
from machine import busy_seconds, machine_line, version
from measuring import add_common_options, figure, finish, markdown_table, say, verdict
from start import run

LIBRARIES = {
    "netlet": ("netlet", "netlet_population"),
    "scikit-learn": ("scikit-learn", "scikit_learn_search"),
    "PyTorch in processes": ("torch", "torch_processes"),
}
PARTS = ("search", "halving", "threads", "tiny")
TIMES = {"first": "first search", "next": "next search", "script": "script"}
BAR_PEERS, BAR_HALVING, BAR_THREADS = 8.0, 3.0, 1.8
N_CONFIGURATIONS, N_TINY, FEWER_TINY = 64, 1000, 100
THREADS = [1, 2]
MEASURED = [(1, TINY_EPOCHS), (2, TINY_EPOCHS), (1, TINY_EPOCHS // 10)]  # threads and epochs, for the memory
LOOK = 0.5  # seconds of rest in which is seen what else the machine does
QUIET = {"PYTHONWARNINGS": "ignore"}  # scikit-learn warns, in every process, that its epochs are used up


def measure(quick: bool, with_peers: bool = True, n_rounds: int | None = None, parts: Any = PARTS) -> dict[str, Any]:
    """Measure the parts one after the other; return all figures, times in seconds and memory in bytes."""
    n_rounds = n_rounds or (1 if quick else 5)
    n_configurations = 8 if quick else N_CONFIGURATIONS
    n_tiny = N_TINY // 10 if quick else N_TINY
    result: dict[str, Any] = {
        "machine": machine_line(),
        "rounds": n_rounds,
        "configurations": n_configurations,
        "networks": n_tiny,
        "absent": {},
        "others": [],
    }
    if "search" in parts:
        libraries = [name for name, (package, _) in LIBRARIES.items() if version(package)] if with_peers else ["netlet"]
        result["search"] = measure_search(libraries, n_configurations, n_rounds, result)
    if "halving" in parts:
        say("halving ...")
        result["halving"] = told(f"halving({n_configurations}, {n_rounds})", "halving", result)
    if "threads" in parts:
        say("threads ...")
        result["threads"] = told(f"threads({n_configurations}, {THREADS}, {n_rounds})", "threads", result)
    if "tiny" in parts:
        say("tiny networks ...")
        result["tiny"] = told(f"tiny_threads({n_tiny}, {THREADS}, {n_rounds})", "tiny networks", result)
        result["memory"] = {
            str(n): [told(f"tiny_memory({n}, {one}, {epochs})", "memory", result) for one, epochs in MEASURED]
            for n in (n_tiny // (N_TINY // FEWER_TINY), n_tiny)
        }
    return result


def measure_search(
    libraries: list[str], n_configurations: int, n_rounds: int, result: dict[str, Any]
) -> dict[str, Any]:
    """Let the libraries search in turns; the first round, not counted, compiles and brings files into memory."""
    order = random.Random(0)
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in libraries}
    for i in range(n_rounds + 1):
        say(f"search, round {i} of {n_rounds} ...")
        for name in order.sample(libraries, len(libraries)):
            if name in result["absent"]:
                continue
            n = n_configurations if i else min(n_configurations, 4)
            one = told(f"two_searches({LIBRARIES[name][1]!r}, {n}, STARTED)", name, result)
            if one is not None and i:
                found[name].append(one)
    return {name: rounds for name, rounds in found.items() if name not in result["absent"]}


def told(call: str, name: str, result: dict[str, Any]) -> Any:
    """Let a fresh process call a function of `sessions`; return what it gives, or None and note why there is nothing.

    STARTED in the call stands for the time at which the process is started.
    """
    before = busy_seconds()
    time.sleep(LOOK)
    now = busy_seconds()
    if before is not None and now is not None:
        result["others"].append((now - before) / (LOOK * (os.cpu_count() or 1)))
    try:
        started = call.replace("STARTED", repr(time.time()))
        return run(f"import sessions\ntold = {{'found': sessions.{started}}}\n", QUIET)["found"]
    except RuntimeError as error:
        result["absent"][name] = str(error)[:200]
        return None


def times_as_fast(slow: list[float], fast: list[float]) -> float:
    """How many times longer `slow` takes than `fast`: the median of the ratios of the rounds."""
    return median(a / b for a, b in zip(slow, fast, strict=True))


def markdown(result: dict[str, Any]) -> str:
    """Lay out the parts that were measured, with their bars, and notes."""
    parts = []
    if result.get("search"):
        parts += search_tables(result)
    if result.get("halving"):
        parts += [
            f"`search` at random and with halving among the same {result['configurations']} configurations, another "
            "list every round: median seconds, mean of the best accuracies.",
            halving_table(result["halving"]),
        ]
    rows = []
    for key, label, bar in (
        ("threads", f"{result['configurations']} configurations, {EPOCHS} epochs", BAR_THREADS),
        ("tiny", f"{result['networks']} networks 2-8-1, {TINY_EPOCHS} epochs", None),
    ):
        if seconds := result.get(key):
            one, two = (seconds[str(n)] for n in THREADS)
            gain = times_as_fast(one, two)
            rows.append([label, figure(median(one)), figure(median(two)), verdict(gain, bar) if bar else figure(gain)])
    if rows:
        header = ["population", "1 thread, s", "2 threads, s", "times as fast"]
        parts += ["The same population on one thread and on two.", markdown_table(header, rows)]
    if memory := result.get("memory"):
        parts += memory_table(memory)
    notes = [f"- {name}: n/a ({why})" for name, why in result["absent"].items()]
    if result["others"]:
        others = [100 * share for share in result["others"]]
        notes.append(
            f"- Before each process was started, other work took {median(others):.0f} % of the machine in the median "
            f"and {max(others):.0f} % at worst."
        )
    return "\n\n".join([*parts, "\n".join(notes)])


def search_tables(result: dict[str, Any]) -> list[str]:
    """Lay out the seconds of the searches and netlet's ratios."""
    found = result["search"]
    rows = [
        [
            name,
            *[figure(median(one[key] for one in rounds)) for key in TIMES],
            f"{best(rounds[0]['accuracies']):.4f}",
            f"{median(rounds[0]['accuracies']):.4f}",
        ]
        for name, rounds in found.items()
    ]
    header = ["library", *[f"{label}, s" for label in TIMES.values()], "best accuracy", "median accuracy"]
    parts = [
        f"{result['configurations']} configurations on digits, {EPOCHS} epochs: seconds, medians of "
        f"{result['rounds']} rounds, and the validation accuracies of the first round.",
        markdown_table(header, rows),
    ]
    peers = [name for name in found if name != "netlet"] if "netlet" in found else []
    ratios = []
    for name in peers:
        gains = {
            key: times_as_fast([one[key] for one in found[name]], [one[key] for one in found["netlet"]])
            for key in TIMES
        }
        cells = [verdict(gain, BAR_PEERS) if key == "first" else figure(gain) for key, gain in gains.items()]
        ratios.append([f"netlet against {name}", *cells])
    if ratios:
        parts += ["How many times as fast netlet is.", markdown_table(["times as fast", *TIMES.values()], ratios)]
    return parts


def halving_table(halving: dict[str, Any]) -> str:
    """Lay out how much sooner halving is through, and with which accuracy."""
    seconds, scores = halving["seconds"], {name: mean(found) for name, found in halving["best"].items()}
    worse = scores["halving"] < scores["random"] - 1e-9
    gain = verdict(times_as_fast(seconds["random"], seconds["halving"]), BAR_HALVING)
    rows = [
        ["random", figure(median(seconds["random"])), f"{scores['random']:.4f}", ""],
        [
            "halving",
            figure(median(seconds["halving"])),
            f"{scores['halving']:.4f} (bar: no worse: {'MISS' if worse else 'pass'})",
            gain,
        ],
    ]
    return markdown_table(["strategy", "seconds", "best accuracy", "times as fast"], rows)


def memory_table(memory: dict[str, Any]) -> list[str]:
    """Lay out the bytes that one network more takes."""
    few, many = sorted(memory, key=int)
    more = int(many) - int(few)
    rows = []
    for (n_threads, epochs), small, large in zip(MEASURED, memory[few], memory[many], strict=True):
        if small is None or large is None:
            continue
        growth = {key: (large[key] - small[key]) / more for key in ("parameters", "built", "peak")}
        rows.append(
            [str(n_threads), str(epochs), f"{large['peak'] / 1e6:.1f}", *[f"{each:.0f}" for each in growth.values()]]
        )
    header = ["threads", "epochs", "training, MB", "parameters, B", "one more, built, B", "one more, trained, B"]
    return [
        f"Memory of {many} tiny networks: at the peak of the training beyond what they took when built, and of one "
        f"network more by the difference to {few}. The figures that are kept of every epoch are in it.",
        markdown_table(header, rows),
    ]


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", nargs="+", metavar="PART", choices=PARTS, default=PARTS, help=" ".join(PARTS))
    parser.add_argument("--peers", choices=["all", "none"], default="all", help="with the peers, or netlet alone")
    parser.add_argument("--rounds", type=int, help="rounds (5, with --quick 1)")
    add_common_options(parser)
    options = parser.parse_args()
    result = measure(options.quick, options.peers == "all", options.rounds, options.parts)
    finish(result, f"{result['machine']}\n\n{markdown(result)}", options.json)


if __name__ == "__main__":
    main()
