"""The engine behind the backend that joblib has active."""

from __future__ import annotations

from typing import Any

from netlet.searching.engines.engine import Engine
from netlet.searching.task import Task
from netlet.searching.trial import Ask


def engine_of_joblib(n_threads: int | None, task: Task, first: Ask) -> Engine:
    """Return the engine of the active backend of joblib, with its workers beginning to be made ready.

    joblib says which engine is meant, and has its connection. Its own way of sending calls is not used: neither its
    backend for Dask nor Ray's backend for it gives results back as they come in a way that outlives a lost worker
    (``return_as="generator_unordered"`` is refused for Ray; an error of one call ends all).

    Parameters
    ----------
    n_threads : int or None
        Of each worker; None: what the engine gives a worker.
    task : Task
    first : Ask
        A trial to get ready with.

    Raises
    ------
    ValueError
        If the backend is one of this process alone, or unknown.
    """
    from joblib.parallel import get_active_backend

    backend, n_jobs = get_active_backend()
    n_jobs = -1 if n_jobs is None else n_jobs
    kind = type(backend).__name__
    if kind == "DaskDistributedBackend":
        from netlet.searching.engines.on_dask import OnDask

        return OnDask(_client_of(backend), backend.submit_kwargs, n_threads, task, first)
    if kind == "RayBackend":
        from netlet.searching.engines.on_ray import OnRay

        return OnRay(backend.ray_remote_args or {}, n_jobs, n_threads, task, first)
    if kind == "LokyBackend":
        from netlet.searching.engines.on_processes import OnProcesses

        return OnProcesses(backend.effective_n_jobs(n_jobs), n_threads, task, first)
    raise ValueError(
        f"workers='joblib' with the backend {kind} of joblib; make one of 'dask', 'ray' and 'loky' active: "
        "with joblib.parallel_config(backend='dask'): ..."
    )


def _client_of(backend: Any) -> Any:
    backend.effective_n_jobs(-1)  # waits for the first worker, as long as joblib's wait_for_workers_timeout says
    return backend.client
