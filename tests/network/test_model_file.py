"""Saving and loading: the same network comes back, and a file that is not whole is refused in words."""

from __future__ import annotations

import errno
import json
import os
import stat
import struct
import zlib
from contextlib import suppress

import numpy as np
import pytest
from safetensors.numpy import save as save_tensors
from samples import classifier, fit, regressor, three_classes, yes_or_no

from netlet import Add, BatchNorm, Dense, Dropout, Input, LeakyReLU, ModelFileError, Network, NotBuilt, Softmax
from netlet import tensor_file as files
from netlet.network.model_file import FORMAT, read_model, write_model

pytestmark = pytest.mark.plain
X, Y = three_classes()


def residual(dtype="float32"):
    x = Input(4)()
    hidden = Dense(8, activation=LeakyReLU(0.2), bias=False)(x)
    return Network(Softmax()(Dense(3)(Add()(hidden, Dropout(0.3)(Dense(8)(hidden))))), seed=2**63 + 1, dtype=dtype)


@pytest.fixture
def path(tmp_path):
    """Give the path of a trained network's file."""
    network = classifier()
    fit(network, X, Y, epochs=2)
    network.save(tmp_path / "model.netlet")
    return tmp_path / "model.netlet"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("build", [classifier, yes_or_no, regressor, residual])
def test_a_saved_network_comes_back_bit_for_bit(build, dtype, tmp_path):
    network = build(dtype)
    fit(network, X, Y if network.layers[-1] == Softmax() else (Y > 0), epochs=2)
    network.save(tmp_path / "model", notes={"classes": ["one", "zwei", "三"], "scale": [0.1, 2.5e-300]})
    assert [entry.name for entry in tmp_path.iterdir()] == ["model"]
    loaded = Network.load(str(tmp_path / "model"))
    np.testing.assert_array_equal(loaded.theta, network.theta)
    np.testing.assert_array_equal(loaded.predict(X), network.predict(X))
    assert (loaded.layers, loaded.seed, loaded.dtype, loaded.loss) == (
        network.layers,
        network.seed,
        dtype,
        network.loss,
    )
    assert loaded.notes == {"classes": ["one", "zwei", "三"], "scale": [0.1, 2.5e-300]}
    assert loaded.summary() == network.summary()
    # and can go on learning, as the saved one can
    for each in (network, loaded):
        fit(each, X, Y if network.layers[-1] == Softmax() else (Y > 0), epochs=1)
    np.testing.assert_array_equal(loaded.theta, network.theta)


def test_notes_stay_where_none_are_given(tmp_path):
    network = classifier().build(4)
    network.save(tmp_path / "a", notes={"kept": True})
    Network.load(tmp_path / "a").save(tmp_path / "b")
    assert Network.load(tmp_path / "b").notes == {"kept": True}
    network.save(tmp_path / "c", notes={})
    assert Network.load(tmp_path / "c").notes == {}


def test_saving_overwrites_and_loading_reads_the_new_one(path):
    other = classifier(seed=9).build(4)
    other.save(path)
    np.testing.assert_array_equal(Network.load(path).theta, other.theta)


def test_the_file_is_as_readable_as_any_other(path):
    if os.name != "posix":
        pytest.skip("permission bits are of POSIX")
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask


def test_a_network_without_weights_cannot_be_saved(tmp_path):
    with pytest.raises(NotBuilt):
        classifier().save(tmp_path / "model")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("notes", [{"a": object()}, {"a": np.float32(1)}, {"a": float("nan")}, {"a": float("inf")}])
def test_notes_that_are_not_json_are_refused_and_the_old_file_stays(path, notes):
    before = path.read_bytes()
    with pytest.raises((TypeError, ValueError)):
        Network.load(path).save(path, notes=notes)
    assert path.read_bytes() == before
    assert len(list(path.parent.iterdir())) == 1


def refused(path, content):
    path.write_bytes(content)
    with pytest.raises(ModelFileError) as caught:
        Network.load(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_a_file_cut_short_anywhere_is_refused(path):
    content = path.read_bytes()
    for length in [*range(0, len(content), 23), len(content) - 1]:
        message = refused(path, content[:length])
        assert "cut short" in message or "empty" in message, (length, message)


def test_an_altered_byte_is_refused_or_changes_nothing_that_counts(path):
    """Each byte in turn, inverted: an error in words, or the same network (a byte of the notes, the version ...)."""
    content, expected = path.read_bytes(), Network.load(path)
    for place in range(0, len(content), 3):
        changed = bytearray(content)
        changed[place] ^= 0xFF
        path.write_bytes(changed)
        with suppress(ModelFileError):
            np.testing.assert_array_equal(Network.load(path).theta, expected.theta)


def test_any_single_bit_of_a_weight_is_noticed(path):
    content = path.read_bytes()
    begin = 8 + struct.unpack("<Q", content[:8])[0]
    for place in range(begin, len(content), 7):
        changed = bytearray(content)
        changed[place] ^= 1 << place % 8
        assert "its weights do not match their checksum" in refused(path, bytes(changed))


OTHERS = {
    "nothing": (b"", "is empty; it is no model file of netlet"),
    "text": (
        b"species,island\nAdelie,Torgersen\n" * 9,
        "is no model file of netlet; models are written by Network.save",
    ),
    "few bytes": (b"abc", "is cut short"),
    "zeros": (bytes(500), "is no model file of netlet"),
    "an image": (b"\x89PNG\r\n\x1a\n" + bytes(200), "is no model file of netlet"),
    "an archive": (b"PK\x03\x04" + bytes(200), "is no model file of netlet"),
    "a huge header": (struct.pack("<Q", 2**62) + b"{" + bytes(90), "is cut short or was altered"),
    "JSON that is none": (struct.pack("<Q", 9) + b"{{{{{{{{{" + bytes(90), "is cut short or was altered"),
    "tensors of another program": (
        save_tensors({"theta": np.zeros(3, np.float32)}),
        "is a safetensors file of another program; it holds no description of a network",
    ),
    "tensors with a description of their own": (
        save_tensors({"theta": np.zeros(3, np.float32)}, metadata={"format": "pt"}),
        "is a safetensors file of another program",
    ),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_a_file_of_another_kind_is_refused(kind, tmp_path):
    content, message = OTHERS[kind]
    assert message in refused(tmp_path / "model", content)


def rewritten(path, theta=None, tensor="theta", **changes):
    """Return the file with its description changed and its checksum right; a change to None takes the entry out."""
    description, old, _ = read_model(path)
    theta = old if theta is None else theta
    description |= {"format": FORMAT, "checksum": zlib.crc32(theta.tobytes())} | changes
    description = {name: value for name, value in description.items() if value is not None}
    return save_tensors({tensor: theta}, metadata={"netlet": json.dumps(description)})


DENSE = {"layer": "Dense", "units": 3, "activation": "softmax", "bias": True, "initialiser": "auto", "inputs": [0]}
INPUT = {"layer": "Input", "shape": 4, "inputs": []}
CHANGES = {
    "no layers": {"layers": None},
    "layers that are none": {"layers": 3},
    "an empty list": {"layers": []},
    "only an input": {"layers": [INPUT]},
    "an unknown layer": {"layers": [INPUT, DENSE | {"layer": "Danse"}]},
    "an unknown parameter": {"layers": [INPUT, DENSE | {"unitz": 3}]},
    "a missing parameter": {"layers": [INPUT, {"layer": "Dense", "inputs": [0]}]},
    "units that are none": {"layers": [INPUT, DENSE | {"units": "many"}]},
    "negative units": {"layers": [INPUT, DENSE | {"units": -3}]},
    "a layer that reads itself": {"layers": [INPUT, DENSE | {"inputs": [1]}]},
    "a layer that reads a later one": {"layers": [INPUT, DENSE | {"inputs": [7]}]},
    "a layer that reads nothing": {"layers": [INPUT, DENSE | {"inputs": []}]},
    "inputs that are none": {"layers": [INPUT, DENSE | {"inputs": "first"}]},
    "a layer without inputs": {"layers": [INPUT, {"layer": "Dense", "units": 3}]},
    "no input layer": {"layers": [DENSE]},
    "two input layers": {"layers": [INPUT, INPUT, DENSE]},
    "another network": {"layers": [INPUT, DENSE | {"units": 5}]},
    "another dtype": {"dtype": "float64"},
    "an unknown dtype": {"dtype": "float8"},
    "no dtype": {"dtype": None},
    "a seed that is none": {"seed": "early"},
    "no seed": {"seed": None},
    "no notes": {"notes": None},
    "no checksum": {"checksum": None},
    "a checksum that is none": {"checksum": "right"},
    "no format": {"format": None},
    "a format that is none": {"format": "one"},
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_description_that_is_not_right_is_refused(case, path):
    assert "altered" in refused(path, rewritten(path, **CHANGES[case]))


@pytest.mark.parametrize("text", ["3", "null", "[]", "{}", '"text"', "{", ""])
def test_a_description_of_another_kind_is_refused(text, path):
    _, theta, _ = read_model(path)
    assert "altered" in refused(path, save_tensors({"theta": theta}, metadata={"netlet": text}))


@pytest.mark.parametrize(
    "theta",
    [
        np.zeros(0, np.float32),
        np.zeros(52, np.float32),
        np.zeros((51, 1), np.float32),
        np.zeros(51, np.int32),
        np.zeros(51),
    ],
    ids=["none", "too many", "a matrix", "whole numbers", "float64"],
)
def test_weights_that_do_not_fit_are_refused(theta, path):
    assert "do not fit its layers, which have 51" in refused(path, rewritten(path, theta))


def test_weights_of_another_name_are_refused(path):
    assert "altered" in refused(path, rewritten(path, tensor="weights"))


def test_a_newer_format_asks_for_a_newer_version(path):
    message = refused(path, rewritten(path, format=FORMAT + 1))
    assert f"has format {FORMAT + 1}, this version of netlet reads up to {FORMAT}; install a newer netlet" in message


def test_a_missing_file_is_the_operating_systems_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        Network.load(tmp_path / "nothing")
    with pytest.raises(OSError, match="directory"):
        Network.load(tmp_path)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="the folder must exist and be writable"):
        classifier().build(4).save(tmp_path / "nowhere" / "model")


@pytest.mark.parametrize("step", ["write", "fsync", "replace"])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(step, path, monkeypatch):
    before, network = path.read_bytes(), Network.load(path)

    def full(*arguments):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    class Full:
        def __init__(self, handle):
            self.handle = handle

        def __enter__(self):
            return self

        def __exit__(self, *error):
            os.close(self.handle)

        write = full

    if step == "write":
        monkeypatch.setattr(files.os, "fdopen", lambda handle, mode: Full(handle))
    else:
        monkeypatch.setattr(files.os, step, full)
    with pytest.raises(OSError, match="No space left"):
        network.save(path, notes={"new": True})
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_the_description_is_plain_json(path):
    description, theta, state = read_model(path)
    assert state.shape == (0,)
    assert description["layers"][0] == {"layer": "Input", "shape": 4, "inputs": []}
    assert description["loss"] == {"loss": "CrossEntropy", "label_smoothing": 0.0}
    write_model(path, description, theta, state)
    assert read_model(path)[0] == description


def with_state(dtype="float32"):
    """Return a trained network that has a state, a frozen layer and a training behind it."""
    network = Network([Dense(6, activation="tanh"), BatchNorm(), Dense(3), Softmax()], seed=3, dtype=dtype)
    fit(network, X, Y, epochs=3, batch_size=10)
    network.freeze("dense_1")
    fit(network, X, Y, epochs=1, batch_size=10)
    return network


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_state_what_is_frozen_and_the_training_so_far_come_back(dtype, tmp_path):
    network = with_state(dtype)
    assert network.state.any()
    network.save(tmp_path / "model")
    loaded = Network.load(tmp_path / "model")
    np.testing.assert_array_equal(loaded.state, network.state)
    assert loaded.state.dtype == dtype
    assert loaded.frozen == {"dense_1"}
    np.testing.assert_array_equal(loaded.predict(X), network.predict(X))
    description = read_model(tmp_path / "model")[0]
    assert description["trained"] == {"epochs": 4, "steps": 12}
    frozen = loaded.parameters["dense_1.weight"].copy()
    for each in (network, loaded):
        fit(each, X, Y, epochs=2, batch_size=10)
    np.testing.assert_array_equal(loaded.parameters["dense_1.weight"], frozen)
    np.testing.assert_array_equal(loaded.theta, network.theta)
    np.testing.assert_array_equal(loaded.state, network.state)


@pytest.mark.parametrize("alter", ["a bit", "missing", "longer", "float64"])
def test_an_altered_state_is_refused(alter, tmp_path):
    network, path = with_state(), tmp_path / "model"
    description = {"layers": network._graph.describe(), "seed": 3, "dtype": "float32", "loss": "auto", "notes": {}}
    state = {"a bit": network.state, "missing": network.state[:0], "longer": np.append(network.state, np.float32(1))}
    write_model(path, description, network.theta, state.get(alter, network.state.astype(np.float64)))
    if alter != "a bit":
        assert "of state do not fit its layers, which have 12" in refused(path, path.read_bytes())
        return
    content = bytearray(path.read_bytes())
    content[content.index(network.state.tobytes()) + 5] ^= 4
    assert "its weights do not match their checksum" in refused(path, bytes(content))


def test_an_altered_description_is_noticed(path):
    content = path.read_bytes()
    changed = content.replace(b"tanh", b"relu")
    assert changed != content
    assert "its description does not match its checksum" in refused(path, changed)


def test_a_file_of_format_1_is_read(tmp_path):
    """Its input said "size", and there was neither a state nor a checksum of the description."""
    theta = np.arange(15, dtype=np.float32) / 10
    description = {
        "format": 1,
        "version": "0.1.0",
        "dtype": "float32",
        "seed": 5,
        "loss": "cross_entropy",
        "layers": [{"layer": "Input", "size": 4, "inputs": []}, DENSE],
        "notes": {"from": "long ago"},
        "checksum": zlib.crc32(theta.tobytes()),
    }
    (tmp_path / "old").write_bytes(save_tensors({"theta": theta}, metadata={"netlet": json.dumps(description)}))
    network = Network.load(tmp_path / "old")
    powers = np.exp(X @ theta[:12].reshape(4, 3).astype(float) + theta[12:])
    np.testing.assert_allclose(network.predict(X), powers / powers.sum(axis=1, keepdims=True), rtol=1e-5)
    assert (network.seed, network.frozen, network.notes) == (5, frozenset(), {"from": "long ago"})
    assert set(network.evaluate(X, Y)) == {"loss", "accuracy"}
    network.save(tmp_path / "new")
    assert read_model(tmp_path / "new")[0]["format"] == FORMAT
    np.testing.assert_array_equal(Network.load(tmp_path / "new").predict(X), network.predict(X))


def test_an_unknown_frozen_layer_is_refused(path):
    assert "was altered: " in refused(path, rewritten(path, frozen=["dense_9"]))


def test_a_checkpoint_is_no_model(tmp_path):
    fit(classifier(), X, Y, checkpoint=tmp_path, checkpoint_epochs=1)
    with pytest.raises(ModelFileError, match="is a checkpoint of netlet, no model file; models are"):
        Network.load(tmp_path / "checkpoint.netlet")


def test_the_same_network_is_the_same_file(tmp_path):
    network = classifier().build(4)
    for place in range(8):  # two keys in random order agree by chance once in 128 times
        network.save(tmp_path / str(place), notes={"ä": 1})
    assert len({(tmp_path / str(place)).read_bytes() for place in range(8)}) == 1
