"""A compiled predictor gives what `predict` gives, from a snapshot of the network, and refuses all that it cannot."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
import threading

import numpy as np
import pytest
from samples import classifier, fit, regressor, three_classes

from netlet import (
    BatchNorm,
    Concatenate,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Input,
    LayerNorm,
    Network,
    Reshape,
    Residual,
    Softmax,
)
from netlet.errors import NotBuilt
from netlet.kernels.compiling import compile_all, when_compiling

plain = pytest.mark.plain
RNG = np.random.default_rng(0)


def small(dtype="float32"):
    return Network([Input(20), Dense(32, activation="relu"), Dense(2), Softmax()], seed=1, dtype=dtype)


def with_categories():
    """Return a network of two inputs, the second of which is a category from 0 to 4."""
    numbers, colour = Input(3)(), Input(1)()
    embedded = Flatten()(Embedding(categories=5, dimensions=2)(colour))
    return Network(Dense(2)(Concatenate()(BatchNorm()(numbers), embedded)), seed=0)


NETWORKS = {
    "classifier": small,
    "float64": lambda: small("float64"),
    "one number": lambda: Network([Input(1), Dense(1)], seed=0),
    "normalised": lambda: Network([Input(6), LayerNorm(), Dense(4), BatchNorm(), Dropout(0.5), Dense(3)], seed=0),
    "residual": lambda: Network([Input(5), Residual((Dense(7, activation="silu"), Dense(5))), Dense(2)], seed=0),
    "shaped": lambda: Network([Input(6), Dense(12), Reshape((3, 4))], seed=0),
    "shaped input": lambda: Network([Input((2, 3)), Flatten(), Dense(2)], seed=0),
    "wide": lambda: Network([Input(50), Dense(70, activation="tanh"), Dense(5)], seed=0),
}


def rows_for(network, n):
    return RNG.normal(size=(n, network._operations[0].size)).astype(network.dtype)


@plain
@pytest.mark.parametrize("n", [0, 1, 2, 17])
@pytest.mark.parametrize("name", NETWORKS)
def test_it_gives_the_bits_of_predict(name, n):
    network = NETWORKS[name]()
    x = rows_for(network, n)
    found, expected = network.compile_predictor()(x), network.predict(x)
    assert found.dtype == expected.dtype == network.dtype
    assert found.shape == expected.shape
    assert found.tobytes() == expected.tobytes()


@plain
@pytest.mark.parametrize("name", NETWORKS)
def test_a_row_by_itself_is_a_block_of_one(name):
    network = NETWORKS[name]()
    x = rows_for(network, 1)
    found = network.compile_predictor()(x[0])
    assert found.shape == network.predict(x).shape[1:]
    assert found.tobytes() == network.predict(x).tobytes()


def test_outputs_against_numpy():
    network = small("float64")
    x = rows_for(network, 3)
    weights = network.parameters
    hidden = np.maximum(x @ weights["dense_1.weight"] + weights["dense_1.bias"], 0)
    logits = hidden @ weights["dense_2.weight"] + weights["dense_2.bias"]
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(network.compile_predictor()(x), expected, rtol=1e-13)


@pytest.mark.parametrize("n", [255, 256, 257, 1000, 5000])
def test_many_rows_are_cut_into_the_same_blocks(n):
    network = small()
    x = rows_for(network, n)
    assert network.compile_predictor()(x).tobytes() == network.predict(x).tobytes()


@plain
def test_it_is_a_snapshot():
    X, y = three_classes()
    network = Network([Dense(6), BatchNorm(), Dense(3), Softmax()], seed=0)
    fit(network, X, y)
    x = X.astype(np.float32)
    predictor, before = network.compile_predictor(), network.predict(x)
    weights, averages = network.theta.copy(), network.state.copy()
    fit(network, X, y)
    assert not np.array_equal(network.theta, weights)
    assert not np.array_equal(network.state, averages)
    assert not np.array_equal(network.predict(x), before)
    assert np.array_equal(predictor(x), before)


@plain
def test_outputs_are_the_callers_own():
    predictor = small().compile_predictor()
    x = RNG.normal(size=(1, 20)).astype(np.float32)
    first = predictor(x)
    kept = first.copy()
    second = predictor(2 * x)
    assert np.array_equal(first, kept)
    assert not np.shares_memory(first, second)


@plain
@pytest.mark.parametrize("name", ["classifier", "shaped"])
@pytest.mark.parametrize("single", [True, False])
def test_out_is_filled_and_returned(name, single):
    network = NETWORKS[name]()
    predictor, x = network.compile_predictor(), rows_for(network, 3)
    x = x[0] if single else x
    out = np.full((() if single else (3,)) + predictor.shape, np.nan, np.float32)
    assert predictor(x, out=out) is out
    assert np.array_equal(out, predictor(x))


@plain
def test_nothing_beyond_out_is_written():
    predictor = small().compile_predictor()
    room = np.full((5, 2), 7, np.float32)
    predictor(np.zeros((3, 20), np.float32), out=room[1:4])
    assert (room[[0, 4]] == 7).all()
    assert (room[1:4] == predictor(np.zeros((3, 20), np.float32))).all()


def read_only(x):
    x = x.copy()
    x.flags.writeable = False
    return x


def misaligned(x):
    room = np.zeros(x.nbytes + 1, np.uint8)
    view = room[1:].view(x.dtype).reshape(x.shape)
    view[...] = x
    return view


LAYOUTS = {
    "Fortran": np.asfortranarray,
    "every second row": lambda x: np.repeat(x, 2, axis=0)[::2],
    "every third column": lambda x: np.repeat(x, 3, axis=1)[:, ::3],
    "backwards": lambda x: np.ascontiguousarray(x[::-1])[::-1],
    "one row for all": lambda x: np.broadcast_to(x[0], x.shape),
    "read-only": read_only,
    "misaligned": misaligned,
    "from a pickle": lambda x: pickle.loads(pickle.dumps(x)),
}


@plain
@pytest.mark.parametrize("layout", LAYOUTS)
def test_however_the_rows_lie(layout):
    predictor = small().compile_predictor()
    x = LAYOUTS[layout](RNG.normal(size=(6, 20)).astype(np.float32))
    plainly = np.array(x, order="C")
    compiled = []
    with when_compiling(lambda: compiled.append(1)):
        assert predictor(x).tobytes() == predictor(plainly).tobytes()
        assert predictor(x[2]).tobytes() == predictor(plainly[2]).tobytes()
    assert not compiled


@plain
def test_a_memory_map_is_an_array(tmp_path):
    predictor = small().compile_predictor()
    x = RNG.normal(size=(4, 20)).astype(np.float32)
    np.save(tmp_path / "x.npy", x)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert predictor(mapped).tobytes() == predictor(x).tobytes()


@plain
def test_nan_and_infinity_go_through():
    predictor = regressor().build(4).compile_predictor()
    x = np.zeros((3, 4), np.float32)
    x[1, 2] = np.nan
    assert np.isnan(predictor(x)).ravel().tolist() == [False, True, False]


@plain
@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (np.zeros(19, np.float32), ValueError, r"x has shape \(19,\), not \(20,\) or \(n, 20\); give one row"),
        (np.zeros((2, 21), np.float32), ValueError, r"x has shape \(2, 21\)"),
        (np.zeros((20, 1), np.float32), ValueError, r"x has shape \(20, 1\)"),
        (np.zeros((1, 1, 20), np.float32), ValueError, r"x has shape \(1, 1, 20\)"),
        (np.float32(1), TypeError, "x is a float32, not an array of float32"),
        (np.zeros((), np.float32), ValueError, r"x has shape \(\)"),
        (np.zeros((1, 20)), TypeError, r"x holds float64, the network computes in float32; use x.astype\('float32'\)"),
        (np.zeros((1, 20), ">f4"), TypeError, "x holds >f4"),
        (np.zeros((1, 20), int), TypeError, "x holds int64"),
        ([[0.0] * 20], TypeError, "x is a list, not an array of float32; convert it"),
        (None, TypeError, "x is a NoneType"),
        (np.ma.masked_array(np.zeros((1, 20), np.float32)), TypeError, "x is a MaskedArray"),
    ],
)
def test_anything_else_is_refused(x, error, message):
    predictor = small().compile_predictor()
    with pytest.raises(error, match=message):
        predictor(x)


@plain
@pytest.mark.parametrize(
    ("out", "error", "message"),
    [
        (np.zeros((2, 2), np.float32), ValueError, r"out has shape \(2, 2\), the outputs have \(3, 2\)"),
        (np.zeros(6, np.float32), ValueError, r"out has shape \(6,\)"),
        (np.zeros((3, 2)), TypeError, "out holds float64"),
        (np.zeros((3, 4), np.float32)[:, ::2], ValueError, "out is read-only, or its numbers do not lie side by side"),
        (read_only(np.zeros((3, 2), np.float32)), ValueError, "out is read-only"),
        (misaligned(np.zeros((3, 2), np.float32)), ValueError, "out is read-only, or its numbers"),
        ([0.0], TypeError, "out is a list"),
    ],
)
def test_an_out_that_cannot_be_filled_is_refused(out, error, message):
    predictor = small().compile_predictor()
    with pytest.raises(error, match=message):
        predictor(np.zeros((3, 20), np.float32), out=out)


@plain
def test_several_inputs_lie_side_by_side():
    network = with_categories()
    numbers, colours = RNG.normal(size=(7, 3)).astype(np.float32), RNG.integers(0, 5, size=7)
    x = np.column_stack([numbers, colours]).astype(np.float32)
    assert network.compile_predictor()(x).tobytes() == network.predict((numbers, colours)).tobytes()


@plain
@pytest.mark.parametrize("category", [-1, 5, 1e9, -1e9, 0.5, np.nan, np.inf])
@pytest.mark.parametrize("single", [True, False])
def test_categories_outside_the_table_are_refused(category, single):
    predictor = with_categories().compile_predictor()
    x = np.zeros((2, 4), np.float32)
    x[-1, 3] = category
    with pytest.raises(ValueError, match=r"x holds .* column 3, which an Embedding reads"):
        predictor(x[-1] if single else x)


@plain
def test_a_network_without_weights_has_none():
    with pytest.raises(NotBuilt):
        classifier().compile_predictor()


@plain
@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))])
@pytest.mark.parametrize("make", [small, with_categories])
def test_copies_predict_the_same(make, duplicate):
    network = make()
    predictor, x = network.compile_predictor(), np.abs(rows_for(network, 4)).round()
    assert duplicate(predictor)(x).tobytes() == predictor(x).tobytes()


def test_another_process_predicts_the_same(tmp_path):
    network = small()
    predictor, x = network.compile_predictor(), rows_for(network, 3)
    (tmp_path / "predictor.pickle").write_bytes(pickle.dumps((predictor, x)))
    program = (
        "import pickle, sys; predictor, x = pickle.load(open(sys.argv[1], 'rb')); "
        "sys.stdout.buffer.write(predictor(x).tobytes())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "predictor.pickle")], capture_output=True, check=True
    )
    assert done.stdout == predictor(x).tobytes()


@pytest.mark.parametrize("ask", ["compiled", "predict"])
def test_threads_at_once(ask):
    """Threads that share an arena would see each other's hidden layer."""
    network = Network([Input(40), Dense(60, activation="tanh"), Dense(60, activation="tanh"), Dense(3)], seed=0)
    call = network.compile_predictor() if ask == "compiled" else network.predict
    inputs = [rows_for(network, n) for n in (1, 1, 3, 64)]
    expected = [call(x).tobytes() for x in inputs]
    wrong, gate = [], threading.Barrier(len(inputs))

    def work(x, bits):
        gate.wait()
        wrong.extend(len(x) for _ in range(300) if call(x).tobytes() != bits)

    threads = [threading.Thread(target=work, args=each) for each in zip(inputs, expected, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.compiled
def test_nothing_is_compiled_after_warming_up():
    compile_all()
    compiled = []
    with when_compiling(lambda: compiled.append(1)):
        for make in NETWORKS.values():
            network = make()
            predictor = network.compile_predictor()
            for n in (0, 1, 300):
                predictor(rows_for(network, n))
                predictor(read_only(rows_for(network, n)))
            predictor(rows_for(network, 1)[0])
    assert not compiled


@plain
def test_its_text_says_what_it_reads_and_gives():
    assert repr(small().compile_predictor()) == "CompiledPredictor(20 -> 2, float32)"
    assert repr(NETWORKS["shaped"]().compile_predictor()) == "CompiledPredictor(6 -> (3, 4), float32)"
