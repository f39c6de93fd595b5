"""The team of threads, and the choice of how many of them work."""

from __future__ import annotations

import threading
import time

import pytest

from netlet.kernels.compiling import PLAIN
from netlet.kernels.threads import STOP
from netlet.training.pace import Pace
from netlet.training.team import Team, available_threads

pytestmark = pytest.mark.plain


def members(n_threads):
    return 1 if PLAIN else n_threads


@pytest.mark.parametrize("n_threads", [1, 2, 4])
def test_every_thread_is_called_once(n_threads):
    called = []
    with Team(n_threads) as team:
        for _ in range(3):
            team.run(lambda thread, count, word: called.append((thread, count, word)), ("hello",))
    n_threads = members(n_threads)
    assert sorted(called) == sorted([(thread, n_threads, "hello") for thread in range(n_threads)] * 3)


def test_a_short_run_needs_no_thread_but_the_caller():
    names = []
    with Team(2) as team:
        for _ in range(10):
            team.run(lambda thread, count: names.append(threading.current_thread().name), ())
    assert threading.current_thread().name in names


@pytest.mark.parametrize("n_threads", [1, 2])
def test_an_error_reaches_the_caller(n_threads):
    def work(thread, count):
        raise ZeroDivisionError(f"in {thread}")

    with Team(n_threads) as team:
        for _ in range(2):
            with pytest.raises(ZeroDivisionError, match="in "):
                team.run(work, ())


def test_a_request_to_stop_holds_for_every_later_run():
    seen = []
    with Team(2) as team:
        team.run(lambda thread, count: seen.append(int(team.control[STOP])), ())
        team.stop()
        team.run(lambda thread, count: seen.append(int(team.control[STOP])), ())
    assert seen == [0] * members(2) + [1] * members(2)


@pytest.mark.compiled
def test_a_deadline_sets_the_stop():
    def work(thread, count):
        while not team.control[STOP]:
            time.sleep(0.001)

    with Team(2) as team:
        started = time.perf_counter()
        team.run(work, (), started + 0.05)
        assert time.perf_counter() - started >= 0.05


def test_threads_end_with_the_team():
    with Team(3) as team:
        team.run(lambda thread, count: None, ())
    for _ in range(200):
        if not [thread for thread in threading.enumerate() if thread.name.startswith("netlet-")]:
            break
        time.sleep(0.01)
    else:
        pytest.fail("a thread is left")


def test_there_is_a_processor():
    assert available_threads() >= 1


def pace_of(most, fixed=False):
    """Return a pace for epochs of so many steps that each is short."""
    return Pace(most, 10**9, fixed)


def choices(pace, seconds, epochs):
    """Return the numbers of threads that are chosen when an epoch of n threads takes ``seconds[n]``."""
    chosen = []
    for _ in range(epochs):
        chosen.append(pace.next())
        pace.took(chosen[-1], seconds[chosen[-1]])
    return chosen


def test_the_faster_number_of_threads_is_chosen_after_a_trial():
    assert set(choices(pace_of(4), {4: 1.0, 1: 2.0}, 20)[4:]) == {4}
    assert set(choices(pace_of(4), {4: 2.0, 1: 1.0}, 20)[4:]) == {1}


def test_the_other_number_is_tried_now_and_then():
    chosen = choices(pace_of(2), {2: 2.0, 1: 1.0}, 200)
    assert 2 in chosen[10:]
    assert chosen.count(2) < 20


def test_a_change_of_the_machine_is_noticed():
    pace = pace_of(2)
    assert choices(pace, {2: 2.0, 1: 1.0}, 100)[-1] == 1
    assert choices(pace, {2: 0.5, 1: 1.0}, 100)[-1] == 2


@pytest.mark.parametrize(("most", "fixed"), [(3, True), (1, False)])
def test_a_fixed_number_stays(most, fixed):
    assert set(choices(pace_of(most, fixed), {most: 1.0}, 50)) == {most}


def test_all_threads_train_where_steps_are_long():
    """A trial of one thread would cost more than it could bring."""
    assert choices(Pace(2, 10, fixed=False), {2: 1.0, 1: 0.5}, 100) == [2] * 100
