"""Jobs on threads: in a given order, their results in the order of the jobs, and Ctrl-C heard at once."""

from __future__ import annotations

import contextvars
import queue
import threading
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from sklearn import config_context, get_config

from netlet.kernels.blas import single_threaded_blas
from netlet.searching.cross_validation.stopping import Stop

Result = TypeVar("Result")

_POLL = 0.1  # seconds; Windows does not wake a waiting main thread for Ctrl-C


class _Course(Generic[Result]):
    """What the threads share: the jobs still to begin, and the reports of those that ended."""

    def __init__(self, jobs: Sequence[Callable[[], Result]], order: Sequence[int], stop: Stop) -> None:
        self.jobs, self.stop = jobs, stop
        self.waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
        for number in order:
            self.waiting.put(number)
        self.ended: queue.SimpleQueue[tuple[int, Result | None, BaseException | None]] = queue.SimpleQueue()

    def work(self, config: dict[str, Any]) -> None:
        """Do jobs until there is none or the end is asked for; scikit-learn's configuration is each thread's own."""
        with config_context(**config):
            while not self.stop.asked:
                try:
                    number = self.waiting.get_nowait()
                except queue.Empty:
                    return
                try:
                    self.ended.put((number, self.jobs[number](), None))
                except BaseException as error:  # handed to the thread that waits
                    self.stop.asked = True
                    self.ended.put((number, None, error))


def run_jobs(
    jobs: Sequence[Callable[[], Result]],
    order: Sequence[int],
    n_threads: int,
    stop: Stop,
    on_end: Callable[[int, Result], None],
) -> list[Result]:
    """Do jobs on threads, BLAS kept to one thread.

    The calling thread does none itself, so that Ctrl-C reaches it at once: it sets `stop`, which ends the running
    trainings at their next epoch, waits for the threads, and lets KeyboardInterrupt go on.

    Parameters
    ----------
    jobs : sequence of callable
    order : sequence of int
        The numbers of the jobs as they are to begin.
    n_threads : int, >= 1
    stop : Stop
    on_end : callable
        Given the number and the result of each job that ended, in the calling thread.

    Returns
    -------
    list
        The results, in the order of `jobs`.

    Raises
    ------
    Exception
        What a job raised: of several that of the lowest number. No job begins after it.
    """
    course = _Course(jobs, order, stop)
    arguments: tuple[Any, ...] = (course.work, get_config())
    threads = [
        threading.Thread(target=contextvars.copy_context().run, args=arguments, name=f"netlet-search-{k}", daemon=True)
        for k in range(min(n_threads, len(jobs)))
    ]
    results: dict[int, Result] = {}
    errors: dict[int, BaseException] = {}
    with single_threaded_blas():
        try:
            for thread in threads:
                thread.start()
            while len(results) + len(errors) < len(jobs):
                try:
                    number, result, error = course.ended.get(timeout=_POLL)
                except queue.Empty:
                    if any(thread.is_alive() for thread in threads):
                        continue
                    if course.ended.empty():  # the threads ended early, because of an error
                        break
                    continue
                if error is not None:
                    errors[number] = error
                else:
                    results[number] = result  # type: ignore[assignment]
                    on_end(number, results[number])
        finally:
            stop.asked = stop.asked or len(results) < len(jobs)
            for thread in threads:
                if thread.ident is not None:
                    thread.join()
    if errors:
        raise errors[min(errors)]
    return [results[number] for number in range(len(jobs))]
