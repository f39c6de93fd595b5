"""An ensemble's file: the same ensemble comes back, and a file that is not whole or not one is refused in words."""

from __future__ import annotations

import json
import struct
import zlib
from contextlib import suppress

import numpy as np
import pytest
from members import classifier, regressor, three_classes, yes_or_no
from safetensors import safe_open
from safetensors.numpy import save as save_tensors

from netlet import BatchNorm, Dense, Input, ModelFileError, Network, Softmax
from netlet.network.model_file import FORMAT
from netlet.population.ensemble import Ensemble
from netlet.population.loading import load_networks
from netlet.tensor_file import checksum_of

pytestmark = pytest.mark.plain
X, Y = three_classes()


def mixed():
    """Return an ensemble of networks of three kinds, two dtypes, one with a state, trained and frozen."""
    normed = Network([Input(4), Dense(5), BatchNorm(), Dense(3), Softmax()], seed=7)
    normed.fit(X, Y, epochs=2, batch_size=10, progress=False)
    normed.freeze("dense_1")
    normed.notes = {"which": "the second"}
    return Ensemble([classifier(1, "float64"), normed, classifier(2, hidden=2)], [1, 3, 7], temperature=1 / 3)


@pytest.fixture
def path(tmp_path):
    mixed().save(tmp_path / "model.netlet", notes={"classes": ["one", "zwei", "三"], "scale": [0.1, 2.5e-300]})
    return tmp_path / "model.netlet"


def same(loaded, ensemble):
    assert type(loaded) is Ensemble
    np.testing.assert_array_equal(loaded.weights, ensemble.weights)
    assert (loaded.temperature, loaded.notes, loaded.dtype) == (ensemble.temperature, ensemble.notes, ensemble.dtype)
    for one, other in zip(loaded.networks, ensemble.networks, strict=True):
        np.testing.assert_array_equal(one.theta, other.theta)
        np.testing.assert_array_equal(one.state, other.state)
        for name in ("layers", "seed", "dtype", "loss", "frozen", "notes"):
            assert getattr(one, name) == getattr(other, name), name
        assert one.summary() == other.summary()
    for name in ("predict", "spread", "predict_members"):
        np.testing.assert_array_equal(getattr(loaded, name)(X), getattr(ensemble, name)(X))


@pytest.mark.parametrize("read", [Ensemble.load, load_networks], ids=["Ensemble.load", "load_networks"])
def test_a_saved_ensemble_comes_back_bit_for_bit(read, tmp_path):
    ensemble = mixed()
    ensemble.save(str(tmp_path / "model"), notes={"a": [1, 2]})
    assert [entry.name for entry in tmp_path.iterdir()] == ["model"]
    loaded = read(str(tmp_path / "model"))
    same(loaded, ensemble)
    # and its members can go on learning
    for each in (ensemble, loaded):
        each.networks[1].fit(X, Y, epochs=1, batch_size=10, progress=False)
    np.testing.assert_array_equal(loaded.predict(X), ensemble.predict(X))


@pytest.mark.parametrize("build", [classifier, yes_or_no, regressor])
@pytest.mark.parametrize("n", [1, 12])
def test_any_number_of_members_comes_back(n, build, tmp_path):
    ensemble = Ensemble([build(seed) for seed in range(n)])
    ensemble.save(tmp_path / "model")
    same(Ensemble.load(tmp_path / "model"), ensemble)


def test_notes_stay_where_none_are_given(path, tmp_path):
    Ensemble.load(path).save(tmp_path / "b")
    assert Ensemble.load(tmp_path / "b").notes == {"classes": ["one", "zwei", "三"], "scale": [0.1, 2.5e-300]}


def test_the_file_is_plain(path):
    ensemble = Ensemble.load(path)
    with safe_open(path, framework="numpy") as file:
        description = json.loads(file.metadata()["netlet"])
        names = set(file.keys())
        np.testing.assert_array_equal(file.get_tensor("1.state"), ensemble.networks[1].state)
    assert names == {"0.theta", "1.theta", "1.state", "2.theta"}
    assert {name: description[name] for name in ("kind", "format", "weights", "temperature")} == {
        "kind": "ensemble",
        "format": FORMAT,
        "weights": [1 / 11, 3 / 11, 7 / 11],
        "temperature": 1 / 3,
    }
    assert [member["dtype"] for member in description["members"]] == ["float64", "float32", "float32"]


def test_a_member_is_described_as_in_a_model_file(path, tmp_path):
    network = Ensemble.load(path).networks[1]
    network.save(tmp_path / "one")
    with safe_open(tmp_path / "one", framework="numpy") as file:
        alone = json.loads(file.metadata()["netlet"])
    with safe_open(path, framework="numpy") as file:
        member = json.loads(file.metadata()["netlet"])["members"][1]
    assert {name: alone[name] for name in member} == member
    assert alone.keys() - member.keys() == {"format", "checksum"}


@pytest.mark.parametrize("notes", [{"a": object()}, {"a": np.float32(1)}, {"a": float("nan")}])
def test_notes_that_are_not_json_are_refused_and_the_old_file_stays(path, notes):
    before = path.read_bytes()
    with pytest.raises((TypeError, ValueError)):
        mixed().save(path, notes=notes)
    assert path.read_bytes() == before
    assert len(list(path.parent.iterdir())) == 1


def test_what_reads_the_file_is_named(path, tmp_path):
    with pytest.raises(ModelFileError, match=r"is an ensemble of netlet, no model file; use Ensemble.load or netlet"):
        Network.load(path)
    classifier().save(tmp_path / "network")
    with pytest.raises(ModelFileError, match=r"is a model file of netlet, no ensemble; use Network.load or netlet.lo"):
        Ensemble.load(tmp_path / "network")
    loaded = load_networks(tmp_path / "network")
    assert type(loaded) is Network
    np.testing.assert_array_equal(loaded.theta, classifier().theta)


def test_load_reads_a_network_of_format_1(tmp_path):
    theta = np.arange(15, dtype=np.float32) / 10
    dense = {"layer": "Dense", "units": 3, "activation": "softmax", "bias": True, "initialiser": "auto", "inputs": [0]}
    description = {
        "format": 1,
        "dtype": "float32",
        "seed": 5,
        "loss": "cross_entropy",
        "layers": [{"layer": "Input", "size": 4, "inputs": []}, dense],
        "notes": {},
        "checksum": zlib.crc32(theta.tobytes()),
    }
    (tmp_path / "old").write_bytes(save_tensors({"theta": theta}, metadata={"netlet": json.dumps(description)}))
    network = load_networks(tmp_path / "old")
    np.testing.assert_array_equal(network.theta, theta)
    Ensemble([network, classifier()]).save(tmp_path / "new")
    np.testing.assert_array_equal(load_networks(tmp_path / "new").networks[0].predict(X), network.predict(X))


def refused(path, content, read=Ensemble.load):
    path.write_bytes(content)
    with pytest.raises(ModelFileError) as caught:
        read(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("read", [Ensemble.load, load_networks], ids=["Ensemble.load", "load_networks"])
def test_a_file_cut_short_anywhere_is_refused(read, path):
    content = path.read_bytes()
    for length in [*range(0, len(content), 37), len(content) - 1]:
        message = refused(path, content[:length], read)
        assert "cut short" in message or "empty" in message, (length, message)


def test_an_altered_byte_is_refused_or_changes_nothing_that_counts(path):
    content, expected = path.read_bytes(), Ensemble.load(path)
    for place in range(0, len(content), 7):
        changed = bytearray(content)
        changed[place] ^= 0xFF
        path.write_bytes(changed)
        for read in (Ensemble.load, load_networks):
            with suppress(ModelFileError):
                loaded = read(path)
                for one, other in zip(loaded.networks, expected.networks, strict=True):
                    np.testing.assert_array_equal(one.theta, other.theta)


def test_any_single_bit_of_a_weight_is_noticed(path):
    content = path.read_bytes()
    begin = 8 + struct.unpack("<Q", content[:8])[0]
    for place in range(begin, len(content), 11):
        changed = bytearray(content)
        changed[place] ^= 1 << place % 8
        assert "its weights do not match their checksum" in refused(path, bytes(changed))


def test_an_altered_description_is_noticed(path):
    content = path.read_bytes()
    changed = content.replace(b"tanh", b"relu")
    assert changed != content
    assert "its description does not match its checksum" in refused(path, changed)


def test_another_file_is_refused(tmp_path):
    message = refused(tmp_path / "a", b"species,island\nAdelie,Torgersen\n" * 9)
    assert "is no ensemble of netlet; ensembles are written by Ensemble.save" in message
    assert "is no model file of netlet" in refused(tmp_path / "a", b"species,island\n" * 9, load_networks)
    other = save_tensors({"theta": np.zeros(3, np.float32)})
    for read in (load_networks, Ensemble.load):
        assert "is a safetensors file of another program" in refused(tmp_path / "a", other, read)
        with pytest.raises(FileNotFoundError):
            read(tmp_path / "nothing")
        with pytest.raises(OSError, match="directory"):
            read(tmp_path)


def rewritten(path, change=None, **changes):
    """Return the file with its description and tensors changed and its checksums right; None takes an entry out."""
    with safe_open(path, framework="numpy") as file:
        description = json.loads(file.metadata()["netlet"])
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    if change is not None:
        change(description, arrays)
    description |= {"checksum": checksum_of(arrays)} | changes
    description = {name: value for name, value in description.items() if value is not None}
    return save_tensors(arrays, metadata={"netlet": json.dumps(description)})


def without(name):
    return lambda description, arrays: arrays.pop(name)


def renamed(old, new):
    def change(description, arrays):
        arrays[new] = arrays.pop(old)

    return change


def longer(description, arrays):
    arrays["0.theta"] = np.append(arrays["0.theta"], 1.0)


def of_another_input(description, arrays):
    other = Network([Input(5), Dense(3), Softmax()], seed=0)
    description["members"][2] |= {"layers": other._graph.describe(), "frozen": []}
    arrays["2.theta"] = other.theta


def member(place, **changes):
    def change(description, arrays):
        description["members"][place] |= changes

    return change


def exchanged(description, arrays):
    arrays["0.theta"], arrays["2.theta"] = arrays["2.theta"], arrays["0.theta"]


CHANGES = {
    "a missing tensor": (without("1.theta"), {}, "1.theta"),
    "a missing state": (without("1.state"), {}, "0 numbers of state do not fit its layers, which have 10"),
    "a tensor of no member": (renamed("2.theta", "3.theta"), {}, "2.theta"),
    "a tensor too many": (lambda d, arrays: arrays.update(extra=np.zeros(2)), {}, "'extra' belongs to no member"),
    "a vector that is too long": (longer, {}, "52 weights of float64 do not fit its layers, which have 51"),
    "members exchanged": (exchanged, {}, "do not fit its layers"),
    "members that disagree": (of_another_input, {}, "networks[2] reads 5 features, networks[0] reads 4"),
    "a member without layers": (member(1, layers=[]), {}, "layers=[] is empty"),
    "a member of another dtype": (member(1, dtype="float64"), {}, "do not fit its layers"),
    "a member's notes missing": (lambda d, arrays: d["members"][0].pop("notes"), {}, "notes"),
    "no members": (None, {"members": None}, "members"),
    "an empty list of members": (None, {"members": []}, "belongs to no member"),
    "members that are none": (None, {"members": 3}, "int"),
    "members that are words": (None, {"members": ["a"]}, "str"),
    "too few weights": (None, {"weights": [1.0]}, "weights has shape (1,), not (3,)"),
    "negative weights": (None, {"weights": [1.0, -1.0, 1.0]}, "weights[1]=-1.0 is not a finite number >= 0"),
    "no weights": (lambda d, arrays: d.pop("weights"), {}, "weights"),
    "a temperature of 0": (None, {"temperature": 0}, "temperature=0 is not > 0"),
    "no temperature": (None, {"temperature": None}, "temperature"),
    "no notes": (None, {"notes": None}, "notes"),
    "notes that are none": (None, {"notes": 3}, "int"),
    "no checksum": (None, {"checksum": None}, "do not match their checksum"),
    "no format": (None, {"format": None}, "its description is not readable"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_file_that_does_not_hold_what_it_should_is_refused(case, path):
    change, changes, message = CHANGES[case]
    found = refused(path, rewritten(path, change, **changes))
    assert "altered" in found
    assert message in found


def test_the_changed_files_are_refused_for_their_change(path):
    path.write_bytes(rewritten(path))
    same(load_networks(path), Ensemble.load(path))


def test_a_newer_format_asks_for_a_newer_version(path):
    for read in (Ensemble.load, load_networks):
        message = refused(path, rewritten(path, format=FORMAT + 1), read)
        assert f"has format {FORMAT + 1}, this version of netlet reads up to {FORMAT}; install a newer" in message
        mixed().save(path)
