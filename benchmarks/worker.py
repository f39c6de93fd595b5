"""One library in a process of its own, commanded over a pipe.

Libraries bring thread pools that spin for a while after work (OpenMP, OpenBLAS) and take their number of threads from
the environment when they load. In processes of their own they cannot disturb one another, and a process that waits for
its next command sleeps. So peers are still measured in turns, round after round, but each in clean surroundings.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import time
from multiprocessing.connection import Connection
from typing import Any

# What the libraries read when they load; NPROC is the one setting that the thread pool of JAX's compiler obeys.
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NPROC")


ANSWER_LIMIT = 45.0  # seconds for a measurement, which takes well below one: beyond this the library hangs


class PeerError(Exception):
    """A peer could not be started or prepared, or took too long; the message is the reason shown in the table."""


def reason(error: BaseException) -> str:
    """Return the first line of an error, cut to a length that fits a note."""
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0]}"[:200]


def serve(pipe: Connection, peer: str, n_threads: int) -> None:
    """Run in the child: answer commands until told to stop. Prints of the libraries go nowhere."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    forms: dict[str, Any] = {}
    with contextlib.suppress(EOFError, KeyboardInterrupt):
        while (command := pipe.recv()) is not None:
            try:
                if command[0] == "prepare":
                    forms.clear()
                    gc.collect()
                    pipe.send(prepare(forms, peer, n_threads, command[1]))
                else:
                    pipe.send(measure(forms[command[1]], command[2]))
            except Exception as error:
                pipe.send(PeerError(reason(error)))


def prepare(forms: dict[str, Any], peer: str, n_threads: int, shape_name: str) -> dict[str, float]:
    """Build the forms of a shape and warm them up; return seconds per epoch by form, without those that fail."""
    from peers import load
    from tasks import named

    shape = named(shape_name)
    X, y = shape.data()
    seconds: dict[str, float] = {}
    failed: BaseException | None = None
    for name, run in load(peer)(shape, X, y, n_threads).items():
        try:
            run(1)
            seconds[name] = min(measure(run, 1)["seconds"] for _ in range(2))
        except Exception as error:
            failed = error
            continue
        forms[name] = run
    if not forms and failed is not None:
        raise failed
    return seconds


def measure(run: Any, epochs: int) -> dict[str, Any]:
    """Time one call of `epochs` epochs: wall seconds, processor seconds of this process, the library's own epochs."""
    before, cpu = time.perf_counter(), time.process_time()
    own = run(epochs)
    return {"seconds": time.perf_counter() - before, "cpu": time.process_time() - cpu, "epochs": own}


class Worker:
    """The parent's end: starts the process of one peer with a number of threads and asks it for measurements."""

    def __init__(self, peer: str, n_threads: int) -> None:
        self.peer, self.n_threads = peer, n_threads
        self.hangs = 0  # how often the process had to be replaced because it no longer answered
        self._prepare: tuple[str, float] | None = None
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, self.peer, self.n_threads), daemon=True)
        saved = {name: os.environ.get(name) for name in THREAD_VARIABLES}
        os.environ.update(dict.fromkeys(THREAD_VARIABLES, str(self.n_threads)))
        try:
            self._process.start()
        finally:
            for name, value in saved.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})
        theirs.close()

    def prepare(self, shape_name: str, time_limit: float) -> dict[str, float]:
        """Build and warm up all forms; raise PeerError when none works or the time is over (the process is ended)."""
        self._prepare = (shape_name, time_limit)
        answer: dict[str, float] = self._ask(("prepare", shape_name), time_limit)
        return answer

    def measure(self, form: str, epochs: int) -> dict[str, Any]:
        """Time `epochs` epochs of a form; a process that hangs is replaced, twice at most."""
        answer: dict[str, Any]
        for _ in range(2):
            try:
                answer = self._ask(("measure", form, epochs), ANSWER_LIMIT)
                return answer
            except PeerError:
                if self.alive or self._prepare is None:
                    raise
                self.hangs += 1
                self._start()
                self.prepare(*self._prepare)
        answer = self._ask(("measure", form, epochs), ANSWER_LIMIT)
        return answer

    def close(self) -> None:
        """End the process."""
        with contextlib.suppress(OSError):
            self._pipe.send(None)
        self._process.join(2.0)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._pipe.close()

    @property
    def alive(self) -> bool:
        """Whether the process still answers."""
        return self._process.is_alive()

    def _ask(self, command: tuple[Any, ...], time_limit: float) -> Any:
        try:
            self._pipe.send(command)
            if not self._pipe.poll(time_limit):
                self._process.kill()
                self._process.join()
                raise PeerError(f"no answer within {time_limit:.0f} s")
            answer = self._pipe.recv()
        except (EOFError, OSError) as error:
            self._process.join(5.0)
            raise PeerError(f"its process ended (exit code {self._process.exitcode})") from error
        if isinstance(answer, PeerError):
            raise answer
        return answer
