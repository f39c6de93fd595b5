"""netlet train --text and netlet predict with what it wrote."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.append(str(Path(__file__).parents[1] / "craft"))
from shared_data import shared

WORDS = {"ham": "see you at noon my friend number", "spam": "win a big <b>prize</b> now call"}


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "messages.tsv"
    lines = [f"{name}\t{words} {n}" for n in range(15) for name, words in WORDS.items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.plain
def test_a_table_of_texts_becomes_a_model_a_report_and_predictions(netlet, table, tmp_path):
    done = netlet("train", table, "--text", "column_2", "--target", "column_1", "--epochs", 4, "--threads", 1)
    assert (done.code, done.err.count("error")) == (0, 0), done.err
    for part in ("24 to learn from, 6 to test with", "this model", "F1 ham", "F1 spam", "always ham", "naive Bayes"):
        assert part in done.out
    page = (tmp_path / "messages.html").read_text()
    assert "Confusion matrix" in page
    assert "&lt;b&gt;prize" in page
    assert "<b>prize" not in page
    assert '<mark class="for"' in page
    done = netlet("predict", "messages.netlet", table, "-o", "p.csv")
    assert done.code == 0
    assert "accuracy 100.0 %" in done.err
    lines = (tmp_path / "p.csv").read_text().splitlines()
    assert lines[0] == "column_1,probability_ham,probability_spam"
    assert [line.split(",")[0] for line in lines[1:3]] == ["ham", "spam"]
    (tmp_path / "one.txt").write_text("win a prize\nsee you my friend\n", encoding="utf-8")
    assert [line.split(",")[0] for line in netlet("predict", "messages.netlet", "one.txt").out.splitlines()[1:]] == [
        "spam", "ham",
    ]  # fmt: skip


@pytest.mark.plain
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--hidden", "8"), "--hidden does not apply to texts"),
        (("--optimizer", "sgd"), "--optimizer does not apply to texts"),
        (("--ensemble", "2"), "--ensemble does not apply"),
        (("--trials", "2"), "--trials does not apply"),
        (("--epochs-in-all", "2"), "--epochs-in-all does not apply"),
        (("--drop", "x"), "--drop does not apply"),
        (("--task", "regression"), "--task regression does not apply"),
        (("--target", "colum_1"), "no column 'colum_1'; did you mean 'column_1'?"),
        (("--target", "column_2"), "cannot be both the text and the target"),
    ],
)
def test_options_that_do_not_apply_are_refused_by_name(netlet, table, words, message, tmp_path):
    done = netlet("train", table, "--text", "column_2", *words)
    assert done.code == 2
    assert message in done.err
    assert not (tmp_path / "messages.netlet").exists()


@pytest.mark.plain
def test_one_class_is_refused(netlet, tmp_path):
    (tmp_path / "t.csv").write_text("label,body\n" + "".join(f"a,text number {n}\n" for n in range(9)))
    done = netlet("train", "t.csv", "--text", "body", "--target", "label")
    assert (done.code, "y has 1 class" in done.err) == (2, True)


@pytest.mark.slow
def test_spam_is_told_from_raw_text(netlet):
    """In the median of five splits: the 149 messages of spam in one of them tell F1 to about 0.01."""
    scores = []
    for seed in range(5):
        words = ("--text", "column_2", "--target", "column_1", "--seed", seed, "--quiet", "--no-report", "--force")
        done = netlet("train", shared("text/sms.tsv"), *words)
        figures = next(line for line in done.out.splitlines() if line.startswith("this model")).split()
        scores.append((float(figures[2]), float(figures[5])))
    accuracy, f1 = np.median(scores, axis=0)
    assert accuracy >= 98.5
    assert f1 >= 0.97


@pytest.mark.plain
def test_predictions_of_a_folder_name_its_files(netlet, table, tmp_path):
    assert netlet("train", table, "--target", "column_1", "--text", "column_2", "--epochs", 2).code == 0
    folder = tmp_path / "new" / "post"
    folder.mkdir(parents=True)
    (folder / "a.txt").write_text("win a prize", encoding="utf-8")
    (folder / "b.png").write_bytes(bytes(20))
    (folder / "c.txt").write_text("see you my friend", encoding="utf-8")
    lines = netlet("predict", "messages.netlet", "new").out.splitlines()
    assert lines[0] == "file,column_1,probability_ham,probability_spam"
    assert [line.split(",")[0] for line in lines[1:]] == ["post/a.txt", "post/c.txt"]
    alone = netlet("predict", "messages.netlet", Path("new") / "post").out.splitlines()
    assert alone[1:] == [line.removeprefix("post/") for line in lines[1:]]
    beside = netlet("predict", "messages.netlet", "new", "--with-input").out.splitlines()
    assert beside[0] == "text,class,file,column_1,probability_ham,probability_spam"
