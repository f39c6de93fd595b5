"""A search on processes of this machine, one of which is killed in the middle."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import joblib
import pytest
from clusters import N_TRIALS, CtrlC, Killer, check_same, outcome, pids, traced_build, try_many, wait_until_gone

from netlet.errors import WorkerLost

pytestmark = [pytest.mark.slow, pytest.mark.compiled]


def test_a_killed_worker_costs_no_trial(tmp_path: Path) -> None:
    killer = Killer(tmp_path)
    killer.start()
    with joblib.parallel_config(backend="loky", n_jobs=3), pytest.warns(WorkerLost, match="died .*trained again"):
        result = try_many(traced_build(tmp_path, "once"), "joblib", callbacks=[killer])
    killer.join()
    assert len(killer.killed) == 1
    assert len(result.trials) == N_TRIALS
    unpacked, built = pids(tmp_path, "unpacked"), pids(tmp_path, "built")
    assert killer.killed[0] in unpacked
    assert len(unpacked) >= 3
    assert max(built.values()) > 5  # of many batches, and yet:
    assert set(unpacked.values()) == {1}
    wait_until_gone(list(set(built) - {os.getpid()}))
    check_same(result, try_many(traced_build(tmp_path)))


def test_a_trial_that_always_kills_its_worker_has_failed(tmp_path: Path) -> None:
    killer = Killer(tmp_path, 3)
    killer.start()
    with joblib.parallel_config(backend="loky", n_jobs=2), warnings.catch_warnings():
        warnings.simplefilter("ignore", WorkerLost)
        result = try_many(traced_build(tmp_path, "always"), "joblib", 12, callbacks=[killer])
    killer.join()
    assert len(killer.killed) == 3
    failed = [trial for trial in result.trials if trial.status == "failed"]
    assert [trial.number for trial in failed] == [8]
    assert "died, 3 times" in failed[0].reason
    expected = outcome(try_many(traced_build(tmp_path), None, 12))
    assert [each for each in outcome(result) if each[0] != 8] == [each for each in expected if each[0] != 8]


def test_paused_networks_go_on_elsewhere_and_a_folder_is_kept(tmp_path: Path) -> None:
    options = {"strategy": "halving", "epochs": 9}
    (tmp_path / "traces").mkdir()
    with joblib.parallel_config(backend="loky", n_jobs=3):
        result = try_many(
            traced_build(tmp_path / "traces"), "joblib", n_threads=2, folder=tmp_path / "folder", **options
        )  # fmt: skip
    check_same(result, try_many(traced_build(tmp_path / "traces"), **options))
    before = pids(tmp_path / "traces", "built")
    with joblib.parallel_config(backend="loky", n_jobs=3):
        again = try_many(traced_build(tmp_path / "traces"), "joblib", folder=tmp_path / "folder", **options)
    check_same(again, result)
    own = os.getpid()
    assert pids(tmp_path / "traces", "built")[own] <= before[own] + 1  # nothing but what it gets ready with


def test_an_error_in_a_worker_is_a_failed_trial(tmp_path: Path) -> None:
    build = traced_build(tmp_path)

    def choosy(units: int, seed: int) -> object:
        if units == 13:
            raise ZeroDivisionError("13 brings bad luck")
        return build(units, seed)

    with joblib.parallel_config(backend="loky", n_jobs=2):
        result = try_many(choosy, "joblib")
    assert [(t.number, t.reason) for t in result.trials if t.status == "failed"] == [
        (8, "ZeroDivisionError: 13 brings bad luck")
    ]
    wait_until_gone(list(pids(tmp_path, "unpacked")))


def test_ctrl_c_ends_the_processes_and_keeps_what_is_done(tmp_path: Path) -> None:
    ctrl_c = CtrlC(8)
    with joblib.parallel_config(backend="loky", n_jobs=3):
        result = try_many(traced_build(tmp_path), "joblib", 10, slow=(0, 1), epochs=8_000, callbacks=[ctrl_c])
    assert (result.stopped, [trial.number for trial in result.trials]) == ("interrupted", list(range(2, 10)))
    wait_until_gone(list(pids(tmp_path, "unpacked")))
