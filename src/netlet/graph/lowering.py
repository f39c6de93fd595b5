"""Lowering: from a graph's operations to the tables of a program, for one purpose, batch size and dtype."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field

import numpy as np

from netlet.graph import program as table
from netlet.graph.building import Operation
from netlet.graph.program import Program
from netlet.kernels import adjustments, compiling, losses, optimizers  # noqa: F401  (fill the registry)
from netlet.kernels.products import HAS_SMALL_KERNELS
from netlet.kernels.random import STREAM_LAYERS
from netlet.kernels.registry import Block, LayerRow, LossRow, UpdateRow, layers

_ALIGNMENT = 16  # numbers: 64 bytes of float32

# How work is cut for a team. A cut must be worth more than the barrier that ends its phase (0.25 us). Where BLAS packs
# its operands, a product with a weight that leaves the first cache needs rows enough to pay for that (32 rows reached
# 79, 64 rows 92 and 128 rows 99 GFLOP/s at 784x512).
_WORK_OF_A_CUT, _WORK_OF_MORE_CUTS = 250_000, 1_000_000  # floating-point operations: about 2 and 10 us
_WORK_OF_A_SLICE = 60_000  # slices are many in one phase: they need only be worth their calls
_ROWS_OF_A_SLICE = 24  # where each is used often: fewer make slow products
_FEW_CUTS = 4  # up to so many are cheap; more of them must be worth more each
_SMALL_WEIGHT = 32_768  # numbers
_ROWS_OF_A_CUT, _ROWS_OF_A_CUT_PACKED = 16, 64
_MOST_CUTS = 16
_PARAMETERS_OF_A_SLICE = 12_288 if HAS_SMALL_KERNELS else 65_536  # gradient, theta and two slots stay in a near cache


@dataclass
class _Arena:
    """Hands out places one after another, each aligned."""

    size: int = 0

    def place(self, numbers: int) -> int:
        start = self.size
        self.size += -(-numbers // _ALIGNMENT) * _ALIGNMENT
        return start


@dataclass(frozen=True)
class Terms:
    """How parameters are changed beside the optimizer's rule.

    Parameters
    ----------
    rate_factor : float
        By which the learning rate is multiplied.
    l1, l2 : float
        Penalties ``l1 * sum |w| + l2 / 2 * sum w^2``, added to the loss.
    weight_decay : float
        Share of a weight that is taken away at each update, times the learning rate.
    shrinkage : float
        What the proximal step of the L1 penalty takes from the size of a weight, times the learning rate: `l1` times
        the optimizer's gain.
    """

    rate_factor: float = 1.0
    l1: float = 0.0
    l2: float = 0.0
    weight_decay: float = 0.0
    shrinkage: float = 0.0


@dataclass(frozen=True)
class Training:
    """What training needs beyond prediction.

    Parameters
    ----------
    loss : LossRow
    update : UpdateRow or None
        Without one only gradients are computed.
    gather : bool
        Whether samples are drawn by an order, else read as they lie.
    weighted : bool
        Whether samples carry weights.
    n_targets : int, optional
        Numbers of a sample's target; default: one for labels, else one for each output.
    seed : int
        The key of random layers.
    frozen : frozenset of str
        Names of layers whose parameters stay as they are. A layer's name stands for the layers within it too.
    terms : mapping of str to Terms
        By the layer's name, or that of a layer around it; "" stands for all others. Those under the name of a single
        block of parameters (``dense_1.bias``) hold for it as they are, whether it is a weight or not.
    penalises_biases : bool
        Whether penalties and weight decay apply to all parameters, not only to weights.
    l2_of_batch : bool
        Whether the L2 penalty is divided by the sum of a batch's sample weights (without them its number of samples).
    clip_value, clip_norm : float
        The most that a number of the gradient, and the length of the whole gradient, may be.
    """

    loss: LossRow
    update: UpdateRow | None
    gather: bool
    weighted: bool = False
    n_targets: int | None = None
    seed: int = 0
    frozen: frozenset[str] = field(default_factory=frozenset)
    terms: Mapping[str, Terms] = field(default_factory=dict)
    penalises_biases: bool = False
    l2_of_batch: bool = False
    clip_value: float = math.inf
    clip_norm: float = math.inf

    def terms_of(self, operation: Operation, block: Block) -> Terms:
        """Return the terms of one block of parameters: its own, those of its layer, of one around that, or of all."""
        own = self.terms.get(f"{operation.layer}.{block.name}")
        if own is not None:
            return own
        terms = next((self.terms[name] for name in (*operation.names, "") if name in self.terms), Terms())
        return terms if block.is_weight or self.penalises_biases else Terms(terms.rate_factor)

    def is_frozen(self, operation: Operation) -> bool:
        """Tell whether an operation's layer, or one around it, is frozen."""
        return not self.frozen.isdisjoint(operation.names)


def needed_for(operations: Sequence[Operation], output: int) -> list[int]:
    """Return the operations that one depends on, itself included, in order."""
    needed = {output}
    for place in range(output, -1, -1):
        if place in needed:
            needed.update(operations[place].sources)
    return sorted(needed | {0})


def lower(
    operations: Sequence[Operation], output: int, batch_size: int, dtype: str, training: Training | None = None
) -> Program:
    """Lower the part of a graph that an operation depends on.

    Parameters
    ----------
    operations : sequence of Operation
    output : int
        The operation whose value is wanted; in training the one that the loss reads.
    batch_size : int
    dtype : {"float32", "float64"}
    training : Training, optional
        Without it the program predicts.

    Returns
    -------
    Program
    """
    kept = needed_for(operations, output)
    place_of = {operation: row for row, operation in enumerate(kept)}
    chosen = [operations[place] for place in kept]
    sources = [[place_of[source] for source in operation.sources] for operation in chosen]
    nodes = np.full((len(chosen), table.N_COLUMNS), 0, dtype=np.int64)
    settings = np.zeros((len(chosen), table.N_SETTINGS), dtype=np.int64)
    factors = np.zeros((len(chosen), table.N_SETTINGS), dtype=dtype)
    plan = np.zeros(table.PLAN_SIZE, dtype=np.int64)
    arena = _Arena()

    for row, operation in enumerate(chosen):
        node = nodes[row]
        node[[table.SOURCE2, table.GRADIENT, table.SAVED, table.DX, table.DX2]] = -1
        node[table.SIZE] = operation.size
        if row == 0:
            gathers = training is not None and training.gather
            node[table.VALUE] = arena.place(batch_size * operation.size) if gathers else -1
            continue
        kernel = layers[operation.row]
        node[table.FORWARD] = compiling.address(kernel.forward, compiling.FORWARD, dtype)
        node[table.SOURCE] = sources[row][0]
        if len(sources[row]) == 2:
            node[table.SOURCE2] = sources[row][1]
        node[table.VALUE] = arena.place(batch_size * operation.size)
        node[table.SAVED_SIZE] = kernel.n_saved(chosen[sources[row][0]].size, operation.size, operation.settings)
        node[table.SAVED] = arena.place(batch_size * int(node[table.SAVED_SIZE])) if node[table.SAVED_SIZE] else -1
        owner = operation if operation.shares is None else operations[operation.shares]
        node[table.THETA], node[table.THETA_SIZE] = owner.theta, owner.n_theta
        node[table.STATE], node[table.STATE_SIZE] = operation.state, operation.n_state
        factors[row, : len(operation.factors)] = operation.factors
        if operation.row == "dropout":
            node[table.DROPS], factors[row, -1] = 1, operation.factors[0]
        by_lowering = {
            "stream": STREAM_LAYERS + kept[row],
            "frozen": int(training is not None and training.is_frozen(operation)),
        }
        settings[row, : len(kernel.settings)] = [
            operation.settings.get(name, by_lowering.get(name, 0)) for name in kernel.settings
        ]

    plan[table.BATCH_SIZE] = plan[table.CUT_ROWS] = batch_size
    slices: list[tuple[tuple[int, ...], Terms]] = []
    limits = np.full(table.N_LIMITS, math.inf)
    if training is not None:
        _place_gradients(nodes, operations, chosen, sources, batch_size, dtype, training, arena)
        plan[table.CUT_ROWS] = _cut_rows(chosen, sources, batch_size, training)
        is_shared = int(plan[table.CUT_ROWS]) < batch_size
        sharing = {place_of[each.shares]: row for row, each in enumerate(chosen) if each.shares is not None}
        slices = _slices(chosen, sources, batch_size, training, is_shared, sharing, arena)
        n_targets = 1 if training.loss.labels else chosen[-1].size
        plan[table.N_TARGETS] = training.n_targets or n_targets
        plan[table.GATHER], plan[table.L2_OF_BATCH] = training.gather, training.l2_of_batch
        plan[table.TARGETS] = arena.place(batch_size * int(plan[table.N_TARGETS])) if training.gather else 0
        plan[table.WEIGHTS] = arena.place(batch_size) if training.gather and training.weighted else 0
        plan[table.KEY_LOW], plan[table.KEY_HIGH] = training.seed & 0xFFFFFFFF, (training.seed >> 32) & 0xFFFFFFFF
        plan[table.LOSS] = compiling.address(training.loss.kernel, compiling.LOSS, dtype)
        if training.update is not None:
            plan[table.UPDATE] = compiling.address(training.update.kernel, compiling.UPDATE, dtype)
        limits[:] = training.clip_value, training.clip_norm
        _place_adjustments(plan, [terms for _, terms in slices], limits, dtype)
    return Program(
        nodes=nodes,
        settings=settings,
        factors=factors,
        slices=np.array([piece for piece, _ in slices], dtype=np.int64).reshape(-1, table.N_SLICE_COLUMNS),
        rates=np.array([astuple(terms) for _, terms in slices]).reshape(-1, table.N_RATE_COLUMNS),
        limits=limits,
        plan=plan,
        arena_size=arena.size,
        state_size=operations[-1].state + operations[-1].n_state,
        dtype=dtype,
    )


def _place_adjustments(plan: np.ndarray, terms: list[Terms], limits: np.ndarray, dtype: str) -> None:
    """Name the adjustments that have something to do; the others are not even compiled."""
    for place, kernel, is_used in (
        (table.ADD_L2, adjustments.add_l2, any(each.l2 for each in terms)),
        (table.CLIP, adjustments.clip, np.isfinite(limits[table.MOST_VALUE])),
        (table.SCALE, adjustments.scale, np.isfinite(limits[table.MOST_NORM])),
        (table.DECAY, adjustments.decay, any(each.weight_decay for each in terms)),
        (table.SHRINK, adjustments.shrink, any(each.shrinkage for each in terms)),
    ):
        if is_used:
            plan[place] = compiling.address(kernel, compiling.ADJUST, dtype)


def _is_trained(operation: Operation, training: Training) -> bool:
    return operation.n_theta > 0 and not training.is_frozen(operation)


def _place_gradients(
    nodes: np.ndarray,
    operations: Sequence[Operation],
    chosen: list[Operation],
    sources: list[list[int]],
    batch_size: int,
    dtype: str,
    training: Training,
    arena: _Arena,
) -> None:
    """Give a place to the gradient of every value that some trained parameter lies behind, and say who writes it.

    The last reader of a value, which backward meets first, writes the gradient; each other one writes to scratch, and
    the loop adds that to the gradient. A value is thus written before it is added to.
    """
    needs = [False] * len(chosen)
    for row in range(1, len(chosen)):
        needs[row] = _is_trained(chosen[row], training) or any(needs[source] for source in sources[row])
    needs[-1] = True
    for row in range(1, len(chosen)):
        if needs[row]:
            nodes[row, table.GRADIENT] = arena.place(batch_size * chosen[row].size)
    written: set[int] = set()
    for row in range(len(chosen) - 1, 0, -1):
        kernel: LayerRow = layers[chosen[row].row]
        wanted = [needs[source] for source in sources[row]]
        fills_saved = kernel.backward_fills_saved and _is_trained(chosen[row], training)
        if needs[row] and (any(wanted) or fills_saved):
            nodes[row, table.BACKWARD_INPUT] = compiling.address(kernel.backward_input, compiling.BACKWARD_INPUT, dtype)
            n_derived = kernel.n_derived(
                chosen[sources[row][0]].size, chosen[row].size, batch_size, chosen[row].settings
            )
            if n_derived:
                nodes[row, table.DERIVE] = compiling.address(kernel.derive, compiling.DERIVE, dtype)
                nodes[row, table.DERIVED], nodes[row, table.DERIVED_SIZE] = arena.place(n_derived), n_derived
            for source, is_wanted, place, add in zip(
                sources[row],
                wanted,
                (table.DX, table.DX2),
                (table.ADD_DX, table.ADD_DX2),
                strict=False,
            ):
                if is_wanted and source not in written:
                    nodes[row, place] = nodes[source, table.GRADIENT]
                    written.add(source)
                elif is_wanted or not kernel.backward_fills_saved:
                    nodes[row, place] = arena.place(batch_size * chosen[source].size)
                    nodes[row, add] = is_wanted
        shares = chosen[row].shares
        if _is_trained(chosen[row] if shares is None else operations[shares], training):
            nodes[row, table.BACKWARD_PARAMETERS] = compiling.address(
                kernel.backward_parameters, compiling.BACKWARD_PARAMETERS, dtype
            )


def _slices(
    chosen: list[Operation],
    sources: list[list[int]],
    batch_size: int,
    training: Training,
    is_shared: bool,
    sharing: Mapping[int, int],
    arena: _Arena,
) -> list[tuple[tuple[int, ...], Terms]]:
    """Cut the parameters into ranges of rows, the dearest first: enough for the threads, each worth its call.

    `sharing` tells which row, if any, uses the parameters of another as well.
    """
    slices: list[tuple[tuple[int, ...], Terms, int]] = []
    for row in range(1, len(chosen)):
        operation = chosen[row]
        if not _is_trained(operation, training):
            continue
        width = operation.width
        uses = layers[operation.row].n_uses(chosen[sources[row][0]].size, operation.size, operation.settings)
        second = sharing.get(row, -1)
        room = arena.place(operation.n_theta) if second >= 0 else 0
        for first_row, n_rows, n_last, terms in _groups(operation, training):
            whole = n_rows - n_last
            work = 2 * batch_size * n_rows * width * uses
            shares = _cuts_worth(work, _WORK_OF_A_SLICE) if is_shared else 1
            count = max(shares, -(-n_rows * width // _PARAMETERS_OF_A_SLICE), 1)
            height = -(-whole // count)
            height = -(-height // 8) * 8 if height > 4 else height  # whole vector registers
            height = max(height, _ROWS_OF_A_SLICE) if uses > 1 else height
            for first in range(0, whole, height):
                last = first + height if first + height < whole else n_rows
                rows = first_row + first, first_row + last
                place = tuple(operation.theta + each * width for each in rows)
                piece = row, *rows, *place, second, room + rows[0] * width
                slices.append((piece, terms, uses * (piece[4] - piece[3])))
    return [(piece, terms) for piece, terms, _ in sorted(slices, key=lambda each: -each[2])]


def _groups(operation: Operation, training: Training) -> list[tuple[int, int, int, Terms]]:
    """Join neighbouring blocks of parameters that are changed alike.

    Returns
    -------
    list of (first row, rows, rows of the last blocks, Terms)
        The rows of the last blocks, such as a bias, go with those before.
    """
    groups: list[tuple[int, int, int, Terms]] = []
    first = 0
    for block in operation.blocks:
        terms = training.terms_of(operation, block)
        if groups and groups[-1][3] == terms:
            start, rows, last, _ = groups[-1]
            groups[-1] = start, rows + block.n_rows, last + block.n_rows, terms
        else:
            groups.append((first, block.n_rows, 0, terms))
        first += block.n_rows
    return groups


def _cuts_worth(work: int, least: int) -> int:
    """Return into how many pieces so many operations may be cut, each of at least `least`."""
    return max(min(work // least, _FEW_CUTS), min(work // _WORK_OF_MORE_CUTS, _MOST_CUTS))


def _cut_rows(chosen: list[Operation], sources: list[list[int]], batch_size: int, training: Training) -> int:
    """Return how many rows of a batch a thread takes at a time: a power of two of cuts, each worth its barrier.

    A layer that must see the whole batch leaves it in one piece, but where it is frozen.
    """
    if any(layers[each.row].whole_batch and not training.is_frozen(each) for each in chosen[1:]):
        return batch_size
    work, largest, heaviest = 0, 0, (0, 1)
    for row in range(1, len(chosen)):
        weights, size = chosen[row].n_theta, chosen[row].size
        uses = layers[chosen[row].row].n_uses(chosen[sources[row][0]].size, size, chosen[row].settings)
        own = 4 * weights * uses + 8 * size
        work += batch_size * own
        largest = max(largest, weights)
        heaviest = max(heaviest, (own, uses))
    packs = largest > _SMALL_WEIGHT and not HAS_SMALL_KERNELS
    least = max((_ROWS_OF_A_CUT_PACKED if packs else _ROWS_OF_A_CUT) // heaviest[1], 1)
    most = min(_cuts_worth(work, _WORK_OF_A_CUT), batch_size // least)
    cuts = 1
    while 2 * cuts <= most:
        cuts *= 2
    return -(-batch_size // cuts)
