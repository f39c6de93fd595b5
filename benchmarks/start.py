"""Time until the first network is trained, and the memory that training takes.

Everything runs in fresh processes. *Process time* is user and system time of the whole process, the start of the
interpreter included; *wall* is seen from outside, from the start of the process to its end.

- cold first fit: the cache of compiled kernels is empty (`NUMBA_CACHE_DIR` is a new folder): once per machine and
  version. Bar: at most 8 s, wall.
- warm first fit: the same with the cache that the cold one filled. Bar: at most 1 s of process time.
- import: timed inside the process: `import netlet`, which loads its names at first use (bar: at most 0.4 s), and
  `from netlet import Network`, which loads Numba and SciPy.
- `netlet --help`: wall.
- peers: import and a first fit of the same small network (64-32-10, 640 samples, one epoch of batches of 32).
- memory: the peak of a training run less what the process had when its data stood ready, over the size of the data.

Run `python benchmarks/start.py`, `--quick` for a look.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

from machine import machine_line, version
from measuring import add_common_options, figure, finish, markdown_table, say, verdict

BAR_WARM, BAR_IMPORT, BAR_COLD = 1.0, 0.4, 8.0

DATA = """
import numpy as np
rng = np.random.default_rng(0)
X = rng.standard_normal((640, 64), dtype=np.float32)
y = np.arange(640) % 10
"""
FIRST_FIT = {
    "netlet": """
from netlet import Dense, Network, Softmax
network = Network([Dense(32, activation="relu"), Dense(10), Softmax()], seed=0)
network.fit(X, y, epochs=1, batch_size=32, progress=False)
""",
    "scikit-learn": """
import warnings
from sklearn.neural_network import MLPClassifier
warnings.simplefilter("ignore")
MLPClassifier((32,), batch_size=32, max_iter=1, random_state=0).fit(X, y)
""",
    "torch": """
import torch
network = torch.nn.Sequential(torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10))
optimizer = torch.optim.Adam(network.parameters())
inputs, targets = torch.from_numpy(X), torch.from_numpy(y)
for batch in torch.randperm(640).split(32):
    optimizer.zero_grad()
    torch.nn.functional.cross_entropy(network(inputs[batch]), targets[batch]).backward()
    optimizer.step()
""",
    "jax": """
from peers import jax_scan
from shapes import Shape
jax_scan.forms(Shape((64, 32, 10), 32, 20), X, y, 2)["layers"](1)
""",
    "keras": """
import keras
network = keras.Sequential([keras.layers.Dense(32, activation="relu"), keras.layers.Dense(10, activation="softmax")])
network.compile("adam", "sparse_categorical_crossentropy")
network.fit(X, y, batch_size=32, epochs=1, verbose=0)
""",
}
IMPORTS = {name: name for name in FIRST_FIT} | {"scikit-learn": "sklearn.neural_network"}

REPORT = """
import json, os, resource
spent = os.times()
print(json.dumps({"process": spent.user + spent.system, **globals().get("told", {})}))
"""
IMPORT = """
import time
begin = time.perf_counter()
import {module}
told = {{"import": time.perf_counter() - begin}}
"""
MEMORY = """
import resource, sys
import numpy as np
from netlet import Dense, Network, Softmax
unit = 1 if sys.platform == "darwin" else 1024
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
layers = lambda: [Dense(256, activation="relu"), Dense(10), Softmax()]
small = np.zeros((256, 784), dtype=np.float32)
Network(layers(), seed=0).fit(small, np.arange(256) % 10, epochs=1, batch_size=128, progress=False)
X = np.random.default_rng(0).standard_normal(({n_samples}, 784), dtype=np.float32)
y = np.arange({n_samples}) % 10
ready = peak()
Network(layers(), seed=0).fit(X, y, epochs=1, batch_size=128, progress=False)
told = {{"peak": peak(), "ready": ready, "data": X.nbytes}}
"""


def run(code: str, extra: Mapping[str, str]) -> dict[str, float]:
    """Run code in a fresh interpreter; return what it reports, with the wall time seen from outside."""
    here = str(Path(__file__).resolve().parent)
    path = os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = os.environ | {"PYTHONPATH": path, "KERAS_BACKEND": "jax"} | dict(extra)
    begin = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code + REPORT], env=environment, capture_output=True, text=True)
    wall = time.perf_counter() - begin
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"code {done.returncode}")
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told | {"wall": wall}


def middle(runs: list[dict[str, float]]) -> dict[str, float]:
    """The median of every figure."""
    return {key: median(one[key] for one in runs) for key in runs[0]}


def measure(quick: bool) -> dict[str, Any]:
    """Run everything, in turns where things are compared; return the figures in seconds and bytes."""
    n_rounds = 2 if quick else 7
    result: dict[str, Any] = {"machine": machine_line(), "rounds": n_rounds}
    with tempfile.TemporaryDirectory() as folder:
        say("cold first fit ...")
        cold = []
        for i in range(1 if quick else 3):
            cache = {"NUMBA_CACHE_DIR": os.path.join(folder, str(i))}
            cold.append(run(DATA + FIRST_FIT["netlet"], cache))
        result["cold"] = middle(cold)
        say("warm first fit, imports, --help, in turns with the peers ...")
        present = [name for name in FIRST_FIT if version(name) or name == "netlet"]
        fits: dict[str, list[dict[str, float]]] = {name: [] for name in present}
        imports: dict[str, list[dict[str, float]]] = {name: [] for name in present}
        helps, networks = [], []
        for i in range(n_rounds + 1):
            for name in present:
                fit = run(DATA + FIRST_FIT[name], cache)
                imported = run(IMPORT.format(module=IMPORTS[name]), cache)
                if i:  # the first round only brings the files into memory
                    fits[name].append(fit)
                    imports[name].append(imported)
            imported = run(IMPORT.format(module="netlet.network.network"), cache)
            help_seconds = help_wall()
            if i:
                networks.append(imported)
                helps.append(help_seconds)
        result["first fit"] = {name: middle(runs) for name, runs in fits.items()}
        result["import"] = {name: middle(runs) for name, runs in imports.items()}
        result["import Network"] = middle(networks)
        result["help"] = median(helps)
        say("memory ...")
        result["memory"] = run(MEMORY.format(n_samples=20_000 if quick else 100_000), cache)
    return result


def help_wall() -> float:
    """Wall seconds of `netlet --help`: the installed command, or the function behind it where there is none."""
    command = Path(sys.executable).with_name("netlet")
    call = [str(command)] if command.exists() else [sys.executable, "-c", "from netlet.cli.app import main; main()"]
    begin = time.perf_counter()
    subprocess.run([*call, "--help"], check=True, capture_output=True)
    return time.perf_counter() - begin


def markdown(result: dict[str, Any]) -> str:
    """Lay out the figures with their bars."""
    warm, memory = result["first fit"]["netlet"], result["memory"]
    extra = (memory["peak"] - memory["ready"]) / memory["data"]
    rows = [
        ["cold first fit, wall", verdict(result["cold"]["wall"], BAR_COLD, at_least=False)],
        ["cold first fit, process time", figure(result["cold"]["process"])],
        ["warm first fit, process time", verdict(warm["process"], BAR_WARM, at_least=False)],
        ["warm first fit, wall", figure(warm["wall"])],
        ["`import netlet`", verdict(result["import"]["netlet"]["import"], BAR_IMPORT, at_least=False)],
        ["`from netlet import Network`", figure(result["import Network"]["import"])],
        ["`netlet --help`, wall", figure(result["help"])],
    ]
    peers = [
        [name, figure(fit["process"]), figure(fit["wall"]), figure(result["import"][name]["import"])]
        for name, fit in result["first fit"].items()
    ]
    megabytes = memory["data"] / 1e6
    return "\n\n".join(
        [
            f"netlet, seconds, medians of {result['rounds']} processes (cold: fewer).",
            markdown_table(["what", "seconds"], rows),
            "Import and a first small fit, beside the peers (netlet: warm), seconds.",
            markdown_table(["library", "process time", "wall", "import alone"], peers),
            f"- Memory: training 784-256-10 on {megabytes:.0f} MB of data takes {100 * extra:.1f} % of the data's size "
            f"on top of it (peak {memory['peak'] / 1e6:.0f} MB, the libraries included).",
        ]
    )


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_common_options(parser)
    options = parser.parse_args()
    result = measure(options.quick)
    finish(result, f"{result['machine']}\n\n{markdown(result)}", options.json)


if __name__ == "__main__":
    main()
