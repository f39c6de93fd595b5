"""Ctrl-C while a training runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

from netlet.training.interrupts import Interrupts

PROGRAM = """
import sys, numpy as np
from netlet import Dense, Network, Softmax
n, batch_size = int(sys.argv[1]), int(sys.argv[2])
x = np.random.default_rng(0).normal(size=(n, 6)).astype(np.float32)
y = (x[:, 0] > 0).astype(int)
network = Network([Dense(32, activation="tanh"), Dense(2), Softmax()], seed=0)
network.fit(x[:50], y[:50], epochs=1, progress=False)
before = network.theta.copy()
print("training", flush=True)
history = network.fit(x, y, epochs=10**6, batch_size=batch_size, progress=False)
assert np.isfinite(network.theta).all()
assert (network.theta != before).any(), "what was learnt is lost"
network.predict(x[:10])
print(history.stopped, len(history), flush=True)
"""


@pytest.mark.compiled
@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT to another process")
@pytest.mark.parametrize(("n", "batch_size"), [(500, 50), (2_000_000, 4)], ids=["short epochs", "one long epoch"])
def test_ctrl_c_ends_the_training_and_keeps_the_weights(n, batch_size):
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(n), str(batch_size)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline() == "training\n", process.stderr.read()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0.7)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0, err
    assert out.split()[0] == "interrupted"
    assert err == ""


@pytest.mark.plain
def test_the_first_one_is_a_request_and_the_second_breaks_off():
    asked = []
    before = signal.getsignal(signal.SIGINT)
    with Interrupts(lambda: asked.append(1)) as interrupts:
        assert not interrupts.asked
        signal.raise_signal(signal.SIGINT)
        assert interrupts.asked
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert asked == [1]
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.plain
def test_a_programs_own_handler_stays_in_force():
    seen = []
    before = signal.signal(signal.SIGINT, lambda number, frame: seen.append(number))
    try:
        with Interrupts(lambda: None) as interrupts:
            signal.raise_signal(signal.SIGINT)
        assert seen == [signal.SIGINT]
        assert not interrupts.asked
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.plain
def test_other_threads_leave_the_handler_alone():
    handlers = []

    def work():
        with Interrupts(lambda: None):
            handlers.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert handlers == [signal.getsignal(signal.SIGINT)]
