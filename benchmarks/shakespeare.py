"""A character model of Tiny Shakespeare: netlet and PyTorch train the same network on the same batches.

The network: 65 characters, windows of 64, an embedding of width 64, learned positions, two blocks that normalise first
(4 heads, causal; feed-forward 256, GELU), layer normalisation, a dense layer. The first 90 % of the text are learnt,
the last 10 % are measured. Both begin with the same weights and see the same windows in the same order, in batches of
32, with AdamW (0.003, one cycle; decay 0.01 of what netlet calls weights) and gradients clipped to length 1. netlet
trains as `LanguageModel.fit` does, cutting its windows as it goes; PyTorch is handed windows that were cut before. It
takes part in its forms (eager, compiled), of which a short trial chooses the faster; compiling is not in the times.

Each library runs in a process of its own with the same number of threads, in turns; times are medians over the rounds,
ratios are taken within a round.

| | bar |
|---|---|
| loss of the last 10 %, nats a character, netlet over PyTorch | at most 1.01 |
| time of the training, PyTorch over netlet | 1.5 |
| characters generated a second, on one thread | 2,000 |

Run `python benchmarks/shakespeare.py` (3,000 steps, 3 rounds), `--quick` for a look at 60 steps.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from alone import alone
from machine import machine_line
from measuring import add_common_options, finish, markdown_table, say, verdict

SHARED = Path(os.environ.get("NETLET_SHARED_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
TEXT = SHARED / "text" / "tinyshakespeare.txt"
WINDOW, WIDTH, HEADS, LAYERS, BATCH_SIZE = 64, 64, 4, 2, 32
RATE, DECAY, CLIP = 3e-3, 0.01, 1.0
STEPS, ROUNDS, QUICK_STEPS = 3000, 3, 60
FORMS = ("eager", "compiled")
BAR_LOSS, BAR_TIME, BAR_CHARACTERS = 1.01, 1.5, 2000
GENERATED = 2000


@dataclass(frozen=True)
class Task:
    """What both are given."""

    text: str
    steps: int
    threads: int
    seed: int = 0


def begun(task: Task) -> tuple[Any, Any, np.ndarray, Any]:
    """Return netlet's network before its training, the windows, the tokens to measure on, and the vocabulary."""
    from netlet import Embedding, Input, LayerNorm, LearnedPositions, Network, TimeDense, TransformerBlock
    from netlet.text.vocabulary import Characters
    from netlet.text.windows import Windows

    vocabulary = Characters.of(task.text)
    tokens = vocabulary.encode(task.text)
    n_learnt = len(tokens) - round(len(tokens) * 0.1)
    block = TransformerBlock(HEADS, 4 * WIDTH, causal=True)
    n = len(vocabulary)
    network = Network(
        [Input(WINDOW), Embedding(n, WIDTH), LearnedPositions(), *[block] * LAYERS, LayerNorm(), TimeDense(n)],
        seed=task.seed,
    )
    return network, Windows(tokens[:n_learnt], WINDOW, task.seed), tokens[n_learnt:], vocabulary


def with_netlet(task: Task, _form: str) -> dict[str, float]:
    """Train with netlet; measure and generate."""
    from netlet import AdamW
    from netlet.text.generation import Continuation
    from netlet.text.learning import Course, Learning
    from netlet.text.measuring import Measure

    def learning(steps: int) -> tuple[Any, Any, np.ndarray, Any]:
        network, windows, held, vocabulary = begun(task)
        optimizer = AdamW(RATE, weight_decay=DECAY)
        course = Course(10**4, steps, BATCH_SIZE, optimizer, "one_cycle", CLIP, None, None, task.threads, "none")
        return Learning(network, windows, None, course), network, held, vocabulary

    learning(2)[0].run()  # compiles, or reads what is compiled
    training, network, held, vocabulary = learning(task.steps)
    began = time.perf_counter()
    training.run()
    seconds = time.perf_counter() - began
    loss = Measure(network).nats(held) / (len(held) - 1)
    continuation, context = Continuation(network), vocabulary.encode("\n").tolist()
    list(continuation.tokens(context, 10, 1.0, None, 0))
    began = time.perf_counter()
    list(continuation.tokens(context, GENERATED, 1.0, None, 0))
    return {"seconds": seconds, "loss": loss, "characters": GENERATED / (time.perf_counter() - began)}


def with_torch(task: Task, form: str) -> dict[str, float]:
    """Train the same network with PyTorch, and measure it."""
    import torch
    from torch.nn import functional

    from netlet.training.schedules import OneCycle

    network, windows, held, _ = begun(task)
    torch.set_num_threads(task.threads)
    places, epoch = np.empty(0, np.int64), 0
    batches: list[np.ndarray] = []
    while len(batches) < task.steps:
        places, epoch = windows.places(epoch), epoch + 1
        batches += [places[start : start + BATCH_SIZE] for start in range(0, len(places), BATCH_SIZE)]
    x_y = [torch.from_numpy(windows.tokens[batch[:, None] + np.arange(WINDOW + 1)]).long() for batch in batches]
    rates = RATE * OneCycle().factors(0, task.steps, 1, task.steps)

    own = {name: torch.tensor(values) for name, values in network.parameters.items()}
    names = {
        f"{operation.layer}.{block.name}": block.is_weight
        for operation in network._operations
        for block, _ in operation.places()
    }

    def model(parameters: dict[str, torch.Tensor], x: torch.Tensor) -> torch.Tensor:
        def dense(name: str, h: torch.Tensor) -> torch.Tensor:
            return torch.addmm(parameters[f"{name}.bias"], h.flatten(0, 1), parameters[f"{name}.weight"]).view(
                *h.shape[:2], -1
            )

        def norm(name: str, h: torch.Tensor) -> torch.Tensor:
            return functional.layer_norm(h, (WIDTH,), parameters[f"{name}.scale"], parameters[f"{name}.shift"])

        h = functional.embedding(x, parameters["embedding_1.weight"]) + parameters["learnedpositions_1.position"]
        for block in (f"transformerblock_{k + 1}" for k in range(LAYERS)):
            both = dense(f"{block}.attention.input", norm(f"{block}.layernorm_1", h))
            query, key, value = both.view(*x.shape, 3, HEADS, -1).permute(2, 0, 3, 1, 4)
            seen = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
            h = h + dense(f"{block}.attention.output", seen.transpose(1, 2).flatten(2))
            hidden = functional.gelu(dense(f"{block}.dense_1", norm(f"{block}.layernorm_2", h)))
            h = h + dense(f"{block}.dense_2", hidden)
        return dense("timedense_1", norm("layernorm_1", h))

    def loss_of(parameters: dict[str, torch.Tensor], x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return functional.cross_entropy(model(parameters, x).flatten(0, 1), y.flatten())

    chosen = torch.compile(loss_of, dynamic=False) if form == "compiled" else loss_of

    def trained(steps: int) -> dict[str, torch.Tensor]:
        parameters = {name: values.clone().requires_grad_() for name, values in own.items()}
        groups = [
            {"params": [parameters[name] for name in parameters if names[name]], "weight_decay": DECAY},
            {"params": [parameters[name] for name in parameters if not names[name]], "weight_decay": 0.0},
        ]
        optimizer = torch.optim.AdamW(groups, lr=RATE, fused=True)
        everything = list(parameters.values())
        for batch, rate in zip(x_y[:steps], rates, strict=False):
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.zero_grad()
            chosen(parameters, batch[:, :-1], batch[:, 1:]).backward()
            torch.nn.utils.clip_grad_norm_(everything, CLIP)
            optimizer.step()
        return parameters

    full = next((k for k, batch in enumerate(x_y) if len(batch) < BATCH_SIZE), task.steps) + 1
    trained(2)
    if form == "compiled" and full <= task.steps:  # the last, smaller batch of an epoch has a program of its own
        smaller = x_y[full - 1]
        copies = {name: values.clone().requires_grad_() for name, values in own.items()}
        chosen(copies, smaller[:, :-1], smaller[:, 1:]).backward()
    began = time.perf_counter()
    parameters = trained(task.steps)
    seconds = time.perf_counter() - began
    n_windows = (len(held) - 1) // WINDOW  # the last, which is not whole, is left out here
    x = torch.from_numpy(held[: n_windows * WINDOW]).long().view(-1, WINDOW)
    y = torch.from_numpy(held[1 : n_windows * WINDOW + 1]).long().view(-1, WINDOW)
    with torch.no_grad():
        parts = [
            loss_of(parameters, x[k : k + 64], y[k : k + 64]).item() * len(x[k : k + 64]) for k in range(0, len(x), 64)
        ]
    return {"seconds": seconds, "loss": sum(parts) / len(x)}


TRAINERS: dict[str, Callable[[Task, str], dict[str, float]]] = {"netlet": with_netlet, "PyTorch": with_torch}


def measure(task: Task, n_rounds: int, forms: list[str]) -> dict[str, Any]:
    """Choose PyTorch's form, and train in turns."""
    notes = []
    trials: dict[str, float] = {}
    for form in forms:
        say(f"trying PyTorch, {form} ...")
        answer = alone(with_torch, Task(task.text, min(60, task.steps), task.threads), form, threads=task.threads)
        if isinstance(answer, str):
            notes.append(f"PyTorch {form}: n/a ({answer})")
        else:
            trials[form] = answer["seconds"]
    rounds = []
    best = min(trials, key=lambda form: trials[form], default=None)
    for number in range(n_rounds):
        say(f"round {number + 1} of {n_rounds} ...")
        calls = [("netlet", ""), *([("PyTorch", best)] if best else [])]
        order = calls if number % 2 == 0 else calls[::-1]
        answers = {name: alone(TRAINERS[name], task, form or "", threads=task.threads) for name, form in order}
        failed = [f"{name}: {answer}" for name, answer in answers.items() if isinstance(answer, str)]
        if failed:
            raise SystemExit("; ".join(failed))
        rounds.append(answers)
    settings = {name: value for name, value in asdict(task).items() if name != "text"}
    return {"machine": machine_line(), "form": best, "notes": notes, "rounds": rounds, **settings}


def markdown(result: dict[str, Any]) -> str:
    """Lay out the figures with their bars."""
    rounds = result["rounds"]
    names = list(TRAINERS) if result["form"] else ["netlet"]

    def middle(name: str, what: str) -> float:
        return median(each[name][what] for each in rounds)

    rows = [[name, f"{middle(name, 'seconds'):.1f}", f"{middle(name, 'loss'):.4f}"] for name in names]
    lines = [
        f"{result['steps']} steps, {result['threads']} threads, medians of {len(rounds)} rounds"
        + (f"; PyTorch {result['form']}." if result["form"] else "."),
        markdown_table(["", "seconds", "loss of the last 10 %"], rows),
    ]
    bars = [["characters a second", verdict(middle("netlet", "characters"), BAR_CHARACTERS)]]
    if result["form"]:
        faster = median(each["PyTorch"]["seconds"] / each["netlet"]["seconds"] for each in rounds)
        worse = median(each["netlet"]["loss"] / each["PyTorch"]["loss"] for each in rounds)
        reached = "pass" if worse <= BAR_LOSS else "MISS"
        bars = [
            ["times as fast as PyTorch", verdict(faster, BAR_TIME)],
            ["loss, netlet over PyTorch", f"{worse:.4f} (bar {BAR_LOSS}: {reached})"],
            *bars,
        ]
    return "\n\n".join([*lines, markdown_table(["", ""], bars), *[f"- {note}" for note in result["notes"]]])


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, help=f"steps of the training ({STEPS}, with --quick {QUICK_STEPS})")
    parser.add_argument("--rounds", type=int, help=f"rounds ({ROUNDS}, with --quick 1)")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="of both (all processors)")
    parser.add_argument("--forms", nargs="*", choices=FORMS, default=list(FORMS), help="PyTorch's; none: netlet alone")
    add_common_options(parser)
    options = parser.parse_args()
    if not TEXT.exists():
        raise SystemExit(f"{TEXT} is not there; NETLET_SHARED_DATA names the folder that holds text/")
    task = Task(
        TEXT.read_text(encoding="utf-8"),
        options.steps or (QUICK_STEPS if options.quick else STEPS),
        options.threads,
    )
    result = measure(task, options.rounds or (1 if options.quick else ROUNDS), options.forms)
    finish(result, f"{result['machine']}\n\n{markdown(result)}", options.json)


if __name__ == "__main__":
    main()
