"""Time of one optimizer step of a convolutional, a recurrent and an attention network, against PyTorch.

Adam, float32, cross-entropy; batches are drawn at random in every epoch, and drawing and gathering them counts for
both. PyTorch takes part eager and compiled, with one thread and with two, and its best form counts; netlet is
`Network.fit`, the whole call divided by its steps. Peers run in processes of their own and are measured in turns.

Bars, as ratios to PyTorch's best form: CNN 2, LSTM 2.5, Transformer 1.5.

Run `python benchmarks/deep.py`, `--quick` for a look.
"""

from __future__ import annotations

import argparse
from statistics import median
from typing import Any

from deep_shapes import DEEP_SHAPES
from machine import machine_line
from measuring import Rounds, Workers, add_common_options, fastest, figure, finish, markdown_table, ratio, say, verdict


def measure(names: list[str], threads: list[int], n_rounds: int, quick: bool) -> dict[str, Any]:
    """Measure the networks one after the other; return all figures, times in microseconds per step."""
    rounds = Rounds(least_seconds=0.1 if quick else 0.3)
    shapes = {}
    with Workers(threads) as workers:
        for name in names:
            say(f"{name} ...")
            scale = 1e6 / DEEP_SHAPES[name].n_steps
            candidates = {peer: workers.candidates(peer, name) for peer in ("PyTorch, deep", "netlet, deep")}
            rounds.run([one for found in candidates.values() for one in found], n_rounds)
            best = {peer: fastest(found) for peer, found in candidates.items()}
            mine = {one.worker.n_threads: one for one in candidates["netlet, deep"]}
            shapes[name] = {
                "forms": {
                    one.label: median(one.seconds) * scale for one in candidates["PyTorch, deep"]
                },
                "best": best["PyTorch, deep"].label,
                "netlet": {str(n): median(one.seconds) * scale for n, one in mine.items()},
                "ratio": ratio(best["PyTorch, deep"], best["netlet, deep"]),
                "speedup": ratio(mine[1], mine[2]) if {1, 2} <= mine.keys() else None,
            }  # fmt: skip
        notes = [rounds.note(), workers.note()]
    return {"machine": machine_line(), "rounds": n_rounds, "shapes": shapes, "notes": notes}


def markdown(result: dict[str, Any]) -> str:
    """Lay out the figures: times, ratios with their bars, all forms, notes."""
    rows, forms = [], []
    for name, s in result["shapes"].items():
        shape = DEEP_SHAPES[name]
        mine = [figure(s["netlet"][n]) for n in sorted(s["netlet"], key=int)]
        speedup = "" if s["speedup"] is None else figure(s["speedup"])
        best = f"{figure(s['forms'][s['best']])} ({s['best']})"
        rows.append([name, shape.what, best, *mine, speedup, verdict(s["ratio"], shape.bar)])
        forms.append(f"- {name}, PyTorch: {', '.join(f'{form} {figure(us)}' for form, us in s['forms'].items())}")
    threads = sorted({int(n) for s in result["shapes"].values() for n in s["netlet"]})
    mine = [f"netlet, {n} thr." for n in threads]
    columns = ["network, batch", "what", "PyTorch's best", *mine, "2 threads vs 1", "times as fast"]
    return "\n\n".join(
        [
            f"Microseconds per optimizer step, medians of {result['rounds']} rounds.",
            markdown_table(columns, rows),
            "\n".join([*forms, *[f"- {note}" for note in result["notes"]]]),
        ]
    )


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", metavar="NETWORK", choices=list(DEEP_SHAPES), help="only these networks")
    parser.add_argument("--rounds", type=int, help="rounds (7, with --quick 2)")
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2], help="numbers of threads to try (1 2)")
    add_common_options(parser)
    options = parser.parse_args()
    rounds = options.rounds or (2 if options.quick else 7)
    result = measure(options.only or list(DEEP_SHAPES), options.threads, rounds, options.quick)
    finish(result, f"{result['machine']}\n\n{markdown(result)}", options.json)


if __name__ == "__main__":
    main()
