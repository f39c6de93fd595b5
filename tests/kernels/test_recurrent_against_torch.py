"""The recurrent layers against PyTorch, in float64: values and all gradients, with the same weights."""

from __future__ import annotations

import numpy as np
import pytest
from calls import LayerCall

from netlet.kernels.registry import layers

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.slow
CLOSE = {"rtol": 0, "atol": 1e-10}
STEPS, FEATURES, UNITS = 7, 5, 6
LENGTHS = {"full": None, "unequal": [7, 1, 4, 6, 2, 7, 3, 5]}
KINDS = {"lstm": (torch.nn.LSTM, {}), "gru": (torch.nn.GRU, {}), "rnn": (torch.nn.RNN, {}),
         "rnn relu": (torch.nn.RNN, {"nonlinearity": "relu"})}  # fmt: skip


def tensor(values, requires_grad=False):
    return torch.tensor(np.array(values), dtype=torch.float64, requires_grad=requires_grad)


def blocks_of(call):
    """Return W, U and their biases, rows of inputs; one bias where the layer has one, none where it has none."""
    width = call.theta.size // call.n_rows
    rows = call.theta.reshape(-1, width)
    if call.row.name == "gru" and call.n_rows > FEATURES + UNITS:
        return rows[:FEATURES], rows[FEATURES + 1 : -1], (rows[FEATURES], rows[-1])
    return rows[:FEATURES], rows[FEATURES : FEATURES + UNITS], tuple(rows[FEATURES + UNITS :])


def in_our_order(call, module, gradient_of):
    """Return PyTorch's gradients as one vector: its two biases have one gradient where ours is one."""
    suffix = "_reverse" if call.settings[3] else ""
    w, u = (gradient_of(getattr(module, f"weight_{part}_l0{suffix}")).T for part in ("ih", "hh"))
    if not module.bias:
        return np.concatenate([w.ravel(), u.ravel()])
    b, d = (gradient_of(getattr(module, f"bias_{part}_l0{suffix}")) for part in ("ih", "hh"))
    return np.concatenate([w.ravel(), b, u.ravel(), d] if call.row.name == "gru" else [w.ravel(), u.ravel(), b])


@pytest.mark.parametrize("whole", [1, 0], ids=["sequence", "last"])
@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])
@pytest.mark.parametrize("reverse", [0, 1], ids=["forward", "reversed"])
@pytest.mark.parametrize("lengths", LENGTHS)
@pytest.mark.parametrize("kind", KINDS)
def test_values_and_gradients(kind, lengths, reverse, bias, whole):
    """PyTorch has a reversed layer only beside one that is not: the outputs of that one get no gradient."""
    lengths = LENGTHS[lengths]
    call = LayerCall(
        layers[kind.split()[0]], n=8, n_in=STEPS * FEATURES, units=UNITS, bias=bias, n_in2=int(lengths is not None),
        steps=STEPS, reverse=reverse, whole=whole, relu=int(kind == "rnn relu"),
    )  # fmt: skip
    if lengths is not None:
        call.x2[:, 0] = lengths
    make, more = KINDS[kind]
    module = make(
        FEATURES, UNITS, bias=bias, batch_first=True, bidirectional=bool(reverse), dtype=torch.float64, **more
    )
    suffix = "_reverse" if reverse else ""
    w, u, biases = blocks_of(call)
    with torch.no_grad():
        getattr(module, f"weight_ih_l0{suffix}")[...] = tensor(w.T)
        getattr(module, f"weight_hh_l0{suffix}")[...] = tensor(u.T)
        if bias:
            getattr(module, f"bias_ih_l0{suffix}")[...] = tensor(biases[0])
            getattr(module, f"bias_hh_l0{suffix}")[...] = tensor(biases[1] if len(biases) == 2 else 0 * biases[0])
    x = tensor(call.x.reshape(8, STEPS, FEATURES), requires_grad=True)
    if lengths is None:
        y, end = module(x)
    else:
        packed = torch.nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        y, end = module(packed)
        y, _ = torch.nn.utils.rnn.pad_packed_sequence(y, batch_first=True, total_length=STEPS)
    end = end[0] if isinstance(end, tuple) else end
    theirs = y[..., -UNITS:].reshape(8, -1) if whole else end[-1]
    np.testing.assert_allclose(call.forward(), theirs.detach().numpy(), **CLOSE)
    (theirs * tensor(call.dy)).sum().backward()
    dx, _, dtheta = call.backward()
    np.testing.assert_allclose(dx, x.grad.numpy().reshape(dx.shape), **CLOSE)
    np.testing.assert_allclose(dtheta, in_our_order(call, module, lambda each: each.grad.numpy()), **CLOSE)
    assert np.abs(dtheta).max() > 0.1
