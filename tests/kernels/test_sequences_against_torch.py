"""Rows of sequences against PyTorch, in float64: values and gradients."""

from __future__ import annotations

import numpy as np
import pytest
from calls import LOSS_CASES, LayerCall, call_loss

from netlet.kernels.registry import layers

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.slow
CLOSE = {"rtol": 1e-10, "atol": 1e-12}


def tensor(values, requires_grad=False):
    return torch.tensor(np.array(values), dtype=torch.float64, requires_grad=requires_grad)


@pytest.mark.parametrize("lengths", [None, (5, 1, 9)], ids=["whole", "padded"])
@pytest.mark.parametrize("causal", [0, 1])
@pytest.mark.parametrize("heads", [1, 4])
def test_attention(heads, causal, lengths):
    n, steps, width = 3, 9, 8
    name, more = ("attention", {}) if lengths is None else ("padded_attention", {"padding": -1})
    call = LayerCall(layers[name], n=n, n_in=3 * steps * width, steps=steps, heads=heads, causal=causal, **more)
    visible = torch.ones(n, 1, steps, steps, dtype=torch.bool)
    if lengths is not None:
        call.x2[:, 0] = lengths
        visible &= (torch.arange(steps) < torch.tensor(lengths)[:, None])[:, None, None, :]
    if causal:
        visible &= torch.ones(steps, steps, dtype=torch.bool).tril()
    x = tensor(call.x, requires_grad=True)
    query, key, value = x.reshape(n, steps, 3, heads, width // heads).permute(2, 0, 3, 1, 4)
    y = torch.nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=visible)
    y = y.transpose(1, 2).reshape(n, -1)
    y.backward(tensor(call.dy))
    np.testing.assert_allclose(call.forward(), y.detach().numpy(), **CLOSE)
    np.testing.assert_allclose(call.backward()[0], x.grad.numpy(), **CLOSE)


@pytest.mark.parametrize("case", ["sequence_cross_entropy", "sequence_cross_entropy smoothed"])
def test_cross_entropy_of_steps(case):
    """PyTorch averages over all steps at once: the samples here have as many labels each."""
    case, n, steps, classes = LOSS_CASES[case], 4, 5, 7
    rng = np.random.default_rng(0)
    logits, targets = 3 * rng.normal(size=(n, steps * classes)), rng.integers(0, classes, (n, steps)).astype(float)
    targets[np.arange(n), rng.integers(0, steps, n)] = case.factors["ignored"]
    targets[targets == case.factors["ignored"]] = np.nan
    for row in targets:  # exactly one of each
        row[np.isnan(row)] = np.where(np.arange(np.isnan(row).sum()) == 0, case.factors["ignored"], 0)
    z = tensor(logits, requires_grad=True)
    loss = torch.nn.functional.cross_entropy(
        z.reshape(-1, classes), torch.tensor(targets.astype(np.int64)).reshape(-1),
        ignore_index=int(case.factors["ignored"]), label_smoothing=case.factors["label_smoothing"],
    )  # fmt: skip
    loss.backward()
    gradient = np.empty_like(logits)
    assert call_loss(case, logits, targets, np.empty(0), 1 / n, gradient) == pytest.approx(loss.item(), rel=1e-12)
    np.testing.assert_allclose(gradient, z.grad.numpy(), **CLOSE)
