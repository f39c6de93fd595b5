"""Time of a whole `fit` of netlet's MLPClassifier and MLPRegressor, against scikit-learn's.

One import line is all that differs: the same constructor settings, data, initial weights, batches and number of epochs
(or of iterations of L-BFGS), with every rule that ends a fit early switched off; a fit that ends early all the same is
an error. The time is that of constructor and `fit`, with the checks of the data, and without compiling, which
`start.py` measures. Both libraries compute in the dtype of the data; L-BFGS computes in double precision in both.
Digits are scikit-learn's (1797 samples, 64 features); 784 features are 3000 samples of normal numbers; the regression
with 5 outputs is of 2000 samples and 20 features. A batch of 'auto' is one of 200.

Each library runs in a process of its own (see `worker.py`) with its best number of threads; they are measured in turns,
in a new order every round. The table gives medians over the rounds. A ratio is taken within each round; the table gives
the median of the ratios.

Bars, as ratios of scikit-learn's time to netlet's, for float64 and float32 alike:

| task                                      | bar |
|-------------------------------------------|-----|
| digits, (32,), batch 32, Adam             | 8   |
| digits, (100,), batch 'auto', Adam        | 5   |
| 784 features, (512, 512), both batches    | 2.5 |
| digits, (100,), L-BFGS                    | 2   |
| regression with 5 outputs, (100,), L-BFGS | 2   |

Run `python benchmarks/estimators.py`, `--quick` for a look, `--peers none` for netlet alone.
"""

from __future__ import annotations

import argparse
from statistics import median
from typing import Any

from machine import machine_line
from measuring import (
    Candidate,
    Rounds,
    Workers,
    add_common_options,
    fastest,
    finish,
    markdown_table,
    ratio,
    say,
    verdict,
)
from peers import FITTING
from tasks import TASKS
from worker import PeerError


def measure(
    names: list[str], threads: list[int], n_rounds: int, quick: bool, with_peers: bool = True
) -> dict[str, Any]:
    """Measure the tasks one after the other; return all figures, times in seconds per fit."""
    rounds = Rounds(least_seconds=0.03 if quick else 0.3)
    tasks = {}
    with Workers(threads) as workers:
        for name in names:
            say(f"{name} ...")
            tasks[name] = measure_task(name, workers, rounds, n_rounds, with_peers)
        notes = [rounds.note(), workers.note()]
    return {"machine": machine_line(), "rounds": n_rounds, "tasks": tasks, "notes": notes}


def measure_task(name: str, workers: Workers, rounds: Rounds, n_rounds: int, with_peers: bool) -> dict[str, Any]:
    """Measure both libraries with every number of threads, and compare the best of each."""
    found: dict[str, list[Candidate]] = {}
    absent: dict[str, str] = {}
    for library in FITTING if with_peers else ["netlet"]:
        try:
            found[library] = workers.candidates(f"fit: {library}", name)
        except PeerError as error:
            absent[library] = str(error)
    rounds.run([one for candidates in found.values() for one in candidates], n_rounds)
    seconds = {
        library: {str(one.worker.n_threads): median(one.seconds) for one in candidates}
        for library, candidates in found.items()
    }
    best = {library: fastest(candidates) for library, candidates in found.items()}
    return {
        "seconds": seconds,
        "ratio": ratio(best["scikit-learn"], best["netlet"]) if len(best) == len(FITTING) else None,
        "absent": absent,
    }


def markdown(result: dict[str, Any]) -> str:
    """Lay out the times by number of threads, the ratios with their bars, and notes."""
    tasks: dict[str, Any] = result["tasks"]
    libraries = [library for library in FITTING if any(library in its["seconds"] for its in tasks.values())]
    threads = sorted(
        {n for its in tasks.values() for by_threads in its["seconds"].values() for n in by_threads}, key=int
    )
    rows, notes = [], []
    for name, its in tasks.items():
        times = [its["seconds"].get(library, {}).get(n) for library in libraries for n in threads]
        cells = ["n/a" if seconds is None else f"{seconds:.3g}" for seconds in times]
        compared = "n/a" if its["ratio"] is None else verdict(its["ratio"], TASKS[name].bar)
        rows.append([name, str(TASKS[name].max_iter), *cells, compared])
        notes += [f"- {name}, {library}: n/a ({why})" for library, why in its["absent"].items()]
    columns = [f"{library}, {n} thr." for library in libraries for n in threads]
    return "\n\n".join(
        [
            f"Seconds of a whole fit, medians of {result['rounds']} rounds, and times as fast as scikit-learn, each "
            "with its best number of threads.",
            markdown_table(["task", "epochs", *columns, "times as fast"], rows),
            "\n".join([*notes, *[f"- {note}" for note in result["notes"]]]),
        ]
    )


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", metavar="TASK", choices=list(TASKS), help="only these tasks")
    parser.add_argument("--peers", choices=["all", "none"], default="all", help="with scikit-learn, or without")
    parser.add_argument("--rounds", type=int, help="rounds (7, with --quick 2)")
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2], help="numbers of threads to try (1 2)")
    add_common_options(parser)
    options = parser.parse_args()
    n_rounds = options.rounds or (2 if options.quick else 7)
    result = measure(options.only or list(TASKS), options.threads, n_rounds, options.quick, options.peers == "all")
    finish(result, f"{result['machine']}\n\n{markdown(result)}", options.json)


if __name__ == "__main__":
    main()
