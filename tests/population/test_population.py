"""A population learns what each member would learn alone, whatever the others do."""

from __future__ import annotations

import re
import threading
import time
from contextlib import contextmanager

import numpy as np
import pytest
from mixes import EPOCHS, MIX, alone, classes, dropped, members_of, result_of, small

from netlet import SGD, Dense, Network, Population, Softmax
from netlet.population import population as module
from netlet.population.member import OPTIONS, Member, Outcome
from netlet.training.history import History
from netlet.training.progress import Progress

pytestmark = pytest.mark.plain
X, Y = classes()
OTHER_X, OTHER_Y = classes(n=30, seed=1)
HOW = {"epochs": EPOCHS, "batch_size": 16}
# Without Numba NumPy warns of the overflows that are the subject of the tests of failures.
ignore_overflow = pytest.mark.filterwarnings(
    "ignore:(overflow|invalid value|divide by zero) encountered:RuntimeWarning"
)
SOON = 30.0


@pytest.fixture(scope="module")
def each_alone():
    """Give what each network of the mix comes to by itself."""
    return [result_of(*alone(place, name, X, Y)) for place, name in enumerate(MIX)]


def results(population):
    return [result_of(outcome.network, outcome.history) for outcome in population.outcomes]


# Bits


@pytest.mark.parametrize("n_threads", [1, 2, 3])
def test_each_is_trained_as_it_would_be_alone(n_threads, each_alone):
    population = Population(members_of(), **HOW)
    outcomes = population.fit(X, Y, n_threads=n_threads, progress=False)
    assert [outcome.status for outcome in outcomes] == ["done"] * len(MIX)
    assert [outcome.network for outcome in outcomes] == [member.network for member in population.members]
    assert results(population) == each_alone
    assert all(outcome.reason == "" and outcome.seconds > 0 for outcome in outcomes)


def test_the_order_of_the_members_does_not_matter(each_alone):
    members = members_of()[::-1]
    outcomes = Population(members, **HOW).fit(X, Y, n_threads=2, progress=False)
    assert [result_of(outcome.network, outcome.history) for outcome in outcomes] == each_alone[::-1]


def test_validation_data_and_weights_are_for_all():
    weights, others = np.linspace(0, 2, len(X)), np.linspace(1, 3, len(OTHER_X))
    names = [name for name in MIX if name != "share held out"]
    population = Population(members_of(names), **HOW)
    shared = {"sample_weight": weights, "validation_data": (OTHER_X, OTHER_Y, others)}
    population.fit(X, Y, n_threads=2, progress=False, **shared)
    expected = [result_of(*alone(place, name, X, Y, **shared)) for place, name in enumerate(names)]
    assert results(population) == expected


def test_kinds_of_arrays_make_no_difference():
    expected = Population([small(0), small(1, dtype="float64")], **HOW)
    expected.fit(X, Y, progress=False)
    for x, y in ((X.tolist(), Y.tolist()), (np.asfortranarray(X.astype(np.float64)), Y.astype(np.int8))):
        population = Population([small(0), small(1, dtype="float64")], **HOW)
        population.fit(x, y, progress=False)
        assert results(population) == results(expected)


def test_a_second_fit_goes_on():
    population, one = Population([small(0), dropped(1)], **HOW), dropped(1)
    for _ in range(2):
        population.fit(X, Y, progress=False)
        one.fit(X, Y, progress=False, **HOW)
    assert population.outcomes[1].network.theta.tobytes() == one.theta.tobytes()
    assert len(population.outcomes[1].history) == EPOCHS


def test_two_populations_in_two_threads(each_alone):
    populations = [Population(members_of(), **HOW) for _ in range(2)]
    threads = [
        threading.Thread(target=each.fit, args=(X, Y), kwargs={"n_threads": 2, "progress": False})
        for each in populations
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SOON)
    assert [results(population) for population in populations] == [each_alone] * 2


@pytest.mark.compiled
def test_it_is_compiled_code_that_runs_side_by_side():
    """Larger networks and several batches a second, on more threads than processors."""
    x, y = classes(n=2000, n_features=30)

    def networks():
        return [Network([Dense(64 + 8 * k, activation="relu"), Dense(3), Softmax()], seed=k) for k in range(7)]

    together = Population(networks(), epochs=3).fit(x, y, n_threads=5, progress=False)
    for outcome, network in zip(together, networks(), strict=True):
        history = network.fit(x, y, epochs=3, progress=False)
        assert result_of(outcome.network, outcome.history) == result_of(network, history)


def test_it_predicts_with_all():
    population = Population([small(0), small(1)], **HOW)
    population.fit(X, Y, progress=False)
    predicted = population.predict(OTHER_X)
    assert predicted.shape == (2, len(OTHER_X), 3)
    assert predicted.dtype == np.float32
    for place, member in enumerate(population.members):
        np.testing.assert_array_equal(predicted[place], member.network.predict(OTHER_X))
    other = Network([Dense(2), Softmax()], seed=0).build(6)
    with pytest.raises(ValueError, match=r"outputs of different shapes, \[\(2,\), \(3,\)\]; ask each by itself"):
        Population([small(0).build(6), other]).predict(OTHER_X)


# Failures


@ignore_overflow
@pytest.mark.parametrize("n_threads", [1, 2])
def test_one_that_diverges_is_reported_and_the_others_are_not_affected(n_threads):
    wild = Network([Dense(1)], seed=0)
    number = Member(wild, optimizer=SGD(1e30), loss="squared_error", name="wild")
    others = [Member(Network([Dense(1)], seed=seed), loss="squared_error") for seed in (1, 2)]
    population = Population([others[0], number, others[1]], **HOW)
    outcomes = population.fit(X, X[:, 0], n_threads=n_threads, progress=False)
    assert [outcome.status for outcome in outcomes] == ["done", "failed", "done"]
    assert re.match(
        r"training stopped in epoch 1, step 2: .* The weights kept are those after 0 epoch", outcomes[1].reason
    )
    assert outcomes[1].history.stopped == "failed"
    assert np.isfinite(wild.theta).all()
    for outcome, seed in ((outcomes[0], 1), (outcomes[2], 2)):
        network = Network([Dense(1)], seed=seed)
        assert result_of(outcome.network, outcome.history) == result_of(
            network, network.fit(X, X[:, 0], progress=False, **HOW)
        )


def test_the_error_of_a_callback_reaches_the_caller_and_ends_the_others():
    def fail(state):
        raise KeyError("my own mistake")

    networks = [small(seed) for seed in range(3)]
    long = {"epochs": 10**7, "callbacks": [lambda state: time.sleep(0.001)]}
    members = [Member(networks[0], **long), Member(networks[1], callbacks=[fail], epochs=10**8), Member(networks[2])]
    population = Population(members, **HOW)
    with pytest.raises(KeyError, match="my own mistake") as caught:
        population.fit(X, Y, n_threads=2, progress=False)
    assert caught.value.__notes__ == ["in the training of member 1"]
    first, second, third = population.outcomes
    assert (second.status, second.reason) == ("failed", "KeyError: 'my own mistake'")
    assert first.status in ("stopped", "not begun")
    assert (third.status, len(third.history)) == ("not begun", 0)
    for network in networks:
        assert np.isfinite(network.theta).all()
    population.members[1].options.clear()
    population.members[0].options.clear()
    assert {outcome.status for outcome in population.fit(X, Y, progress=False)} == {"done"}


def test_callbacks_are_told_of_their_own_network():
    seen = {0: [], 1: []}
    members = [
        Member(small(seed), callbacks=[lambda state, seed=seed: seen[seed].append((state.network.seed, state.epoch))])
        for seed in (0, 1)
    ]
    Population(members, **HOW).fit(X, Y, n_threads=2, progress=False)
    assert seen == {seed: [(seed, epoch) for epoch in range(1, EPOCHS + 1)] for seed in (0, 1)}


def test_a_callback_stops_its_own_network_alone():
    members = [Member(small(0), callbacks=[lambda state: state.epoch == 2]), Member(small(1))]
    outcomes = Population(members, **HOW).fit(X, Y, progress=False)
    assert [len(outcome.history) for outcome in outcomes] == [2, EPOCHS]
    assert [outcome.status for outcome in outcomes] == ["done", "done"]


# Time


def test_a_time_limit_ends_those_under_way_and_begins_no_more():
    population = Population([small(seed) for seed in range(5)], epochs=10**7, batch_size=16)
    started = time.perf_counter()
    outcomes = population.fit(X, Y, time_limit=0.5, n_threads=2, progress=False)
    assert time.perf_counter() - started >= 0.5
    assert [outcome.status for outcome in outcomes] == ["stopped"] * 2 + ["not begun"] * 3
    assert [outcome.history.stopped for outcome in outcomes[:2]] == ["time", "time"]
    for outcome in outcomes:
        np.testing.assert_array_equal(np.isfinite(outcome.network.theta), True)
    for outcome in outcomes[2:]:
        assert (len(outcome.history), outcome.seconds) == (0, 0.0)
        np.testing.assert_array_equal(outcome.network.theta, small(outcome.network.seed).build(6).theta)


def test_a_time_limit_ends_full_batch_methods_too():
    members = [Member(small(seed), optimizer="lbfgs") for seed in range(2)]
    outcomes = Population(members, epochs=10**6).fit(X, Y, time_limit=0.2, n_threads=1, progress=False)
    assert outcomes[0].status in ("stopped", "done")  # it may converge before
    assert outcomes[0].history.stopped in ("time", "converged", "stalled")


def test_a_time_limit_that_is_not_reached_changes_nothing(each_alone):
    population = Population(members_of(), **HOW)
    population.fit(X, Y, time_limit=1e6, n_threads=2, progress=False)
    assert results(population) == each_alone


# Order


def test_the_longest_are_begun_first():
    begun = []

    def member(name, **options):
        return Member(
            small(options.pop("seed", 0), width=options.pop("width", 8)), name=name,
            callbacks=[lambda state: begun.append(name) if state.epoch == 1 else None], **options,
        )  # fmt: skip

    members = [
        member("few epochs", epochs=1),
        member("many epochs", epochs=12),
        member("wide", width=100),
        member("small batches", batch_size=1),
        member("usual"),
        member("few rows"),
        member("full batch", optimizer="lbfgs", batch_size=None, epochs=2),
    ]
    members[5].rows = np.arange(8)
    Population(members, epochs=4, batch_size=16).fit(X, Y, n_threads=1, progress=False)
    place = {name: begun.index(name) for name in begun}
    assert len(place) == len(members)
    assert max(place["small batches"], place["wide"]) < place["usual"] < place["few rows"]
    assert place["many epochs"] < place["usual"] < place["few epochs"]
    # Those that take equally long keep their order.
    begun.clear()
    Population([member(name, seed=seed) for seed, name in enumerate("abc")], epochs=1).fit(
        X, Y, n_threads=1, progress=False
    )
    assert begun == list("abc")


# Progress


class Recorder(Progress):
    """Notes what it is to show."""

    shown: list

    def count(self, done, text):
        self.shown.append((done, text))

    def end(self, message):
        self.shown.append(message)


def test_it_tells_how_many_are_done_and_the_best_so_far(monkeypatch):
    recorder = Recorder(3, "networks")
    recorder.shown = []
    monkeypatch.setattr(module, "progress_of", lambda *arguments: recorder)
    population = Population([Member(small(seed), epochs=4 - seed) for seed in range(3)], batch_size=16)
    outcomes = population.fit(X, Y, validation_data=(OTHER_X, OTHER_Y), n_threads=1)
    losses = [outcome.validation_loss for outcome in outcomes]
    best = [int(np.argmin(losses[:count])) for count in (1, 2, 3)]  # the longest first, which is their order
    texts = [f"best validation loss {losses[place]:.4f} (network {place})" for place in best]
    assert recorder.shown == [*enumerate(texts, start=1), f"3 of 3 networks trained; {texts[-1]}"]


@pytest.mark.parametrize(("n_times", "n_lines"), [(0, 0), (1, 1), (3, 1)])
def test_it_says_once_that_kernels_are_compiled(n_times, n_lines, capsys, monkeypatch):
    @contextmanager
    def compiles(tell):
        for _ in range(n_times):
            tell()
        yield

    monkeypatch.setattr(module, "when_compiling", compiles)
    Population([small(0)], epochs=1).fit(X, Y, progress="lines")
    assert capsys.readouterr().err.count("compiling kernels for this machine") == n_lines


@ignore_overflow
def test_the_last_line_tells_of_failures_and_of_the_time(capsys):
    members = [Member(Network([Dense(1)], seed=0), optimizer=SGD(1e30)), Member(Network([Dense(1)], seed=1))]
    Population(members, **HOW).fit(X, X[:, 0], progress="lines")
    assert capsys.readouterr().err.splitlines()[-1] == "1 of 2 networks trained; 1 failed"
    Population([small(seed) for seed in range(3)], epochs=10**7).fit(
        X, Y, time_limit=0.1, n_threads=1, progress="lines"
    )
    assert capsys.readouterr().err.splitlines()[-1] == "0 of 3 networks trained, stopped by the time limit"
    Population([small(0)], epochs=1).fit(X, Y, progress=False)
    assert capsys.readouterr().err == ""


def test_a_bar_shows_it_too(capsys):
    Population([small(seed) for seed in range(3)], **HOW).fit(X, Y, progress="bar")
    err = capsys.readouterr().err
    assert "3 of 3 networks trained" in err
    assert "3/3" in err


# The loss of an outcome


def outcome_with(losses, stopped="epochs", best=None, keeps_best=False):
    epochs = [{"epoch": place, "loss": 1.0, "validation_loss": loss} for place, loss in enumerate(losses, start=1)]
    return Outcome(small(0), History(epochs, stopped, best), "done", keeps_best=keeps_best)


def test_the_validation_loss_is_that_of_the_weights_that_are_kept():
    assert outcome_with([]).validation_loss is None
    assert outcome_with([3.0, 1.0, 2.0], best=2).validation_loss == 2.0
    assert outcome_with([3.0, 1.0, 2.0], best=2, keeps_best=True).validation_loss == 1.0
    assert outcome_with([np.nan, 1.0, 2.0], best=2, keeps_best=True).validation_loss == 1.0


@pytest.mark.parametrize("patience", [None, 2, 1000])
@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_the_validation_loss_is_what_evaluate_finds(patience, optimizer):
    """With patience the best weights are put back, whether or not it was used up."""
    member = Member(small(0), optimizer=optimizer, learning_rate=0.2 if optimizer == "adam" else None)
    (outcome,) = Population([member], epochs=40, patience=patience).fit(
        X, Y, validation_data=(OTHER_X, OTHER_Y), progress=False
    )
    assert outcome.keeps_best == (patience is not None)
    measured = outcome.network.evaluate(OTHER_X, OTHER_Y)["loss"]
    assert outcome.validation_loss == pytest.approx(measured, rel=1e-6)
    lowest = min(outcome.history.column("validation_loss"))
    assert (outcome.validation_loss == lowest) == (patience is not None)


# Health


@pytest.mark.parametrize("n_threads", [1, 3])
def test_the_health_of_each_is_what_it_would_be_alone(n_threads, each_alone):
    outcomes = Population(members_of(), health=True, **HOW).fit(X, Y, n_threads=n_threads, progress=False)
    assert [result_of(outcome.network, outcome.history) for outcome in outcomes] == each_alone
    for place, (name, outcome) in enumerate(zip(MIX, outcomes, strict=True)):
        _, history = alone(place, name, X, Y, health=True)
        assert outcome.history.health.findings == history.health.findings
        assert [look.layers for look in outcome.history.health.figures.looks] == [
            look.layers for look in history.health.figures.looks
        ]


@ignore_overflow
def test_one_that_failed_says_why_and_those_that_are_not_watched_say_nothing():
    line, other_line = (Network([Dense(1)], seed=seed) for seed in range(2))
    members = [Member(line, optimizer=SGD(1e30), health=True), Member(other_line)]
    failed, other = Population(members, **HOW).fit(X, X[:, 0], n_threads=2, progress=False)
    assert failed.status == "failed"
    assert failed.history.health.findings[0].name == "learning rate too high"
    assert other.history.health is None
    with pytest.raises(TypeError, match="member 0: health=1 is not a bool"):
        Population([small(2)], health=1, **HOW).fit(X, Y, progress=False)


# What is refused


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (lambda: Population([]), ValueError, "needs at least one member; give networks"),
        (lambda: Population(["mlp"]), TypeError, "a member's network is 'mlp', which is no Network"),
        (lambda: Population([small(0)], epoch=3), TypeError, "parameter of a training='epoch'.* did you mean 'epochs'"),
        (lambda: Population([small(0)], n_threads=3), TypeError, "n_threads is the same for all members; give it to P"),
        (lambda: Population([small(0)], rows=[1]), TypeError, "rows are a member's own; give them to Member"),
        (lambda: Population([small(0)], shared={}), TypeError, "parameter of a training='shared'"),
        (lambda: Population([small(0)], checkpoint="kept"), TypeError, "each member needs its own; give it to each"),
        (lambda: Member(small(0), progress=False), TypeError, "progress is the same for all members; give it to Popul"),
        (lambda: Member(small(0), learningrate=1), TypeError, "did you mean 'learning_rate'"),
        (lambda: Member(small(0), rows=[]), ValueError, r"rows has shape \(0,\) and dtype float64; give row numbers"),
        (lambda: Member(small(0), rows=[0.5]), ValueError, r"rows has shape \(1,\) and dtype float64"),
        (lambda: Member(small(0), rows=[[1]]), ValueError, r"rows has shape \(1, 1\) and dtype int64"),
        (lambda: Member(small(0), rows=np.zeros(3, bool)), ValueError, r"rows has shape \(0,\)"),
        (lambda: Member(small(0), validation_rows="all"), ValueError, r"validation_rows has shape \(\)"),
    ],
)  # fmt: skip
def test_what_makes_no_population(make, kind, message):
    with pytest.raises(kind, match=message):
        make()


def test_a_network_can_be_one_member_only():
    network = small(0)
    with pytest.raises(ValueError, match="members 0 and 2 are the same network, which can learn one thing only"):
        Population([network, small(1), Member(network, learning_rate=1.0)])


REFUSED = {
    "rows": ({"rows": [3, len(X)]}, ValueError, f"rows holds {len(X)}, the samples have the rows 0 to {len(X) - 1}"),
    "negative": ({"rows": [3, -1]}, ValueError, "rows holds -1, "),
    "held": ({"validation_rows": [len(X)]}, ValueError, "validation_rows holds"),
    "option": ({"batch_size": 0}, ValueError, "batch_size=0 is not >= 1"),
    "kind": ({"epochs": "many"}, TypeError, "epochs='many' is not an int"),
    "optimizer": ({"optimizer": "adm"}, ValueError, "did you mean 'adam'"),
    "patience": ({"patience": 3}, ValueError, "patience=3 needs validation samples"),
    "share beside rows": ({"rows": [1, 2], "validation_share": 0.5}, ValueError, "validation_share is given beside"),
    "two rates": ({"optimizer": SGD(0.1), "learning_rate": 0.1}, ValueError, "learning_rate=0.1 is given beside an"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_an_error_names_the_member_and_none_is_trained(case):
    options, kind, message = REFUSED[case]
    networks = [small(0).build(6), small(1), small(2)]
    before = networks[0].theta.copy()
    population = Population([networks[0], Member(networks[1], name="the second", **options), networks[2]], **HOW)
    with pytest.raises(kind, match=rf"^member 1 \(the second\): .*{re.escape(message)}"):
        population.fit(X, Y, progress=False)
    np.testing.assert_array_equal(networks[0].theta, before)
    assert population.outcomes == []


def test_validation_rows_beside_validation_data():
    population = Population([Member(small(0), validation_rows=[1, 2])], **HOW)
    with pytest.raises(ValueError, match="member 0: validation_rows is given beside validation_data; give one of them"):
        population.fit(X, Y, validation_data=(OTHER_X, OTHER_Y), progress=False)


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ({"n_threads": 0}, ValueError, "n_threads=0 is not >= 1"),
        ({"n_threads": "all"}, TypeError, "n_threads='all' is not an int"),
        ({"time_limit": 0}, ValueError, "time_limit=0 is not > 0"),
        ({"progress": "loud"}, ValueError, "progress='loud' is not one of"),
        ({"y": Y[:-1]}, ValueError, "member 0: y has 59 rows, X has 60"),
        ({"sample_weight": [1.0]}, ValueError, r"member 0: sample_weight has shape \(1,\), not \(60,\)"),
        ({"X": X[:0], "y": Y[:0]}, ValueError, "member 0: X has no rows"),
    ],
)
def test_what_fit_refuses(arguments, kind, message):
    population = Population([small(0)], **HOW)
    with pytest.raises(kind, match=message):
        population.fit(**({"X": X, "y": Y, "progress": False} | arguments))


def test_a_call_that_was_refused_leaves_no_network_built():
    """Else it could not be repeated with other columns."""
    networks = [small(0), small(1)]
    population = Population([networks[0], Member(networks[1], batch_size=0)], **HOW)
    with pytest.raises(ValueError, match="member 1: batch_size=0"):
        population.fit(X, Y, progress=False)
    assert "not built" in repr(networks[0])
    assert Population(networks, **HOW).fit(X[:, :4], Y, progress=False)[0].status == "done"


def test_the_options_are_those_of_a_training():
    assert "learning_rate" in OPTIONS
    assert "checkpoint" in OPTIONS
    assert not {"rows", "validation_rows", "shared", "progress", "X", "y"} & set(OPTIONS)


def test_members_show_what_they_are():
    assert repr(Member(small(0), learning_rate=0.1)) == f"Member({small(0)!r}, learning_rate=0.1)"
    assert len(Population([small(0), small(1)])) == 2


# Checkpoints


def test_each_member_may_have_a_checkpoint_of_its_own(tmp_path, each_alone):
    names = ["adam", "dropout"]
    members = [
        Member(MIX[name][0](seed=list(MIX).index(name)), **MIX[name][1], checkpoint=tmp_path / name) for name in names
    ]
    for member in members:
        member.options["callbacks"] = [lambda state: state.epoch == 3]
    first = Population(members, **HOW).fit(X, Y, progress=False)
    assert [len(outcome.history) for outcome in first] == [3, 3]
    again = [
        Member(MIX[name][0](seed=list(MIX).index(name)), **MIX[name][1], checkpoint=tmp_path / name) for name in names
    ]
    population = Population(again, **HOW)
    population.fit(X, Y, progress=False)
    assert results(population) == [each_alone[list(MIX).index(name)] for name in names]


def test_a_folder_is_free_again_whatever_became_of_its_member(tmp_path):
    """Refused, out of time before it began, or trained."""
    kept = tmp_path / "kept"
    with pytest.raises(ValueError, match="member 1: batch_size=0"):
        Population([Member(small(0), checkpoint=kept), Member(small(1), batch_size=0)], **HOW).fit(X, Y, progress=False)
    with pytest.raises(BlockingIOError, match="another training of this process uses it"):
        Population([Member(small(seed), checkpoint=kept) for seed in range(2)], **HOW).fit(X, Y, progress=False)
    long = Member(small(1), epochs=10**7)
    outcomes = Population([Member(small(0), checkpoint=kept), long], **HOW).fit(
        X, Y, time_limit=0.1, n_threads=1, progress=False
    )
    assert outcomes[0].status == "not begun"
    for _ in range(2):
        assert Population([Member(small(0), checkpoint=kept)], **HOW).fit(X, Y, progress=False)[0].status == "done"


def test_jobs_that_were_left_do_nothing():
    (job,) = Population([small(0)], **HOW)._jobs(X, Y, None, None)
    assert isinstance(job, module._TrainMember)
    job.leave()
    job.stop()
    job.run(None)
    assert job.outcome.status == "not begun"
