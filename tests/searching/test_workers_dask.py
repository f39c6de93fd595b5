"""A search on a real Dask cluster of three processes, one of which is killed in the middle."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import joblib
import pytest
from clusters import N_TRIALS, Killer, check_same, pids, traced_build, try_many

distributed = pytest.importorskip("distributed", reason='needs Dask: pip install "netlet[dask]"')

pytestmark = [pytest.mark.slow, pytest.mark.compiled]


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Any]:
    with (
        distributed.LocalCluster(
            n_workers=3, processes=True, threads_per_worker=1, dashboard_address=None,
            local_directory=str(tmp_path / "dask"), silence_logs=logging.CRITICAL,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):  # fmt: skip
        yield client


def test_a_killed_worker_costs_no_trial(client: Any, tmp_path: Path) -> None:
    before = set(client.run(__import__("os").getpid).values())
    killer = Killer(tmp_path)
    killer.start()
    with joblib.parallel_config(backend="dask"):
        result = try_many(traced_build(tmp_path, "once"), "joblib", callbacks=[killer])
    killer.join()
    assert len(killer.killed) == 1
    assert killer.killed[0] in before
    assert len(result.trials) == N_TRIALS
    unpacked, built = pids(tmp_path, "unpacked"), pids(tmp_path, "built")
    assert before <= set(built)
    print(unpacked, built)
    assert all(count == 1 for count in unpacked.values())
    check_same(result, try_many(traced_build(tmp_path)))
