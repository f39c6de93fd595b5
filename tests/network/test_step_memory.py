"""What a training needs: the figures against the arrays that are allocated, and the refusal of what does not fit."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from netlet import (
    Conv2D,
    Dense,
    Embedding,
    Flatten,
    Input,
    LearnedPositions,
    Network,
    Softmax,
    TiedDense,
    TransformerBlock,
)
from netlet.errors import NotBuilt, NotEnoughMemory
from netlet.training import prediction, step_memory
from netlet.training.free_memory import free_memory
from netlet.training.losses import SequenceCrossEntropy
from netlet.training.prediction import Predictor
from netlet.training.step_memory import StepMemory
from netlet.training.stepper import Stepper

pytestmark = pytest.mark.plain


def conv():
    return Network([Input((6, 6, 1)), Conv2D(4, 3, activation="relu"), Flatten(), Dense(3), Softmax()], seed=0)


def language():
    layers = [Input(5), Embedding(7, 8), LearnedPositions(), TransformerBlock(2, 12), TiedDense()]
    return Network(layers, seed=0, dtype="float64")


def needing(**given):
    names = ("parameters", "copies", "optimizer", "gradients", "activations", "measuring", "samples")
    figures = dict.fromkeys(names, 0) | given
    return StepMemory(**figures, layers={"conv2d_1": figures["activations"]})


@pytest.fixture
def steppers(monkeypatch):
    """Return the list of the steppers that are made."""
    made, begin = [], Stepper.__init__

    def spy(self, *arguments, **named):
        begin(self, *arguments, **named)
        made.append(self)

    monkeypatch.setattr(Stepper, "__init__", spy)
    return made


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
@pytest.mark.parametrize("batch_size", [4, 64])  # 64: all samples, read where they lie
def test_the_figures_are_those_of_the_arrays(steppers, batch_size, optimizer):
    rng = np.random.default_rng(0)
    for network, X, y, loss in (
        (conv(), rng.normal(size=(10, 36)), rng.integers(0, 3, 10), "auto"),
        (language(), rng.integers(0, 7, (10, 5)), rng.integers(0, 7, (10, 5)), SequenceCrossEntropy()),
    ):
        steppers.clear()
        memory = network.memory(batch_size, optimizer=optimizer, n_samples=10, loss=loss)
        network.fit(X, y, loss=loss, batch_size=batch_size, optimizer=optimizer, epochs=1, progress=False)
        (stepper,) = steppers
        assert memory.activations == stepper.arena.nbytes
        assert memory.optimizer == stepper.slots.nbytes
        assert memory.gradients == stepper.dtheta.nbytes
        assert memory.parameters == network.theta.nbytes + network.state.nbytes
        item = network.theta.itemsize
        assert memory.samples == 10 * (X.shape[1] + (1 if y.ndim == 1 else 5)) * item
        parts = memory.copies + memory.optimizer + memory.gradients + memory.activations
        assert memory.total == parts + memory.parameters + memory.samples
        aligned = 64 * 8 * len(stepper.program.nodes)
        assert memory.activations - aligned <= sum(memory.layers.values()) <= memory.activations


@pytest.mark.compiled
def test_a_training_allocates_what_was_said():
    network = Network([Input(200), Dense(500, "relu"), Dense(3), Softmax()], seed=0)
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(3000, 200)).astype(np.float32), rng.integers(0, 3, 3000)
    network.fit(X[:10], y[:10], epochs=1, progress=False)
    memory = network.memory(1500, n_samples=3000)
    tracemalloc.start()
    try:
        network.fit(X, y, batch_size=1500, epochs=1, progress=False, n_threads=1)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak == pytest.approx(memory.needed, rel=0.05)


def test_measuring_grows_with_the_threads():
    network = conv()
    one, two = (network.memory(n_validation=5000, n_threads=threads).measuring for threads in (1, 2))
    outputs = 5000 * 3 * 4
    assert two - outputs == 2 * (one - outputs) > 0
    assert network.memory(n_threads=2).measuring == 0


def test_it_prints_as_a_table():
    text = str(conv().memory(256, n_samples=1000))
    assert "activations" in text
    assert "most of the activations: conv2d_1" in text
    assert "samples         148 kB" in text


def test_what_does_not_fit_is_refused_before_it_is_allocated(monkeypatch):
    network = conv()
    memory = network.memory(1 << 16)
    X, y = np.zeros((1 << 17, 36), np.float32), np.arange(1 << 17) % 3
    before = network.theta.copy()
    monkeypatch.setattr(step_memory, "free_memory", lambda: memory.needed // 3)
    monkeypatch.setattr(Stepper, "run", lambda *_: pytest.fail("it was begun"))
    tracemalloc.start()
    try:
        with pytest.raises(NotEnoughMemory) as error:
            network.fit(X, y, batch_size=1 << 16, epochs=1, progress=False)
        assert tracemalloc.get_traced_memory()[1] < X.nbytes / 2 < memory.activations
    finally:
        tracemalloc.stop()
    assert isinstance(error.value, MemoryError)
    for part in ("batch_size=65536 needs ", " is free", "conv2d_1 needs most", "use batch_size=16384 or less"):
        assert part in str(error.value)
    np.testing.assert_array_equal(network.theta, before)


@pytest.mark.parametrize(
    ("needs", "remedy"),
    [
        ({"activations": 10**9}, "make conv2d_1 smaller: not even a batch of one sample would fit"),
        ({"copies": 10**9, "optimizer": 10**9}, "use fewer parameters, or optimizer='sgd'"),
        ({"copies": 10**9}, "use fewer parameters$"),
    ],
)
def test_what_no_batch_size_mends(monkeypatch, needs, remedy):
    monkeypatch.setattr(step_memory, "free_memory", lambda: 10**8)
    with pytest.raises(NotEnoughMemory, match=remedy):
        step_memory.require(needing(**needs), 1)


def test_systems_that_do_not_say_are_not_asked_further(monkeypatch):
    monkeypatch.setattr(step_memory, "free_memory", lambda: None)
    step_memory.require(needing(activations=10**18), 1)


def write(folder, files):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


MACHINE = {"proc/meminfo": "MemTotal: 4000 kB\nMemAvailable:    3000 kB\n"}
NEW = {
    "proc/self/cgroup": "0::/app/inner\n",
    "sys/fs/cgroup/app/inner/memory.max": "max\n",
    "sys/fs/cgroup/app/inner/memory.current": "5\n",
    "sys/fs/cgroup/app/memory.max": "1000000\n",
    "sys/fs/cgroup/app/memory.current": "400000\n",
    "sys/fs/cgroup/app/memory.stat": "anon 1\ninactive_file 100000\n",
}
OLD = {
    "proc/self/cgroup": "5:cpu:/\n4:memory:/app\n",
    "sys/fs/cgroup/memory/app/memory.limit_in_bytes": "2000000\n",
    "sys/fs/cgroup/memory/app/memory.usage_in_bytes": "1500000\n",
    "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
    "sys/fs/cgroup/memory/memory.usage_in_bytes": "1\n",
}
FULL = {**NEW, "sys/fs/cgroup/app/memory.current": "1200000\n"}


@pytest.mark.parametrize(
    ("files", "expected"),
    [({}, None), (MACHINE, 3_072_000), (MACHINE | NEW, 700_000), (MACHINE | OLD, 500_000), (MACHINE | FULL, 0)],
    ids=["no such system", "machine", "cgroup 2", "cgroup 1", "full"],
)
def test_free_memory(tmp_path, files, expected):
    write(tmp_path, files)
    assert free_memory(tmp_path) == expected


def test_large_networks_predict_in_small_blocks(monkeypatch):
    network, x = conv(), np.random.default_rng(0).normal(size=(700, 36)).astype(np.float32)
    whole = network.predict(x)
    monkeypatch.setattr(prediction, "_MOST_BYTES", 2**14)
    network = conv()
    predictor = Predictor(network._operations, len(network._operations) - 1, "float32")
    assert predictor.block == 8
    assert predictor.program.arena_size * 4 <= 2**14
    found = predictor.predict(network.theta, network.state, x)
    np.testing.assert_allclose(found, whole, rtol=1e-5)
    for threads in (2, 3):
        np.testing.assert_array_equal(predictor.predict(network.theta, network.state, x, threads), found)
    monkeypatch.setattr(prediction, "_MOST_BYTES", 1)
    assert Predictor(network._operations, 1, "float32").block == 1


def test_parameters_are_checked():
    network = conv()
    for name in ("batch_size", "n_threads"):
        with pytest.raises(ValueError, match=f"{name}=0 is not >= 1"):
            network.memory(**{name: 0})
    with pytest.raises(ValueError, match="n_samples=-1 is not >= 0"):
        network.memory(n_samples=-1)
    with pytest.raises(ValueError, match="optimizer='adma' is not one of"):
        network.memory(optimizer="adma")
    with pytest.raises(NotBuilt):
        Network([Dense(1)]).memory()
