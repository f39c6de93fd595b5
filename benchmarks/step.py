"""Time of one optimizer step of one small network, against the other libraries.

Adam, float32, softmax cross-entropy (squared error with one output), batches drawn at random without replacement in
every epoch; drawing and gathering the batches counts for everybody. Every peer takes part in its best form and with its
best number of threads: all forms are tried in a few short rounds, the two best of each peer enter the real rounds, and
the better one counts. netlet is `Network.fit`, the whole call divided by its steps, its loss included.

Each peer runs in a process of its own (see `worker.py`); they are measured in turns, in a new order every round. The
table gives medians over the rounds. A ratio is taken within each round; the table gives the median of the ratios.
The fastest peer is the one with the smallest ratio.

Bars, as ratios to the fastest of netlet's forms:

| network/batch      | PyTorch eager / netlet | fastest peer / netlet | one thread / two threads |
|--------------------|------------------------|-----------------------|--------------------------|
| 64-32-10/32        | 25                     | 2.5                   |                          |
| 64-100-10/200      | 8                      | 2.5                   | 1.6                      |
| 64-64-64-64-10/64  | 10                     | 1.8                   |                          |
| 8-16-16-1/16, tanh | 40                     | 1.5                   |                          |
| 784-256-10/128     | 1.8                    | 1.1                   | 1.6                      |
| 784-512-512-10/128 | 1.3                    | 1.1                   | 1.6                      |
| 30-64-32-1/64      | none                   | none                  |                          |

Run `python benchmarks/step.py`, `--quick` for a look, `--peers none` for netlet alone.
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
from peers import PEERS
from shapes import SHAPES, Shape
from worker import PeerError

DEFAULT_PEERS = [name for name, (_, default) in PEERS.items() if default]


def measure(
    shape_names: list[str], peers: list[str], threads: list[int], n_rounds: int, quick: bool, with_netlet: bool = True
) -> dict[str, Any]:
    """Measure the shapes one after the other; return all figures, times in microseconds per step."""
    rounds = Rounds(least_seconds=0.03 if quick else 0.15)
    shapes = {}
    with Workers(threads) as workers:
        for name in shape_names:
            say(f"{name} ...")
            shapes[name] = measure_shape(SHAPES[name], peers, workers, rounds, n_rounds, quick, with_netlet)
        notes = [rounds.note(), workers.note()]
    return {"machine": machine_line(), "rounds": n_rounds, "shapes": shapes, "notes": notes}


def measure_shape(
    shape: Shape, peers: list[str], workers: Workers, rounds: Rounds, n_rounds: int, quick: bool, with_netlet: bool
) -> dict[str, Any]:
    """Prepare everybody on one shape, choose the forms that take part, run the rounds and compare."""
    candidates: dict[str, list[Candidate]] = {}
    absent: dict[str, str] = {}
    for peer in [*peers, *(["netlet"] if with_netlet else [])]:
        try:
            candidates[peer] = workers.candidates(peer, shape.name)
        except PeerError as error:
            absent[peer] = str(error)
    choose(candidates, rounds, quick)
    rounds.run([one for found in candidates.values() for one in found], n_rounds)

    def row(one: Candidate) -> dict[str, Any]:
        scale = 1e6 / shape.n_steps
        facts = {"form": one.label, "us": median(one.seconds) * scale, "rounds_us": [s * scale for s in one.seconds]}
        return facts | ({"median_epoch_us": median(one.own_seconds) * scale} if one.own_seconds else {})

    result: dict[str, Any] = {"absent": absent, "peers": {}, "netlet": {}, "ratios": {}}
    best = {peer: fastest(found) for peer, found in candidates.items()}
    result["peers"] = {peer: row(one) for peer, one in best.items() if peer != "netlet"}
    if "netlet" in best:
        mine = {one.worker.n_threads: one for one in candidates["netlet"]}
        result["netlet"] = {str(n_threads): row(one) for n_threads, one in mine.items()}
        result["ratios"] = {peer: ratio(one, best["netlet"]) for peer, one in best.items() if peer != "netlet"}
        if {1, 2} <= mine.keys():
            result["speedup"] = ratio(mine[1], mine[2])
    return result


def choose(candidates: dict[str, list[Candidate]], rounds: Rounds, quick: bool) -> None:
    """Keep the two best forms of each peer; netlet keeps all (one a number of threads)."""
    trial = [one for peer, found in candidates.items() if peer != "netlet" and len(found) > 2 for one in found]
    rounds.run(trial, n_rounds=1 if quick else 3, least_seconds=0.03 if quick else 0.06)
    for peer, found in candidates.items():
        if found[0].seconds:
            candidates[peer] = sorted(found, key=lambda one: median(one.seconds))[:2]
        for one in found:
            one.epoch_seconds = median(one.seconds or [one.epoch_seconds])
            one.seconds.clear()


def markdown(result: dict[str, Any]) -> str:
    """Lay out the figures: times, ratios with their bars, the forms that were used, notes."""
    shapes: dict[str, Any] = result["shapes"]
    peers = [peer for peer in PEERS if any(peer in s["peers"] or peer in s["absent"] for s in shapes.values())]
    threads = sorted({n for s in shapes.values() for n in s["netlet"]}, key=int)
    times, ratios, forms, notes = [], [], [], []
    for name, s in shapes.items():
        mine = [figure(s["netlet"][n]["us"]) if n in s["netlet"] else "" for n in threads]
        times.append([name, *[figure(s["peers"][p]["us"]) if p in s["peers"] else "n/a" for p in peers], *mine])
        ratios.append([name, *[figure(s["ratios"][p]) if p in s["ratios"] else "n/a" for p in peers], *bars(name, s)])
        notes += [f"- {name}, {peer}: n/a ({why})" for peer, why in s["absent"].items()]
        epochs = [figure(s["netlet"][n]["median_epoch_us"]) if n in s["netlet"] else "" for n in threads]
        forms.append([name, *[s["peers"][p]["form"] if p in s["peers"] else "n/a" for p in peers], *epochs])
    parts = [
        f"Microseconds per optimizer step, medians of {result['rounds']} rounds.",
        markdown_table(["network/batch", *peers, *[f"netlet, {n} thr." for n in threads]], times),
    ]
    if threads:
        columns = ["vs PyTorch eager", "vs fastest peer", "2 threads vs 1"]
        parts += [
            "Times as fast as each peer (netlet's best number of threads), and the bars.",
            markdown_table(["network/batch", *peers, *columns], ratios),
        ]
    parts += [
        "The form and the number of threads in which each peer was fastest. For netlet: microseconds per step in the "
        "median epoch, without the beginning and the end of the call.",
        markdown_table(["network/batch", *peers, *[f"netlet, {n} thr." for n in threads]], forms),
    ]
    return "\n\n".join([*parts, "\n".join([*notes, *[f"- {note}" for note in result["notes"]]])])


def bars(name: str, s: dict[str, Any]) -> list[str]:
    """The three cells in which a ratio stands beside its bar."""
    shape, ratios = SHAPES[name], s["ratios"]
    cells = []
    for value, bar in (
        (ratios.get("PyTorch eager"), shape.bar_eager),
        (min(ratios.values(), default=None), shape.bar_fastest),
        (s.get("speedup"), shape.bar_threads),
    ):
        cells.append("n/a" if value is None else figure(value) if bar is None else verdict(value, bar))
    return cells


def parse_peers(names: list[str]) -> list[str]:
    """Turn the words of `--peers` into the names of peers."""
    if names == ["none"]:
        return []
    if names == ["all"]:
        return list(PEERS)
    unknown = [name for name in names if name not in PEERS]
    if unknown:
        raise SystemExit(f"--peers: {unknown[0]!r} is not 'none', 'all' or one of {', '.join(map(repr, PEERS))}")
    return names


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", metavar="SHAPE", choices=list(SHAPES), help="only these networks")
    parser.add_argument("--peers", nargs="+", metavar="PEER", default=DEFAULT_PEERS, help="'none', 'all', or names")
    parser.add_argument("--rounds", type=int, help="rounds (7, with --quick 2)")
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2], help="numbers of threads to try (1 2)")
    parser.add_argument("--without-netlet", action="store_true", help="only the peers")
    add_common_options(parser)
    options = parser.parse_args()
    result = measure(
        options.only or list(SHAPES),
        parse_peers(options.peers),
        options.threads,
        options.rounds or (2 if options.quick else 7),
        options.quick,
        with_netlet=not options.without_netlet,
    )
    finish(result, f"{result['machine']}\n\n{markdown(result)}", options.json)


if __name__ == "__main__":
    main()
