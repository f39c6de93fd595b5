"""The classifier of pictures: what it learns, keeps and refuses."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV

from netlet import Conv2D, Dense, Flatten, GlobalAveragePool, Input, MaxPool2D, TextClassifier
from netlet.errors import ModelFileError
from netlet.graph.augmentation import Augment
from netlet.pictures import ImageClassifier
from netlet.pictures.arrays import as_pictures, channel_scales
from netlet.pictures.preset import preset

pytestmark = pytest.mark.plain
TINY = [Conv2D(8, 3, padding="same", activation="relu"), GlobalAveragePool()]


def bars(n=40, size=6, channels=None, seed=0):
    """Return pictures of an upright or a lying bar, uint8, and which it is."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 2
    X = rng.integers(0, 60, (n, size, size, channels or 1)).astype(np.uint8)
    for picture, label, place in zip(X, labels, rng.integers(0, size, n), strict=True):
        (picture[:, place] if label else picture[place])[:] = 230
    return (X if channels else X[..., 0]), np.array(["lying", "upright"])[labels]


def quick(**given):
    return ImageClassifier(given.pop("layers", TINY), **{"epochs": 2, "random_state": 0} | given)


@pytest.mark.compiled
def test_it_learns_bars_from_some_dozen_pictures_by_the_preset():
    X, y = bars(48, channels=3)
    model = ImageClassifier(random_state=0).fit(X, y)
    assert model.score(*bars(100, channels=3, seed=1)) >= 0.95
    assert model.classes_.tolist() == ["lying", "upright"]
    assert model.shape_ == (6, 6, 3)


@pytest.mark.compiled
def test_it_reads_the_digits_of_8_by_8():
    digits = load_digits()
    model = ImageClassifier(random_state=0).fit(digits.images[:1200], digits.target[:1200])
    assert model.score(digits.images[1200:], digits.target[1200:]) > 0.95


def test_probabilities_and_classes():
    X, y = bars()
    model = quick().fit(X, y)
    probabilities = model.predict_proba(X)
    assert probabilities.shape == (40, 2)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_array_equal(model.predict(X), model.classes_[probabilities.argmax(axis=1)])
    assert model.predict_proba(X[:0]).shape == (0, 2)


def test_bytes_are_divided_by_255_and_other_numbers_are_not():
    X, _ = bars(4)
    np.testing.assert_array_equal(as_pictures(X)[..., 0], X.astype(np.float32) / np.float32(255))
    np.testing.assert_array_equal(as_pictures(X.astype(int))[..., 0], X)
    assert as_pictures(X.astype(float)).dtype == np.float32
    assert as_pictures(X > 100).max() == 1


def test_channels_are_standardised_as_in_training():
    X, y = bars(channels=3)
    X = (X * [1, 0.5, 0] + [0, 10, 7]).astype(np.uint8)
    model = quick().fit(X, y)
    pixels = X / 255
    np.testing.assert_allclose(model.channel_mean_, pixels.mean(axis=(0, 1, 2)), rtol=1e-5)
    np.testing.assert_allclose(model.channel_scale_[:2], pixels.std(axis=(0, 1, 2))[:2], rtol=1e-5)
    assert model.channel_scale_[2] == 1, "a channel that is constant"
    inputs = model._samples(X)
    np.testing.assert_allclose(inputs.mean(axis=(0, 1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(inputs[..., :2].std(axis=(0, 1, 2)), 1, atol=1e-5)


def test_scales_of_more_pictures_than_are_looked_at_together():
    X = np.random.default_rng(0).normal(3, 2, (2500, 2, 1, 2)).astype(np.float32)
    mean, scale = channel_scales(X)
    np.testing.assert_allclose(mean, X.mean(axis=(0, 1, 2), dtype=float), rtol=1e-6)
    np.testing.assert_allclose(scale, X.std(axis=(0, 1, 2), dtype=float), rtol=1e-6)


def test_a_saved_model_is_the_same(tmp_path):
    X, y = bars(8, 16)
    model = quick(augment=Augment(shift=0.1, flip="both"), label_smoothing=0.1).fit(X, y)
    model.save(tmp_path / "bars.netlet")
    loaded = ImageClassifier.load(tmp_path / "bars.netlet")
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    assert loaded.augment == model.augment
    assert (loaded.shape_, loaded.label_smoothing, loaded.epochs) == ((16, 16, 1), 0.1, 2)
    quick(epochs=1).fit(X, y).network_.save(tmp_path / "network.netlet")
    with pytest.raises(ModelFileError, match="holds a network by itself, not an ImageClassifier"):
        ImageClassifier.load(tmp_path / "network.netlet")


def test_it_is_one_of_scikit_learns():
    X, y = bars()
    assert clone(quick(augment=None)).get_params() == quick(augment=None).get_params()
    found = GridSearchCV(quick(epochs=1), {"learning_rate": [1e-3, 1e-2]}, cv=2).fit(X, y)
    assert found.best_estimator_.score(X, y) > 0


def test_the_seed_decides_everything():
    X, y = bars(8, 16)
    one, two, other = (quick(random_state=seed, epochs=1).fit(X, y).predict_proba(X) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, two)
    assert not np.array_equal(one, other)


@pytest.mark.compiled
def test_threads_do_not_change_the_bits_of_augmented_training():
    X, y = bars(150, 16)
    one, two = (quick(n_threads=n, augment=Augment(0.1, 20, 0.1, "both", 0.2)).fit(X, y) for n in (1, 2))
    np.testing.assert_array_equal(one.network_.theta, two.network_.theta)


@pytest.mark.parametrize(
    ("size", "augment", "expected"),
    [
        (8, "auto", True),
        (7, "auto", False),
        (8, None, False),
        (6, Augment(shift=0.2), True),
    ],
)
def test_pictures_are_augmented_where_it_is_asked_for(size, augment, expected):
    model = quick(augment=augment, epochs=1).fit(*bars(8, size))
    assert any(operation.row == "augment" for operation in model.network_._operations) == expected


def test_a_network_of_ones_own():
    X, y = bars()

    def graph(shape, n_classes):
        return Dense(n_classes)(Flatten()(MaxPool2D()(Input(shape)())))

    model = quick(layers=graph).fit(X, y)
    assert [operation.row for operation in model.network_._operations if operation.row == "convolution"] == []
    with pytest.raises(ValueError, match=r"^augment=Augment\(.*\) goes with a list of layers; where layers is a"):
        quick(layers=graph, augment=Augment(shift=0.1)).fit(X, y)


def test_weights_and_validation_data():
    X, y = bars()
    model = quick(class_weight="balanced").fit(X, y, np.linspace(0, 1, 40), validation_data=bars(10, seed=3))
    assert len(model.history_.column("validation_loss")) == 2
    assert quick(class_weight={"lying": 2.0, "upright": 1.0}, validation_fraction=0).fit(X, y).history_


@pytest.mark.parametrize(
    ("n", "batch_size", "epochs"), [(54_000, 64, 8), (20_000, 64, 20), (1200, 64, 60), (36, 64, 400), (1, 1, 400)]
)
def test_epochs_follow_from_the_number_of_pictures(n, batch_size, epochs):
    assert ImageClassifier(batch_size=batch_size)._n_epochs(n) == epochs


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 9, 2), (2, 2, 1), (3, 3, 3), (4, 1, 1), (5, 9, 3)])
def test_the_preset_suits_small_pictures(shape):
    X = np.random.default_rng(0).random((6, *shape))
    model = ImageClassifier(epochs=1, random_state=0).fit(X, [0, 1, 2, 0, 1, 2])
    assert np.isfinite(model.predict_proba(X)).all()


@pytest.mark.parametrize(
    ("shape", "convolutions"), [((4, 4, 1), 1), ((8, 8, 1), 2), ((28, 28, 1), 3), ((64, 64, 3), 5), ((512, 512, 3), 8)]
)
def test_the_preset_halves_as_often_as_it_can(shape, convolutions):
    assert sum(isinstance(layer, Conv2D) for layer in preset(shape, 2)) == convolutions


BARS, NAMES = bars(12)
WRONG = [
    (BARS[0], NAMES[:6], r"^X has the shape \(6, 6\), which are no pictures; give an array .*X\[np.newaxis\]"),
    (BARS[:, None, None], NAMES, r"^X has the shape \(12, 1, 1, 6, 6\), which are no pictures"),
    (BARS[:, :0], NAMES, r"^X has the shape \(12, 0, 6, 1\): its pictures hold no numbers"),
    (
        [BARS[0], BARS[1][:4]],
        NAMES[:2],
        r"^X holds pictures of several sizes \(\(4, 6\), \(6, 6\)\); bring them to one",
    ),
    (np.full((2, 3, 3), np.nan), [0, 1], r"^X\[0\] holds NaN, an infinite number"),
    (np.full((2, 3, 3), 1e300), [0, 1], r"^X\[0\] holds NaN, an infinite number, or one that float32 cannot hold"),
    (BARS, NAMES[:5], "^X has 12 samples and y has 5; give one target for each sample"),
    (BARS[:0], NAMES[:0], "^X has no samples"),
    (BARS, ["cat"] * 12, r"^y has 1 class, \['cat'\]"),
    (BARS, np.linspace(0, 1, 12), "Unknown label type"),
]


@pytest.mark.parametrize(("X", "y", "message"), WRONG, ids=[message[:30] for *_, message in WRONG])
def test_wrong_samples_are_refused(X, y, message):
    with pytest.raises(ValueError, match=message):
        quick().fit(X, y)


@pytest.mark.parametrize("X", [[["a"]], np.full((2, 3, 3), "a"), np.ones((2, 3, 3), complex), None])
def test_what_is_no_number_is_refused(X):
    with pytest.raises((TypeError, ValueError), match="X "):
        quick().fit(X, [0, 1])


def test_pictures_of_another_size_are_refused_later():
    model = quick(epochs=1).fit(BARS, NAMES)
    with pytest.raises(ValueError, match=r"^X has pictures of 5 x 6 x 1, the model was fitted on 6 x 6 x 1 \(height"):
        model.predict(BARS[:, :5])
    with pytest.raises(ValueError, match=r"^X has pictures of 6 x 6 x 3, the model"):
        model.predict(np.repeat(BARS[..., None], 3, axis=3))
    with pytest.raises(ValueError, match=r"^X\[1\] holds NaN"):
        model.predict(np.where(np.arange(12)[:, None, None] == 1, np.nan, BARS))
    with pytest.raises(ValueError, match="^validation X has pictures of 5 x 6 x 1"):
        quick().fit(BARS, NAMES, validation_data=(BARS[:, :5], NAMES))
    with pytest.raises(ValueError, match="^validation y holds 'round', which is not among"):
        quick().fit(BARS, NAMES, validation_data=(BARS[:1], ["round"]))
    with pytest.raises(ValueError, match=r"^validation_data is not a tuple \(X, y\)"):
        quick().fit(BARS, NAMES, validation_data=BARS)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"epochs": 0}, "epochs=0"),
        ({"epochs": "all"}, "^epochs='all' is not 'auto' or an int >= 1"),
        ({"augment": "mild"}, "^augment='mild' is not 'auto', None or an Augment, such as"),
        ({"augment": True}, "^augment=True is not"),
        ({"batch_size": 0}, "batch_size=0"),
        ({"learning_rate": 0}, "learning_rate=0"),
        ({"label_smoothing": 1}, "label_smoothing=1"),
        ({"validation_fraction": 1}, "validation_fraction=1"),
        ({"layers": Dense(3)}, "is no list of layers"),
    ],
)
def test_wrong_parameters_are_refused(given, message):
    with pytest.raises(ValueError, match=message):
        quick(**given).fit(BARS, NAMES)


@pytest.mark.parametrize(("y", "message"), [(None, "y is None; give"), ([np.nan] * 4, "y contains NaN; leave")])
def test_classes_that_are_missing_are_refused(y, message):
    with pytest.raises(ValueError, match=message):
        ImageClassifier(epochs=1).fit(np.zeros((4, 3, 3)), y)


def test_a_file_of_another_model_is_named_with_its_article(tmp_path):
    model = ImageClassifier(epochs=1, random_state=0).fit(np.zeros((4, 3, 3)), [0, 1, 0, 1])
    model.save(tmp_path / "m.netlet")
    with pytest.raises(ModelFileError, match="holds an ImageClassifier, not a TextClassifier; load it with ImageClass"):
        TextClassifier.load(tmp_path / "m.netlet")
