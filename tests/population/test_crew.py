"""Threads that do jobs: the order, the deadline, errors, Ctrl-C, and that jobs are drawn when they are needed."""

from __future__ import annotations

import signal
import threading
import time
from dataclasses import dataclass, field

import pytest

from netlet.kernels.compiling import PLAIN
from netlet.population.crew import free_threads, run_jobs

pytestmark = pytest.mark.plain
SOON = 20.0  # seconds, after which a test has failed that waits for another thread


@dataclass  # which has no hash
class Job:
    """Notes that it was run; waits for what it is told to wait for."""

    name: str
    log: list = field(default_factory=list)
    wait: threading.Event | None = None
    error: BaseException | None = None
    begun: threading.Event = field(default_factory=threading.Event)
    stopped: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    n_stops: int = 0

    def run(self, deadline):
        self.log.append((self.name, threading.current_thread().name, deadline))
        self.begun.set()
        try:
            assert self.wait is None or self.wait.wait(SOON)
        finally:
            self.ended.set()
        if self.error is not None:
            raise self.error

    def stop(self):
        self.n_stops += 1
        self.stopped.set()


def until_stopped(name, log):
    job = Job(name, log)
    job.wait = job.stopped
    return job


def names(log):
    return [entry[0] for entry in log]


def threads_of_a_crew():
    return [each for each in threading.enumerate() if each.name.startswith("netlet-")]


@pytest.fixture(autouse=True)
def no_thread_is_left():
    yield
    ends = time.monotonic() + SOON
    while threads_of_a_crew() and time.monotonic() < ends:
        time.sleep(0.01)
    assert threads_of_a_crew() == []


def test_one_thread_does_them_in_their_order():
    log, ended = [], []
    assert run_jobs((Job(name, log) for name in "cabd"), 1, ended.append) == "done"
    assert names(log) == list("cabd")
    assert [job.name for job in ended] == list("cabd")
    assert {entry[1] for entry in log} == {"netlet-0"}


@pytest.mark.parametrize("n_threads", [2, 3, 9])
def test_several_threads_do_each_job_once(n_threads):
    log, ended = [], []
    assert run_jobs([Job(str(k), log) for k in range(40)], n_threads, ended.append) == "done"
    assert sorted(names(log)) == sorted(map(str, range(40)))
    assert sorted(job.name for job in ended) == sorted(names(log))


def test_jobs_run_side_by_side_on_other_threads_and_end_in_the_callers():
    """Each of three waits until all three have begun."""
    log, callers = [], []
    jobs = [Job(name, log) for name in "abc"]
    barrier = threading.Barrier(3)
    for job in jobs:
        job.wait = type("Meeting", (), {"wait": lambda self, seconds: barrier.wait(seconds) is not None})()
    assert run_jobs(jobs, 3, lambda job: callers.append(threading.current_thread())) == "done"
    assert len({entry[1] for entry in log}) == 3
    assert callers == [threading.current_thread()] * 3


def test_the_next_job_is_begun_by_the_first_thread_that_is_free():
    """Two threads: the first job waits until the last of the others was done."""
    log = []
    others = [Job(name, log) for name in "bcd"]
    first = Job("a", log, wait=others[-1].begun)
    assert run_jobs([first, *others], 2, lambda job: None) == "done"
    assert names(log)[2:] == ["c", "d"]


def test_no_jobs_are_done_at_once():
    assert run_jobs([], 3, lambda job: pytest.fail("no job was given")) == "done"


def test_jobs_are_drawn_up_when_a_thread_is_free_and_one_at_a_time():
    log, drawn, inside = [], [], []

    def draw():
        for name in "abcdef":
            inside.append(1)
            assert len(inside) == 1, "two threads drew at once"
            assert len(drawn) - len(log) <= 2
            drawn.append(name)
            time.sleep(0.002)
            inside.clear()
            yield Job(name, log)

    assert run_jobs(draw(), 3, lambda job: None) == "done"
    assert sorted(names(log)) == drawn == list("abcdef")


def test_what_ended_may_decide_what_comes_next():
    """As a search does: the jobs end when the caller has seen enough."""
    log, ended = [], []

    def draw():
        place = 0
        while len(ended) < 5:
            yield Job(str(place), log)
            place += 1

    assert run_jobs(draw(), 2, ended.append) == "done"
    assert len(ended) == len(log) >= 5


# The deadline


def test_after_the_deadline_none_is_begun():
    log, drawn = [], []

    def draw():
        for name in "abc":
            drawn.append(name)
            yield Job(name, log)

    assert run_jobs(draw(), 2, lambda job: pytest.fail("none was begun"), time.perf_counter() - 1) == "time"
    assert drawn == log == []


def test_a_job_is_told_the_deadline_and_none_comes_after_it():
    log = []
    deadline = time.perf_counter() + 0.2

    class Sleeper(Job):
        def run(self, deadline):
            super().run(deadline)
            time.sleep(max(0.0, deadline - time.perf_counter()))

    assert run_jobs([Sleeper(name, log) for name in "abc"], 2, lambda job: None, deadline) == "time"
    assert sorted(names(log)) == ["a", "b"]
    assert {entry[2] for entry in log} == {deadline}


def test_a_deadline_far_away_changes_nothing():
    log = []
    assert run_jobs([Job("a", log)], 1, lambda job: None, time.perf_counter() + 1e6) == "done"


# Errors


def test_the_error_of_a_job_reaches_the_caller_and_ends_the_others():
    log, ended = [], []
    long = until_stopped("long", log)
    bad = Job("bad", log, wait=long.begun, error=RuntimeError("the callback is wrong"))
    later = Job("later", log)
    with pytest.raises(RuntimeError, match="the callback is wrong"):
        run_jobs([long, bad, later], 2, ended.append)
    assert long.n_stops == 1
    assert sorted(names(log)) == ["bad", "long"]
    assert ended == [long]  # it has ended before the caller goes on


def test_the_first_of_two_errors_is_the_one():
    log = []
    second = Job("second", log, error=ValueError("second"))
    second.wait = second.stopped
    first = Job("first", log, wait=second.begun, error=ValueError("first"))
    with pytest.raises(ValueError, match="first"):
        run_jobs([second, first], 2, lambda job: None)


def test_an_error_of_what_draws_them_reaches_the_caller():
    log = []
    long = until_stopped("long", log)

    def draw():
        yield long
        assert long.begun.wait(SOON)
        raise KeyError("no such setting")

    with pytest.raises(KeyError, match="no such setting"):
        run_jobs(draw(), 2, lambda job: None)
    assert long.n_stops == 1


def test_an_error_of_the_caller_ends_the_jobs_under_way_before_it_is_raised():
    log, finished = [], []
    long = until_stopped("long", log)

    class Slow(Job):
        def run(self, deadline):
            super().run(deadline)
            time.sleep(0.1)
            finished.append(self.name)

    slow = Slow("slow", log)
    slow.wait = slow.stopped

    def fail(job):
        raise OSError("the disk is full")

    quick = Job("quick", log, wait=slow.begun)
    with pytest.raises(OSError, match="the disk is full"):
        run_jobs([slow, quick, long], 2, fail)
    assert finished == ["slow"]


def test_a_job_that_leaves_python_does_not_hang_the_caller():
    with pytest.raises(SystemExit):
        run_jobs([Job("a", error=SystemExit(3))], 2, lambda job: None)


# Ctrl-C


def test_ctrl_c_ends_the_jobs_under_way_and_begins_no_more():
    log, ended = [], []
    jobs = [until_stopped(name, log) for name in "abcd"]
    before = signal.getsignal(signal.SIGINT)

    def press():
        assert all(job.begun.wait(SOON) for job in jobs[:2])
        signal.raise_signal(signal.SIGINT)

    threading.Thread(target=press).start()
    assert run_jobs(jobs, 2, ended.append) == "interrupted"
    assert sorted(names(log)) == ["a", "b"]
    assert {job.name for job in ended} == {"a", "b"}
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_while_the_caller_notes_what_ended():
    log, ended = [], []

    def note(job):
        ended.append(job.name)
        if len(ended) == 2:
            signal.raise_signal(signal.SIGINT)

    assert run_jobs((Job(str(k), log) for k in range(10**6)), 2, note) == "interrupted"
    assert 2 <= len(ended) == len(log) < 10**6


def test_a_second_ctrl_c_does_not_wait():
    """The job does not listen: the first Ctrl-C asks in vain."""
    deaf = Job("deaf", wait=threading.Event())

    def press():
        assert deaf.begun.wait(SOON)
        signal.raise_signal(signal.SIGINT)
        assert deaf.stopped.wait(SOON)
        signal.raise_signal(signal.SIGINT)

    threading.Thread(target=press).start()
    with pytest.raises(KeyboardInterrupt):
        run_jobs([deaf], 1, lambda job: None)
    assert not deaf.ended.is_set()
    deaf.wait.set()


def test_another_thread_than_the_main_one_may_call():
    log, endings = [], []

    def work():
        endings.append(run_jobs([Job(name, log) for name in "abc"], 2, lambda job: None))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SOON)
    assert endings == ["done"] * 3
    assert sorted(names(log)) == sorted("abc" * 3)


def test_how_many_threads_there_are():
    assert free_threads(3) == 3
    assert free_threads(None) >= 1
    assert free_threads(None) == 1 or not PLAIN
