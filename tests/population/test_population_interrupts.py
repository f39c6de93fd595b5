"""Ctrl-C while a population is trained."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
from mixes import classes, small

from netlet import Population

PROGRAM = """
import sys, numpy as np
from netlet import Dense, Network, Population, Softmax
n, batch_size = int(sys.argv[1]), int(sys.argv[2])
x = np.random.default_rng(0).normal(size=(n, 6)).astype(np.float32)
y = (x[:, 0] > 0).astype(int)
networks = [Network([Dense(32, activation="tanh"), Dense(2), Softmax()], seed=seed) for seed in range(5)]
Population(networks, epochs=1).fit(x[:50], y[:50], n_threads=2, progress=False)
before = [network.theta.copy() for network in networks]
print("training", flush=True)
outcomes = Population(networks, epochs=10**6, batch_size=batch_size).fit(x, y, n_threads=2, progress=False)
for place, network in enumerate(networks):
    assert np.isfinite(network.theta).all()
    assert (network.theta != before[place]).any() == (place < 2), "what was learnt is lost"
    network.predict(x[:10])
print(*(outcome.status for outcome in outcomes), sep=",", flush=True)
"""


@pytest.mark.compiled
@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT to another process")
@pytest.mark.parametrize(("n", "batch_size"), [(500, 50), (1_000_000, 4)], ids=["short epochs", "one long epoch"])
def test_ctrl_c_ends_all_and_keeps_what_they_learnt(n, batch_size):
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(n), str(batch_size)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline() == "training\n", process.stderr.read()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=1.0)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0, err
    assert out == "stopped,stopped,not begun,not begun,not begun\n"
    assert err == ""


@pytest.mark.plain
def test_it_says_that_it_was_interrupted(capsys):
    x, y = classes()
    begun = threading.Event()
    networks = [small(seed) for seed in range(3)]
    population = Population(networks, epochs=10**7, callbacks=[lambda state: begun.set()])

    def press():
        assert begun.wait(30)
        signal.raise_signal(signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    threading.Thread(target=press).start()
    outcomes = population.fit(x, y, n_threads=1, progress="lines")
    assert [outcome.status for outcome in outcomes] == ["stopped", "not begun", "not begun"]
    assert outcomes[0].history.stopped == "interrupted"
    assert capsys.readouterr().err.splitlines()[-1] == "0 of 3 networks trained, interrupted"
    assert signal.getsignal(signal.SIGINT) is before
    assert all(np.isfinite(network.theta).all() for network in networks)
