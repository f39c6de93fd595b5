"""Ctrl-C in a search: it returns soon, with what was found."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

PROGRAM = """
import sys
import numpy as np
from netlet import scales
from netlet.searching.budget import Seconds
from netlet.searching.search import search
from netlet.searching.strategies import Halving

rng = np.random.default_rng(0)
x = rng.normal(size=(4000, 20)).astype(np.float32)
y = rng.integers(0, 3, 4000)
space = {"hidden": scales.Sizes((2, 3), (64, 128)), "learning_rate": scales.LogUniform(1e-4, 1e-2)}
first = {"hidden": (64, 64), "learning_rate": 0.001, "batch_size": 512}
strategy, epochs, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3] or None
if strategy == "halving":  # in a first rung of one epoch nobody is ever midway with something to keep
    strategy = Halving(least_epochs=epochs // 3)

def told(trial):
    print("ended", trial.number, flush=True)

print("begun", flush=True)
try:
    found = search(x, y, space | {"batch_size": [32, 512]}, Seconds(1000), strategy=strategy, epochs=epochs,
                   first=[first], folder=folder, callbacks=[told], progress=False)
except KeyboardInterrupt:
    print("nothing found")
else:
    found.network.predict(x)
    scores = {trial.number: trial.score for trial in found.trials}
    agree = all(n.evaluate(*found.task.validation)["loss"] == scores[k] for k, n in found.networks.items())
    statuses = sorted({t.status for t in found.trials})
    print(found.stopped, len(found.trials), agree, statuses)
"""


def interrupted(tmp_path, *arguments, after="ended 0", wait=0.1):
    """Run the program, send it Ctrl-C once it says so, and return its last line."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *map(str, arguments)], text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    try:
        while (line := process.stdout.readline().strip()) != after:
            assert line, process.stderr.read()
        time.sleep(wait)
        process.send_signal(signal.SIGINT)
        output, error = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0, error
    return output.splitlines()[-1]


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT to a process")
@pytest.mark.parametrize(("strategy", "epochs"), [("random", 27), ("halving", 270)])
def test_what_was_found_is_there(strategy, epochs, tmp_path):
    last = interrupted(tmp_path, strategy, epochs, "")
    stopped, _, agree, *statuses = last.split(maxsplit=3)
    assert (stopped, agree) == ("interrupted", "True")
    assert "stopped" in statuses[0]


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT to a process")
def test_before_anything_was_found(tmp_path):
    last = interrupted(tmp_path, "random", 100_000, "", after="begun", wait=3.0)
    assert last == "nothing found" or last.startswith("interrupted ")


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT to a process")
def test_it_is_gone_on_with(tmp_path):
    folder = tmp_path / "kept"
    first = interrupted(tmp_path, "halving", 27, folder, wait=0.5)
    second = interrupted(tmp_path, "halving", 27, folder, after="begun", wait=6.0)
    assert second.startswith("interrupted ")
    assert int(second.split()[1]) >= int(first.split()[1])
    assert second.split()[2] == "True"
