"""A search on a real Dask cluster of three processes, one of which is killed in the middle."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import joblib
import pytest
from clusters import LONG, N_TRIALS, CtrlC, Killer, check_same, pids, traced_build, try_many, wait_until_gone

from netlet.errors import WorkerLost
from netlet.searching.budget import Seconds

dask = pytest.importorskip("dask", reason='needs Dask: pip install "netlet[dask]"')
distributed = pytest.importorskip("distributed", reason='needs Dask: pip install "netlet[dask]"')

pytestmark = [pytest.mark.slow, pytest.mark.compiled]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    # The memory manager takes replicas away hundreds of times as often as by default: a worker must not fetch anew.
    hurried = {"distributed.scheduler.active-memory-manager.interval": "5ms"}
    with (
        dask.config.set(hurried),
        distributed.LocalCluster(
            n_workers=3, processes=True, threads_per_worker=1, dashboard_address=":0",
            local_directory=str(tmp_path_factory.mktemp("dask")), silence_logs=logging.CRITICAL,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):  # fmt: skip
        yield client
        last = list(client.run(os.getpid).values())
    wait_until_gone(last)


@pytest.fixture
def processes(client: Any) -> set[int]:
    """The three, after those that an earlier test killed are replaced."""
    client.wait_for_workers(3, timeout=LONG)
    return set(client.run(os.getpid).values())


def test_a_killed_worker_costs_no_trial(processes: set[int], tmp_path: Path) -> None:
    killer = Killer(tmp_path)
    killer.start()
    with joblib.parallel_config(backend="dask"), pytest.warns(WorkerLost, match="Dask died .*trial 8 is trained"):
        result = try_many(traced_build(tmp_path, "once"), "joblib", callbacks=[killer])
    killer.join()
    assert len(killer.killed) == 1
    assert killer.killed[0] in processes
    assert len(result.trials) == N_TRIALS
    unpacked, built = pids(tmp_path, "unpacked"), pids(tmp_path, "built")
    assert processes <= set(built)
    assert max(built.values()) > 5  # of many batches, and yet:
    assert processes <= set(unpacked)
    assert set(unpacked.values()) == {1}
    check_same(result, try_many(traced_build(tmp_path)))


def test_a_batch_that_dask_gives_up_is_sent_again(processes: set[int], client: Any, tmp_path: Path) -> None:
    allowed = client.run_on_scheduler(_allow_failures, 0)
    killer = Killer(tmp_path)
    killer.start()
    try:
        with joblib.parallel_config(backend="dask"), pytest.warns(WorkerLost, match="Dask died .*trial 8 is trained"):
            result = try_many(traced_build(tmp_path, "once"), "joblib", callbacks=[killer])
    finally:
        client.run_on_scheduler(_allow_failures, allowed)
    killer.join()
    assert len(killer.killed) == 1
    check_same(result, try_many(traced_build(tmp_path)))


def _allow_failures(count: int, dask_scheduler: Any = None) -> int:
    before: int = dask_scheduler.allowed_failures
    dask_scheduler.allowed_failures = count
    return before


def test_ctrl_c_stops_the_workers_and_keeps_what_is_done(processes: set[int], client: Any, tmp_path: Path) -> None:
    ctrl_c = CtrlC(8)
    with joblib.parallel_config(backend="dask"):
        result = try_many(
            traced_build(tmp_path), "joblib", 10, slow=(0, 1), epochs=8_000, callbacks=[ctrl_c]
        )  # fmt: skip
    assert (result.stopped, [trial.number for trial in result.trials]) == ("interrupted", list(range(2, 10)))
    for _ in range(300):
        if not any(client.run(_is_training).values()):
            return
        time.sleep(0.1)
    pytest.fail("a worker trains on")


def _is_training() -> bool:
    from netlet.searching import batch

    return any(batch._under_way.values())


def test_seconds_end_what_is_under_way(processes: set[int], tmp_path: Path) -> None:
    with joblib.parallel_config(backend="dask"):
        try_many(traced_build(tmp_path), "joblib")  # the workers have imported and compiled what they need
        result = try_many(
            traced_build(tmp_path), "joblib", 10, slow=(0, 1), epochs=1500, budget=Seconds(4)
        )  # fmt: skip
    assert result.stopped == "time"
    assert result.seconds >= 4
    slow = [trial for trial in result.trials if trial.number in (0, 1)]
    assert [trial.status for trial in slow] == ["stopped", "stopped"]
    assert all(0 < trial.epochs < 1500 and trial.score is not None for trial in slow)
    assert 2 < max(trial.started + trial.seconds for trial in result.trials) <= result.seconds
