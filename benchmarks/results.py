"""Run every benchmark and write RESULTS.md beside this file.

Run `python benchmarks/results.py` in the environment of the extra `bench`, on a machine that does nothing else. It
takes about half an hour. `--from FILE` writes the tables again from kept figures.

What takes many minutes and needs a folder of data is measured only where it is asked for: the scores on real tables
(`train_command.py`) with `--tables`, whole trainings on MNIST and Tiny Shakespeare (`mnist.py`, `shakespeare.py`) with
`--trainings`. Their figures are kept in train_command.json and trainings.json beside this file, and every other run
takes them from there.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

import deep
import estimators
import health
import mnist
import population
import predict
import scores
import sgemm
import shakespeare
import start
import step
import tables
import train_command
from deep_shapes import DEEP_SHAPES
from measuring import say
from shapes import SHAPES
from tasks import TASKS

RESULTS = Path(__file__).resolve().parent / "RESULTS.md"
SECTIONS = (
    ("One optimizer step of networks over pictures, sequences and text", deep),
    ("MNIST from zero to 99 %", mnist),
    ("A character model of Tiny Shakespeare", shakespeare),
    ("Many networks at once", population),
    ("Tables from file to score", train_command),
    ("Estimators of tables beside boosted trees and published networks", tables),
    ("What it costs to look at the health of a training", health),
)
TABLES, TRAININGS = RESULTS.with_name("train_command.json"), RESULTS.with_name("trainings.json")

HEAD = """# Benchmark results

Written by `python benchmarks/results.py`; do not edit. The bars stand in the docstrings of the scripts.

{machine}
"""
NOTES = """## How to read this

- Every peer is in its best form and with its best number of threads, chosen anew for each network; the forms used are
  listed under the tables. JAX's scan needs the whole epoch written as one compiled function over data that fits in
  memory; few people write it, but it is what JAX can do.
- netlet's figure is the whole `Network.fit` call, with the loss of every epoch; PyTorch and JAX are
  not asked to report any. scikit-learn reports its loss.
- The estimators of netlet and scikit-learn differ by their import alone: same settings, initial weights, batches and
  number of epochs.
- The searches differ in what trains: the configurations, epochs and rows are the same, weights and batches are drawn
  by each library. netlet's threads need no start; joblib's and PyTorch's processes do, so both are told, with and
  without.
- Peers run in processes of their own, in turns. Compiling and warming up are not in the times per step; they are in the
  times of the first fit.
- The sections on real tables, MNIST and Shakespeare are kept from the run that measured them; that on networks over
  pictures, sequences and text was measured a day after the others.
- A small virtual machine is not a quiet laboratory: take differences below 10 % as none. Other processors order the
  large networks differently, because there the speed of sgemm and of memory decides.
"""


def measure(quick: bool, peers: list[str]) -> dict[str, Any]:
    """Run the benchmarks on all shapes; the shortest first, so that what is broken shows early."""
    say("start.py")
    starts = start.measure(quick)
    say("sgemm.py")
    rates = sgemm.measure(list(SHAPES), [1, 2], 2 if quick else 5, quick)
    say("predict.py")
    rows = predict.measure(2 if quick else 7, quick)
    say("estimators.py")
    fits = estimators.measure(list(TASKS), [1, 2], 2 if quick else 7, quick)
    say("scores.py")
    tested = scores.measure(*scores.chosen(quick))
    say("population.py")
    searched = population.measure(quick)
    say("deep.py")
    networks = deep.measure(list(DEEP_SHAPES), [1, 2], 2 if quick else 7, quick)
    say("health.py")
    looked = health.measure(health.QUICK if quick else health.TRAININGS, 2 if quick else 11)
    say("step.py")
    steps = step.measure(list(SHAPES), peers, [1, 2], 2 if quick else 7, quick)
    return {
        "step": steps, "sgemm": rates, "start": starts, "predict": rows, "estimators": fits, "scores": tested,
        "population": searched, "deep": networks, "health": looked,
    }  # fmt: skip


def markdown(result: dict[str, Any]) -> str:
    """Lay out the whole file."""
    sections = [
        HEAD.format(machine=f"Machine: {result['step']['machine']}."),
        f"## One optimizer step of one network\n\n{step.markdown(result['step'])}\n",
        f"## One row predicted\n\n{predict.markdown(result['predict'])}\n",
        f"## A whole fit of an estimator\n\n{estimators.markdown(result['estimators'])}\n",
        f"## Test scores beside scikit-learn's\n\n{scores.markdown(result['scores'])}\n",
        *[
            f"## {title}\n\n{module.markdown(result[module.__name__])}\n"
            for title, module in SECTIONS
            if result.get(module.__name__)
        ],
        f"## Share of sgemm's rate\n\n{sgemm.markdown(result['sgemm'])}\n",
        f"## Start and memory\n\n{start.markdown(result['start'])}\n",
        f"## Bars\n\n{summary(result)}\n",
        NOTES,
    ]
    return "\n".join(sections)


def summary(result: dict[str, Any]) -> str:
    """List the bars that are missed, or say that all are reached."""
    missed = []
    for name, figures in result["step"]["shapes"].items():
        cells = zip(("PyTorch eager", "fastest peer", "2 threads vs 1"), step.bars(name, figures), strict=True)
        missed += [f"- missed: {name}, {what}: {cell}" for what, cell in cells if "MISS" in cell]
    others = [
        each
        for each in (start, predict, estimators, scores, population, deep, health, mnist, shakespeare)
        if each.__name__ in result
    ]
    lines = [line for module in others for line in module.markdown(result[module.__name__]).splitlines()]
    missed += [f"- missed: {' '.join(line.strip('| ').split())}" for line in lines if "MISS" in line]
    return "\n".join(missed) or "All bars are reached."


def table_scores(anew: bool, quick: bool) -> dict[str, Any]:
    """Return the figures of the real tables, measured anew or kept from the last time; nothing where there are none."""
    if anew:
        say("train_command.py")
        found = train_command.measure(
            train_command.chosen_tables(None, quick),
            [0],
            train_command.QUICK_PRESET if quick else train_command.PRESET,
        )
        if not quick:
            TABLES.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        return {"train_command": found}
    return {"train_command": json.loads(TABLES.read_text(encoding="utf-8"))} if TABLES.exists() else {}


def trainings(anew: bool, quick: bool) -> dict[str, Any]:
    """Return the figures of whole trainings beside PyTorch's, measured anew or kept; nothing where there are none."""
    if not anew:
        return json.loads(TRAININGS.read_text(encoding="utf-8")) if TRAININGS.exists() else {}
    threads = os.cpu_count() or 1
    say("mnist.py")
    digits = mnist.measure(
        mnist.QUICK_PICTURES if quick else None, 1 if quick else mnist.EPOCHS, threads, 1 if quick else mnist.SEEDS
    )
    say("shakespeare.py")
    steps = shakespeare.QUICK_STEPS if quick else shakespeare.STEPS
    task = shakespeare.Task(shakespeare.TEXT.read_text(encoding="utf-8"), steps, threads)
    text = shakespeare.measure(task, 1 if quick else shakespeare.ROUNDS, list(shakespeare.FORMS))
    found: dict[str, Any] = {"mnist": digits, "shakespeare": text}
    if not quick:
        TRAININGS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return found


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few and short measurements: to see that it works")
    parser.add_argument("--peers", nargs="+", metavar="PEER", default=step.DEFAULT_PEERS, help="as for step.py")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures in this file")
    parser.add_argument("--from", dest="kept", type=Path, metavar="FILE", help="take the figures kept with --json")
    parser.add_argument("--to", type=Path, default=RESULTS, metavar="FILE", help="write here (RESULTS.md)")
    parser.add_argument("--tables", action="store_true", help="measure the real tables too, and keep their figures")
    parser.add_argument(
        "--trainings", action="store_true", help="measure MNIST and Shakespeare too, and keep the figures"
    )
    options = parser.parse_args()
    step.parse_peers(options.peers)
    if options.kept:
        result = json.loads(options.kept.read_text(encoding="utf-8"))
    else:
        result = measure(options.quick, step.parse_peers(options.peers))
    if options.tables or "train_command" not in result:
        result |= table_scores(options.tables, options.quick)
    result["tables"] = tables.read(tables.KEPT)  # measured by itself, fit by fit: python benchmarks/tables.py
    if options.trainings or "mnist" not in result:
        result |= trainings(options.trainings, options.quick)
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    options.to.write_text(markdown(result), encoding="utf-8")
    say(f"written: {options.to.name}")


if __name__ == "__main__":
    main()
