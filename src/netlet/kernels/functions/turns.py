"""cos_of_turns and sin_of_turns: the cosine and the sine of an angle in turns, ``cos(2 pi t)`` and ``sin(2 pi t)``.

Method
------
Whole turns change nothing: ``r = |t| - k`` with the nearest integer k is exact, and 0 from 2^23 (float64: 2^52) on,
where every number is an integer. Of ``u = |r|``, from 0 to 1/2, a quarter turn makes one polynomial serve both:

cos   ``sin(2 pi (1/4 - u))``
sin   ``sin(2 pi v)`` with ``v = min(u, 1/2 - u)`` and the sign of t times that of r

and, for ``|v| <= 1/4``, ``sin(2 pi v) = 2 pi v + v^3 P(v^2)``, with 2 pi as the sum of two constants. P is the minimax
polynomial of degree 3 (float64: 8) for ``(sin(2 pi sqrt u) / sqrt u - 2 pi) / u``, weighted by
``sqrt(u)^3 / sin(2 pi sqrt u)``, from 0 to 1/16.
"""

import numpy as np

from netlet.kernels.functions.precision import (
    INF_32,
    INF_64,
    NAN_32,
    NAN_64,
    ONE_32,
    ONE_64,
    ZERO_32,
    ZERO_64,
    choose_when_compiled,
    fused,
)

WHOLE_32, WHOLE_64 = np.float32(2.0**23), np.float64(2.0**52)  # from here on all numbers are integers
QUARTER_32, QUARTER_64 = np.float32(0.25), np.float64(0.25)
HALF_32, HALF_64 = np.float32(0.5), np.float64(0.5)
TURN_HIGH_32, TURN_LOW_32 = np.float32(6.2831855), np.float32(-1.748455600074497e-07)  # sum: 2 pi
TURN_HIGH_64, TURN_LOW_64 = np.float64(6.283185307179586), np.float64(2.4492935982947064e-16)
P_32 = tuple(np.float32(c) for c in (-41.341686, 81.60263, -76.583435, 39.7701))
P_64 = (
    -41.34170224039976,
    81.60524927607506,
    -76.70585975306072,
    42.05869394482794,
    -15.094642572634394,
    3.819952432433727,
    -0.7181188765213481,
    0.10418265939798858,
    -0.011681425760779247,
)


@fused
def _past_turns32(size):
    return size - ((size + WHOLE_32) - WHOLE_32) if size < WHOLE_32 else (ZERO_32 if size < INF_32 else NAN_32)


@fused
def _past_turns64(size):
    return size - ((size + WHOLE_64) - WHOLE_64) if size < WHOLE_64 else (ZERO_64 if size < INF_64 else NAN_64)


@fused
def _sine32(v):
    z = v * v
    p = P_32[0] + z * (P_32[1] + z * (P_32[2] + z * P_32[3]))
    return v * TURN_HIGH_32 + (v * TURN_LOW_32 + v * (z * p))


@fused
def _sine64(v):
    z = v * v
    p = P_64[4] + z * (P_64[5] + z * (P_64[6] + z * (P_64[7] + z * P_64[8])))
    p = P_64[0] + z * (P_64[1] + z * (P_64[2] + z * (P_64[3] + z * p)))
    return v * TURN_HIGH_64 + (v * TURN_LOW_64 + v * (z * p))


@fused
def _cos32(t):
    return _sine32(QUARTER_32 - abs(_past_turns32(abs(t))))


@fused
def _cos64(t):
    return _sine64(QUARTER_64 - abs(_past_turns64(abs(t))))


@fused
def _sin32(t):
    r = _past_turns32(abs(t))
    u = abs(r)
    y = np.copysign(_sine32(u if u < QUARTER_32 else HALF_32 - u), r)
    return y * np.copysign(ONE_32, t)


@fused
def _sin64(t):
    r = _past_turns64(abs(t))
    u = abs(r)
    y = np.copysign(_sine64(u if u < QUARTER_64 else HALF_64 - u), r)
    return y * np.copysign(ONE_64, t)


def cos_of_turns(t):
    """Return ``cos(2 pi t)``: exactly 0 at odd quarters of a turn, nan at the infinities and at nan."""
    return _cos32(t) if isinstance(t, np.float32) else _cos64(np.float64(t))


def sin_of_turns(t):
    """Return ``sin(2 pi t)``: 0 with the sign of t at whole turns, nan at the infinities and at nan."""
    return _sin32(t) if isinstance(t, np.float32) else _sin64(np.float64(t))


choose_when_compiled(cos_of_turns, _cos32, _cos64)
choose_when_compiled(sin_of_turns, _sin32, _sin64)
