"""Training on blocks: the same bits as on one array, however it is cut; and what is said when blocks are not right."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import classes, classifier

from netlet import SGD, Adam, BatchNorm, Dense, Dropout, Network, Softmax, TrainingFailed
from netlet.training.full_batch import LBFGS
from netlet.training.interrupts import Interrupts

pytestmark = pytest.mark.plain
X, Y = classes(n=70)
WEIGHTS = np.random.default_rng(5).uniform(0.1, 2, len(X)).astype(np.float32)


def normalised(seed=3):
    return Network([Dense(8, activation="relu"), BatchNorm(), Dropout(0.2), Dense(3), Softmax()], seed=seed)


def cut(places, *arrays):
    """Return blocks of arrays, cut before the given rows."""
    return list(zip(*(np.split(array, sorted(places)) for array in arrays), strict=True))


def assert_same(one, other):
    np.testing.assert_array_equal(one.theta, other.theta)
    np.testing.assert_array_equal(one.state, other.state)


@settings(max_examples=25)
@given(
    places=st.lists(st.integers(0, len(X)), max_size=12),
    batch_size=st.sampled_from([1, 7, 16, 35, 70, 100]),
    weighted=st.booleans(),
    epochs=st.integers(1, 3),
)
def test_however_it_is_cut_it_is_one_fit(places, batch_size, weighted, epochs):
    """Empty blocks, single rows and blocks of one class among them."""
    whole, stream = normalised(), normalised()
    how = {"batch_size": batch_size, "epochs": epochs, "shuffle": False, "progress": False, "l2": 0.01}
    expected = whole.fit(X, Y, sample_weight=WEIGHTS if weighted else None, **how)
    found = stream.fit_stream(cut(places, X, Y, *([WEIGHTS] if weighted else [])), **how)
    assert_same(stream, whole)
    assert found.stopped == "epochs"
    np.testing.assert_allclose(found.column("loss"), expected.column("loss"), rtol=1e-12)
    assert found.column("seconds") == sorted(found.column("seconds"))


def test_one_block_in_a_random_order_is_a_fit():
    whole, stream = normalised(), normalised()
    whole.fit(X, Y, epochs=3, batch_size=16, progress=False)
    stream.fit_stream([(X, Y)], epochs=3, batch_size=16, progress=False)
    assert_same(stream, whole)


def test_blocks_in_a_random_order_draw_another_order_for_each_block_and_epoch(monkeypatch):
    import netlet.network.streaming as streaming

    orders, draw = [], streaming.shuffle
    monkeypatch.setattr(streaming, "prepare", lambda *_: lambda order, gen: (draw(order, gen), orders.append([*order])))
    classifier().fit_stream([(X[:10], Y[:10]), (X[10:20], Y[10:20])], epochs=2, progress=False)
    assert len(orders) == 4
    assert len({tuple(order) for order in orders}) == 4
    assert all(sorted(order) == list(range(10)) for order in orders)


@pytest.mark.parametrize("optimizer", ["adam", "momentum", "adagrad"])
def test_partial_fit_keeps_the_optimizers_memory(optimizer):
    whole, part = normalised(), normalised()
    how = {"batch_size": 16, "shuffle": False, "optimizer": optimizer}
    history = whole.fit(X, Y, epochs=5, progress=False, **how)
    losses = [part.partial_fit(X, Y, **how) for _ in range(5)]
    assert_same(part, whole)
    np.testing.assert_allclose(losses, history.column("loss"), rtol=1e-12)


def test_partial_fit_returns_the_mean_loss():
    network = Network([Dense(1)], seed=0).build(6)
    target, expected = X[:, 0], np.mean((network.predict(X).ravel() - X[:, 0]) ** 2) / 2
    assert network.partial_fit(X, target, batch_size=len(X), shuffle=False) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    "change",
    [{"optimizer": Adam(beta1=0.5)}, {"batch_size": 8}, {"loss": "squared_error"}, {"l2": 0.5}, {"clip_norm": 9.0}],
    ids=str,
)
def test_what_is_asked_anew_begins_with_no_memory(change):
    """The same weights, by a network that never trained before, take the same step."""
    targets = np.eye(3)[Y] if "loss" in change else Y
    network = classifier().build(6)
    network.partial_fit(X, Y, shuffle=False)
    fresh = classifier().build(6)
    fresh.theta = network.theta
    for each in (network, fresh):
        each.partial_fit(X, targets, shuffle=False, **change)
    assert_same(network, fresh)


def test_weights_of_samples_may_come_and_go_between_calls():
    network, whole = classifier(), classifier()
    for weights in (None, np.ones(len(X)), None):
        network.partial_fit(X, Y, shuffle=False, batch_size=16, sample_weight=weights)
    whole.fit(X, Y, epochs=3, shuffle=False, batch_size=16, progress=False)
    np.testing.assert_allclose(network.theta, whole.theta, rtol=1e-5, atol=1e-7)


def test_weights_of_classes_are_those_of_samples():
    by_class, by_sample, whole = classifier(), classifier(), classifier()
    weights = np.array([1.0, 2.5, 0.5])
    how = {"batch_size": 16, "shuffle": False, "progress": False, "epochs": 2}
    blocks = cut([10, 11, 30], X, Y)
    by_class.fit_stream(blocks, class_weight={0: 1.0, 1: 2.5, 2: 0.5}, **how)
    by_sample.fit_stream([(x, y, weights[y]) for x, y in blocks], **how)
    whole.fit(X, Y, class_weight={0: 1.0, 1: 2.5, 2: 0.5}, **how)
    assert_same(by_class, by_sample)
    assert_same(by_class, whole)
    one, two = classifier(), classifier()
    one.partial_fit(X, Y, class_weight={0: 1.0, 1: 2.5, 2: 0.5})
    two.partial_fit(X, Y, sample_weight=weights[Y])
    assert_same(one, two)


def test_generators_functions_and_lists_are_blocks():
    def generate():
        yield from cut([20, 40], X, Y)

    thetas = []
    for blocks in (generate(), generate, iter(cut([20, 40], X, Y)), cut([20, 40], X, Y), lambda: cut([20, 40], X, Y)):
        network = classifier()
        network.fit_stream(blocks, progress=False)
        thetas.append(network.theta)
    for theta in thetas[1:]:
        np.testing.assert_array_equal(theta, thetas[0])


def test_a_block_may_be_overwritten_once_the_next_is_asked_for():
    """As readers do that fill one array again and again; rows that wait for a full batch are copied."""

    def fill():
        x, y = np.empty((10, 6), np.float32), np.empty(10, np.int64)
        for start in range(0, len(X), 10):
            x[:], y[:] = X[start : start + 10], Y[start : start + 10]
            yield x, y

    filled, whole = classifier(), classifier()
    filled.fit_stream(fill, epochs=2, batch_size=16, shuffle=False, progress=False)
    whole.fit(X, Y, epochs=2, batch_size=16, shuffle=False, progress=False)
    assert_same(filled, whole)


def test_memory_mapped_arrays_are_read_where_they_lie(tmp_path):
    np.save(tmp_path / "x.npy", X)
    np.save(tmp_path / "y.npy", Y.astype(np.float32))
    x, y = (np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in "xy")
    assert isinstance(x, np.memmap)
    how = {"batch_size": 16, "shuffle": False, "progress": False}
    mapped, streamed, whole = classifier(), classifier(), classifier()
    mapped.fit(x, y, epochs=2, **how)
    streamed.fit_stream(lambda: ((x[i : i + 20], y[i : i + 20]) for i in range(0, len(x), 20)), epochs=2, **how)
    whole.fit(X, Y, epochs=2, **how)
    assert_same(mapped, whole)
    assert_same(streamed, whole)


# What is not right

REFUSED = {
    "no iterable": ({"blocks": 3}, TypeError, r"blocks=3 is neither an iterable of \(X, y\) nor a function"),
    "a function of none": ({"blocks": lambda: 3}, TypeError, r"blocks\(\) returned 3, which is no iterable"),
    "nothing": ({"blocks": []}, ValueError, "blocks gives no samples"),
    "only empty blocks": ({"blocks": [(X[:0], Y[:0])]}, ValueError, "blocks gives no samples"),
    "a generator, twice": (
        {"blocks": (block for block in [(X, Y)]), "epochs": 2},
        ValueError,
        "epochs=2 with a generator, which can be gone through only once; give a function that makes one",
    ),
    "no tuples": ({"blocks": [X]}, TypeError, r"a block is not a tuple \(X, y\) or \(X, y, sample_weight\)"),
    "four of them": ({"blocks": [(X, Y, None, None)]}, TypeError, "a block is not a tuple"),
    "balanced": ({"class_weight": "balanced"}, ValueError, "class_weight='balanced' needs all samples at once"),
    "full batch": ({"optimizer": "lbfgs"}, ValueError, "optimizer='lbfgs' looks at all samples for each step"),
    "full batch with settings": ({"optimizer": LBFGS(memory=3)}, ValueError, "looks at all samples for each step"),
    "optimizer": ({"optimizer": "adm"}, ValueError, "did you mean 'adam'"),
    "two rates": ({"optimizer": SGD(0.1), "learning_rate": 1.0}, ValueError, "an optimizer that has its own"),
    "batch size": ({"batch_size": "all"}, TypeError, "batch_size='all' is not an int"),
    "threads": ({"n_threads": 0}, ValueError, "n_threads=0 is not >= 1"),
    "epochs": ({"epochs": -1}, ValueError, "epochs=-1 is not >= 0"),
    "an unknown term": ({"l3": 1.0}, TypeError, "parameter of a training on blocks='l3' .*did you mean 'l[12]'"),
    "a term": ({"l2": -1.0}, ValueError, "l2=-1.0 is not >= 0"),
    "schedule": ({"schedule": "cosine"}, TypeError, "parameter of a training on blocks='schedule'"),
    "a class that is none": ({"class_weight": {0: 1, 1: 1, 2: 1, 7: 1}}, ValueError, "names the class 7"),
    "labels": ({"blocks": [(X, Y + 1)]}, ValueError, "y holds the label 3"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_not_right_is_refused_and_changes_nothing(kind):
    arguments, error, message = REFUSED[kind]
    network = classifier()
    with pytest.raises(error, match=message):
        network.fit_stream(**({"blocks": [(X, Y)], "progress": False} | arguments))
    assert "not built" in repr(network)
    assert network.loss == "auto"


def test_a_function_that_gives_the_same_generator_again_is_found_out():
    generator = iter(cut([30], X, Y))
    with pytest.raises(ValueError, match="no samples when it is gone through again; give a function that begins anew"):
        classifier().fit_stream(lambda: generator, epochs=2, progress=False)


@pytest.mark.parametrize(
    ("block", "error", "message"),
    [
        ((X[:, :5], Y), ValueError, "X has 5 features, the network reads 6"),
        ((X, Y[:-1]), ValueError, "y has 69 rows, X has 70"),
        ((X, Y, WEIGHTS), ValueError, "some blocks have sample weights and others have none"),
        ((np.full_like(X, np.nan), Y), ValueError, "X holds nan in row 0"),
        ((X, [["a"]] * 70), TypeError, "y holds text"),
    ],
    ids=["features", "rows", "weights", "NaN", "text"],
)
def test_a_later_block_that_is_not_right_keeps_what_was_learnt_before(block, error, message):
    network, before = classifier(), classifier()
    with pytest.raises(error, match=message):
        network.fit_stream([(X, Y), block], batch_size=35, shuffle=False, progress=False)
    before.fit(X, Y, epochs=1, batch_size=35, shuffle=False, progress=False)
    assert_same(network, before)


def test_an_error_of_the_generator_comes_through_and_keeps_the_weights():
    def generate():
        yield X, Y
        raise OSError("the disk is gone")

    network, before = classifier(), classifier()
    with pytest.raises(OSError, match="the disk is gone"):
        network.fit_stream(generate, batch_size=35, shuffle=False, progress=False)
    before.fit(X, Y, epochs=1, batch_size=35, shuffle=False, progress=False)
    assert_same(network, before)


@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning", "ignore:invalid value:RuntimeWarning")
def test_a_failure_keeps_the_weights_before_the_block():
    network = Network([Dense(1)], seed=0).build(6)
    seen = []

    def generate():
        for _ in range(1000):
            seen.append(network.theta.copy())
            yield X, X[:, 0]

    with pytest.raises(TrainingFailed, match="The weights kept are those before the block") as caught:
        network.fit_stream(generate, optimizer=SGD(50.0), shuffle=False, progress=False, batch_size=10)
    assert len(seen) > 1
    np.testing.assert_array_equal(network.theta, seen[-1])
    assert caught.value.history.stopped == "failed"


@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning", "ignore:invalid value:RuntimeWarning")
def test_a_partial_fit_that_fails_leaves_nothing_behind():
    """Neither the rows that waited for a batch nor what the optimizer gathered."""
    network = Network([Dense(1)], seed=0).build(6)
    how = {"batch_size": 16, "shuffle": False, "optimizer": "momentum"}
    network.partial_fit(X, X[:, 0], **how)
    before = network.theta.copy()
    with pytest.raises(TrainingFailed):
        network.partial_fit(X * 1e18, X[:, 0] * 1e30, **how)
    np.testing.assert_array_equal(network.theta, before)
    fresh = Network([Dense(1)], seed=0).build(6)
    fresh.theta = before
    for each in (network, fresh):
        each.partial_fit(X[:20], X[:20, 0], **how)
    np.testing.assert_array_equal(network.theta, fresh.theta)


def test_partial_fit_refuses_no_rows_and_builds_nothing_for_it():
    network = classifier()
    with pytest.raises(ValueError, match="X has no rows"):
        network.partial_fit(X[:0], Y[:0])
    with pytest.raises(ValueError, match="l2=-1 is not >= 0"):
        network.partial_fit(X, Y, l2=-1)
    assert "not built" in repr(network)


# Ctrl-C

PROGRAM = """
import sys, time, numpy as np
from netlet import Dense, Network, Softmax
where = sys.argv[1]
n = 4000 if where == "in a step" else 40
x = np.random.default_rng(0).normal(size=(n, 6)).astype(np.float32)
y = (x[:, 0] > 0).astype(int)
network = Network([Dense(32, activation="tanh"), Dense(2), Softmax()], seed=0)
network.partial_fit(x[:50], y[:50])
before = network.theta.copy()
def blocks():
    for number in range(10**6):
        if number == 1:
            print("training", flush=True)
        if where == "in the generator" and number == 3:
            time.sleep(60)
        yield x, y
if where == "partial_fit":
    print("training", flush=True)
    try:
        while True:
            network.partial_fit(x, y)
    except KeyboardInterrupt:
        stopped = "interrupted"
else:
    stopped = network.fit_stream(blocks, batch_size=4, progress=False).stopped
assert np.isfinite(network.theta).all()
assert (network.theta != before).any(), "what was learnt is lost"
network.partial_fit(x[:50], y[:50])
print(stopped, flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT to another process")
@pytest.mark.parametrize("where", ["in a step", "in the generator", "partial_fit"])
def test_ctrl_c_ends_it_and_keeps_the_weights(where):
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, where], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process:
        try:
            assert process.stdout.readline() == "training\n", process.stderr.read()
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(timeout=0.5)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 0, err
    assert out.split() == ["interrupted"]


@pytest.mark.parametrize("way", ["partial_fit", "fit_stream"])
def test_ctrl_c_at_the_last_moment_of_a_call_is_not_lost(monkeypatch, way):
    """It falls after the last step, just before Ctrl-C is given back to Python."""
    leave = Interrupts.__exit__

    def pressed_while_leaving(self, *error):
        signal.raise_signal(signal.SIGINT)
        leave(self, *error)

    network = classifier()
    x, y = classes(n=40)
    network.partial_fit(x, y)
    monkeypatch.setattr(Interrupts, "__exit__", pressed_while_leaving)
    if way == "fit_stream":
        assert network.fit_stream([(x, y), (x, y)], progress=False).stopped == "interrupted"
    else:
        with pytest.raises(KeyboardInterrupt):
            network.partial_fit(x, y)


# Memory


@pytest.mark.compiled
def test_memory_does_not_grow_with_the_data():
    """Two and twenty blocks of 1.2 MB through a network of a few kilobytes: the peak is that of some blocks."""
    x, y = classes(n=50_000)
    network = classifier()

    def generate(n_blocks):
        for _ in range(n_blocks):
            yield x.copy(), y

    def peak(n_blocks):
        tracemalloc.start()
        network.fit_stream(generate(n_blocks), batch_size=10_000, progress=False)
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    peak(2)  # what is loaded and compiled at the first call counts once, and is not of the blocks
    # Threads that other tests left may allocate meanwhile: the lesser of two is its own.
    peaks = [min(peak(n_blocks) for _ in range(2)) for n_blocks in (2, 20)]
    assert peaks[1] < 1.05 * peaks[0]
    assert peaks[1] < 8 * x.nbytes
