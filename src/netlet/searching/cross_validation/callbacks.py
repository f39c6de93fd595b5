"""Scikit-learn's callbacks, where its version has them: each training of a search is a task that they are told of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any


class Tasks:
    """The tasks of a search: the whole, each training in a fold, and the refit.

    Parameters
    ----------
    search : estimator
        Nobody is told anything unless it was given callbacks.
    arguments : dict of str to object
        X, y and what goes with them, of the whole.
    """

    def __init__(self, search: Any, arguments: dict[str, Any]) -> None:
        self.search, self.arguments = search, arguments
        self.whole: Any = None
        self.round: Any = None
        if getattr(search, "_skl_callbacks", None) or hasattr(search, "_parent_callback_ctx"):
            self.whole = search._init_callback_context(max_subtasks=None)
            self.whole.call_on_fit_task_begin(estimator=search, **arguments)

    @contextmanager
    def searching(self, n_trainings: int) -> Iterator[list[Any]]:
        """Tell of a round; within, there is a task for each training: None where nobody listens."""
        if self.whole is None:
            yield [None] * n_trainings
            return
        task = self.whole.subcontext(task_name="search", max_subtasks=n_trainings, sequential_subtasks=False)
        task.call_on_fit_task_begin(estimator=self.search)
        # All are made here, before the threads begin: a task enters itself in the list of the one that it is part of.
        yield [task.subcontext(task_name="candidate-split-evaluation", task_id=k) for k in range(n_trainings)]
        task.call_on_fit_task_end(estimator=self.search)

    @contextmanager
    def refitting(self, estimator: Any) -> Iterator[None]:
        """Tell of the refit."""
        if self.whole is None:
            yield
            return
        with self.training(self.whole.subcontext(task_name="refit-with-best-params"), estimator, self.arguments):
            yield

    @contextmanager
    def training(self, task: Any, estimator: Any, arguments: dict[str, Any]) -> Iterator[None]:
        """Tell of a training, and let those callbacks that want to hear of its epochs."""
        with nullcontext() if task is None else task.propagate_callback_context(estimator):
            if task is not None:
                task.call_on_fit_task_begin(estimator=self.search, **arguments)
            try:
                yield
            finally:
                if task is not None:
                    task.call_on_fit_task_end(estimator=self.search, **arguments)

    def end(self) -> None:
        """Tell that the search is over."""
        if self.whole is not None:
            self.whole.call_on_fit_task_end(estimator=self.search, **self.arguments)


def arguments_of(X: Any, y: Any, fit_params: dict[str, Any]) -> dict[str, Any]:
    """Return what callbacks are told of the samples of a training."""
    weights = fit_params.get("sample_weight")
    return {"X": X, "y": y, "metadata": None if weights is None else {"sample_weight": weights}}
