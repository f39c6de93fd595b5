"""Classifying sequences and predicting numbers from them."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone

from netlet import GRU, Bidirectional, Conv1D, Dense, Flatten, ModelFileError
from netlet.sequences import SequenceClassifier, SequenceRegressor

KINDS = ("gru", "lstm", "rnn", "convolution", "transformer")
SMALL = {"units": 8, "heads": 2, "epochs": 1, "random_state": 0, "n_threads": 1}


def of_many_lengths(n=40, features=2, longest=9, seed=0):
    rng = np.random.default_rng(seed)
    X = [rng.normal(size=(rng.integers(1, longest + 1), features)) for _ in range(n)]
    return X, np.where([x[0, 0] > 0 for x in X], "up", "down")


@pytest.mark.parametrize("kind", KINDS)
def test_what_stands_beside_a_sequence_does_not_change_its_prediction(kind, tmp_path):
    """Padding is read by no layer: a sequence alone, padded less, has the probabilities that it has among others."""
    X, y = of_many_lengths()
    model = SequenceClassifier(kind, **SMALL).fit(X, y)
    whole = model.predict_proba(X)
    assert whole.shape == (40, 2)
    assert np.allclose(whole.sum(axis=1), 1, atol=1e-6)
    assert model.predict_proba(X[:1]) == pytest.approx(whole[:1], abs=1e-6)
    # What is laid behind a sequence's end by hand is not read either, if the model is told the length.
    sequences = np.zeros((1, model.max_length_, 2))
    short = int(np.argmin([len(x) for x in X]))
    sequences[0, : len(X[short])] = X[short]
    if len(X[short]) < model.max_length_:
        assert not np.allclose(model.predict_proba(sequences), whole[short], atol=1e-6)  # zeros as steps are steps
    model.save(tmp_path / "m.netlet")
    assert (SequenceClassifier.load(tmp_path / "m.netlet").predict(X) == model.predict(X)).all()


@pytest.mark.parametrize("kind", ["gru", "convolution", "transformer"])
def test_garbage_in_the_padding_is_not_read(kind):
    X, y = of_many_lengths()
    model = SequenceClassifier(kind, **SMALL).fit(X, y)
    rows = model._samples(X)
    time, spoilt = model.max_length_, rows.copy()
    for row, x in zip(spoilt, X, strict=True):
        row[len(x) * 2 : time * 2] = 1e3
    if kind == "convolution":  # its first layer sees 3 steps beyond the end; `_samples` puts zeros there
        assert (rows[0, len(X[0]) * 2 : time * 2] == 0).all()
        return
    assert model.network_.predict(spoilt) == pytest.approx(model.network_.predict(rows), abs=1e-6)


def test_it_learns_which_way_a_sequence_goes():
    rng = np.random.default_rng(0)
    X = [np.cumsum(rng.normal(0.5 if i % 2 else -0.5, 0.5, rng.integers(5, 20))) for i in range(300)]
    y = np.arange(300) % 2
    model = SequenceClassifier(units=16, epochs=15, random_state=0).fit(X[:200], y[:200])
    assert model.score(X[200:], y[200:]) > 0.95


def test_numbers_from_sequences():
    X = np.random.default_rng(0).normal(3, 5, (400, 6))
    model = SequenceRegressor(units=16, dropout=0.0, random_state=0).fit(X[:300], X[:300].sum(axis=1) * 100)
    assert model.score(X[300:], X[300:].sum(axis=1) * 100) > 0.95
    two = SequenceRegressor(**SMALL).fit(X, X[:, :2])
    assert two.predict(X).shape == (400, 2)


def test_features_are_standardised_by_the_steps_of_the_training():
    X = [np.array([[1.0, 5.0], [3.0, 5.0]]), np.array([[5.0, 5.0]])]
    model = SequenceRegressor("rnn", validation_fraction=0.0, **SMALL).fit(X, [0.0, 1.0])
    assert model.feature_mean_.tolist() == [3.0, 5.0]
    assert model.feature_scale_ == pytest.approx([np.sqrt(8 / 3), 1.0])  # the second is constant
    assert model._samples(X)[1].tolist() == pytest.approx([2 / np.sqrt(8 / 3), 0, 0, 0, 1])


def test_longer_sequences_are_cut_to_their_last_steps_with_a_warning():
    X = np.random.default_rng(0).normal(size=(20, 5))
    model = SequenceRegressor(**SMALL).fit(X, X[:, 0])
    longer = np.concatenate([np.full((20, 2), 9.0), X], axis=1)
    with pytest.warns(UserWarning, match="20 of 20 sequences are longer than the 5 steps"):
        assert (model.predict(longer) == model.predict(X)).all()
    assert model.predict(X[:, :3]).shape == (20,)  # shorter ones are padded


def test_sequences_of_one_step():
    X = [np.array([float(i % 2)]) for i in range(20)]
    assert SequenceClassifier(**SMALL).fit(X, np.arange(20) % 2).predict(X).shape == (20,)


def test_two_and_three_axes_say_the_same_of_one_feature():
    X = np.random.default_rng(0).normal(size=(12, 4))
    model = SequenceRegressor(**SMALL).fit(X, X[:, 0])
    assert (model.predict(X[:, :, None]) == model.predict(X)).all()
    assert (model.predict(list(X)) == model.predict(X)).all()


def test_layers_of_ones_own():
    X, y = of_many_lengths()
    recurrent = SequenceClassifier(layers=[Bidirectional(GRU(4)), Dense(3, "relu")], **SMALL).fit(X, y)
    assert recurrent.predict_proba(X[:1]) == pytest.approx(recurrent.predict_proba(X)[:1], abs=1e-6)
    plain = SequenceClassifier(layers=[Conv1D(4, 3, padding="same"), Flatten()], **SMALL).fit(X, y)
    assert plain.predict(X).shape == (40,)


def test_the_same_seed_gives_the_same_model():
    X, y = of_many_lengths()
    model = SequenceClassifier(**SMALL)
    first, second = clone(model).fit(X, y), clone(model).set_params(n_threads=2).fit(X, y)
    assert (first.predict_proba(X) == second.predict_proba(X)).all()


def test_weights_and_validation_data():
    X, y = of_many_lengths()
    model = SequenceClassifier(class_weight={"up": 2.0, "down": 1.0}, **SMALL)
    model.fit(X, y, sample_weight=np.ones(40), validation_data=(X[:5], y[:5]))
    assert "validation_loss" in model.history_.records[0]
    with pytest.raises(ValueError, match="'left'.*is not among the classes"):
        model.fit(X, y, validation_data=(X[:1], ["left"]))


BAD = [
    (np.zeros(5), "has the shape \\(5,\\); give .*one sequence is \\[sequence\\]"),
    (np.zeros((2, 3, 4, 5)), "has the shape \\(2, 3, 4, 5\\)"),
    (np.zeros((4, 0)), "have no steps"),
    (np.zeros((4, 0, 2)), "have no steps"),
    (np.zeros((4, 3, 0)), "have no features"),
    (np.zeros((0, 3)), "no samples"),
    ([], "no samples"),
    ([np.zeros((3, 2)), np.zeros((0, 2))], r"X\[1\] has no steps; leave out sequences of length 0"),
    ([np.zeros((3, 2)), np.zeros((3, 4))], r"X\[0\] has 2 features and X\[1\] has 4"),
    ([np.zeros((3, 1)), np.zeros(3)], r"X\[0\] has 2 axes and X\[1\] has 1; give all sequences as \(time, features\)"),
    ([np.zeros((3, 1, 1)), np.zeros((3, 1, 1))], r"X\[0\] has the shape \(3, 1, 1\)"),
    ([np.array([1.0, np.nan]), np.zeros(3)], r"X\[0\] holds nan at step 1, feature 0"),
    (np.array([[[1.0, 2.0]], [[np.inf, 2.0]]]), "X holds inf of sample 1, at step 0, feature 0"),
    ([["a", "b"], ["c", "d"]], r"X\[0\] is not an array of numbers"),
]


@pytest.mark.parametrize(("X", "message"), BAD)
def test_what_is_no_sequence(X, message):
    with pytest.raises(ValueError, match=message):
        SequenceRegressor(**SMALL).fit(X, np.zeros(len(X)))


def test_what_is_no_table_of_sequences():
    with pytest.raises(TypeError, match="X is a str; give an array"):
        SequenceRegressor(**SMALL).fit("abc", [1.0])


def test_another_number_of_features_than_in_training():
    X = np.random.default_rng(0).normal(size=(12, 4, 2))
    model = SequenceRegressor(**SMALL).fit(X, X[:, 0, 0])
    with pytest.raises(ValueError, match="X has 1 features at each step, the model was fitted on 2"):
        model.predict(X[:, :, 0])


SETTINGS = [
    ({"kind": "gru2"}, "did you mean 'gru'"),
    ({"kind": "transformer", "units": 10, "heads": 4}, "heads=4 do not divide units=10"),
    ({"kind": "convolution", "bidirectional": True}, "sees both directions anyway"),
    ({"dropout": 1.0}, "fraction dropped"),
    ({"units": 0}, "units=0"),
    ({"n_layers": 0}, "n_layers=0"),
    ({"layers": 3}, "layers=3 is no list of layers"),
]


@pytest.mark.parametrize(("settings", "message"), SETTINGS)
def test_settings_that_are_none(settings, message):
    with pytest.raises(ValueError, match=message):
        SequenceRegressor(**(SMALL | settings)).fit(np.zeros((4, 3)), np.zeros(4))


def test_a_label_too_few_and_a_file_of_another_class(tmp_path):
    X, y = of_many_lengths()
    with pytest.raises(ValueError, match="X has 40 samples and y has 39"):
        SequenceClassifier(**SMALL).fit(X, y[1:])
    SequenceClassifier(**SMALL).fit(X, y).save(tmp_path / "m.netlet")
    with pytest.raises(ModelFileError, match="holds a SequenceClassifier, not a SequenceRegressor"):
        SequenceRegressor.load(tmp_path / "m.netlet")
