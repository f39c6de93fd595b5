"""A search that is killed again and again ends as one that never was, and trains nothing twice that was finished."""

from __future__ import annotations

import itertools
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter

import numpy as np
import pytest

PROGRAM = """
import json, os, signal, sys
import numpy as np
from netlet import scales
from netlet.searching.search import search
from netlet.searching.strategies import Halving

SPACE = {"hidden": scales.Sizes((1, 2), (4, 24)), "learning_rate": scales.LogUniform(1e-3, 1e-1),
         "dropout": [0.0, 0.2], "optimizer": ["adam", "momentum"]}

def find(name, folder=None, callbacks=()):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(600, 6)).astype(np.float32)
    y = (x @ rng.normal(size=(6, 3)) + rng.normal(size=(600, 3))).argmax(axis=1)
    strategy = {"random": "random", "halving": Halving(3, least_epochs=4)}[name]
    n_trials = {"random": 120, "halving": 36}[name]
    return search(x, y, SPACE, n_trials, strategy=strategy, epochs=36, keep=4, folder=folder, patience=30,
                  callbacks=callbacks, progress=False, n_threads=2)

def report(found, path):
    trials = [[t.number, t.settings, t.score, t.epochs, t.status, t.curves] for t in found.trials]
    np.savez(path, trials=json.dumps(trials), order=list(found.networks),
             **{f"theta{number}": network.theta for number, network in found.networks.items()})

if __name__ == "__main__":
    name, folder, result, ended, where, count = sys.argv[1:]
    stream = open(ended, "a")
    calls = []
    if where:  # killed by itself, before or after the count-th such call
        call = where.removesuffix("d")
        before = getattr(os, call)

        def deadly(*arguments):
            calls.append(1)
            if len(calls) == int(count) and where == call:
                os.kill(os.getpid(), signal.SIGKILL)
            before(*arguments)
            if len(calls) == int(count):
                os.kill(os.getpid(), signal.SIGKILL)

        setattr(os, call, deadly)

    def callback(trial):  # after it was written down
        stream.write(f"{trial.number} {trial.epochs}\\n")
        stream.flush()
        if not calls or not where:
            print("under way", flush=True)

    report(find(name, folder, [callback]), result)
"""


def killed_to_the_end(name, folder, program, environment, chance):
    """Start a search again after each kill until it ends; return how often it was killed."""
    folder.mkdir()
    kept, result, ended = folder / "kept", folder / "result.npz", folder / "ended"
    kills = starts = 0
    while not result.exists():
        starts += 1
        assert starts < 60, "it comes to no end"
        # Networks are let go at the end of a round; a random search has one.
        within = ["fsync", "replace", "replaced", "fsyncd", *(["unlink", "unlinkd"] if name == "halving" else [])]
        where = ["", *within][starts % (len(within) + 1)] if starts < 40 else ""
        arguments = [name, str(kept), str(result), str(ended), where, str(chance.randint(2, 8))]
        process = subprocess.Popen(
            [sys.executable, str(program), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, env=environment,
        )  # fmt: skip
        try:
            if not where and starts < 40:
                process.stdout.readline()
                time.sleep(chance.uniform(0, 0.03))
                process.kill()
            _, error = process.communicate(timeout=120)
        finally:
            process.kill()
        assert process.returncode in (0, -9), error
        kills += process.returncode == -9
    return kills


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="sends SIGKILL")
@pytest.mark.parametrize("name", ["random", "halving"])
def test_a_search_that_is_killed_again_and_again(name, tmp_path):
    program, unbroken = tmp_path / "program.py", tmp_path / "unbroken.npz"
    program.write_text(PROGRAM)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    subprocess.run(
        [sys.executable, "-c", f"import program; program.report(program.find({name!r}), {str(unbroken)!r})"],
        check=True, timeout=300, env=environment,
    )  # fmt: skip
    one, chance, kills = np.load(unbroken), random.Random(name), 0
    # How often one search can be killed before it ends hangs on the machine's speed: several, until there were enough.
    for attempt in itertools.count():
        folder = tmp_path / f"search{attempt}"
        kills_here = killed_to_the_end(name, folder, program, environment, chance)
        assert kills_here >= 1
        other = np.load(folder / "result.npz")
        assert json.loads(str(one["trials"])) == json.loads(str(other["trials"]))
        assert sorted(one.files) == sorted(other.files)
        for key in one.files:
            if key != "trials":
                np.testing.assert_array_equal(one[key], other[key])
        # What was written down is not trained again.
        assert max(Counter((folder / "ended").read_text().split("\n")[:-1]).values()) == 1
        kept = folder / "kept"
        written = [json.loads(line) for line in (kept / "trials.jsonl").read_text().split("\n") if line.endswith("}")]
        assert max(Counter((each["number"], each["epochs"]) for each in written).values()) == 1
        assert not list(kept.rglob(".*.part"))
        assert len(os.listdir(kept / "networks")) == 4
        assert os.listdir(kept / "paused") == []
        kills += kills_here
        if kills >= 8:
            break
