"""How trials are dealt out to workers, and what a batch gives back; without other processes."""

from __future__ import annotations

import time
from collections import deque
from pathlib import Path
from typing import Any

import joblib
import pytest
from clusters import samples, traced_build, try_many

from netlet.errors import WorkerLost
from netlet.searching import workers
from netlet.searching.batch import Batch, Outcome, train_batch
from netlet.searching.engines import Lost
from netlet.searching.samples import task_of
from netlet.searching.task import Task, TrialJob
from netlet.searching.trial import Ask, Trial
from netlet.searching.workers import Workers, dealt_out

pytestmark = pytest.mark.plain


@pytest.mark.parametrize("n_items", [0, 1, 2, 7, 24, 100, 1000])
@pytest.mark.parametrize(("n_workers", "n_threads"), [(1, 1), (3, 1), (2, 4), (5, 16)])
def test_every_item_is_dealt_out_once_and_evenly(n_items: int, n_workers: int, n_threads: int) -> None:
    batches = dealt_out(list(range(n_items)), n_workers, n_threads)
    assert sorted(item for batch in batches for item in batch) == list(range(n_items))
    assert len(batches) >= min(n_items, n_workers)
    assert all(batch == sorted(batch) for batch in batches)  # the longest are the first still
    if batches:
        sizes = [len(batch) for batch in batches]
        assert max(sizes) - min(sizes) <= 1


def test_a_worker_gets_several_batches_with_something_for_every_thread() -> None:
    assert len(dealt_out(range(100), 3, 1)) == 24
    assert [len(batch) for batch in dealt_out(range(64), 2, 4)] == [8] * 8
    assert [len(batch) for batch in dealt_out(range(6), 2, 4)] == [3, 3]


def small_task(tmp_path: Path) -> Task:
    x, y = samples()
    return task_of(x, y, None, 0.2, None, None, "accuracy", 2, None, 0, traced_build(tmp_path), {}, ())


def asks(count: int) -> list[Ask]:
    return [Ask(k, {"units": 2 + k, "batch_size": 100}) for k in range(count)]


def test_a_batch_gives_back_its_best_networks_only(tmp_path: Path) -> None:
    task = small_task(tmp_path)
    result = train_batch(task, Batch(0, [(ask, None, None) for ask in asks(5)], 2, 100.0, None), 1)
    trials = [trial for trial, _, _ in result.results if trial is not None]
    assert [trial.number for trial in trials] == [0, 1, 2, 3, 4]
    best = {trial.number for trial in sorted(trials, key=lambda trial: (trial.cost, trial.number))[:2]}
    assert {trial.number for trial, network, _ in result.results if network is not None and trial} == best
    assert all(trial.started >= 100 for trial in trials)


def test_a_batch_is_sent_without_the_samples(tmp_path: Path) -> None:
    task = small_task(tmp_path)
    batch = Batch(0, [(ask, None, None) for ask in asks(10)], 2, 0.0, None)
    cloudpickle = pytest.importorskip("cloudpickle")  # what joblib pickles with
    assert len(cloudpickle.dumps(task)) > task.x.nbytes + task.y.nbytes
    assert len(cloudpickle.dumps(batch)) < 1500


def test_a_batch_that_comes_too_late_is_not_begun(tmp_path: Path) -> None:
    result = train_batch(small_task(tmp_path), Batch(0, [(ask, None, None) for ask in asks(3)], 2, 0.0, -1.0), 1)
    assert result == Outcome("time", [(None, None, None)] * 3)


class Scripted:
    """An engine in this process, one worker; what is lost is said by a function of the asks' numbers."""

    name, n_threads = "Scripted", 1

    def __init__(self, loses: Any) -> None:
        self.loses, self.given = loses, []
        self.waiting: deque[tuple[int, Outcome | Lost]] = deque()

    def look(self) -> None: ...

    def n_coming(self) -> int:
        return 0

    def n_workers(self) -> int:
        return 1

    def n_free(self) -> int:
        return 3 - len(self.waiting)

    def submit(self, batch: Batch) -> None:
        numbers = [ask.number for ask, _, _ in batch.work]
        self.given.append((numbers, len(self.waiting)))
        done = [(Trial(number, {}, 0.5, 0.5), None, None) for number in numbers]
        self.waiting.append((batch.number, Lost("it fell") if self.loses(numbers) else Outcome("done", done)))

    def collect(self, seconds: float) -> list[tuple[int, Outcome | Lost]]:
        return [self.waiting.popleft()] if self.waiting else []

    def close(self) -> None: ...


def run_scripted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, engine: Scripted, deadline: float | None = None
) -> tuple[str, list[Trial | None]]:
    monkeypatch.setattr(workers, "engine_of_joblib", lambda *_: engine)
    task, found = small_task(tmp_path), []
    with Workers(task, 1, 5) as crew:
        crew.prepare(asks(1)[0])
        jobs = [TrialJob(task, ask) for ask in asks(40)]
        ending = crew.run(jobs, lambda job: found.append(job.trial), deadline)
    return ending, found


def test_what_is_lost_is_given_again_one_by_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    engine = Scripted(lambda numbers: 9 in numbers and len(numbers) > 1)
    with pytest.warns(WorkerLost, match=r"Scripted died \(it fell\): trials 1, 9, 17, 25, 33 are trained again"):
        ending, found = run_scripted(monkeypatch, tmp_path, engine)
    assert ending == "done"
    assert sorted(trial.number for trial in found if trial) == list(range(40))
    assert [numbers for numbers, _ in engine.given[-5:]] == [[1], [9], [17], [25], [33]]


def test_the_last_time_a_suspect_is_trained_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    engine = Scripted(lambda numbers: 9 in numbers)
    with pytest.warns(WorkerLost):
        _, found = run_scripted(monkeypatch, tmp_path, engine)
    assert engine.given[-1] == ([9], 0)
    assert [(t.number, t.status) for t in found if t and t.status != "done"] == [(9, "failed")]
    assert len(found) == 40


def test_nothing_is_given_after_the_deadline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    engine = Scripted(lambda numbers: False)
    assert run_scripted(monkeypatch, tmp_path, engine, time.perf_counter() - 1) == ("time", [])
    assert engine.given == []


def test_a_worker_that_never_answers_is_given_up_after_the_deadline(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Silent(Scripted):
        def collect(self, seconds: float) -> list[tuple[int, Outcome | Lost]]:
            time.sleep(0.01)
            return []

    monkeypatch.setattr(workers, "_GRACE", 0.2)
    began = time.perf_counter()
    assert run_scripted(monkeypatch, tmp_path, Silent(lambda _: False), began + 0.5) == ("time", [])
    assert time.perf_counter() - began > 0.6


def test_a_cluster_without_workers_is_waited_for_with_a_word(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Late(Scripted):
        def n_workers(self) -> int:
            return int(time.perf_counter() > came)

    monkeypatch.setattr(workers, "_PATIENCE", 0.1)
    came = time.perf_counter() + 0.5
    with pytest.warns(WorkerLost, match="Scripted has had no worker"):
        assert run_scripted(monkeypatch, tmp_path, Late(lambda _: False))[0] == "done"


def test_workers_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="workers='dusk' is not one of 'joblib', or None"):
        try_many(traced_build(tmp_path), "dusk")
    with (
        joblib.parallel_config(backend="threading"),
        pytest.raises(ValueError, match="ThreadingBackend of joblib; make one of 'dask'"),
    ):
        try_many(traced_build(tmp_path), "joblib", 2, epochs=1)
