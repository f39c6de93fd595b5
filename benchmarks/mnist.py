"""MNIST: netlet and PyTorch train the same convolutional network for the same epochs, on all 60,000 pictures.

The network: three blocks of a 3 x 3 convolution (16, 32, 64 filters, "same"), ReLU and 2 x 2 max pooling, dropout 0.3,
a dense layer of 128 with ReLU, dropout 0.3, a dense layer of 10. AdamW (0.002, one cycle, decay 0.01), batches of 64, 6
epochs; weights and batches are drawn by each library. PyTorch takes part with pictures channels first and channels
last; a short trial chooses. The time is that of the training alone, without imports and compiling. Each library runs in
a process of its own, in turns, one seed a round.

| | bar |
|---|---|
| accuracy on the 10,000 test pictures, median of three seeds | 99.2 % |
| time of the training, PyTorch over netlet | 1 |

Run `python benchmarks/mnist.py`, `--quick` for a look at 2,000 pictures and one epoch.
"""

from __future__ import annotations

import argparse
import gzip
import os
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from alone import alone
from machine import machine_line
from measuring import add_common_options, finish, markdown_table, say, verdict

SHARED = Path(os.environ.get("NETLET_SHARED_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
MNIST = SHARED / "mnist"
FILTERS, UNITS, DROPOUT = (16, 32, 64), 128, 0.3
BATCH_SIZE, RATE, DECAY, EPOCHS = 64, 2e-3, 0.01, 6
SEEDS, QUICK_PICTURES = 3, 2000
FORMS = ("channels first", "channels last")
BAR_ACCURACY, BAR_TIME = 99.2, 1.0


def pictures(part: str, n: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Read a part of MNIST: float32 (n, 28, 28) from 0 to 1, int64 (n,)."""
    values = []
    for name, offset in (("images-idx3", 16), ("labels-idx1", 8)):
        with gzip.open(MNIST / f"{part}-{name}-ubyte.gz") as file:
            values.append(np.frombuffer(file.read(), np.uint8, offset=offset))
    x, y = values[0].reshape(-1, 28, 28)[:n], values[1][:n]
    return x.astype(np.float32) / 255, y.astype(np.int64)


def with_netlet(_form: str, n: int | None, epochs: int, threads: int, seed: int) -> dict[str, float]:
    """Train and test with netlet."""
    from netlet import AdamW, Conv2D, Dense, Dropout, Flatten, Input, MaxPool2D, Network, OneCycle, Softmax

    x, y = pictures("train", n)
    x = x.reshape(len(x), -1)
    blocks = [
        layer for n_filters in FILTERS
        for layer in (Conv2D(n_filters, 3, padding="same", activation="relu"), MaxPool2D())
    ]  # fmt: skip
    layers = [
        Input((28, 28, 1)), *blocks, Flatten(), Dropout(DROPOUT), Dense(UNITS, activation="relu"), Dropout(DROPOUT),
        Dense(10), Softmax(),
    ]  # fmt: skip

    def train(network: Network, rows: int, epochs: int) -> float:
        began = time.perf_counter()
        network.fit(
            x[:rows], y[:rows], optimizer=AdamW(RATE, weight_decay=DECAY), schedule=OneCycle(), epochs=epochs,
            batch_size=BATCH_SIZE, n_threads=threads, progress=False,
        )  # fmt: skip
        return time.perf_counter() - began

    train(Network(layers, seed=seed), 2 * BATCH_SIZE, 1)  # compiles, or reads what is compiled
    network = Network(layers, seed=seed)
    seconds = train(network, len(x), epochs)
    test = pictures("t10k")
    return {"seconds": seconds, "accuracy": 100 * network.evaluate(test[0].reshape(-1, 784), test[1])["accuracy"]}


def with_torch(form: str, n: int | None, epochs: int, threads: int, seed: int) -> dict[str, float]:
    """Train and test with PyTorch."""
    import torch
    from torch import nn
    from torch.nn import functional

    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    layout = torch.channels_last if form == "channels last" else torch.contiguous_format
    layers: list[nn.Module] = []
    for n_in, n_out in zip((1, *FILTERS), FILTERS, strict=False):
        layers += [nn.Conv2d(n_in, n_out, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    layers += [
        nn.Flatten(), nn.Dropout(DROPOUT), nn.Linear(9 * FILTERS[-1], UNITS), nn.ReLU(), nn.Dropout(DROPOUT),
        nn.Linear(UNITS, 10),
    ]  # fmt: skip
    network = nn.Sequential(*layers).to(memory_format=layout)

    def tensors(part: str, n: int | None = None) -> tuple[torch.Tensor, torch.Tensor]:
        x, y = pictures(part, n)
        return torch.from_numpy(x)[:, None].to(memory_format=layout), torch.from_numpy(y)

    x, y = tensors("train", n)
    decayed = [p for p in network.parameters() if p.dim() > 1]
    others = [p for p in network.parameters() if p.dim() <= 1]
    groups = [{"params": decayed, "weight_decay": DECAY}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=RATE, fused=True)
    steps = epochs * -(-len(x) // BATCH_SIZE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, cycle_momentum=False)
    began = time.perf_counter()
    for _ in range(epochs):
        for batch in torch.randperm(len(x)).split(BATCH_SIZE):
            optimizer.zero_grad()
            functional.cross_entropy(network(x[batch]), y[batch]).backward()
            optimizer.step()
            schedule.step()
    seconds = time.perf_counter() - began
    network.eval()
    with torch.no_grad():
        test_x, test_y = tensors("t10k")
        right = sum(
            (network(test_x[k : k + 500]).argmax(1) == test_y[k : k + 500]).sum().item() for k in range(0, 10_000, 500)
        )
    return {"seconds": seconds, "accuracy": right / 100}


TRAINERS = {"netlet": with_netlet, "PyTorch": with_torch}


def measure(n: int | None, epochs: int, threads: int, n_seeds: int, with_peer: bool = True) -> dict[str, Any]:
    """Choose PyTorch's form, and train in turns."""
    form = ""
    if with_peer:
        say("trying PyTorch's forms ...")
        trials = {each: alone(with_torch, each, 6400, 1, threads, 0, threads=threads) for each in FORMS}
        form = min(FORMS, key=lambda each: trials[each]["seconds"])  # type: ignore[call-overload,index]
    names = list(TRAINERS) if with_peer else ["netlet"]
    rounds: list[dict[str, Any]] = []
    for seed in range(n_seeds):
        say(f"seed {seed} ...")
        order = names if seed % 2 == 0 else names[::-1]
        answers = {name: alone(TRAINERS[name], form, n, epochs, threads, seed, threads=threads) for name in order}
        failed = [f"{name}: {answer}" for name, answer in answers.items() if isinstance(answer, str)]
        if failed:
            raise SystemExit("; ".join(failed))
        rounds.append(answers)
    return {"machine": machine_line(), "form": form, "rounds": rounds, "epochs": epochs, "threads": threads}


def markdown(result: dict[str, Any]) -> str:
    """Lay out the figures with their bars."""
    rounds, names = result["rounds"], list(result["rounds"][0])
    names.sort(key=list(TRAINERS).index)
    rows = [
        [
            name,
            f"{median(each[name]['seconds'] for each in rounds):.1f}",
            ", ".join(f"{each[name]['accuracy']:.2f}" for each in rounds),
        ]
        for name in names
    ]
    bars = [["median accuracy, %", verdict(median(each["netlet"]["accuracy"] for each in rounds), BAR_ACCURACY)]]
    if "PyTorch" in names:
        faster = median(each["PyTorch"]["seconds"] / each["netlet"]["seconds"] for each in rounds)
        bars.append(["times as fast as PyTorch", verdict(faster, BAR_TIME)])
    form = f"; PyTorch {result['form']}" if result["form"] else ""
    return "\n\n".join(
        [
            f"{result['epochs']} epochs, {result['threads']} threads, medians of {len(rounds)} seeds{form}.",
            markdown_table(["", "seconds", "test accuracy of each seed, %"], rows),
            markdown_table(["", ""], bars),
        ]
    )


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, help=f"epochs ({EPOCHS}, with --quick 1)")
    parser.add_argument("--seeds", type=int, help=f"seeds ({SEEDS}, with --quick 1)")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="of both (all processors)")
    parser.add_argument("--peers", choices=["none", "PyTorch"], default="PyTorch", help="none: netlet alone")
    add_common_options(parser)
    options = parser.parse_args()
    if not MNIST.is_dir():
        raise SystemExit(f"{MNIST} is not there; NETLET_SHARED_DATA names the folder that holds mnist/")
    result = measure(
        QUICK_PICTURES if options.quick else None,
        options.epochs or (1 if options.quick else EPOCHS),
        options.threads,
        options.seeds or (1 if options.quick else SEEDS),
        options.peers == "PyTorch",
    )
    finish(result, f"{result['machine']}\n\n{markdown(result)}", options.json)


if __name__ == "__main__":
    main()
