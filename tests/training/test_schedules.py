"""Learning-rate schedules: each against its formula, written for one step in plain Python, and against PyTorch's."""

from __future__ import annotations

import json
import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlet.training.schedules import (
    SCHEDULES,
    ConstantRate,
    CosineDecay,
    CosineRestarts,
    CosLog,
    ExponentialDecay,
    FlatCosine,
    InverseTimeDecay,
    OneCycle,
    PlateauWatch,
    PolynomialDecay,
    ReduceOnPlateau,
    Schedule,
    StepDecay,
    WarmUp,
    schedule_from,
    schedule_of,
)

pytestmark = pytest.mark.plain
SEVERAL = (
    ConstantRate(), InverseTimeDecay(0.3), ExponentialDecay(0.8), StepDecay(0.4, 3), PolynomialDecay(2.0, 0.1),
    CosineDecay(0.05), CosineRestarts(2, 1.0, 0.1), CosineRestarts(1.5, 2.0), CosineRestarts(0.7, 1.3),
    FlatCosine(), FlatCosine(0.2), CosLog(), CosLog(2),
    OneCycle(), OneCycle(0.1, 0.45, 0.01, "linear"), OneCycle(peak=0.0), ReduceOnPlateau(), WarmUp(), WarmUp(2, 0.25),
    WarmUp(1.3, then=CosineDecay(0.2)), WarmUp(3, then=StepDecay(0.5, 2)), WarmUp(2, then=ReduceOnPlateau(0.5)),
)  # fmt: skip


def half_cosine(first, last, share):
    return last + (first - last) * 0.5 * (1 + math.cos(math.pi * share))


def by_hand(schedule, step, per_epoch, total):
    """Return the factor of one step, without arrays."""
    name, epoch = type(schedule).__name__, step // per_epoch
    share = 1.0 if step >= total else step / total
    if name in ("ConstantRate", "ReduceOnPlateau"):
        return 1.0
    if name == "InverseTimeDecay":
        return 1 / (1 + schedule.decay_rate * epoch)
    if name == "ExponentialDecay":
        return math.prod([schedule.decay_rate] * epoch)
    if name == "StepDecay":
        factor = 1.0
        for each in range(1, epoch + 1):
            factor *= schedule.factor if each % schedule.every == 0 else 1.0
        return factor
    if name == "PolynomialDecay":
        return (1 - schedule.final) * (1 - share) ** schedule.power + schedule.final
    if name == "CosineDecay":
        return half_cosine(1, schedule.final, share)
    if name == "FlatCosine":
        return 1.0 if share <= schedule.flat else half_cosine(1, 0, (share - schedule.flat) / (1 - schedule.flat))
    if name == "CosLog":  # the k-th cycle goes from (2^k - 1) / (2^cycles - 1) of the training on, and slows down
        return math.sin(math.pi * math.log2(1 + (2**schedule.cycles - 1) * share)) ** 2
    if name == "CosineRestarts":
        length = max(1, round(schedule.period * per_epoch))
        while step >= length:
            step -= length
            length *= schedule.growth
        return half_cosine(1, schedule.final, step / length)
    if name == "OneCycle":
        top = schedule.peak * total - 1
        if step < top:
            first, last, part = schedule.start, 1.0, step / top
        else:
            top = max(top, 0)
            first, last, part = (
                1.0,
                schedule.final,
                min(1, (step - top) / (total - 1 - top)) if total - 1 > top else step > top,
            )
        return half_cosine(first, last, part) if schedule.shape == "cosine" else first + (last - first) * part
    assert name == "WarmUp"
    length = max(1, round(schedule.epochs * per_epoch))
    if step < length:
        return schedule.start + (1 - schedule.start) * step / length
    return by_hand(schedule.then, step - length, per_epoch, max(0, total - length))


def test_every_schedule_is_tested_here():
    assert {type(schedule) for schedule in SEVERAL} == set(SCHEDULES.values())
    # Other tests have schedules of their own.
    own = {kind for kind in Schedule.__subclasses__() if kind.__module__.startswith("netlet.")}
    assert own == set(SCHEDULES.values())


@pytest.mark.parametrize("schedule", SEVERAL, ids=str)
@pytest.mark.parametrize(
    ("first", "count", "per_epoch", "total"),
    [
        (0, 120, 10, 120),
        (0, 60, 1, 60),  # one step an epoch
        (37, 23, 7, 60),
        (0, 7, 7, 7),  # one epoch
        (0, 1, 1, 1),
        (0, 3, 1, 3),
        (0, 2, 1, 0),
        (0, 0, 4, 0),
        (110, 30, 10, 120),  # beyond the end
    ],
)
def test_factors_follow_the_formula(schedule, first, count, per_epoch, total):
    factors = schedule.factors(first, count, per_epoch, total)
    assert factors.dtype == np.float64
    assert factors.shape == (count,)
    expected = [by_hand(schedule, step, per_epoch, total) for step in range(first, first + count)]
    np.testing.assert_allclose(factors, expected, rtol=1e-12, atol=1e-14)


@given(st.sampled_from(SEVERAL), st.integers(0, 10**6), st.integers(0, 50), st.integers(1, 1000), st.integers(0, 10**6))
def test_factors_are_from_0_to_1_and_the_same_in_one_piece_or_two(schedule, first, count, per_epoch, total):
    whole = schedule.factors(first, count, per_epoch, total)
    assert ((whole >= 0) & (whole <= 1)).all()
    cut = count // 3
    pieces = (
        schedule.factors(first, cut, per_epoch, total), schedule.factors(first + cut, count - cut, per_epoch, total),
    )  # fmt: skip
    np.testing.assert_array_equal(np.concatenate(pieces), whole)


@pytest.mark.parametrize("schedule", SEVERAL, ids=str)
def test_uses_total_says_whether_a_longer_training_has_other_factors(schedule):
    shorter, longer = schedule.factors(0, 80, 10, 80), schedule.factors(0, 80, 10, 160)
    assert schedule.uses_total == (shorter != longer).any()


@pytest.mark.parametrize(
    ("schedule", "per_epoch", "total", "expected"),
    [
        (InverseTimeDecay(1.0), 2, 6, [1, 1, 1 / 2, 1 / 2, 1 / 3, 1 / 3]),
        (ExponentialDecay(0.5), 2, 6, [1, 1, 1 / 2, 1 / 2, 1 / 4, 1 / 4]),
        (StepDecay(0.1, 2), 1, 5, [1, 1, 0.1, 0.1, 0.01]),
        (PolynomialDecay(), 1, 4, [1, 0.75, 0.5, 0.25]),
        (PolynomialDecay(2, 0.2), 1, 2, [1, 0.4]),
        (CosineDecay(), 1, 4, [1, 0.5 + math.sqrt(0.125), 0.5, 0.5 - math.sqrt(0.125)]),
        (FlatCosine(), 1, 8, [1, 1, 1, 1, 1, 0.5 + math.sqrt(0.125), 0.5, 0.5 - math.sqrt(0.125)]),
        (CosLog(2), 1, 3, [0, 0, 0.9304309704312053]),  # log2(3) = 1.585 cycles after a third of the last
        (CosLog(3), 1, 7, [0, 0, 0.9304309704312053, 0, 0.7183546884620604, 0.9304309704312053, 0.3236890042288711]),
        (CosineRestarts(2, 1.0), 1, 5, [1, 0.5, 1, 0.5, 1]),
        (CosineRestarts(1, 2.0, 0.5), 1, 4, [1, 1, 0.75, 1]),
        (WarmUp(4), 1, 6, [0, 0.25, 0.5, 0.75, 1, 1]),
        (WarmUp(1, 0.5, PolynomialDecay()), 2, 6, [0.5, 0.75, 1, 0.75, 0.5, 0.25]),
        (OneCycle(0.2, 0.5, 0.1, "linear"), 1, 6, [0.2, 0.6, 1, 0.7, 0.4, 0.1]),
    ],
    ids=str,
)
def test_factors_worked_by_hand(schedule, per_epoch, total, expected):
    np.testing.assert_allclose(schedule.factors(0, total, per_epoch, total), expected, rtol=1e-14, atol=1e-15)


def test_a_cycle_ends_where_the_next_begins_even_if_its_length_is_no_binary_fraction():
    """1.1 * 30 is 33.00000000000001: step 33 must be the first of the second cycle, not the last of the first."""
    assert CosineRestarts(1.1).factors(33, 1, 30, 99)[0] == 1.0
    assert WarmUp(1.1).factors(33, 1, 30, 99)[0] == 1.0


@pytest.mark.parametrize("schedule", SEVERAL, ids=str)
def test_a_schedule_survives_its_description_and_a_pickle(schedule):
    assert schedule_from(json.loads(json.dumps(schedule.describe()))) == schedule
    assert pickle.loads(pickle.dumps(schedule)) == schedule


def test_numpys_numbers_can_be_described():
    description = WarmUp(np.int64(3), np.float32(0.5), StepDecay(np.float64(0.5), np.int32(4))).describe()
    assert json.loads(json.dumps(description)) == {
        "schedule": "WarmUp", "epochs": 3.0, "start": 0.5,
        "then": {"schedule": "StepDecay", "factor": 0.5, "every": 4},
    }  # fmt: skip


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_name_stands_for_the_schedule_with_its_defaults(name):
    assert schedule_of(name) == SCHEDULES[name]()


def test_what_a_schedule_is_chosen_by():
    assert schedule_of(None) == ConstantRate()
    chosen = StepDecay(0.3)
    assert schedule_of(chosen) is chosen
    with pytest.raises(ValueError, match=r"schedule='cosin' is not one of 'constant', .*; did you mean 'cosine'\?"):
        schedule_of("cosin")
    for wrong in (3, CosineDecay, 0.5):
        with pytest.raises(TypeError, match="is neither a name nor a schedule; use 'cosine', CosineDecay"):
            schedule_of(wrong)
    with pytest.raises(ValueError, match="schedule='Cosine' is not one of .* did you mean 'FlatCosine'"):
        schedule_from({"schedule": "Cosine"})
    with pytest.raises(ValueError, match="parameter of StepDecay='gamma' is not one of 'every', 'factor'"):
        schedule_from({"schedule": "StepDecay", "gamma": 0.1})


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: InverseTimeDecay(-1), r"^decay_rate=-1 of InverseTimeDecay is not a number in \[0, inf\); 0.1 halves"),
        (lambda: InverseTimeDecay(math.inf), "decay_rate=inf"),
        (lambda: ExponentialDecay(0), r"decay_rate=0 of ExponentialDecay is not a number in \(0, 1\]; it is what is"),
        (lambda: ExponentialDecay(1.1), "decay_rate=1.1"),
        (lambda: ExponentialDecay(math.nan), "decay_rate=nan"),
        (lambda: StepDecay(0.5, 2.5), "every=2.5 of StepDecay is not an int >= 1; give the number of epochs"),
        (lambda: StepDecay(0.5, 0), "every=0"),
        (lambda: StepDecay(0.5, True), "every=True"),
        (lambda: StepDecay("half"), "factor='half' of StepDecay"),
        (lambda: PolynomialDecay(0), r"power=0 of PolynomialDecay is not a number in \(0, inf\)"),
        (lambda: PolynomialDecay(1, 2), r"final=2 of PolynomialDecay is not a number in \[0, 1\]; it is the share"),
        (lambda: CosineDecay(-0.1), "final=-0.1 of CosineDecay"),
        (lambda: CosineRestarts(0), r"period=0 of CosineRestarts is not a number in \(0, inf\)"),
        (lambda: CosineRestarts(growth=0.5), r"growth=0.5 of CosineRestarts is not a number in \[1, inf\)"),
        (lambda: OneCycle(peak=1), r"peak=1 of OneCycle is not a number in \[0, 1\)"),
        (lambda: OneCycle(start=25), "start=25 of OneCycle"),
        (
            lambda: OneCycle(shape="cos"),
            "shape of OneCycle='cos' is not one of 'cosine', 'linear'; did you mean 'cosine'",
        ),
        (lambda: WarmUp(0), r"epochs=0 of WarmUp is not a number in \(0, inf\)"),
        (lambda: WarmUp(then=OneCycle()), r"then=OneCycle\(.*\) of WarmUp begins with a low learning rate itself"),
        (lambda: WarmUp(then=WarmUp()), r"begins with a low learning rate itself; use it alone, or another one"),
        (lambda: ReduceOnPlateau(1.0), r"factor=1.0 of ReduceOnPlateau is not a number in \(0, 1\)"),
        (lambda: ReduceOnPlateau(patience=0), "patience=0 of ReduceOnPlateau is not an int >= 1"),
        (lambda: ReduceOnPlateau(threshold=1), r"threshold=1 of ReduceOnPlateau is not a number in \[0, 1\)"),
        (lambda: ReduceOnPlateau(cooldown=-1), "cooldown=-1 of ReduceOnPlateau is not an int >= 0"),
        (lambda: ReduceOnPlateau(least=2), r"least=2 of ReduceOnPlateau is not a number in \[0, 1\]"),
    ],
)
def test_a_value_outside_its_range_is_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()


def test_what_comes_after_a_warm_up_is_a_schedule():
    with pytest.raises(TypeError, match=r"then='cosine' of WarmUp is not a schedule; use for example CosineDecay\(\)"):
        WarmUp(then="cosine")


# The one with a memory.


def factors_of(watch, losses):
    factors = []
    for loss in losses:
        watch.after_epoch(loss)
        factors.append(watch.factor)
    return factors


def test_only_a_plateau_is_watched_for():
    for schedule in SEVERAL:
        watches = "ReduceOnPlateau" in str(schedule)
        assert isinstance(schedule.watch(), PlateauWatch) == watches
    assert ReduceOnPlateau().watch() is not ReduceOnPlateau().watch()


@pytest.mark.parametrize(
    ("rule", "losses", "expected"),
    [
        (ReduceOnPlateau(0.5, 2), [4, 3, 3, 3, 3, 3, 2, 2, 2], [1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125]),
        (ReduceOnPlateau(0.5, 1), [1, 0.99995, 0.9, 0.9], [1, 0.5, 0.5, 0.25]),  # 0.00005 is below the threshold
        (ReduceOnPlateau(0.5, 1, threshold=0.0), [1, 0.99995, 0.9, 0.9], [1, 1, 1, 0.5]),
        (ReduceOnPlateau(0.5, 1, cooldown=2), [1, 1, 1, 1, 1, 1], [1, 0.5, 0.5, 0.5, 0.25, 0.25]),
        (ReduceOnPlateau(0.1, 1, least=0.05), [1, 1, 1, 1], [1, 0.1, 0.05, 0.05]),
        (ReduceOnPlateau(0.5, 2), [1, math.nan, math.nan, 0.5, math.nan], [1, 1, 0.5, 0.5, 0.5]),
        # Below zero a lower loss has the greater magnitude; the threshold is a share of the magnitude.
        (ReduceOnPlateau(0.5, 1, threshold=0.1), [-1, -1.05, -1.2, -1.2], [1, 0.5, 0.5, 0.25]),
    ],
)
def test_a_plateau_reduces_the_factor(rule, losses, expected):
    assert factors_of(rule.watch(), losses) == pytest.approx(expected, rel=1e-15)


def test_a_warm_up_does_not_count_as_a_plateau():
    losses = [1.0] * 8
    assert factors_of(WarmUp(2.5, then=ReduceOnPlateau(0.5, 2)).watch(), losses) == [1, 1, 1, 1, 0.5, 0.5, 0.25, 0.25]
    np.testing.assert_array_equal(
        WarmUp(2, then=ReduceOnPlateau()).factors(0, 8, 2, 8), [0, 0.25, 0.5, 0.75, 1, 1, 1, 1]
    )


@given(st.lists(st.floats(-10, 10), max_size=20), st.integers(0, 20))
def test_a_watch_goes_on_from_its_state(losses, cut):
    schedule = WarmUp(2, then=ReduceOnPlateau(0.5, 2, 0.01, cooldown=1))
    watch, begun, again = schedule.watch(), schedule.watch(), schedule.watch()
    expected = factors_of(watch, losses)
    first = factors_of(begun, losses[:cut])
    again.restore(json.loads(json.dumps(begun.state(), allow_nan=False)))
    assert again.state() == begun.state()
    assert first + factors_of(again, losses[cut:]) == expected


def test_a_state_that_lacks_something_is_refused():
    with pytest.raises(ValueError, match=r"state=\{'factor': 0.5\} lacks lowest, since, resting; give what"):
        ReduceOnPlateau().watch().restore({"factor": 0.5})


# PyTorch's, where they define the same.


def torch_factors(build, count):
    """Return the learning rate of each step under a scheduler of PyTorch, from a base of 1."""
    torch = pytest.importorskip("torch")
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = build(torch.optim.lr_scheduler, optimizer)
    rates = []
    for _ in range(count):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


@pytest.mark.slow
@pytest.mark.parametrize(
    ("schedule", "build"),
    [
        (InverseTimeDecay(0.3), lambda kinds, o: kinds.LambdaLR(o, lambda epoch: 1 / (1 + 0.3 * epoch))),
        (ExponentialDecay(0.9), lambda kinds, o: kinds.ExponentialLR(o, 0.9)),
        (StepDecay(0.4, 7), lambda kinds, o: kinds.StepLR(o, 7, 0.4)),
        (PolynomialDecay(), lambda kinds, o: kinds.PolynomialLR(o, 50)),
        (PolynomialDecay(2.5), lambda kinds, o: kinds.PolynomialLR(o, 50, 2.5)),
        (PolynomialDecay(1, 0.2), lambda kinds, o: kinds.LinearLR(o, 1.0, 0.2, 50)),
        (CosineDecay(), lambda kinds, o: kinds.CosineAnnealingLR(o, 50)),
        (CosineDecay(0.1), lambda kinds, o: kinds.CosineAnnealingLR(o, 50, 0.1)),
        (CosineRestarts(8, 1, 0.1), lambda kinds, o: kinds.CosineAnnealingWarmRestarts(o, 8, 1, 0.1)),
        (CosineRestarts(3, 2), lambda kinds, o: kinds.CosineAnnealingWarmRestarts(o, 3, 2)),
        (WarmUp(6, 0.25), lambda kinds, o: kinds.LinearLR(o, 0.25, 1.0, 6)),
        (
            WarmUp(6, 0.25, CosineDecay()),
            lambda kinds, o: kinds.SequentialLR(
                o, [kinds.LinearLR(o, 0.25, 1.0, 6), kinds.CosineAnnealingLR(o, 44)], [6]
            ),
        ),
        (OneCycle(), lambda kinds, o: one_cycle(kinds, o, 0.3, "cos")),
        (OneCycle(peak=0.5, shape="linear"), lambda kinds, o: one_cycle(kinds, o, 0.5, "linear")),
    ],
    ids=lambda value: "" if callable(value) and not isinstance(value, Schedule) else str(value),
)
def test_factors_are_those_of_pytorch(schedule, build):
    """With one step an epoch, because PyTorch knows no epochs."""
    np.testing.assert_allclose(schedule.factors(0, 50, 1, 50), torch_factors(build, 50), rtol=1e-10, atol=1e-12)


def one_cycle(kinds, optimizer, peak, shape):
    return kinds.OneCycleLR(
        optimizer, 1.0, total_steps=50, pct_start=peak, anneal_strategy=shape, cycle_momentum=False,
        div_factor=25.0, final_div_factor=400.0,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("settings", [(0.5, 3, 1e-4, 0, 0.0), (0.3, 2, 0.01, 2, 0.05), (0.5, 4, 0.1, 5, 0.0)])
def test_a_plateau_is_that_of_pytorch(settings):
    """PyTorch reduces after more than `patience` epochs without a lower loss, netlet after `patience` of them."""
    torch = pytest.importorskip("torch")
    factor, patience, threshold, cooldown, least = settings
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, factor=factor, patience=patience - 1, threshold=threshold, cooldown=cooldown, min_lr=least, eps=0.0
    )
    losses = np.abs(np.random.default_rng(3).normal(1, 0.2, 80)) * np.linspace(2, 1, 80)
    expected = []
    for loss in losses:
        scheduler.step(loss)
        expected.append(optimizer.param_groups[0]["lr"])
    assert len(set(expected)) > 3
    watch = ReduceOnPlateau(factor, patience, threshold, cooldown, least).watch()
    np.testing.assert_allclose(factors_of(watch, losses), expected, rtol=1e-12)
