"""Self-attention: every step of a sequence takes a mean of all steps' values, weighted by how keys fit its query.

    S = Q K^T / sqrt(d)        P = softmax(S, by rows)        O = P V
    dV = P^T dO        dP = dO V^T        dS_ij = P_ij (dP_ij - D_i)        D_i = sum_j dO_ij O_ij
    dQ = dS K / sqrt(d)        dK = dS^T Q / sqrt(d)

for each sample and each head by itself. S_ij is left out (minus infinity) where step i may not see step j: in causal
attention for j > i, and where step j is padding. A step that sees no other, not even itself, gives 0.

| array | shape | |
|---|---|---|
| x, dx | (n, steps * 3 * width) | for each step its queries, then its keys, then its values, each head after head |
| x2 | (n, 1) or (n, steps) | in `padded_attention`: the lengths of the sequences, or numbers of which one is padding |
| y, dy | (n, steps * width) | for each step O, head after head; a head has d = width / n_heads numbers |
| saved | (n, n_heads * steps^2 + steps^2 + 2 * steps) | P^T of each head, then room |

`settings` holds the number of steps, the number of heads, whether it is causal, and for `padded_attention` the number
that is padding, or -1 where x2 holds lengths. What is padding does not depend on anything learnt: dx2 = 0.

S and P are computed and kept transposed: the sums and the maxima over keys then go through rows, and lie side by side
in vector registers.

Reference: Vaswani and others, "Attention is all you need", NeurIPS 2017, section 3.2.
"""

from collections.abc import Mapping

import numpy as np

from netlet.kernels import functions
from netlet.kernels.compiling import BACKWARD_INPUT, EXACT, FORWARD, inline, kernel
from netlet.kernels.memory import flat, matrix, vector
from netlet.kernels.products import AS_IT_IS, TRANSPOSED, product_of_blocks
from netlet.kernels.registry import LayerRow, register

STEPS, HEADS, CAUSAL, PADDING = 0, 1, 2, 3  # of settings
_LENGTHS = -1


@inline
def _is_padding(x2, sample, step, padding):
    if x2.shape[1] == 0:
        return False
    return step >= x2[sample, 0] if padding == _LENGTHS else x2[sample, step] == padding


@inline
def _hide(scores, x2, sample, causal, padding):
    """Set the scores (keys, queries) to minus infinity where a query may not see a key."""
    n, hidden = scores.shape[0], scores.dtype.type(-np.inf)
    for key in range(n):
        first = n if _is_padding(x2, sample, key, padding) else key if causal == 1 else 0
        for query in range(first):
            scores[key, query] = hidden


@inline
def _softmax_of_columns(scores, scale, top, total):
    """Turn scores (keys, queries) into the probabilities of ``scale * scores`` over the keys; `top`, `total` are room.

    The comparison takes the old number for a NaN, which the exponential keeps.
    """
    n, zero, least = scores.shape[0], scores.dtype.type(0), scores.dtype.type(-np.inf)
    for query in range(n):
        top[query], total[query] = least, zero
    for key in range(n):
        for query in range(n):
            score = scores[key, query] * scale
            scores[key, query] = score
            top[query] = score if score > top[query] else top[query]
    for query in range(n):
        top[query] = zero if top[query] == least else top[query]
    for key in range(n):
        for query in range(n):
            share = functions.exp(scores[key, query] - top[query])
            scores[key, query] = share
            total[query] += share
    for query in range(n):
        total[query] = scores.dtype.type(1) / total[query] if total[query] != zero else zero
    for key in range(n):
        for query in range(n):
            scores[key, query] *= total[query]


@inline
def _products_of_rows(dy, y, start, step, d, total):
    """Set `total` (n,) to the inner products of rows of d numbers, `step` apart."""
    dy, y = flat(dy), flat(y)
    for i in range(total.size):
        place, product = start + i * step, dy.dtype.type(0)
        for j in range(d):
            product += dy[place + j] * y[place + j]
        total[i] = product


@kernel(FORWARD, flags=EXACT)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    n, n_heads = settings[STEPS], settings[HEADS]
    width = y.shape[1] // n
    d, ld = width // n_heads, 3 * width
    scale = x.dtype.type(1.0 / np.sqrt(float(d)))
    for i in range(x.shape[0]):
        kept = i * saved.shape[1]
        room = kept + (n_heads + 1) * n * n
        for head in range(n_heads):
            query = i * n * ld + head * d
            key, value, place = query + width, query + 2 * width, kept + head * n * n
            product_of_blocks(x, key, ld, AS_IT_IS, x, query, ld, TRANSPOSED, saved, place, n, n, d, n)
            scores = matrix(saved, place, n, n)
            _hide(scores, x2, i, settings[CAUSAL], settings[PADDING])
            _softmax_of_columns(scores, scale, vector(saved, room, n), vector(saved, room + n, n))
            product_of_blocks(
                saved, place, n, TRANSPOSED, x, value, ld, AS_IT_IS, y, i * n * width + head * d, width, n, n, d
            )


@kernel(BACKWARD_INPUT, flags=EXACT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    n, n_heads = settings[STEPS], settings[HEADS]
    width = y.shape[1] // n
    d, ld = width // n_heads, 3 * width
    scale = x.dtype.type(1.0 / np.sqrt(float(d)))
    no_gradient = flat(dx2)
    for j in range(no_gradient.size):
        no_gradient[j] = 0
    for i in range(x.shape[0]):
        # The first sample's room serves all: it stays in a near cache.
        for head in range(n_heads):
            query, place = i * n * ld + head * d, i * saved.shape[1] + head * n * n
            key, value, out, room = query + width, query + 2 * width, i * n * width + head * d, n_heads * n * n
            product_of_blocks(saved, place, n, AS_IT_IS, dy, out, width, AS_IT_IS, dx, value, ld, n, n, d)
            product_of_blocks(x, value, ld, AS_IT_IS, dy, out, width, TRANSPOSED, saved, room, n, n, d, n)
            shares, slopes = matrix(saved, place, n, n), matrix(saved, room, n, n)
            mean = vector(saved, room + n * n, n)
            _products_of_rows(dy, y, out, width, d, mean)
            for j in range(n):
                for k in range(n):
                    slopes[j, k] = scale * shares[j, k] * (slopes[j, k] - mean[k])
            product_of_blocks(saved, room, n, TRANSPOSED, x, key, ld, AS_IT_IS, dx, query, ld, n, n, d)
            product_of_blocks(saved, room, n, AS_IT_IS, x, query, ld, AS_IT_IS, dx, key, ld, n, n, d)


def _n_out(n_in: tuple[int, ...], settings: Mapping[str, int]) -> int:
    return n_in[0] // 3


def _n_saved(n_in: int, n_out: int, settings: Mapping[str, int]) -> int:
    n = settings["steps"]
    return (settings["heads"] + 1) * n * n + 2 * n


register(
    LayerRow(
        "attention", forward, backward_input,
        n_out=_n_out, n_saved=_n_saved, settings=("steps", "heads", "causal"),
    )
)  # fmt: skip
register(
    LayerRow(
        "padded_attention", forward, backward_input,
        n_inputs=2, n_out=_n_out, n_saved=_n_saved, settings=("steps", "heads", "causal", "padding"),
    )
)  # fmt: skip
