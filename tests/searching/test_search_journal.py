"""A search with a folder: what it writes down, and how it is gone on with."""

from __future__ import annotations

import errno
import functools
import json
import os
import stat
import subprocess
import sys

import numpy as np
import pytest
from search_samples import SPACE, numbers, same_bits, three_classes

from netlet import Dense, Input, Network
from netlet.errors import CheckpointMismatch
from netlet.searching.budget import Epochs, Seconds
from netlet.searching.journal import Journal
from netlet.searching.search import search
from netlet.searching.strategies import Halving
from netlet.searching.trial import Ask, Trial

pytestmark = pytest.mark.plain
X, Y = three_classes()


def quiet(*arguments, **options):
    return search(*arguments, **({"progress": False, "epochs": 4} | options))


def assert_same(one, other):
    assert [(t.number, t.settings, t.score, t.epochs, t.status, t.curves, t.reason) for t in one.trials] == [
        (t.number, t.settings, t.score, t.epochs, t.status, t.curves, t.reason) for t in other.trials
    ]
    assert list(one.networks) == list(other.networks)
    assert all(same_bits(one.networks[number], other.networks[number]) for number in one.networks)


def lines(folder):
    return [json.loads(line) for line in (folder / "trials.jsonl").read_bytes().split(b"\n") if line]


class _Killed(Exception):
    """Ends a search as a kill would, but in this process."""


def killed_after(count):
    seen = []

    def callback(trial):
        seen.append((trial.number, trial.epochs))
        if len(seen) == count:
            raise _Killed

    return seen, callback


STRATEGIES = ["random", "coarse_to_fine", Halving(2, least_epochs=1), "hyperband"]


@pytest.mark.parametrize("strategy", STRATEGIES, ids=str)
@pytest.mark.parametrize("count", [1, 4, 7, 9])
def test_what_was_found_is_not_trained_again(strategy, count, tmp_path):
    options = {"strategy": strategy, "keep": 3}
    unbroken, again = [], []
    expected = quiet(X, Y, SPACE, 6, callbacks=[lambda t: unbroken.append((t.number, t.epochs))], **options)
    seen, callback = killed_after(count)
    if count <= len(unbroken):
        with pytest.raises(_Killed):
            quiet(X, Y, SPACE, 6, folder=tmp_path, callbacks=[callback], n_threads=1, **options)
    else:
        quiet(X, Y, SPACE, 6, folder=tmp_path, callbacks=[callback], **options)
    found = quiet(X, Y, SPACE, 6, folder=tmp_path, callbacks=[lambda t: again.append((t.number, t.epochs))], **options)
    assert_same(expected, found)
    assert sorted(seen + again) == sorted(unbroken)
    assert len(lines(tmp_path)) == len(unbroken)
    assert found.seconds >= max(line["at"] for line in lines(tmp_path))
    third = quiet(X, Y, SPACE, 6, folder=tmp_path, callbacks=[again.clear], **options)
    assert_same(expected, third)


def test_what_is_in_the_folder(tmp_path):
    found = quiet(X, Y, SPACE, 9, folder=tmp_path, strategy=Halving(3, least_epochs=1), keep=2)
    assert sorted(os.listdir(tmp_path)) == ["networks", "paused", "search.json", "search.lock", "trials.jsonl"]
    assert os.listdir(tmp_path / "paused") == []
    kept = {
        name.split("-")[0]: Network.load(tmp_path / "networks" / name) for name in os.listdir(tmp_path / "networks")
    }
    assert set(kept) == {str(number) for number in found.networks}
    assert all(same_bits(kept[str(number)], network) for number, network in found.networks.items())
    last = {line["number"]: line for line in lines(tmp_path)}
    assert [last[t.number]["score"] for t in found.trials] == [t.score for t in found.trials]


@pytest.mark.parametrize("budget", [Epochs(20), 9])
def test_more_of_the_same_search(budget, tmp_path):
    quiet(X, Y, SPACE, 3, folder=tmp_path)
    again = []
    found = quiet(X, Y, SPACE, budget, folder=tmp_path, callbacks=[lambda t: again.append(t.number)])
    assert_same(quiet(X, Y, SPACE, budget), found)
    assert not {0, 1, 2} & set(again)


@pytest.mark.parametrize("strategy", ["halving", "coarse_to_fine", "hyperband"])
def test_another_budget_gives_a_number_other_settings(strategy, tmp_path):
    # Whose results must not be taken for those of the first.
    options = {"strategy": strategy, "epochs": 9}
    for budget in (6, 11, 6, Epochs(40)):
        assert_same(quiet(X, Y, SPACE, budget, **options), quiet(X, Y, SPACE, budget, folder=tmp_path, **options))


@pytest.mark.parametrize(
    "damage", [b'{"number": 9, "sett', b"garbage\n", b"123\n", b'"text"\n', b"[1, 2]\n", b"null\n", b"{}\n",
               b"\xff\xfe\n", b'{"asked": null, "at": "soon", "number": 0, "settings": {}}\n', b"\n\n"],
)  # fmt: skip
def test_damaged_lines_are_passed_over(damage, tmp_path):
    options = {"keep": 2}
    quiet(X, Y, SPACE, 3, folder=tmp_path, **options)
    with open(tmp_path / "trials.jsonl", "ab") as stream:
        stream.write(damage)
    assert_same(quiet(X, Y, SPACE, 5, **options), quiet(X, Y, SPACE, 5, folder=tmp_path, **options))
    again = []
    found = quiet(X, Y, SPACE, 5, folder=tmp_path, callbacks=[again.append], **options)
    assert_same(quiet(X, Y, SPACE, 5, **options), found)
    assert again == []


def test_a_line_cut_short_is_trained_again(tmp_path):
    quiet(X, Y, SPACE, 3, folder=tmp_path, n_threads=1)
    content = (tmp_path / "trials.jsonl").read_bytes()
    (tmp_path / "trials.jsonl").write_bytes(content[:-20])
    again = []
    found = quiet(X, Y, SPACE, 3, folder=tmp_path, callbacks=[lambda t: again.append(t.number)])
    assert_same(quiet(X, Y, SPACE, 3), found)
    assert again == [json.loads(content.splitlines()[-1])["number"]]


@pytest.mark.parametrize("damage", ["removed", "altered", "empty"])
@pytest.mark.parametrize("strategy", ["random", Halving(3, least_epochs=1)], ids=str)
def test_damaged_networks_are_trained_again(strategy, damage, tmp_path):
    options = {"strategy": strategy, "keep": 3}
    expected = quiet(X, Y, SPACE, 6, folder=tmp_path, **options)
    for path in (tmp_path / "networks").iterdir():
        spoil(path, damage)
    again = []
    assert_same(expected, quiet(X, Y, SPACE, 6, folder=tmp_path, callbacks=[again.append], **options))
    assert again == []
    assert len(os.listdir(tmp_path / "networks")) == 3  # and written again


def spoil(path, damage):
    if damage == "removed":
        path.unlink()
    elif damage == "empty":
        path.write_bytes(b"")
    else:
        content = bytearray(path.read_bytes())
        content[-3] ^= 1
        path.write_bytes(content)


@pytest.mark.parametrize("damage", ["removed", "altered", "empty"])
def test_damaged_snapshots(damage, tmp_path):
    options = {"strategy": Halving(2, least_epochs=1), "keep": 3}
    _, callback = killed_after(7)  # within the second rung
    with pytest.raises(_Killed):
        quiet(X, Y, SPACE, 6, folder=tmp_path, callbacks=[callback], n_threads=1, **options)
    snapshots = list((tmp_path / "paused").iterdir())
    assert len(snapshots) >= 3
    for path in snapshots:
        spoil(path, damage)
    assert_same(quiet(X, Y, SPACE, 6, **options), quiet(X, Y, SPACE, 6, folder=tmp_path, **options))


def test_what_a_killed_process_was_writing_is_cleared_away(tmp_path):
    quiet(X, Y, SPACE, 2, folder=tmp_path)
    left = [
        tmp_path / place for place in (".search.json.1.part", "networks/.0.netlet.x.part", "paused/.1.netlet.y.part")
    ]
    for path in left:
        path.write_bytes(b"half")
    quiet(X, Y, SPACE, 2, folder=tmp_path)
    assert not any(path.exists() for path in left)


OTHERS = {
    "space": {"space": SPACE | {"batch_size": 8}},
    "strategy": {"strategy": "halving"},
    "metric": {"metric": "accuracy"},
    "epochs": {"epochs": 5},
    "patience": {"patience": 2},
    "seed": {"seed": 1},
    "first": {"first": [{"hidden": (2,), "learning_rate": 0.01}]},
    "options": {"optimizer": "sgd"},
    "samples": {"x": X + 1e-3},
    "sample_weight": {"sample_weight": np.ones(60)},
    "build": {"build": lambda hidden, seed: Network([Input(4), Dense(3)])},
}


@pytest.mark.parametrize("name", OTHERS)
def test_the_folder_of_another_search_is_refused(name, tmp_path):
    quiet(X, Y, SPACE, 2, folder=tmp_path)
    before = (tmp_path / "trials.jsonl").read_bytes()
    other = dict(OTHERS[name])
    x, space = other.pop("x", X), other.pop("space", SPACE)
    with pytest.raises(CheckpointMismatch) as caught:
        quiet(x, Y, space, 2, folder=tmp_path, **other)
    assert "holds a search that was given something else for" in str(caught.value)
    assert f"{name} was " in str(caught.value)
    assert "give another folder, or remove this one to begin anew" in str(caught.value)
    assert (tmp_path / "trials.jsonl").read_bytes() == before


def test_other_labels_are_other_samples(tmp_path):
    quiet(X, Y, SPACE, 2, folder=tmp_path)
    with pytest.raises(CheckpointMismatch, match="samples was "):
        quiet(X, np.roll(Y, 1), SPACE, 2, folder=tmp_path)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"conditions": 5, "format": 1}', b'{"format": 1}'])
def test_a_damaged_description(content, tmp_path):
    quiet(X, Y, SPACE, 2, folder=tmp_path)
    (tmp_path / "search.json").write_bytes(content)
    with pytest.raises(CheckpointMismatch, match="search.json is damaged; give another folder, or remove"):
        quiet(X, Y, SPACE, 2, folder=tmp_path)


def test_a_description_that_is_gone_or_newer(tmp_path):
    quiet(X, Y, SPACE, 2, folder=tmp_path)
    content = json.loads((tmp_path / "search.json").read_text())
    (tmp_path / "search.json").write_text(json.dumps(content | {"format": 99}))
    with pytest.raises(CheckpointMismatch, match="has format 99.*install a newer netlet"):
        quiet(X, Y, SPACE, 2, folder=tmp_path)
    (tmp_path / "search.json").unlink()
    with pytest.raises(CheckpointMismatch, match="search.json is missing"):
        quiet(X, Y, SPACE, 2, folder=tmp_path)


def test_a_search_that_is_refused_leaves_no_folder(tmp_path):
    for wrong in ({"first": [{"rate": 1}]}, {"metric": "rmse"}, {"progress": "loud"}):
        with pytest.raises(ValueError, match=r"rate|rmse|loud"):
            quiet(X, Y, SPACE, 2, folder=tmp_path / "new", **wrong)
    assert not (tmp_path / "new").exists()


def test_two_searches_in_one_folder(tmp_path):
    def within(trial):
        with pytest.raises(BlockingIOError, match="is used by another search; name a folder for each"):
            quiet(X, Y, SPACE, 2, folder=tmp_path)
        seen.append(trial)

    seen = []
    quiet(X, Y, SPACE, 2, folder=tmp_path, callbacks=[within])
    assert len(seen) == 2
    quiet(X, Y, SPACE, 2, folder=tmp_path)  # the lock is lifted


@pytest.mark.skipif(os.name != "posix", reason="other processes are kept out on POSIX only")
def test_another_process_uses_the_folder(tmp_path):
    with Journal(tmp_path, {}):
        program = f"from netlet.searching.journal import Journal; Journal({str(tmp_path)!r}, {{}})"
        run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60,
                             env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}, check=False)  # fmt: skip
    assert "BlockingIOError" in run.stderr
    assert "is used by another search" in run.stderr


def test_a_folder_that_is_a_file(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=r"folder='.*file': .*; name a folder that can be written to"):
        quiet(X, Y, SPACE, 2, folder=tmp_path / "file")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_to(tmp_path):
    tmp_path.chmod(stat.S_IREAD | stat.S_IEXEC)
    try:
        with pytest.raises(PermissionError, match="name a folder that can be written to"):
            quiet(X, Y, SPACE, 2, folder=tmp_path)
    finally:
        tmp_path.chmod(stat.S_IRWXU)


@pytest.mark.parametrize("what", ["line", "network", "snapshot"])
def test_a_full_disk(what, tmp_path, monkeypatch):
    options = {"strategy": Halving(2, least_epochs=1), "keep": 3}
    full = OSError(errno.ENOSPC, "No space left on device")

    def fail(*_arguments, **_options):
        raise full

    with monkeypatch.context() as patch:
        if what == "line":
            # Half of a line is written before the disk is full.
            real = os.fsync
            calls = []

            def third_fails(handle):
                calls.append(handle)
                if len(calls) > 30:
                    raise full
                real(handle)

            patch.setattr("netlet.searching.journal.os.fsync", third_fails)
        elif what == "network":
            patch.setattr(Network, "save", fail)
        else:
            patch.setattr("netlet.searching.journal.write_tensors", fail)
        with pytest.raises(
            OSError, match=r"trial \d could not be written down \(No space left on device\); those before"
        ):
            quiet(X, Y, SPACE, 6, folder=tmp_path, n_threads=1, **options)
    assert_same(quiet(X, Y, SPACE, 6, **options), quiet(X, Y, SPACE, 6, folder=tmp_path, **options))


def test_failed_trials_are_not_trained_again(tmp_path):
    space = {"hidden": [(0,), (3,)], "learning_rate": [0.1, 0.01]}
    expected = quiet(X, Y, space, 4, folder=tmp_path)
    assert sum(t.status == "failed" for t in expected.trials) == 2
    again = []
    found = quiet(X, Y, space, 4, folder=tmp_path, callbacks=[again.append])
    assert_same(expected, found)
    assert [t.cost for t in found.trials] == [t.cost for t in expected.trials]
    assert again == []


def test_settings_that_json_does_not_know(tmp_path):
    from netlet import LeakyReLU, Tanh
    from netlet.training.optimizers import Adam, Momentum

    space = {"hidden": [(3,), (4, 2)], "activation": [LeakyReLU(0.1), Tanh()], "optimizer": [Adam(0.01), Momentum(0.1)]}
    expected = quiet(X, Y, space, folder=tmp_path)
    again = []
    found = quiet(X, Y, space, folder=tmp_path, callbacks=[again.append])
    assert_same(expected, found)
    assert again == []
    assert all(isinstance(t.settings["hidden"], tuple) for t in found.trials)


class Thing:
    """Something whose repr tells its place in memory."""

    def __call__(self, hidden, seed):
        return Network([Input(4), Dense(hidden[0], activation="tanh"), Dense(1)], seed=seed)


def free(hidden, seed, scale):
    return Network([Input(4), Dense(hidden[0] * scale), Dense(1)], seed=seed)


BUILDS = {
    "lambda": lambda: lambda hidden, seed: Network([Input(4), Dense(hidden[0]), Dense(1)], seed=seed),
    "object": Thing,
    "partial": lambda: functools.partial(free, scale=2),
}


@pytest.mark.parametrize("name", BUILDS)
def test_a_build_is_known_again(name, tmp_path):
    x, y = numbers()
    again = []
    expected = quiet(x, y, SPACE, 2, build=BUILDS[name](), folder=tmp_path)
    assert_same(expected, quiet(x, y, SPACE, 2, build=BUILDS[name](), folder=tmp_path, callbacks=[again.append]))
    assert again == []
    assert "0x" not in (tmp_path / "search.json").read_text()


@pytest.mark.skipif(os.name != "posix", reason="compares with another process, whose start is slow elsewhere")
def test_the_description_is_the_same_in_every_process(tmp_path):
    program = (
        "import sys; from test_search_journal import *; from netlet import scales\n"
        "Journal(sys.argv[1], {'thing': Thing(), 'set': {'x', 'y', 'z'}, 'partial': BUILDS['partial'](),"
        " 'array': np.arange(3), 'lambda': BUILDS['lambda'](), 'space': scales.Choice([Thing(), 1.5])})"
    )
    here = os.path.dirname(__file__)
    texts = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        environment = {"PYTHONPATH": os.pathsep.join([here, *sys.path]), "PYTHONHASHSEED": seed}
        subprocess.run(
            [sys.executable, "-c", program, str(folder)], check=True, env=os.environ | environment, timeout=60
        )
        texts.append((folder / "search.json").read_text())
    assert texts[0] == texts[1]
    assert "0x" not in texts[0]


def test_the_seconds_of_earlier_runs_count(tmp_path):
    found = quiet(X, Y, SPACE, (3, Seconds(1000)), folder=tmp_path)
    path = tmp_path / "trials.jsonl"
    records = lines(tmp_path)
    records[-1]["at"] = 999.999
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    again = []
    later = quiet(X, Y, SPACE, (6, Seconds(1000)), folder=tmp_path, callbacks=[again.append])
    assert later.stopped == "time"
    assert len(later.trials) - len([t for t in again if t.number > 2]) == 3  # at most a trial or two were begun
    assert later.seconds >= 999.999
    assert found.best.score >= later.best.score
    more = quiet(X, Y, SPACE, (6, Seconds(2000)), folder=tmp_path)
    assert more.stopped == "done"
    assert len(more.trials) == 6
    assert more.seconds >= 999.999


def test_what_was_stopped_is_there_when_there_is_no_time_for_it(tmp_path):
    quiet(X, Y, SPACE, 1, folder=tmp_path)
    expected = quiet(X, Y, SPACE, 1)
    path = tmp_path / "trials.jsonl"
    record = lines(tmp_path)[0] | {"status": "stopped", "at": 50.0}
    path.write_text(json.dumps(record) + "\n")
    found = quiet(X, Y, SPACE, (1, Seconds(40)), folder=tmp_path)
    assert (found.stopped, found.trials[0].status, found.best.score) == ("time", "stopped", expected.best.score)
    assert same_bits(found.network, expected.network)
    done = quiet(X, Y, SPACE, (1, Seconds(90)), folder=tmp_path)
    assert (done.stopped, done.trials[0].status) == ("done", "done")
    assert_same(expected, done)


def test_a_survivor_that_was_cut_short_goes_on_from_where_it_was_paused(tmp_path):
    # As the end of the time, or Ctrl-C, within the second rung leaves it.
    options = {"strategy": Halving(2, least_epochs=1), "keep": 3}
    expected = quiet(X, Y, SPACE, 6, **options)
    _, callback = killed_after(6)
    with pytest.raises(_Killed):
        quiet(X, Y, SPACE, 6, folder=tmp_path, callbacks=[callback], n_threads=1, **options)
    paused = sorted(os.listdir(tmp_path / "paused"))
    assert len(paused) == 6
    best = expected.best.number
    record = next(line for line in lines(tmp_path) if line["number"] == best)
    with open(tmp_path / "trials.jsonl", "a") as stream:
        stream.write(json.dumps(record | {"asked": 2, "status": "stopped"}) + "\n")
    again = []
    found = quiet(X, Y, SPACE, 6, folder=tmp_path, callbacks=[lambda t: again.append((t.number, t.epochs))], **options)
    assert_same(expected, found)
    assert (best, 2) in again
    assert (best, 1) not in again


def test_files_that_a_kill_left_behind_are_cleared_away(tmp_path, monkeypatch):
    options = {"strategy": Halving(2, least_epochs=1), "keep": 3}
    _, callback = killed_after(7)
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "drop_snapshot", lambda *_: None)  # the kill comes before each of these
        patch.setattr(Journal, "drop_network", lambda *_: None)
        with pytest.raises(_Killed):
            quiet(X, Y, SPACE, 6, folder=tmp_path, callbacks=[callback], n_threads=1, **options)
    assert_same(quiet(X, Y, SPACE, 6, **options), quiet(X, Y, SPACE, 6, folder=tmp_path, **options))
    assert os.listdir(tmp_path / "paused") == []


def test_what_a_rung_that_was_cut_short_began_from_stays(tmp_path):
    options = {"strategy": Halving(10**6, least_epochs=1), "epochs": 10**6, "folder": tmp_path}
    found = quiet(X, Y, SPACE, (8, Seconds(0.6)), **options)
    assert found.stopped == "time"
    assert [t.number for t in found.trials if t.status == "stopped"] == [
        int(name.split("-1-")[0]) for name in os.listdir(tmp_path / "paused")
    ]
    more = quiet(X, Y, SPACE, (8, Seconds(1.4)), **options)
    assert more.stopped == "time"
    for number, network in more.networks.items():
        score = next(t.score for t in more.trials if t.number == number)
        assert network.evaluate(*more.task.validation)["loss"] == score


def test_result_of_an_ask(tmp_path):
    with Journal(tmp_path, {"a": 1}) as journal:
        journal.write(Ask(0, {"hidden": (3, 4)}, 2), Trial(0, {"hidden": (3, 4)}, 0.5, 0.5, 2, "paused"), 1.5)
        journal.write(Ask(1, {"hidden": (3,)}), Trial(1, {"hidden": (3,)}, status="failed", reason="ö"), 2.5)
    with Journal(tmp_path, {"a": 1}) as journal:
        assert journal.result_of(Ask(0, {"hidden": (3, 4)}, 2)) == Trial(0, {"hidden": (3, 4)}, 0.5, 0.5, 2, "paused")
        assert journal.result_of(Ask(1, {"hidden": (3,)})).reason == "ö"
        assert journal.result_of(Ask(1, {"hidden": (3,)})).cost == np.inf
        for other in (Ask(0, {"hidden": (3, 4)}), Ask(0, {"hidden": (3, 5)}, 2), Ask(2, {"hidden": (3, 4)}, 2)):
            assert journal.result_of(other) is None
        assert journal.seconds == 2.5
