"""A training that was broken off goes on bit for bit; one that was given something else is not gone on with."""

from __future__ import annotations

import errno
import os
import pickle
import re
import subprocess
import sys
import warnings

import numpy as np
import pytest
from problems import classes, classifier

import netlet.training.checkpoint as module
from netlet import (
    SGD,
    Adam,
    BatchNorm,
    CheckpointMismatch,
    Dense,
    Dropout,
    ModelFileError,
    Network,
    Quantile,
    ReduceOnPlateau,
    Softmax,
    StepDecay,
)
from netlet.errors import CheckpointNotWritten

pytestmark = pytest.mark.plain
X, Y = classes(n=90)
OTHER_X, OTHER_Y = classes(n=40, seed=1)


def normalised(seed=3):
    """Return a network with a state and a random layer."""
    return Network([Dense(8, activation="relu"), BatchNorm(), Dropout(0.2), Dense(3), Softmax()], seed=seed)


def fit(network, **settings):
    return network.fit(X, Y, **({"epochs": 8, "batch_size": 16, "progress": False} | settings))


def without_seconds(history):
    epochs = [{name: value for name, value in epoch.items() if name != "seconds"} for epoch in history.epochs]
    return epochs, history.stopped, history.best_epoch


def assert_same(one, other):
    """Compare two pairs of a network and its history, bit for bit."""
    np.testing.assert_array_equal(one[0].theta, other[0].theta)
    np.testing.assert_array_equal(one[0].state, other[0].state)
    assert repr(without_seconds(one[1])) == repr(without_seconds(other[1]))


def stop_at(*epochs):
    return [lambda state: state.epoch in epochs]


VALIDATED = {"validation_data": (OTHER_X, OTHER_Y), "patience": 3}
TRAININGS = {
    "adam": {},
    "momentum, clipped, penalised": {"optimizer": "momentum", "clip_norm": 0.5, "l1": 1e-3, "l2": 1e-2},
    "patience not used up": VALIDATED | {"patience": 50},
    "patience used up": VALIDATED | {"learning_rate": 0.1, "epochs": 40},
    "samples held out": {"validation_share": 0.3},
    "weighted": {"sample_weight": np.linspace(0, 2, len(X)), "class_weight": "balanced"},
    "plateau": VALIDATED | {"patience": 30, "learning_rate": 0.1, "schedule": ReduceOnPlateau(0.5, patience=1)},
    "cosine": {"schedule": "cosine"},
    "in order, one batch": {"shuffle": False, "batch_size": "all"},
}


@pytest.mark.parametrize("kind", TRAININGS)
def test_stopped_after_any_epoch_and_gone_on_with_is_one_training(kind, tmp_path):
    settings = TRAININGS[kind]
    unbroken = normalised()
    expected = fit(unbroken, **settings)
    assert expected.stopped == ("early" if kind == "patience used up" else "epochs")
    broken = []
    for stops in ([], stop_at(1), stop_at(2), stop_at(3)):
        network = normalised()
        history = fit(network, checkpoint=tmp_path, checkpoint_epochs=1, callbacks=stops, **settings)
        broken.append(len(history))
        if stops == []:  # the whole of it first: a checkpoint changes nothing
            assert_same((network, history), (unbroken, expected))
            (tmp_path / module.FILE).unlink()
    assert broken == [len(expected), 1, 2, 3]
    network = normalised()
    history = fit(network, checkpoint=tmp_path, checkpoint_epochs=1, **settings)
    assert_same((network, history), (unbroken, expected))
    assert history.column("seconds") == sorted(history.column("seconds"))


def test_the_next_fit_after_it_is_the_same_too(tmp_path):
    """What has been drawn so far is counted in the checkpoint."""
    unbroken, network = normalised(), normalised()
    fit(normalised(), checkpoint=tmp_path, checkpoint_epochs=1, callbacks=stop_at(3))
    fit(network, checkpoint=tmp_path)
    fit(unbroken)
    histories = [fit(each, epochs=2) for each in (network, unbroken)]
    assert_same((network, histories[0]), (unbroken, histories[1]))


def test_a_network_that_was_trained_before_can_be_gone_on_with(tmp_path):
    thetas = []
    for stops in ([], stop_at(2), []):
        network = normalised()
        fit(network, epochs=2)
        folder = tmp_path / str(len(thetas) > 0)
        fit(network, epochs=5, checkpoint=folder, checkpoint_epochs=1, callbacks=stops)
        thetas.append(network.theta.copy())
    np.testing.assert_array_equal(thetas[2], thetas[0])
    assert (thetas[1] != thetas[0]).any()


def test_only_what_was_kept_last_is_gone_on_with(tmp_path):
    """Written every third epoch, and broken off by an error after the fifth: epochs 4 and 5 are trained again."""

    def break_off(state):
        if state.epoch == 5:
            raise RuntimeError("the power is gone")

    with pytest.raises(RuntimeError, match="the power is gone"):
        fit(normalised(), checkpoint=tmp_path, checkpoint_epochs=3, callbacks=[break_off])
    seen, network, unbroken = [], normalised(), normalised()
    history = fit(network, checkpoint=tmp_path, checkpoint_epochs=3, callbacks=[lambda state: seen.append(state.epoch)])
    assert seen == [4, 5, 6, 7, 8]
    assert_same((network, history), (unbroken, fit(unbroken)))


def test_a_finished_training_returns_at_once(tmp_path):
    first = normalised()
    expected = fit(first, checkpoint=tmp_path, **VALIDATED)
    written = (tmp_path / module.FILE).stat().st_mtime_ns
    network = normalised()
    history = fit(network, checkpoint=tmp_path, callbacks=[lambda state: pytest.fail("an epoch was run")], **VALIDATED)
    assert_same((network, history), (first, expected))
    assert history.column("seconds") == expected.column("seconds")
    assert (tmp_path / module.FILE).stat().st_mtime_ns == written


def test_a_training_can_be_prolonged(tmp_path):
    fit(normalised(), epochs=3, checkpoint=tmp_path, **VALIDATED)
    network, unbroken = normalised(), normalised()
    history = fit(network, epochs=7, checkpoint=tmp_path, **VALIDATED)
    assert_same((network, history), (unbroken, fit(unbroken, epochs=7, **VALIDATED)))


def test_a_training_cannot_be_shortened(tmp_path):
    fit(normalised(), epochs=5, checkpoint=tmp_path)
    network = normalised()
    with pytest.raises(CheckpointMismatch, match="holds 5 epochs of this training, epochs=4 are fewer; give epochs=5"):
        fit(network, epochs=4, checkpoint=tmp_path)
    assert "not built" in repr(network)


def with_one_changed(array):
    changed = array.copy()
    changed.flat[7] += 1
    return changed


OTHERS = {
    "X": ({"X": with_one_changed(X)}, "X: "),
    "y": ({"y": np.roll(Y, 1)}, "y: "),
    "weights of samples": ({"sample_weight": np.ones(len(X))}, "sample weights: "),
    "weights of classes": ({"class_weight": {0: 1, 1: 1, 2: 3}}, "sample weights: "),
    "seed": ({"network": normalised(seed=4)}, r"seed \(and weights to begin with\): 3 there, 4 here"),
    "weights": ({"network": normalised().build(6)}, None),
    "layers": ({"network": classifier(n_hidden=8)}, "layers "),
    "batch size": ({"batch_size": 15}, "batch_size: 16 there, 15 here"),
    "order": ({"shuffle": False}, "shuffle: true there, false here"),
    "optimizer": ({"optimizer": "sgd"}, "optimizer: "),
    "its setting": ({"optimizer": Adam(beta1=0.8)}, r"optimizer: .*0.9.* there, .*0.8.* here"),
    "learning rate": ({"learning_rate": 0.002}, "optimizer: "),
    "schedule": ({"schedule": "cosine"}, r"schedule \(and epochs\): "),
    "loss": ({"loss": "cross_entropy"}, None),
    "another loss": ({"loss": "squared_error", "y": np.eye(3)[Y]}, r"y \(and loss\): "),
    "l2": ({"l2": 0.1}, "penalties: "),
    "clipping": ({"clip_value": 1.0}, r"clipping: value inf, norm inf there, value 1.0, norm inf here"),
    "patience": ({"validation_data": (OTHER_X, OTHER_Y), "patience": 9}, r"validation data \(and patience\): "),
    "held out": ({"validation_share": 0.1}, r"samples held out \(and validation data\): null there"),
    "threads": ({"n_threads": 1}, None),
    "progress": ({"progress": "none"}, None),
    "time": ({"time_limit": 1000.0}, None),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_a_training_that_was_given_something_else_is_not_gone_on_with(kind, tmp_path):
    changes, message = OTHERS[kind]
    changes = dict(changes)
    fit(normalised(), epochs=3, checkpoint=tmp_path)
    before = (tmp_path / module.FILE).read_bytes()
    network, x, y = changes.pop("network", normalised()), changes.pop("X", X), changes.pop("y", Y)
    settings = {"epochs": 3, "batch_size": 16, "progress": False, "checkpoint": tmp_path} | changes
    if message is None:
        assert len(network.fit(x, y, **settings)) == 3
        return
    with pytest.raises(CheckpointMismatch, match=f"holds a training that was given something else for {message}") as e:
        network.fit(x, y, **settings)
    assert "on a network made anew, give another folder, or remove" in str(e.value)
    assert len(str(e.value)) < 600
    assert (tmp_path / module.FILE).read_bytes() == before


def test_the_networks_own_weights_count_as_given(tmp_path):
    network = normalised()
    fit(network, epochs=3, checkpoint=tmp_path)
    with pytest.raises(
        CheckpointMismatch, match="weights to begin with: after 0 epochs, .* there, after 3 epochs, .* here"
    ):
        fit(network, epochs=3, checkpoint=tmp_path)


def test_other_frozen_layers_are_another_training(tmp_path):
    fit(normalised().build(6), epochs=3, checkpoint=tmp_path)
    network = normalised().build(6)
    network.freeze("dense_1")
    with pytest.raises(CheckpointMismatch, match=r"frozen: \[\] there, \[\"dense_1\"\] here"):
        fit(network, epochs=3, checkpoint=tmp_path)


def test_tuples_and_numpys_numbers_among_the_settings_are_the_same_again(tmp_path):
    thetas = []
    for stops in (stop_at(2), []):
        network = Network([Dense(3)], seed=0)
        network.fit(
            X, X[:, 0], loss=Quantile((0.1, 0.5, 0.9)), optimizer=SGD(np.float32(0.1)), batch_size=np.int64(8),
            schedule=StepDecay(0.5, 2), l2=np.float64(0.01), epochs=np.int32(4), progress=False, checkpoint=tmp_path,
            callbacks=stops,
        )  # fmt: skip
        thetas.append(network.theta.copy())
    assert (thetas[0] != thetas[1]).any()


def test_figures_that_are_not_finite_can_be_kept(tmp_path, monkeypatch):
    """Validation samples far outside the others may have a loss that is not finite, while the training goes well."""
    import netlet.training.trainer as trainer

    losses = {}
    monkeypatch.setattr(trainer, "mean_loss", lambda *arguments: losses.setdefault("next", np.nan))
    histories = []
    for stops in (stop_at(2), []):
        network = normalised()
        histories.append(
            fit(network, epochs=4, checkpoint=tmp_path, callbacks=stops, validation_data=(OTHER_X, OTHER_Y))
        )
    assert len(histories[0]) == 2
    assert len(histories[1]) == 4
    assert np.isnan(histories[1].column("validation_loss")).all()
    assert histories[1].column("loss")[:2] == histories[0].column("loss")


# The file


@pytest.fixture
def kept(tmp_path):
    """Give the path of a checkpoint."""
    fit(normalised(), epochs=2, checkpoint=tmp_path)
    return tmp_path / module.FILE


def refused(kept):
    content = kept.read_bytes()
    with pytest.raises(ModelFileError) as caught:
        fit(normalised(), epochs=2, checkpoint=kept.parent)
    assert kept.read_bytes() == content
    return str(caught.value)


def test_a_file_cut_short_is_refused_and_kept(kept):
    content = kept.read_bytes()
    for length in [*range(9, len(content), 701), len(content) - 1]:
        kept.write_bytes(content[:length])
        message = refused(kept)
        assert "is cut short or was altered (" in message
        assert message.endswith(f"remove {kept} to begin anew")
    kept.write_bytes(content[:5])
    assert "is cut short; it is no checkpoint of netlet" in refused(kept)


def test_any_altered_byte_is_noticed_or_changes_nothing(kept):
    content, expected, n_noticed = kept.read_bytes(), normalised(), 0
    fit(expected, epochs=2)
    places = range(0, len(content), 13)
    for place in places:
        changed = bytearray(content)
        changed[place] ^= 0x10
        kept.write_bytes(changed)
        network = normalised()
        try:
            fit(network, epochs=2, checkpoint=kept.parent)
        except ModelFileError:
            n_noticed += 1
        else:  # a byte of what names the checksum of the description
            np.testing.assert_array_equal(network.theta, expected.theta)
    assert n_noticed >= len(places) - 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty; it is no checkpoint of netlet"),
        (b"epoch,loss\n1,0.5\n" * 20, "is no checkpoint of netlet; give an empty folder"),
        (bytes(500), "is no checkpoint of netlet"),
    ],
    ids=["empty", "text", "zeros"],
)
def test_a_file_that_is_no_checkpoint_is_refused(kept, content, message):
    kept.write_bytes(content)
    assert message in refused(kept)


def test_a_model_is_no_checkpoint(kept):
    normalised().build(6).save(kept)
    assert "is a model file of netlet, no checkpoint; give an empty folder" in refused(kept)


def test_a_newer_checkpoint_asks_for_a_newer_version(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "FORMAT", 2)
    fit(normalised(), epochs=2, checkpoint=tmp_path)
    monkeypatch.undo()
    assert "has format 2, this version of netlet reads up to 1; install a newer netlet" in refused(
        tmp_path / module.FILE
    )


# The folder


def test_what_a_killed_process_left_is_removed_and_nothing_else(kept):
    left, own = kept.parent / f".{module.FILE}.abc123.part", kept.parent / "notes.txt"
    left.write_bytes(b"half")
    own.write_text("mine")
    fit(normalised(), epochs=2, checkpoint=kept.parent)
    assert sorted(entry.name for entry in kept.parent.iterdir()) == [module.LOCK, module.FILE, "notes.txt"]


def test_a_folder_is_made_with_those_above_it(tmp_path):
    fit(normalised(), epochs=1, checkpoint=str(tmp_path / "a" / "b"))
    assert (tmp_path / "a" / "b" / module.FILE).exists()


def test_a_folder_that_is_none_is_refused_before_the_training(tmp_path):
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        network = normalised()
        with pytest.raises(OSError, match="checkpoint='.*file.*': .*; name a folder that can be written to"):
            fit(network, checkpoint=folder)
        assert "not built" in repr(network)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="permissions are of POSIX, and root has all")
def test_a_folder_that_may_not_be_written_to_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError, match="name a folder that can be written to"):
        fit(normalised(), checkpoint=tmp_path)


def test_a_folder_is_made_for_nothing_else():
    for name, value in (("checkpoint_epochs", 3), ("checkpoint_seconds", 1.0)):
        with pytest.raises(
            ValueError, match="checkpoint_epochs or checkpoint_seconds is given without checkpoint; name"
        ):
            fit(normalised(), **{name: value})


@pytest.mark.parametrize(
    ("settings", "kind", "message"),
    [
        ({"checkpoint_epochs": 0}, ValueError, "checkpoint_epochs=0 is not >= 1"),
        ({"checkpoint_epochs": 1.5}, TypeError, "checkpoint_epochs=1.5 is not an int"),
        ({"checkpoint_seconds": -1}, ValueError, "checkpoint_seconds=-1 is not >= 0"),
        ({"checkpoint_seconds": float("nan")}, ValueError, "checkpoint_seconds=nan"),
        ({"optimizer": "lbfgs", "batch_size": None}, ValueError, "checkpoint=.* is not possible with LBFGS"),
    ],
)
def test_settings_outside_their_range_are_refused(settings, kind, message, tmp_path):
    with pytest.raises(kind, match=message):
        fit(normalised(), checkpoint=tmp_path / "new", **settings)
    assert not (tmp_path / "new").exists()


def test_a_second_training_in_the_folder_is_refused(tmp_path):
    messages = []

    def another(state):
        with pytest.raises(BlockingIOError) as caught:
            fit(normalised(), checkpoint=tmp_path)
        messages.append(str(caught.value))

    fit(normalised(), epochs=1, checkpoint=tmp_path, callbacks=[another])
    assert "another training of this process uses it; name a folder of its own for each training" in messages[0]
    fit(normalised(), epochs=1, checkpoint=tmp_path)  # and afterwards it is free


SECOND = """
import pickle, sys
network, x, y = pickle.load(open(sys.argv[2], "rb"))
try:
    network.fit(x, y, epochs=8, batch_size=16, progress=False, checkpoint=sys.argv[1])
except BlockingIOError as error:
    print(error)
"""


@pytest.mark.skipif(os.name != "posix", reason="record locks are of POSIX")
def test_a_second_process_in_the_folder_is_refused(tmp_path):
    (tmp_path / "given").write_bytes(pickle.dumps((normalised(), X, Y)))
    said = []

    def another(state):
        arguments = [sys.executable, "-c", SECOND, str(tmp_path), str(tmp_path / "given")]
        said.append(subprocess.run(arguments, capture_output=True, text=True, check=True).stdout)

    fit(normalised(), epochs=1, checkpoint=tmp_path, callbacks=[another])
    assert "another process uses it; name a folder of its own for each training" in said[0]


def test_a_training_that_fails_leaves_the_folder_free(tmp_path):
    def fail(state):
        raise RuntimeError

    for _ in range(2):
        with pytest.raises(RuntimeError):
            fit(normalised(), checkpoint=tmp_path, callbacks=[fail])
    with pytest.raises(CheckpointMismatch):
        fit(normalised(seed=9), checkpoint=kept_after(tmp_path))
    fit(normalised(), checkpoint=tmp_path)


def kept_after(folder):
    fit(normalised(), epochs=1, checkpoint=folder)
    return folder


# A disk that is full


def test_a_full_disk_is_warned_of_and_costs_nothing_but_the_checkpoint(tmp_path, monkeypatch):
    """Epochs 3 to 5 cannot be written; the training goes on, and is kept again from epoch 6 on."""
    unbroken, network = normalised(), normalised()
    expected, write, tried = fit(unbroken), module.write_tensors, []

    def sometimes(path, values, arrays):
        tried.append(values["epoch"])
        if 3 <= values["epoch"] <= 5:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(path, values, arrays)

    monkeypatch.setattr(module, "write_tensors", sometimes)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        history = fit(network, checkpoint=tmp_path, checkpoint_epochs=1)
    assert [warning.category for warning in warned] == [CheckpointNotWritten] * 3
    assert re.search("could not be written after epoch 3 .*No space left on device", str(warned[0].message))
    assert tried == [1, 2, 3, 4, 5, 6, 7, 8]
    assert_same((network, history), (unbroken, expected))
    monkeypatch.undo()
    again = normalised()
    assert_same((again, fit(again, checkpoint=tmp_path)), (unbroken, expected))


def test_what_was_kept_before_a_full_disk_is_gone_on_with(tmp_path, monkeypatch):
    import netlet.tensor_file as files

    fit(normalised(), checkpoint=tmp_path, checkpoint_epochs=1, callbacks=stop_at(2))

    def full(*arguments):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files.os, "replace", full)
    with pytest.warns(CheckpointNotWritten):
        fit(normalised(), checkpoint=tmp_path, checkpoint_epochs=1, callbacks=stop_at(5))
    monkeypatch.undo()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [module.LOCK, module.FILE]
    seen, network, unbroken = [], normalised(), normalised()
    history = fit(network, checkpoint=tmp_path, callbacks=[lambda state: seen.append(state.epoch)])
    assert seen[0] == 3
    assert_same((network, history), (unbroken, fit(unbroken)))


def test_how_often_it_is_written(tmp_path, monkeypatch):
    epochs, now = [], [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(module, "write_tensors", lambda path, values, arrays: epochs.append(values["epoch"]))

    def tick(state):
        now[0] += 4.0

    fit(normalised(), checkpoint=tmp_path, callbacks=[tick])
    assert epochs == [3, 6, 8]  # every 10 seconds, and at the end
    epochs.clear()
    fit(normalised(), checkpoint=tmp_path, checkpoint_epochs=5, callbacks=[tick])
    assert epochs == [5, 8]
    epochs.clear()
    fit(normalised(), checkpoint=tmp_path, checkpoint_epochs=3, checkpoint_seconds=7.0, callbacks=[tick])
    assert epochs == [2, 4, 6, 8]  # whichever has passed
