"""Run a network forward over any number of rows, a block at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from netlet.graph import program as table
from netlet.graph.building import Operation
from netlet.graph.lowering import lower
from netlet.kernels.blas import single_threaded_blas
from netlet.kernels.compiling import LOSS, address, prepare
from netlet.kernels.products import WORK_OF_ONE_THREAD
from netlet.kernels.threads import CONTROL_SIZE
from netlet.training.loop import predict_rows
from netlet.training.losses import Loss
from netlet.training.team import Team, available_threads

BLOCK = 256  # rows whose values lie in the arena together
_MOST_BYTES = 2**26  # of an arena, where one row needs less; so large a block's work is worth its calls many times over
_PRODUCTS = ("dense", "time_dense", "member_dense", "tied_dense", "attention", "padded_attention")
_ROWS_OF_A_THREAD = 2048  # fewer are not worth another thread


class Predictor:
    """A network lowered for prediction; several threads may use it at once.

    Rows are computed in blocks, counted from the first row that is given: of 256 rows, or of as many as 64 MB hold the
    values of. A row's last bit may depend on how many rows its block has and on its place there, as BLAS chooses its
    loops by the sizes; on nothing else.

    Parameters
    ----------
    operations : sequence of Operation
    output : int
        The operation whose value is wanted.
    dtype : {"float32", "float64"}
    keeps_arena : bool
        Whether memory for a block of rows is kept from call to call, as pays where there are many.
    block : int, >= 1
        The most rows whose values lie in the arena together.
    """

    def __init__(
        self, operations: Sequence[Operation], output: int, dtype: str, keeps_arena: bool = False, block: int = BLOCK
    ) -> None:
        self.n_outputs = operations[output].size
        self.program = lower(operations, output, block, dtype)
        bytes_of_block = self.program.arena_size * np.dtype(dtype).itemsize
        if bytes_of_block > _MOST_BYTES:
            rows = max(1, block * _MOST_BYTES // bytes_of_block)
            self.program = lower(operations, output, 2 ** (rows.bit_length() - 1), dtype)
        self.block = self.program.batch_size
        products = [operations[each.sources[0]].size * each.shape[-1] for each in operations if each.row in _PRODUCTS]
        self._few = min(self.block, WORK_OF_ONE_THREAD // max([1, *products]))
        self._tables = self.program.nodes, self.program.settings, self.program.factors, self.program.plan
        self._never_stop = np.zeros(CONTROL_SIZE, dtype=np.int64)
        # Arenas that no call is using; pop and append are atomic. There come to be as many as threads predict at once.
        self._spare: list[np.ndarray] = []
        self._keeps_arena = keeps_arena
        prepare(predict_rows, dtype)

    def predict(self, theta: np.ndarray, state: np.ndarray, x: np.ndarray, n_threads: int | None = None) -> np.ndarray:
        """Compute the outputs of all rows; the same bits whatever the number of threads.

        Parameters
        ----------
        theta : dtype, (n_theta,)
        state : dtype, (n_state,)
        x : dtype, (n_samples, n_features), contiguous
        n_threads : int, optional
            Default: as many as are worth it.

        Returns
        -------
        dtype, (n_samples, n_outputs)
        """
        out = np.empty((len(x), self.n_outputs), dtype=x.dtype)
        self.fill(theta, state, x, out, n_threads)
        return out

    def threads_for(self, n_rows: int, n_threads: int | None) -> int:
        """Return how many threads are worth it for so many rows; each has an arena of its own."""
        return min(n_threads or available_threads(), max(1, n_rows // _ROWS_OF_A_THREAD))

    def memory(self, n_rows: int, n_threads: int | None) -> int:
        """Return the bytes that predicting so many rows needs: arenas and outputs."""
        arenas = self.threads_for(n_rows, n_threads) * self.program.arena_size if n_rows else 0
        return (arenas + n_rows * self.n_outputs) * np.dtype(self.program.dtype).itemsize

    def fill(
        self, theta: np.ndarray, state: np.ndarray, x: np.ndarray, out: np.ndarray, n_threads: int | None = None
    ) -> None:
        """Compute the outputs of all rows into `out`: dtype, (n_samples, n_outputs), contiguous."""
        if len(x) > self._few:
            self._fill_by_team(theta, state, x, out, n_threads)
            return
        # One thread does it, BLAS needs no other and is not told so: forbidding it threads takes ten times as long as
        # a row.
        self._fill_alone(theta, state, x, out)

    def _fill_alone(self, theta: np.ndarray, state: np.ndarray, x: np.ndarray, out: np.ndarray) -> None:
        try:
            arena = self._spare.pop()
        except IndexError:
            arena = self.program.new_arena()
        predict_rows(*self._tables, arena, theta, state, x, out, 0, len(x), self._never_stop)
        self._spare.append(arena)

    def _fill_by_team(
        self, theta: np.ndarray, state: np.ndarray, x: np.ndarray, out: np.ndarray, n_threads: int | None
    ) -> None:
        threads = self.threads_for(len(x), n_threads)
        if threads == 1 and self._keeps_arena:
            with single_threaded_blas():
                self._fill_alone(theta, state, x, out)
            return
        # Each thread's rows begin at a whole block: how a row is computed must not depend on where a thread began.
        n_blocks = -(-len(x) // self.block)
        share = -(-n_blocks // threads) * self.block

        def work(thread: int, _n_threads: int, control: np.ndarray) -> None:
            first, stop = thread * share, min((thread + 1) * share, len(x))
            arena = self.program.new_arena()
            predict_rows(*self._tables, arena, theta, state, x, out, first, max(first, stop), control)

        with single_threaded_blas(), Team(threads) as team:
            if threads == 1:
                work(0, 1, team.control)
            else:
                team.run(work, (team.control,))


def mean_loss(loss: Loss, logits: np.ndarray, targets: np.ndarray, weights: np.ndarray) -> float:
    """Return the weighted mean of a loss.

    Parameters
    ----------
    loss : Loss
    logits : dtype, (n_samples, n_outputs)
    targets : dtype, (n_samples, n_targets)
    weights : dtype, (n_samples,) or (0,)

    Returns
    -------
    float
    """
    dtype = str(logits.dtype)
    kernel = loss.row.kernel
    address(kernel, LOSS, dtype)
    factors = np.zeros(table.N_SETTINGS, dtype=dtype)
    factors[: len(loss.factors())] = loss.factors()
    total = float(weights.sum(dtype=np.float64)) if weights.size else float(len(logits))
    result = 0.0
    for start in range(0, len(logits), BLOCK):
        rows = slice(start, start + BLOCK)
        block = logits[rows]
        # The scale is applied in double precision afterwards: in the kernel it would round every sample's share.
        result += float(
            kernel(block, targets[rows], weights[rows], logits.dtype.type(1), factors, np.empty_like(block))
        )
    return result / total


def accuracy(loss: Loss, logits: np.ndarray, targets: np.ndarray, weights: np.ndarray) -> float | None:
    """Return the weighted share of samples whose class is right, None for a loss without classes.

    For labels that is the largest logit's; for yes-or-no outputs every one of them must be right. A logit above 0 is a
    yes; for the perceptron's loss, whose step is 1 there, 0 is one too.
    """
    row = loss.row
    if row.labels:
        labels = logits.reshape(*targets.shape, -1).argmax(axis=2) == targets
        if loss.ignored is not None:  # a sample's share of steps that are right, of those that have a label
            counted = targets != loss.ignored
            n_labels = counted.sum(axis=1)
            has_label = n_labels > 0
            shares = (labels & counted).sum(axis=1) / np.maximum(n_labels, 1)
            if not has_label.any():
                return None
            return float(np.average(shares[has_label], weights=weights[has_label] if weights.size else None))
        right = labels[:, 0]
    elif row.answers:
        yes = logits >= 0 if row.yes_at_zero else logits > 0
        right = (yes == (targets > 0.5)).all(axis=1)
    else:
        return None
    return float(np.average(right, weights=weights if weights.size else None))
