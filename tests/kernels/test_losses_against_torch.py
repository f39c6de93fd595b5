"""Losses against PyTorch's, where it defines them: value and gradient, in float64."""

from __future__ import annotations

import numpy as np
import pytest
from calls import LossCase, call_loss

pytestmark = [pytest.mark.slow, pytest.mark.plain]
torch = pytest.importorskip("torch")
functional = torch.nn.functional


def summed_over_outputs(each):
    return each.sum(dim=1)


def mean_over_outputs(each):
    return each.mean(dim=1)


def detection(z, t):
    """Focal by its definition (torchvision's is not needed), smooth L1 and cross-entropy of the full cells."""
    z, t = z.reshape(len(z), 3, -1), t.reshape(len(t), 3, 6)
    full, sign = t[..., 0], 2 * t[..., 0] - 1
    logarithm = functional.logsigmoid(sign * z[..., 0])
    each = -((1 - logarithm.exp()) ** 1.5) * logarithm * torch.where(full == 1, 1.0, 0.75)
    each = each + full * 2 * functional.smooth_l1_loss(z[..., 1:5], t[..., 1:5], reduction="none", beta=0.3).sum(dim=2)
    labels = functional.cross_entropy(z[..., 5:].transpose(1, 2), t[..., 5].long(), reduction="none")
    return (each + full * 0.5 * labels).sum(dim=1) / full.sum(dim=1).clamp(min=1)


# A case, and PyTorch's loss of each sample.
PEERS = {
    "cross-entropy": (
        LossCase("cross_entropy"),
        lambda z, t: functional.cross_entropy(z, t[:, 0].long(), reduction="none"),
    ),
    "cross-entropy, smoothed": (
        LossCase("cross_entropy", label_smoothing=0.3),
        lambda z, t: functional.cross_entropy(z, t[:, 0].long(), reduction="none", label_smoothing=0.3),
    ),
    "binary cross-entropy": (
        LossCase("binary_cross_entropy"),
        lambda z, t: summed_over_outputs(functional.binary_cross_entropy_with_logits(z, t, reduction="none")),
    ),
    "squared error": (
        LossCase("squared_error"),
        lambda z, t: mean_over_outputs(functional.mse_loss(z, t, reduction="none")) / 2,
    ),
    "absolute error": (
        LossCase("absolute_error"),
        lambda z, t: mean_over_outputs(functional.l1_loss(z, t, reduction="none")),
    ),
    "Huber": (
        LossCase("huber", delta=0.6),
        lambda z, t: mean_over_outputs(functional.huber_loss(z, t, reduction="none", delta=0.6)),
    ),
    "Poisson": (
        LossCase("poisson"),
        lambda z, t: mean_over_outputs(functional.poisson_nll_loss(z, t, log_input=True, reduction="none")),
    ),
    "detection": (
        LossCase("detection", empty_weight=0.75, box_weight=2, label_weight=0.5, focus=1.5, beta=0.3),
        detection,
    ),
    "hinge": (  # its own hinge losses are others; this is clamp, for the derivative at the kink is not asked for
        LossCase("hinge"),
        lambda z, t: summed_over_outputs(torch.clamp(1 - (2 * t - 1) * z, min=0)),
    ),
    "log-cosh": (LossCase("log_cosh"), lambda z, t: mean_over_outputs(torch.log(torch.cosh(z - t)))),
    "quantile": (
        LossCase("quantile", quantile_1=0.1, quantile_2=0.7),
        lambda z, t: torch.maximum(
            (t[:, :, None] - z.reshape(*t.shape, 2)) * torch.tensor([0.1, 0.7], dtype=z.dtype),
            (t[:, :, None] - z.reshape(*t.shape, 2)) * torch.tensor([-0.9, -0.3], dtype=z.dtype),
        ).mean(dim=(1, 2)),
    ),
}


@pytest.mark.parametrize("weighted", [False, True], ids=["alike", "weighted"])
@pytest.mark.parametrize("peer", PEERS)
def test_value_and_gradient_are_pytorchs(peer, weighted):
    case, loss_of_samples = PEERS[peer]
    rng = np.random.default_rng(0)
    for n, n_targets in [(1, 2), (9, 5), (64, 10)]:
        logits, targets = case.inputs(n, n_targets, rng)
        weights = rng.uniform(0, 2, n) if weighted else np.empty(0)
        gradient = np.full_like(logits, np.nan)
        value = call_loss(case, logits, targets, weights, 0.25, gradient)
        z = torch.tensor(logits, requires_grad=True)
        share = 0.25 * torch.tensor(weights if weighted else np.ones(n))
        expected = (share * loss_of_samples(z, torch.tensor(targets))).sum()
        expected.backward()
        assert value == pytest.approx(expected.item(), rel=1e-13)
        np.testing.assert_allclose(gradient, z.grad.numpy(), rtol=1e-12, atol=1e-15)
