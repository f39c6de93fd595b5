"""Atomic numbers and the barrier, between real threads."""

from __future__ import annotations

import threading

import numba
import numpy as np
import pytest

from netlet.kernels import threads
from netlet.kernels.compiling import PLAIN

TOTAL, SLOTS = threads.CONTROL_SIZE, threads.CONTROL_SIZE + threads.LINE


def _meet(control, thread, n_threads, rounds):
    """Add in every round, and see at each barrier what all have added."""
    wrong = 0
    for turn in range(rounds):
        threads.atomic_add(control, TOTAL, thread + 1)
        threads.barrier(control, n_threads)
        if threads.atomic_load(control, TOTAL) != (turn + 1) * n_threads * (n_threads + 1) // 2:
            wrong += 1
        threads.barrier(control, n_threads)
    threads.atomic_store(control, SLOTS, wrong)
    return wrong


meet = _meet if PLAIN else numba.njit(nogil=True)(_meet)


def control_numbers():
    return np.zeros(threads.CONTROL_SIZE + 2 * threads.LINE, np.int64)


@pytest.mark.plain
def test_one_thread_waits_for_nobody():
    assert meet(control_numbers(), 0, 1, 3) == 0


@pytest.mark.compiled
@pytest.mark.parametrize("n_threads", [2, 3, 4])
def test_a_barrier_lets_nobody_run_ahead(n_threads):
    """More threads than processors, too: a waiting thread lets the others run."""
    control, wrong = control_numbers(), []
    meet(control_numbers(), 0, 1, 1)
    rounds = 5000 if n_threads == 2 else 500
    team = [
        threading.Thread(target=lambda place=place: wrong.append(meet(control, place, n_threads, rounds)))
        for place in range(n_threads)
    ]
    for member in team:
        member.start()
    for member in team:
        member.join()
    assert wrong == [0] * n_threads


@pytest.mark.plain
def test_atomic_numbers_of_the_plain_text():
    control = control_numbers()
    threads.atomic_store(control, TOTAL, 5)
    assert threads.atomic_add(control, TOTAL, 2) == 5
    assert threads.atomic_load(control, TOTAL) == 7
    threads.spin_pause()
    threads.yield_processor()
    threads.restore_denormals(threads.flush_denormals())
