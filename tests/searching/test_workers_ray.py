"""A search on a real Ray cluster of three processes, one of which is killed in the middle."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import joblib
import pytest
from clusters import N_TRIALS, CtrlC, Killer, check_same, pids, traced_build, try_many, wait_until_gone

from netlet.errors import WorkerLost

ray = pytest.importorskip("ray", reason='needs Ray: pip install "netlet[ray]"')

pytestmark = [
    pytest.mark.slow,
    pytest.mark.compiled,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # Ray leaves its log files open
    pytest.mark.filterwarnings("ignore::FutureWarning:ray.*"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:ray.*"),
]


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    from ray.util.joblib import register_ray

    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))  # or Ray writes one to the home folder
        environment.setenv("RAY_USAGE_STATS_ENABLED", "0")
        ray.init(num_cpus=3, include_dashboard=False, object_store_memory=80_000_000, log_to_driver=False)
        register_ray()
        yield
        ray.shutdown()


def test_a_killed_worker_costs_no_trial(cluster: None, tmp_path: Path) -> None:
    killer = Killer(tmp_path)
    killer.start()
    with joblib.parallel_config(backend="ray"), pytest.warns(WorkerLost, match="of Ray died .*trial 8 is trained"):
        result = try_many(traced_build(tmp_path, "once"), "joblib", callbacks=[killer], n_threads=1)
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


def test_a_node_is_one_worker_with_all_its_threads(cluster: None, tmp_path: Path) -> None:
    with joblib.parallel_config(backend="ray"):
        result = try_many(traced_build(tmp_path), "joblib")
    assert len(pids(tmp_path, "unpacked")) == 1
    check_same(result, try_many(traced_build(tmp_path)))


def test_more_threads_than_a_node_has(cluster: None, tmp_path: Path) -> None:
    with joblib.parallel_config(backend="ray"), pytest.raises(ValueError, match="n_threads=8 .* give at most 3"):
        try_many(traced_build(tmp_path), "joblib", n_threads=8)


def test_ctrl_c_ends_the_actors_and_keeps_what_is_done(cluster: None, tmp_path: Path) -> None:
    ctrl_c = CtrlC(8)
    with joblib.parallel_config(backend="ray"):
        result = try_many(
            traced_build(tmp_path), "joblib", 10, slow=(0, 1), epochs=8_000, callbacks=[ctrl_c], n_threads=1
        )  # fmt: skip
    assert (result.stopped, [trial.number for trial in result.trials]) == ("interrupted", list(range(2, 10)))
    wait_until_gone(list(pids(tmp_path, "unpacked")))
