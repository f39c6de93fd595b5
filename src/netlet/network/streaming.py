"""Training a network on blocks of samples: what does not fit into memory, or is not there yet."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from netlet.errors import TrainingFailed, check_number, unknown_name
from netlet.kernels.compiling import prepare, when_compiling
from netlet.kernels.random import COUNT as BLOCKS_DRAWN
from netlet.kernels.random import STREAM_ORDER, new_generator, shuffle
from netlet.network.beginning import method_of
from netlet.network.fitting import Fitting
from netlet.training.endings import ending_of
from netlet.training.full_batch import FullBatch
from netlet.training.history import History
from netlet.training.interrupts import Interrupts
from netlet.training.loop import EPOCH_BITS
from netlet.training.losses import Loss
from netlet.training.optimizers import Optimizer
from netlet.training.progress import Progress, progress_of
from netlet.training.settings import Settings
from netlet.training.stepper import Rule, Samples
from netlet.training.stream import Stream

_END = object()
_NO_TERMS: dict[str, Any] = {
    "l1": 0.0, "l2": 0.0, "penalise_biases": False, "rate_factors": None, "clip_value": None, "clip_norm": None,
    "decay_factors": None,
}  # fmt: skip


class Streaming(Fitting):
    """The part of a `Network` that trains on blocks of samples."""

    def partial_fit(
        self,
        X: Any,
        y: Any,
        *,
        loss: str | Loss = "auto",
        optimizer: str | Optimizer = "adam",
        learning_rate: float | None = None,
        batch_size: int = 32,
        shuffle: bool = True,
        sample_weight: Any = None,
        class_weight: dict[int, float] | None = None,
        n_threads: int | None = None,
        **terms: Any,
    ) -> float:
        """Train once on some samples. The optimizer's memory is kept for the next call.

        It begins anew with another loss, optimizer, batch size or term than in the call before, and after `fit`,
        `freeze`, loading or copying. Without shuffling, so many calls are one `fit` of so many epochs, bit for bit.

        Parameters
        ----------
        X, y, loss, optimizer, learning_rate, sample_weight, n_threads
            As for `fit`, but that the samples may all be of one class.
        batch_size : int, >= 1
        shuffle : bool
            Whether the samples are drawn in a random order.
        class_weight : dict of class to weight, optional
            Multiplied with the samples' weights.
        **terms
            `l1`, `l2`, `penalise_biases`, `rate_factors`, `decay_factors`, `clip_value`, `clip_norm` as for `fit`.

        Returns
        -------
        float
            The mean loss over the batches.

        Raises
        ------
        ValueError, TypeError, TrainingFailed
            As `fit`; the weights are then those before the call. After TrainingFailed the optimizer begins anew.
        KeyboardInterrupt
            After Ctrl-C, so that a loop around it ends; the weights are those of the last step.
        """
        before = self._learnt.copy() if self._learnt is not None else None
        request = _request(loss, optimizer, learning_rate, batch_size, shuffle, class_weight, n_threads, terms)
        try:
            history = self._passes([(X, y, sample_weight)], 1, progress_of(False, 1), request, keeps_memory=True)
        except TrainingFailed:
            self._stream = None
            if before is not None:
                self._built().take(before)
            raise
        if history.stopped == "interrupted":
            raise KeyboardInterrupt
        return history.records[-1]["loss"]

    def fit_stream(
        self,
        blocks: Iterable[tuple[Any, ...]] | Callable[[], Iterable[tuple[Any, ...]]],
        *,
        epochs: int = 1,
        loss: str | Loss = "auto",
        optimizer: str | Optimizer = "adam",
        learning_rate: float | None = None,
        batch_size: int = 32,
        shuffle: bool = True,
        class_weight: dict[int, float] | None = None,
        progress: bool | str = "auto",
        n_threads: int | None = None,
        **terms: Any,
    ) -> History:
        """Train on blocks of samples as they come; only one block is in memory at a time.

        Batches run on over the ends of blocks: without shuffling, the result is that of `fit` with ``shuffle=False`` on
        one large array, bit for bit, however it is cut into blocks.

        Parameters
        ----------
        blocks : iterable of (X, y) or (X, y, sample_weight), or callable that returns one
            A generator can be gone through once; for more epochs give a list, or a function that begins anew. Blocks
            may be of any size, also empty, and all of one class; all have weights or none.
        epochs : int, >= 0
            How many times to go through the blocks.
        shuffle : bool
            Whether the samples of each block are drawn in a random order.
        loss, optimizer, learning_rate, batch_size, class_weight, n_threads, **terms
            As for `partial_fit`; the optimizer's memory ends with the call.
        progress
            As for `fit`. There is no `health`: blocks leave no fixed samples to look at.

        Returns
        -------
        History
            Its `stopped` is "interrupted" after Ctrl-C, which may also fall while a block is made.

        Raises
        ------
        ValueError, TypeError
            As `fit`; if it is a later block that is not as it should be, what was learnt before it is kept.
        TrainingFailed
            If a loss or a gradient is not finite; the weights are those before the block.
        """
        check_number("epochs", epochs, int, 0)
        if not callable(blocks) and not isinstance(blocks, Iterable):
            raise TypeError(
                f"blocks={blocks!r} is neither an iterable of (X, y) nor a function that returns one; "
                "give a list, a generator or a function"
            )
        if epochs > 1 and isinstance(blocks, Iterator):
            raise ValueError(
                f"epochs={epochs} with a generator, which can be gone through only once; give a function that makes one"
            )
        request = _request(loss, optimizer, learning_rate, batch_size, shuffle, class_weight, n_threads, terms)
        return self._passes(blocks, epochs, progress_of(progress, epochs), request)

    def _passes(
        self, blocks: Any, epochs: int, display: Progress, request: _Request, keeps_memory: bool = False
    ) -> History:
        """Go through the blocks so many times."""
        history, started = History(), time.perf_counter()
        stream: Stream | None = None
        with display, when_compiling(display.compiling):
            for epoch in range(1, epochs + 1):
                try:
                    stream, whole = self._pass(_iterator(blocks), stream, request, keeps_memory)
                except TrainingFailed as error:
                    history.stopped, error.history = "failed", history
                    raise
                if stream is None or not whole:
                    history.stopped = "interrupted"
                    break
                self._built().epochs += 1
                seconds = time.perf_counter() - started
                history.records.append({"epoch": epoch, "loss": stream.mean_loss(), "seconds": seconds})
                display.show(history.records[-1])
            display.end(ending_of(history, False, Settings(epochs, request.batch_size)))
        return history

    def _pass(
        self, source: Iterator[Any], stream: Stream | None, request: _Request, keeps_memory: bool
    ) -> tuple[Stream | None, bool]:
        """Go through the blocks once; return the stream, None before the first block, and whether it was done."""
        generator: np.ndarray | None = None
        interrupts: Interrupts | None = None
        try:  # Ctrl-C may fall while a block is made, where no step is under way, or between two lines here
            while (given := next(source, _END)) is not _END:
                block = self._block(given, request, keeps_memory)
                if block is None:
                    continue
                samples, rule = block
                if generator is None:
                    stream = stream or self._stream_for(samples, rule, request.batch_size, keeps_memory)
                    stream.begin()
                    generator = new_generator(self.seed, STREAM_ORDER)
                    generator[BLOCKS_DRAWN] = self._built().epochs << EPOCH_BITS
                assert stream is not None
                stream.check(samples)
                if request.shuffle:
                    order = np.arange(len(samples))
                    prepare(shuffle, self.dtype)(order, generator)
                    samples = samples.rows(order)
                n_steps = len(samples) // request.batch_size + 1
                with stream.stepper.team(request.n_threads, n_steps) as (team, interrupts):
                    whole = stream.take(samples, team)
                # Asked only here, where Ctrl-C is Python's own again: one that fell a line earlier is not lost.
                if not whole or interrupts.asked:
                    return stream, False
            if generator is not None and stream is not None:
                with stream.stepper.team(request.n_threads, 1) as (team, interrupts):
                    whole = stream.finish(team)
                return stream, whole and not interrupts.asked
        except KeyboardInterrupt:
            if interrupts is not None and interrupts.asked:  # the second one, which breaks a step off
                raise
            return stream, False
        raise ValueError(
            "blocks gives no samples"
            + (" when it is gone through again; give a function that begins anew each time" if stream else "")
        )

    def _block(self, given: Any, request: _Request, one_call: bool) -> tuple[Samples, Rule] | None:
        """Check one block, and what is asked of the training; None for a block without rows."""
        if not isinstance(given, (tuple, list)) or len(given) not in (2, 3):
            raise TypeError("a block is not a tuple (X, y) or (X, y, sample_weight)")
        if not one_call and _has_no_rows(given[0]):
            return None
        weight = given[2] if len(given) == 3 else None
        loss, reads, samples = self._learning_samples(
            given[0], given[1], request.loss, weight, request.class_weight, one_class=True
        )
        with self._built_for(samples.x.shape[1]):
            rule = self._rule(loss, reads, request.optimizer, **(_NO_TERMS | request.terms))
        self.loss = loss
        return samples, rule

    def _stream_for(self, samples: Samples, rule: Rule, batch_size: int, keeps_memory: bool) -> Stream:
        """Return the stream of the call before if it was asked the same, else a new one."""
        weighted = samples.weights.size > 0
        before: Stream | None = self._stream if keeps_memory else None
        goes_on = before is not None and before.fits(rule, batch_size)
        if before is not None and goes_on and before.stepper.weighted == weighted:
            return before
        stream = Stream(self._operations, self._built(), rule, batch_size, weighted)
        if before is not None and goes_on:
            stream.continue_from(before)
        self._stream = stream if keeps_memory else None
        return stream


@dataclass(frozen=True)
class _Request:
    """What is asked of a training on blocks, checked as far as it can be without one."""

    loss: str | Loss
    optimizer: Optimizer
    batch_size: int
    shuffle: bool
    class_weight: dict[int, float] | None
    n_threads: int | None
    terms: dict[str, Any]


def _request(
    loss: Any, optimizer: Any, learning_rate: Any, batch_size: Any, shuffled: bool, class_weight: Any, n_threads: Any,
    terms: dict[str, Any],
) -> _Request:  # fmt: skip
    """Check what is asked of a training on blocks."""
    check_number("batch_size", batch_size, int, 1)
    check_number("n_threads", n_threads, int, 1, optional=True)
    method = method_of(optimizer, learning_rate)
    if isinstance(method, FullBatch):
        raise ValueError(
            f"optimizer={optimizer!r} looks at all samples for each step, so it cannot be given blocks; "
            "use fit, or an optimizer such as 'adam'"
        )
    if isinstance(class_weight, str):
        raise ValueError(
            f"class_weight={class_weight!r} needs all samples at once to count them; give a dict of class to weight"
        )
    if "health" in terms:
        raise TypeError(
            "health is not for a training on blocks, which has no fixed samples to look at; look at a fit on one of "
            "them: fit(X, y, health=True)"
        )
    for name in terms:
        if name not in _NO_TERMS:
            raise TypeError(unknown_name("parameter of a training on blocks", name, _NO_TERMS))
    return _Request(loss, method, int(batch_size), shuffled, class_weight, n_threads, terms)


def _iterator(blocks: Any) -> Iterator[Any]:
    """Begin to go through the blocks."""
    made = blocks() if callable(blocks) else blocks
    if not isinstance(made, Iterable):
        raise TypeError(f"blocks() returned {made!r}, which is no iterable of (X, y); return a generator or a list")
    return iter(made)


def _has_no_rows(X: Any) -> bool:
    first = X[0] if isinstance(X, (tuple, list)) and len(X) > 0 and hasattr(X[0], "shape") else X
    return hasattr(first, "__len__") and len(first) == 0
