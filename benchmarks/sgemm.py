"""Share of the machine's own matrix product rate that training reaches.

The work of a step is counted as the FLOP of its matrix products only (`Shape.flop`): the activations, the loss, the
optimizer and the gathering of the batch are work too, but count as loss. It is divided by the time of a step and set
beside the rate of SciPy's sgemm at 1024 x 1024 x 1024 on the same number of threads, measured in turns with it.
No bar: the figure says how much is left.

Run `python benchmarks/sgemm.py`, `--quick` for a look.
"""

from __future__ import annotations

import argparse
from statistics import median
from typing import Any

from machine import machine_line
from measuring import Candidate, Rounds, Workers, add_common_options, figure, finish, markdown_table, say
from peers.sgemm import FLOP
from shapes import SHAPES


def measure(shape_names: list[str], threads: list[int], n_rounds: int, quick: bool) -> dict[str, Any]:
    """Measure netlet on each shape in turns with sgemm; return rates in GFLOP/s."""
    rounds = Rounds(least_seconds=0.05 if quick else 0.15)
    shapes: dict[str, Any] = {}
    with Workers(threads) as workers:
        for name in shape_names:
            say(f"{name} ...")
            mine = workers.candidates("netlet", name)
            yardstick = workers.candidates("sgemm", name)
            rounds.run([*mine, *yardstick], n_rounds)
            work = SHAPES[name].flop * SHAPES[name].n_steps
            pairs = zip(mine, yardstick, strict=True)
            shapes[name] = {str(ours.worker.n_threads): share(ours, theirs, work) for ours, theirs in pairs}
        notes = [rounds.note(), workers.note()]
    return {"machine": machine_line(), "rounds": n_rounds, "shapes": shapes, "notes": notes}


def share(ours: Candidate, yardstick: Candidate, work: int) -> dict[str, float]:
    """Rates of both, and their ratio as the median of the rounds."""
    rates = [work / seconds / 1e9 for seconds in ours.seconds]
    sgemm = [FLOP / seconds / 1e9 for seconds in yardstick.seconds]
    return {
        "gflops": median(rates),
        "sgemm_gflops": median(sgemm),
        "share": median(a / b for a, b in zip(rates, sgemm, strict=True)),
    }


def markdown(result: dict[str, Any]) -> str:
    """Lay out the shares."""
    threads = sorted({n for rows in result["shapes"].values() for n in rows}, key=int)
    header = ["network/batch", "kFLOP a step"]
    for n in threads:
        header += [f"GFLOP/s, {n} thr.", f"sgemm, {n} thr.", f"share, {n} thr."]
    rows = []
    for name, of_threads in result["shapes"].items():
        cells = [name, f"{SHAPES[name].flop / 1e3:.0f}"]
        for n in threads:
            one = of_threads[n]
            cells += [figure(one["gflops"]), figure(one["sgemm_gflops"]), f"{100 * one['share']:.0f} %"]
        rows.append(cells)
    title = f"Rates of the matrix products in a step and of sgemm at 1024 cubed, medians of {result['rounds']} rounds."
    return "\n\n".join([title, markdown_table(header, rows), "\n".join(f"- {note}" for note in result["notes"])])


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", metavar="SHAPE", choices=list(SHAPES), help="only these networks")
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2], help="numbers of threads (1 2)")
    add_common_options(parser)
    options = parser.parse_args()
    result = measure(options.only or list(SHAPES), options.threads, 2 if options.quick else 5, options.quick)
    finish(result, f"{result['machine']}\n\n{markdown(result)}", options.json)


if __name__ == "__main__":
    main()
