"""tanh: ``x + x^3 T(x^2)`` for ``|x| < 0.55``, else ``1 - 2 / (exp(2 |x|) + 1)`` with the sign of x.

Near 0 the second form would lose the leading digits. T is the minimax polynomial of degree 4 (float64: 10) for
``(tanh(sqrt u) / sqrt u - 1) / u``, weighted by u, from 0 to ``(ln(3) / 2)^2``.
"""

import numpy as np

from netlet.kernels.functions.exponential import exp
from netlet.kernels.functions.precision import choose_when_compiled, fused

TANH_EDGE = 0.55  # a polynomial below, exp above
TANH_REACH = 25.0  # tanh rounds to 1 from 9.02 (float64: 19.07) on
T_32 = tuple(np.float32(c) for c in (-0.3333332, 0.13332608, -0.053854628, 0.021081189, -0.006287669))
T_64 = (
    -0.333333333333333,
    0.13333333333326983,
    -0.053968253963969426,
    0.02186948839179626,
    -0.008863232698434136,
    0.00359209300890737,
    -0.0014555491494846263,
    0.0005884704743406751,
    -0.00023344790591649272,
    8.341194162645661e-05,
    -1.9553942805896895e-05,
)


@fused
def _tanh_near32(x):
    z = x * x
    return x + x * (z * (T_32[0] + z * (T_32[1] + z * (T_32[2] + z * (T_32[3] + z * T_32[4])))))


@fused
def _tanh_near64(x):
    z = x * x
    t = T_64[5] + z * (T_64[6] + z * (T_64[7] + z * (T_64[8] + z * (T_64[9] + z * T_64[10]))))
    t = T_64[0] + z * (T_64[1] + z * (T_64[2] + z * (T_64[3] + z * (T_64[4] + z * t))))
    return x + x * (z * t)


def _tanh_near(x):
    """Return tanh(x) for x from 0 to `TANH_EDGE`."""
    return _tanh_near32(x) if isinstance(x, np.float32) else _tanh_near64(np.float64(x))


choose_when_compiled(_tanh_near, _tanh_near32, _tanh_near64)


@fused
def tanh(x):
    """Return the hyperbolic tangent of x: keeps the sign of a zero, -1 and 1 at the infinities, nan at nan."""
    one, two, edge = type(x)(1.0), type(x)(2.0), type(x)(TANH_EDGE)
    size = abs(x)
    near = _tanh_near(size if size < edge else edge)
    reach = type(x)(TANH_REACH)
    doubled = two * (reach if size > reach else size)
    far = one - two / (exp(doubled) + one)
    return np.copysign(near if size < edge else far, x)
