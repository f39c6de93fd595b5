"""`netlet train FOLDER` and `netlet predict MODEL FOLDER`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from PIL import Image

from netlet import Network
from netlet.pictures import ImageClassifier

pytestmark = pytest.mark.plain
Command = Callable[..., Any]
QUICK = ("--epochs", "1")


def pets(root: str = "pets", n: int = 10, side: int = 8, classes: tuple[str, ...] = ("cat", "dog")) -> Path:
    """Cats are dark, dogs are light."""
    random = np.random.default_rng(0)
    for place, name in enumerate(classes):
        (Path(root) / name).mkdir(parents=True)
        for at in range(n):
            array = random.integers(0, 60, (side, side, 3)) + 190 * place
            Image.fromarray(array.clip(0, 255).astype(np.uint8)).save(Path(root) / name / f"{at}.png")
    return Path(root)


def arrays(n: int = 20) -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    y = np.arange(n) % 2
    return {"x": (random.integers(0, 60, (n, 8, 8)) + 190 * y[:, None, None]).astype(np.uint8), "y": y}


def test_a_folder(netlet: Command) -> None:
    folder = pets()
    (folder / "cat" / "empty.png").write_bytes(b"")
    outcome = netlet("train", folder, *QUICK)
    assert outcome.code == 0, outcome.err
    lines = outcome.out.splitlines()
    assert lines[:4] == [
        "Pictures   pets: 20 pictures, 8 × 8 pixels in colour",
        "Classes    2: cat (10), dog (10)",
        "Skipped    cat/empty.png: the file is empty",
        "Parts      13 to learn from, 3 to choose the epoch by, 4 to test with",
    ]
    assert "Test on 4 pictures  accuracy  log loss" in lines
    assert any(line.startswith("always ") and "50.0 %" in line for line in lines)
    assert "Model      written to pets.netlet" in lines
    assert "Report     written to pets.html" in lines
    assert lines[-1] == "  netlet predict pets.netlet pets -o predictions.csv"
    notes = Network.load("pets.netlet").notes
    assert notes["pictures"] == {"name": "pets", "rows": {"learn": 13, "watch": 3, "test": 4}, "split_seed": 0}
    assert set(notes["test"]) == {"accuracy", "log_loss"}
    page = Path("pets.html").read_text()
    assert "cat/empty.png" in page
    assert page.count("data:image/png;base64,") == 2 * 4  # each of the test, and what mattered in it
    assert "<script" not in page
    assert "http" not in page.replace("http://www.w3.org", "")


def test_predicting(netlet: Command) -> None:
    netlet("train", pets(), *QUICK, "--no-report")
    folder = pets("others", n=2, side=20)
    (folder / "dog" / "text.png").write_text("no picture")
    outcome = netlet("predict", "pets.netlet", folder, "-o", "out.csv")
    assert outcome.code == 0, outcome.err
    assert "skipped dog/text.png: no picture in a known format" in outcome.err
    assert "4 predictions written to out.csv" in outcome.err
    table = pl.read_csv("out.csv")
    assert table.columns == ["file", "class", "probability_cat", "probability_dog"]
    assert table["file"].to_list() == ["cat/0.png", "cat/1.png", "dog/0.png", "dog/1.png"]
    np.testing.assert_allclose(table["probability_cat"] + table["probability_dog"], 1, atol=1e-5)
    right = sum(a.split("/")[0] == b for a, b in zip(table["file"], table["class"], strict=True))
    assert f"Compared with the labels of 4 pictures: accuracy {25 * right:.1f} %" in outcome.err
    (folder / "plain").mkdir()
    (folder / "dog" / "0.png").rename(folder / "plain" / "new.png")
    alone = netlet("predict", "pets.netlet", folder / "plain")
    assert alone.out.splitlines()[0] == "file,class,probability_cat,probability_dog"
    assert alone.out.splitlines()[1].startswith("new.png,")
    assert "Compared" not in alone.err
    assert netlet("predict", "pets.netlet", folder / "plain" / "new.png").out == alone.out


def test_the_model_is_an_image_classifier(netlet: Command) -> None:
    netlet("train", pets(), *QUICK, "--no-report", "-o", "m.netlet")
    model = ImageClassifier.load("m.netlet")
    assert model.classes_.tolist() == ["cat", "dog"]
    assert model.shape_ == (8, 8, 3)
    assert model.predict(np.zeros((1, 8, 8, 3), np.uint8)).shape == (1,)


def test_arrays_with_a_test_of_their_own(netlet: Command) -> None:
    given = arrays()
    np.savez("a.npz", x_train=given["x"], y_train=given["y"], x_test=given["x"][:6], y_test=given["y"][:6])
    outcome = netlet("train", "a.npz", *QUICK)
    assert outcome.code == 0, outcome.err
    assert "16 to learn from, 4 to choose the epoch by, 6 to test with" in outcome.out
    outcome = netlet("predict", "a.netlet", "a.npz")
    assert len(outcome.out.splitlines()) == 21
    assert "Compared with the labels of 20 pictures" in outcome.err
    assert "6 to test" not in netlet("train", "a.npz", *QUICK, "--no-report", "--test-share", 0).out


def test_the_same_seed_gives_the_same_model(netlet: Command) -> None:
    np.savez("a.npz", **arrays())
    thetas = []
    for name, seed, threads in (("a", 1, 1), ("b", 1, 2), ("c", 2, 1)):
        netlet("train", "a.npz", *QUICK, "--no-report", "--seed", seed, "--threads", threads, "-o", f"{name}.netlet")
        thetas.append(Network.load(f"{name}.netlet").theta)
    np.testing.assert_array_equal(thetas[0], thetas[1])
    assert (thetas[0] != thetas[2]).any()


def test_no_test_no_validation_and_quiet(netlet: Command) -> None:
    np.savez("a.npz", **arrays())
    outcome = netlet("train", "a.npz", *QUICK, "--test-share", 0, "--validation-share", 0, "-q")
    assert outcome.out.splitlines() == ["Model      written to a.netlet", "Report     written to a.html"]
    assert outcome.err == ""
    assert 'id="test"' not in Path("a.html").read_text()


def test_a_class_of_one_picture_is_learnt_from(netlet: Command) -> None:
    pets(n=6)
    pets("more", n=1, classes=("emu",))
    (Path("more") / "emu").rename(Path("pets") / "emu")
    out = " ".join(netlet("train", "pets", *QUICK, "--no-report").out.split())
    assert "A single picture shows emu: it can be learnt from, but not tested with" in out
    assert ImageClassifier.load("pets.netlet").classes_.tolist() == ["cat", "dog", "emu"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: None, "pets does not exist"),
        (lambda: Path("pets").mkdir(), "pets holds no pictures"),
        (lambda: pets(classes=("cat",)), "pictures of one class only, cat"),
        (lambda: pets("pets/cat", classes=("tom",)) and pets("pets/dog", classes=("rex",)), None),
        (
            lambda: pets("pets/top"),
            "one class only, top; two are needed at least; the folders in pets/top are no classes",
        ),
        (lambda: [path.unlink() for path in pets(n=1).glob("cat/*")], "pictures of one class only, dog"),
        (lambda: [path.write_bytes(b"") for path in pets(n=1).glob("*/*")], "none of the 2 files can be read"),
        (lambda: pets("pets/train", n=4) and pets("pets/test", n=1, classes=("cow",)), "shows cow, which no picture"),
    ],
)
def test_folders_that_a_stranger_brings(netlet: Command, make: Callable[[], Any], message: str | None) -> None:
    make()
    outcome = netlet("train", "pets/", *QUICK, "--no-report") if Path("pets").exists() else netlet("train", "pets.npz")
    if message is None:
        assert "Classes    2: cat (10), dog (10)" in outcome.out
        return
    assert outcome.code == 2
    assert message.replace("pets does", "pets.npz does") in outcome.err
    assert not Path("pets.netlet").exists()


def test_a_folder_without_classes_cannot_be_learnt(netlet: Command) -> None:
    outcome = netlet("train", pets() / "cat")
    assert outcome.code == 2
    assert "does not say what its pictures show; put each class into a folder of its own" in outcome.err


@pytest.mark.parametrize(
    "option",
    [
        ("--target", "a"), ("--drop", "a"), ("--task", "regression"), ("--trials", 3), ("--epochs-in-all", 9),
        ("--ensemble", 2), ("--hidden", "8"), ("--activation", "relu"), ("--dropout", 0.1), ("--optimizer", "adam"),
    ],
)  # fmt: skip
def test_options_that_say_nothing_about_pictures(netlet: Command, option: tuple[object, ...]) -> None:
    outcome = netlet("train", pets(n=1), *option)
    assert outcome.code == 2
    assert f"{option[0]} is not for pictures; --epochs, --time," in outcome.err


def test_what_is_there_is_not_replaced(netlet: Command) -> None:
    pets(n=4)
    Path("pets.netlet").write_text("mine")
    outcome = netlet("train", "pets", *QUICK)
    assert "error: --output pets.netlet is there already; give another name, or --force" in outcome.err
    assert netlet("train", "pets", *QUICK, "--no-report", "--force").code == 0
    assert netlet("train", "pets", *QUICK, "--no-report").code == 0  # a model is replaced without more ado
    assert "is the model itself" in netlet("train", "pets", "--report", "pets.netlet", "--force").err


def test_settings_reach_the_training(netlet: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}
    original = ImageClassifier.fit

    def fit(self: ImageClassifier, *arrays: Any, **options: Any) -> Any:
        given.update(self.get_params())
        return original(self, *arrays, **options)

    monkeypatch.setattr(ImageClassifier, "fit", fit)
    words = ("--epochs", 2, "--batch-size", 5, "--learning-rate", 0.01, "--patience", 1, "--time", 50, "--threads", 1)
    np.savez("a.npz", **arrays())
    assert netlet("train", "a.npz", "--no-report", *words, "--seed", 4).code == 0
    expected = {"epochs": 2, "batch_size": 5, "learning_rate": 0.01, "patience": 1, "time_limit": 50, "n_threads": 1}
    assert {name: given[name] for name in expected} == expected
    assert given["random_state"] == 4


def test_bad_predictions(netlet: Command, penguins: Path) -> None:
    pets(n=4)
    netlet("train", "pets", *QUICK, "--no-report")
    assert "--with-input is not for pictures" in netlet("predict", "pets.netlet", "pets", "--with-input").err
    assert "none of the 1 files can be read as a picture" in netlet("predict", "pets.netlet", penguins).err
    assert "nowhere does not exist" in netlet("predict", "pets.netlet", "nowhere").err
    Network.load("pets.netlet").save("other.netlet", notes={"estimator": {"class": "Strange"}})
    assert "holds a Strange, which netlet predict does not know" in netlet("predict", "other.netlet", "pets").err


@pytest.mark.parametrize("epochs_done", [0, 1])
def test_ctrl_c_while_training(netlet: Command, monkeypatch: pytest.MonkeyPatch, epochs_done: int) -> None:
    original = ImageClassifier.fit

    def fit(self: ImageClassifier, *arrays: Any, **options: Any) -> Any:
        model = original(self, *arrays, **options)
        model.history_ = type(model.history_)(model.history_.epochs[:epochs_done], "interrupted")
        return model

    monkeypatch.setattr(ImageClassifier, "fit", fit)
    np.savez("a.npz", **arrays())
    outcome = netlet("train", "a.npz", *QUICK)
    if epochs_done:
        assert "1 epoch, when Ctrl-C was pressed" in outcome.out
        assert "stopped early; what it learned so far is written to a.netlet" in " ".join(outcome.out.split())
        assert "Test on 4 pictures" in outcome.out
    else:
        assert outcome.code == 130
        assert "stopped; nothing was written" in outcome.err
        assert not Path("a.netlet").exists()


def test_without_pillow(netlet: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    pets(n=2)
    monkeypatch.setitem(__import__("sys").modules, "PIL", None)
    outcome = netlet("train", "pets")
    assert outcome.code == 1
    assert 'pip install "netlet[pictures]"' in outcome.err
