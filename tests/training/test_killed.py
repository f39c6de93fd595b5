"""A training that is killed again and again, at random moments and while it writes, ends as one that never was."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time

import numpy as np
import pytest

from netlet.tensor_file import read_tensors

EPOCHS, KILLS = 1500, 24

PROGRAM = """
import json, os, signal, sys, time
import numpy as np
from netlet import BatchNorm, Dense, Dropout, Network, ReduceOnPlateau, Softmax

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def train(folder=None, epochs=None, callbacks=()):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(120, 6)).astype(np.float32)
    y = (x @ rng.normal(size=(6, 3)) + rng.normal(size=(120, 3))).argmax(axis=1)
    network = Network([Dense(12, activation="tanh"), BatchNorm(), Dropout(0.2), Dense(3), Softmax()], seed=1)
    history = network.fit(
        x, y, epochs=epochs, batch_size=40, validation_share=0.25, patience=100000,
        schedule=ReduceOnPlateau(0.9, patience=40), callbacks=callbacks, progress=False,
        **({"checkpoint": folder, "checkpoint_epochs": 1} if folder else {}),
    )
    return network, history

def report(network, history, path):
    epochs = history.epochs
    for epoch in epochs:
        del epoch["seconds"]
    figures = {"stopped": history.stopped, "best": history.best_epoch, "epochs": epochs}
    np.savez(path, theta=network.theta, state=network.state, history=json.dumps(figures))

if __name__ == "__main__":
    folder, result, epochs, where, count = sys.argv[1:]
    seen, calls = [], []
    if where in ("replace", "fsync", "replaced"):  # killed by itself, within the count-th write
        name = where.removesuffix("d")
        before = getattr(os, name)

        def deadly(*arguments):
            calls.append(1)
            if len(calls) == int(count) and where != "replaced":
                die()
            before(*arguments)
            if len(calls) == int(count):
                die()

        setattr(os, name, deadly)

    def second_epoch(state):
        time.sleep(0.002)  # a kill after some milliseconds costs some epochs, however fast the machine
        seen.append(state.epoch)
        if len(seen) == 2:  # what the first one learnt is kept
            print("under way", flush=True)

    network, history = train(folder, int(epochs), [second_epoch])
    report(network, history, result)
"""


def epochs_kept(folder):
    path = folder / "checkpoint.netlet"
    return read_tensors(path, "checkpoint", "", "", 1)[0]["epoch"] if path.exists() else 0


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="sends SIGKILL")
def test_a_training_that_is_killed_again_and_again(tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM)
    folder, result, chance = tmp_path / "kept", tmp_path / "result.npz", random.Random(0)
    unbroken = tmp_path / "unbroken.npz"
    subprocess.run(
        [sys.executable, "-c",
         f"import program; program.report(*program.train(epochs={EPOCHS}), {str(unbroken)!r})"],
        cwd=tmp_path, check=True, timeout=100, env=os.environ | {"PYTHONPATH": os.pathsep.join(["", *sys.path])},
    )  # fmt: skip
    left_behind, reached = 0, [0]
    for kill in range(KILLS):
        # Two of three are killed from outside after a random time, the others within a write.
        where = ["", "", ("fsync", "replace", "replaced")[kill // 3 % 3]][kill % 3]
        arguments = [str(folder), str(result), str(EPOCHS), where, str(chance.randint(3, 20))]
        process = subprocess.Popen(
            [sys.executable, str(tmp_path / "program.py"), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )  # fmt: skip
        try:
            assert process.stdout.readline() == "under way\n", process.stderr.read()
            if not where:
                time.sleep(chance.uniform(0, 0.04))
                process.kill()
            _, error = process.communicate(timeout=30)
        finally:
            process.kill()
        assert process.returncode == -9, error
        left_behind += len(list(folder.glob(".*.part")))
        reached.append(epochs_kept(folder))
        assert reached[-1] > reached[-2], f"start {kill + 1} came no further: {reached}"
        assert reached[-1] < EPOCHS, "finished before it was killed often enough; raise EPOCHS"
    assert left_behind >= 4, "no kill fell between the writing of a file and its renaming"
    subprocess.run(
        [sys.executable, str(tmp_path / "program.py"), str(folder), str(result), str(EPOCHS), "", "0"],
        check=True, timeout=100, stdout=subprocess.DEVNULL, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert not list(folder.glob(".*.part"))
    one, other = np.load(unbroken), np.load(result)
    np.testing.assert_array_equal(other["theta"], one["theta"])
    np.testing.assert_array_equal(other["state"], one["state"])
    histories = [json.loads(str(each["history"])) for each in (one, other)]
    assert histories[0] == histories[1]
    assert len(histories[0]["epochs"]) == EPOCHS
