"""Copies of a network: by copy, by pickle, into another process."""

import copy
import pickle
import subprocess
import sys

import joblib
import numpy as np
import pytest

from netlet import BatchNorm, Dense, Dropout, Network, Softmax


@pytest.fixture
def trained():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 5)).astype(np.float32), np.arange(40) % 3
    network = Network([Dense(6, activation="tanh"), Dense(3), Softmax()], seed=1)
    network.fit(X, y, epochs=2, progress=False)
    network.predict(X)  # lowers the network: from here on it holds machine addresses
    return network, X


@pytest.mark.plain
@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda network: pickle.loads(pickle.dumps(network))])
def test_a_copy_predicts_the_same(trained, duplicate):
    network, X = trained
    again = duplicate(network)
    assert np.array_equal(again.predict(X), network.predict(X))


def test_a_deep_copy_has_weights_of_its_own(trained):
    network, X = trained
    again = copy.deepcopy(network)
    again.fit(X, np.arange(40) % 3, epochs=1, progress=False)
    assert not np.array_equal(again.theta, network.theta)


def test_another_process_predicts_the_same(trained, tmp_path):
    network, X = trained
    (tmp_path / "network.pickle").write_bytes(pickle.dumps((network, X)))
    program = (
        "import pickle, sys; network, X = pickle.load(open(sys.argv[1], 'rb')); "
        "sys.stdout.buffer.write(network.predict(X).tobytes())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "network.pickle")], capture_output=True, check=True
    )
    assert done.stdout == network.predict(X).tobytes()


@pytest.mark.plain
@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda network: pickle.loads(pickle.dumps(network))])
def test_a_copy_has_the_state_what_is_frozen_and_the_training_so_far(duplicate):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 5)).astype(np.float32), np.arange(40) % 3
    network = Network([Dense(6, activation="tanh"), BatchNorm(), Dropout(0.2), Dense(3), Softmax()], seed=1)
    network.fit(X, y, epochs=2, batch_size=8, progress=False)
    network.partial_fit(X, y)
    network.freeze("dense_1")
    network.notes = {"made": "here"}
    again = duplicate(network)
    assert (again.frozen, again.notes, again.seed, again.loss) == (
        network.frozen, network.notes, network.seed, network.loss,
    )  # fmt: skip
    np.testing.assert_array_equal(again.state, network.state)
    for each in (network, again):
        each.fit(X, y, epochs=2, batch_size=8, progress=False)
    np.testing.assert_array_equal(again.theta, network.theta)
    np.testing.assert_array_equal(again.state, network.state)


@pytest.mark.plain
def test_a_network_mapped_from_a_file_can_be_trained(trained, tmp_path):
    network, X = trained
    joblib.dump(network, tmp_path / "network.joblib")
    mapped = joblib.load(
        tmp_path / "network.joblib", mmap_mode="r"
    )  # compiled code would write all the same, and crash
    mapped.fit(X, np.arange(40) % 3, epochs=1, progress=False)
    assert not np.array_equal(mapped.theta, network.theta)
