"""Training a network on blocks of samples: what does not fit into memory, or is not there yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from netlet.errors import check_number
from netlet.kernels.compiling import prepare, when_compiling
from netlet.kernels.random import COUNT as BLOCKS_DRAWN
from netlet.kernels.random import STREAM_ORDER, new_generator, shuffle
from netlet.network.fitting import Fitting
from netlet.training.history import History
from netlet.training.losses import Loss
from netlet.training.optimizers import Optimizer, optimizer_of
from netlet.training.progress import progress_of
from netlet.training.stepper import Rule, Samples
from netlet.training.stream import Stream

_DRAW_BITS = 32  # a generator's count of blocks leaves so many bits to the draws of one order


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
        n_threads: int | None = None,
        **terms: Any,
    ) -> float:
        """Train once on some samples. The optimizer's memory is kept for the next call.

        Parameters
        ----------
        X, y, loss, optimizer, learning_rate, sample_weight, n_threads
            As for `fit`. With another loss, optimizer or batch size than in the call before, the optimizer begins anew.
        batch_size : int, >= 1
        shuffle : bool
            Whether the samples are drawn in a random order.
        **terms
            `l1`, `l2`, `penalise_biases`, `rate_factors`, `clip_value`, `clip_norm` as for `fit`.

        Returns
        -------
        float
            The mean loss over the batches.

        Raises
        ------
        ValueError, TypeError, TrainingFailed
            As `fit`; the weights are then those before the call.
        """
        arguments = loss, optimizer, learning_rate, batch_size, n_threads, terms
        passes = self._passes([(X, y, sample_weight)], 1, shuffle, "none", arguments, keeps_memory=True)
        return passes.epochs[-1]["loss"] if passes.epochs else float("nan")

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
            A generator can be gone through once; for more epochs give a list, or a function that begins anew.
        epochs : int, >= 0
            How many times to go through the blocks.
        shuffle : bool
            Whether the samples of each block are drawn in a random order.
        loss, optimizer, learning_rate, batch_size, progress, n_threads, **terms
            As for `partial_fit`.

        Returns
        -------
        History
            Its `stopped` is "interrupted" after Ctrl-C.

        Raises
        ------
        ValueError, TypeError, TrainingFailed
            As `fit`; after a failure the weights are those before the block.
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
        arguments = loss, optimizer, learning_rate, batch_size, n_threads, terms
        return self._passes(blocks, epochs, shuffle, progress, arguments)

    def _passes(
        self, blocks: Any, epochs: int, shuffled: bool, progress: Any, arguments: tuple[Any, ...],
        keeps_memory: bool = False,
    ) -> History:  # fmt: skip
        """Go through the blocks so many times."""
        loss, optimizer, learning_rate, batch_size, n_threads, terms = arguments
        check_number("batch_size", batch_size, int, 1)
        check_number("n_threads", n_threads, int, 1, optional=True)
        if learning_rate is not None and isinstance(optimizer, Optimizer):
            raise ValueError(
                f"learning_rate={learning_rate!r} is given beside an optimizer that has its own; give one of them"
            )
        chosen = optimizer_of(optimizer, learning_rate)
        display, history = progress_of(progress, epochs), History()
        stream = None
        with display, when_compiling(display.compiling):
            for epoch in range(1, epochs + 1):
                whole = True
                for block in blocks() if callable(blocks) else blocks:
                    samples, rule = self._block(block, loss, chosen, terms)
                    if stream is None:
                        stream = self._stream_for(samples, rule, batch_size, keeps_memory)
                    stream.check(samples)
                    if shuffled:
                        samples = samples.rows(self._order(len(samples)))
                    with stream.stepper.team(n_threads, -(-len(samples) // batch_size)) as (team, interrupts):
                        whole = stream.take(samples, team) and not interrupts.asked
                    if not whole:
                        history.stopped = "interrupted"
                        return history
                if stream is None:
                    raise ValueError("blocks holds no samples; give at least one block (X, y)")
                with stream.stepper.team(n_threads, 1) as (team, _):
                    stream.finish(team)
                self._built().epochs += 1
                history.epochs.append({"epoch": epoch, "loss": stream.mean_loss()})
                display.show(history.epochs[-1])
        return history

    def _block(self, block: Any, loss: Any, optimizer: Optimizer, terms: dict[str, Any]) -> tuple[Samples, Rule]:
        """Check one block, and what is asked of the training."""
        if not isinstance(block, (tuple, list)) or len(block) not in (2, 3):
            raise TypeError("a block is not a tuple (X, y) or (X, y, sample_weight)")
        weight = block[2] if len(block) == 3 else None
        chosen, reads, samples = self._learning_samples(block[0], block[1], loss, weight, None, one_class=True)
        unknown = set(terms) - {"l1", "l2", "penalise_biases", "rate_factors", "clip_value", "clip_norm"}
        if unknown:
            raise TypeError(f"{sorted(unknown)[0]!r} is no parameter of a training on blocks; see partial_fit")
        if not self._operations:
            self.build(samples.x.shape[1])
        given: dict[str, Any] = {"l1": 0.0, "l2": 0.0, "penalise_biases": False, "rate_factors": None}
        given |= {"clip_value": None, "clip_norm": None} | terms
        rule = self._rule(chosen, reads, optimizer, **given)
        self.loss = chosen
        return samples, rule

    def _stream_for(self, samples: Samples, rule: Rule, batch_size: int, keeps_memory: bool) -> Stream:
        """Return the stream of the call before if it was asked the same, else a new one."""
        weighted = samples.weights.size > 0
        before: Stream | None = self._stream
        if keeps_memory and before is not None and before.fits(rule, batch_size, weighted):
            return before
        stream = Stream(self._operations, self._built(), rule, batch_size, weighted)
        self._stream = stream if keeps_memory else None
        return stream

    def _order(self, n_samples: int) -> np.ndarray:
        """Return an order that follows from the seed and the number of steps so far alone."""
        order, generator = np.arange(n_samples), new_generator(self.seed, STREAM_ORDER)
        generator[BLOCKS_DRAWN] = self._built().steps << _DRAW_BITS
        prepare(shuffle, self.dtype)(order, generator)
        return order
