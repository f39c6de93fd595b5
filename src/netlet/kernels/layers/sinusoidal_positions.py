"""Sinusoidal positions: every step of a sample is shifted by sines and cosines of its place, of falling frequencies.

    y_(t, 2 k) = x_(t, 2 k) + sin(t w_k)        y_(t, 2 k + 1) = x_(t, 2 k + 1) + cos(t w_k)        dx = dy
    w_k = 10000^(-2 k / m)

t = 0, 1, ... are the steps, m = n_features; an odd m ends with a sine. Shapes: x, y, dx, dy are (n, steps * m);
`settings` holds m.

Reference: Vaswani and others, "Attention is all you need", NeurIPS 2017, section 3.5.
"""

import numpy as np

from netlet.kernels.compiling import BACKWARD_INPUT, FORWARD, kernel
from netlet.kernels.memory import flat
from netlet.kernels.registry import LayerRow, register

FEATURES = 0  # of settings
_LONGEST = 10000.0


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    m, real = settings[FEATURES], x.dtype.type
    n_steps = x.shape[1] // m if x.shape[0] > 0 else 0
    # The first sample's place holds the shifts until all others have them: each is computed once. Angles are float64,
    # of which a long sequence's last steps need the digits.
    for j in range(m):
        frequency = _LONGEST ** (-float(j - j % 2) / float(m))
        for t in range(n_steps):
            angle = float(t) * frequency
            y[0, t * m + j] = real(np.sin(angle) if j % 2 == 0 else np.cos(angle))
    for i in range(x.shape[0] - 1, -1, -1):
        for j in range(x.shape[1]):
            y[i, j] = x[i, j] + y[0, j]


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    dy, dx = flat(dy), flat(dx)
    for j in range(dy.size):
        dx[j] = dy[j]


register(LayerRow("sinusoidal_positions", forward, backward_input, settings=("features",)))
