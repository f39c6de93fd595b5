"""Time of one prediction of one row, against scikit-learn and ONNX Runtime.

The probabilities of a network 20-32-2 (ReLU, softmax; float32) for one row after another of a thousand, one call each,
on one thread: what a service pays that answers questions as they come. Everybody takes part in its best form; the
ordinary calls check their input, the compiled predictor of netlet and ONNX Runtime look at its shape and type.

Each peer runs in a process of its own (see `worker.py`); they are measured in turns, in a new order every round. The
table gives medians over the rounds. A ratio is taken within each round; the table gives the median of the ratios.

Bars: at most 3 us a call through `Network.compile_predictor`, at most 25 us through `MLPClassifier.predict_proba`.

Run `python benchmarks/predict.py`, `--quick` for a look, `--peers none` for netlet alone.
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
    figure,
    finish,
    markdown_table,
    ratio,
    say,
    verdict,
)
from peers import PREDICTING
from shapes import PREDICTED
from worker import PeerError

BARS = {"netlet, compiled predictor": 3.0, "netlet, MLPClassifier.predict_proba": 25.0}  # microseconds
OURS = [name for name in PREDICTING if name.startswith("netlet")]


def measure(n_rounds: int, quick: bool, with_peers: bool = True) -> dict[str, Any]:
    """Measure everybody in turns; return microseconds per call."""
    rounds = Rounds(least_seconds=0.05 if quick else 0.2)
    found: dict[str, list[Candidate]] = {}
    absent: dict[str, str] = {}
    with Workers([1]) as workers:
        for name in PREDICTING if with_peers else OURS:
            say(f"{name} ...")
            try:
                found[name] = workers.candidates(f"predict: {name}", PREDICTED.name)
            except PeerError as error:
                absent[name] = str(error)
        rounds.run([one for forms in found.values() for one in forms], n_rounds)
        notes = [rounds.note(), workers.note()]
    best = {name: fastest(forms) for name, forms in found.items()}
    scale = 1e6 / PREDICTED.n_samples
    peers = {
        name: {
            "us": median(best[name].seconds) * scale,
            "form": best[name].form,
            "forms_us": {one.form: median(one.seconds) * scale for one in forms},
            "ratios": {ours: ratio(best[name], best[ours]) for ours in OURS if ours in best},
        }
        for name, forms in found.items()
    }
    return {"machine": machine_line(), "rounds": n_rounds, "peers": peers, "absent": absent, "notes": notes}


def markdown(result: dict[str, Any]) -> str:
    """Lay out the times with their bars, the ratios, and the times of the forms that were not the fastest."""
    rows, notes = [], [f"- {name}: n/a ({why})" for name, why in result["absent"].items()]
    ours = [name for name in OURS if name in result["peers"]]
    for name, its in result["peers"].items():
        bar = BARS.get(name)
        time = figure(its["us"]) if bar is None else verdict(its["us"], bar, at_least=False)
        rows.append([name, its["form"], time, *[figure(its["ratios"][each]) for each in ours]])
        others = [f"{form} {figure(us)}" for form, us in its["forms_us"].items() if form != its["form"]]
        notes += [f"- {name}, other forms: {'; '.join(others)}."] if others else []
    return "\n\n".join(
        [
            f"Microseconds for one row of a network 20-32-2, medians of {result['rounds']} rounds; one thread.",
            markdown_table(["what", "form", "us", *[f"times as long as {each}" for each in ours]], rows),
            "\n".join([*notes, *[f"- {note}" for note in result["notes"]]]),
        ]
    )


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", choices=["all", "none"], default="all", help="with the other libraries, or without")
    parser.add_argument("--rounds", type=int, help="rounds (7, with --quick 2)")
    add_common_options(parser)
    options = parser.parse_args()
    n_rounds = options.rounds or (2 if options.quick else 7)
    result = measure(n_rounds, options.quick, with_peers=options.peers == "all")
    finish(result, f"{result['machine']}\n\n{markdown(result)}", options.json)


if __name__ == "__main__":
    main()
