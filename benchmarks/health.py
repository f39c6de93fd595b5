"""What it costs to look at the health of a training.

Trainings of a network 64-64-64-64-10 (ReLU, softmax; float32) with Adam and batches of 32 on one thread, with
`fit(..., health=True)` and without, in turns, in a new order every round. The ratio is taken within each round; the
table gives its median, and the quartiles. A third training in every round is without it once more: what its ratio is
away from 1 is the noise of the machine. Times are the process's own time on its processor, which other work on the
machine disturbs less than the clock. That the weights are the same bit for bit is checked on the way.

Bar: at most 1.03 times as long. Without it nothing is done: `fit` enters no code of it.

Short trainings are shown without a bar: a look takes a millisecond or so, however short the training.

Run `python benchmarks/health.py`, or `--quick` for a look.
"""

from __future__ import annotations

import argparse
import random
import time
from statistics import median, quantiles
from typing import Any

import numpy as np

from machine import machine_line
from measuring import add_common_options, figure, finish, markdown_table, say, verdict
from netlet import Dense, Input, Network, Softmax

BAR = 1.03
WITH, WITHOUT, AGAIN = "with", "without", "without, again"
# Samples, epochs, and whether the bar is for it.
TRAININGS = {
    "1,797 samples, 100 epochs": (1_797, 100, True),
    "20,000 samples, 20 epochs": (20_000, 20, True),
    "1,797 samples, 10 epochs": (1_797, 10, False),
    "300 samples, 20 epochs": (300, 20, False),
}
QUICK = {"300 samples, 20 epochs": (300, 20, False)}


def train(X: np.ndarray, y: np.ndarray, epochs: int, health: bool) -> tuple[float, Network]:
    """Train a network made anew; return the processor's seconds of `fit`."""
    network = Network([Input(64), *(Dense(64, "relu") for _ in range(4)), Dense(10), Softmax()], seed=0)
    started = time.process_time()
    network.fit(X, y, epochs=epochs, batch_size=32, n_threads=1, progress=False, health=health)
    return time.process_time() - started, network


def measure(trainings: dict[str, tuple[int, int, bool]], n_rounds: int) -> dict[str, Any]:
    """Measure all trainings; return seconds and ratios."""
    generator, order = np.random.default_rng(0), random.Random(0)
    found: dict[str, Any] = {}
    for name, (n_samples, epochs, has_bar) in trainings.items():
        say(f"{name} ...")
        X = generator.normal(size=(n_samples, 64)).astype(np.float32)
        y = (X @ generator.normal(size=(64, 10))).argmax(axis=1)
        weights = [train(X, y, 1, health)[1].theta for health in (False, True)]  # compiles
        assert np.array_equal(*weights), "health changed the weights"
        seconds: dict[str, list[float]] = {WITH: [], WITHOUT: [], AGAIN: []}
        for _ in range(n_rounds):
            for form in order.sample(list(seconds), len(seconds)):
                seconds[form].append(train(X, y, epochs, form == WITH)[0])
        found[name] = {
            "has_bar": has_bar,
            "seconds": {form: median(each) for form, each in seconds.items()},
            "ratios": [a / b for a, b in zip(seconds[WITH], seconds[WITHOUT], strict=True)],
            "noise": [a / b for a, b in zip(seconds[AGAIN], seconds[WITHOUT], strict=True)],
        }
    return {"machine": machine_line(), "rounds": n_rounds, "trainings": found}


def markdown(result: dict[str, Any]) -> str:
    """Lay out the times, and the ratios with their bar."""
    rows = []
    for name, its in result["trainings"].items():
        low, middle, high = quantiles(its["ratios"], n=4)
        said = f"{middle:.3f}, {low:.3f} to {high:.3f}"
        if its["has_bar"]:
            said += f": {verdict(middle, BAR, at_least=False)}"
        seconds = its["seconds"]
        rows.append([name, *(figure(1000 * seconds[form]) for form in (WITHOUT, WITH)), said,
                     f"{median(its['noise']):.3f}"])  # fmt: skip
    head = ["training", "ms without", "ms with", "times as long, quartiles", "without, twice"]
    return f"Medians of {result['rounds']} rounds; one thread.\n\n{markdown_table(head, rows)}"


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, help="rounds (15, with --quick 3)")
    add_common_options(parser)
    options = parser.parse_args()
    result = measure(QUICK if options.quick else TRAININGS, options.rounds or (3 if options.quick else 15))
    finish(result, f"{result['machine']}\n\n{markdown(result)}", options.json)


if __name__ == "__main__":
    main()
