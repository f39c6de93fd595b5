"""`netlet train --language`, `netlet generate` and `netlet chat`."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from netlet import Dense, Input, Network
from netlet.text.language_model import LanguageModel

Command = Callable[..., Any]
TEXT = "the cat sat on the mat\nthe rat sat on the cat\n" * 20
QUICK = ("--steps", "40", "--window", "8", "--width", "8", "--blocks", "1", "--threads", "1")


@pytest.fixture
def trained(netlet: Command) -> Command:
    Path("cats.txt").write_text(TEXT)
    model = LanguageModel(window=8, width=8, n_layers=1, max_steps=40, random_state=0, n_threads=1)
    model.fit(TEXT).save("cats.netlet")
    return netlet


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_training(netlet: Command) -> None:
    Path("cats.txt").write_text(TEXT)
    outcome = netlet("train", "cats.txt", *QUICK)
    assert outcome.code == 0, outcome.err
    lines = outcome.out.splitlines()
    assert lines[0] == "Text       cats.txt: 920 characters, 40 lines"
    assert re.search(r"Units +12 characters\n", outcome.out)
    assert re.search(r"Network +1 block of width 8, 1,156 parameters\n", outcome.out)
    assert re.search(r"Test +\d\.\d{4} nats a unit on the last 10% of the text", outcome.out)
    assert "Model      written to cats.netlet" in lines
    assert lines[-1] == "  netlet chat cats.netlet"
    model = LanguageModel.load("cats.netlet")
    assert (model.window, model.width, model.n_layers, model.max_steps) == (8, 8, 1, 40)


def test_another_ending_takes_the_flag_and_quiet_is_short(netlet: Command) -> None:
    Path("cats.md").write_text(TEXT)
    outcome = netlet("train", "cats.md", "--language", "-q", "-o", "m.netlet", "--epochs", "1", *QUICK[2:])
    assert outcome.code == 0
    assert [line.split()[0] for line in outcome.out.splitlines() if not line.startswith(" ")] == ["Test", "Model"]
    assert outcome.err == ""
    assert LanguageModel.load("m.netlet").max_steps is None


def test_a_table_in_a_txt_file_is_still_a_table(alone: Command) -> None:
    Path("t.txt").write_text("a,b\n" + "1,2\n3,4\n5,1\n2,2\n" * 20)
    outcome = alone("train", "t.txt", "-t", "b", "--epochs", "1", "--hidden", "2")
    assert outcome.code == 0
    assert outcome.out.startswith("Table ")


def test_generate(trained: Command) -> None:
    model = LanguageModel.load("cats.netlet")
    outcome = trained("generate", "cats.netlet", "the cat", "--seed", 3, "--length", 30, "--top-k", 3)
    assert outcome.code == 0
    assert outcome.out == "the cat" + model.generate("the cat", n_tokens=30, temperature=0.8, top_k=3, seed=3) + "\n"
    greedy = trained("generate", "cats.netlet", "--temperature", 0, "--length", 9).out
    assert greedy == model.generate(n_tokens=9, temperature=0) + "\n"


def test_chat(trained: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    model = LanguageModel.load("cats.netlet")

    def line(prompt: str, seed: int) -> str:
        text = model.generate(prompt, n_tokens=40, temperature=0.8, seed=seed)
        return re.match(r"\s*\S[^\n]*", text)[0]  # type: ignore[index]

    first = line("the cat", 3)
    second = line(f"the cat{first}\nthe rat", 5)
    typed(monkeypatch, "the cat\nwas ist ß\nthe rat\n/quit\nthe\n")
    outcome = trained("chat", "cats.netlet", "--seed", 3, "--length", 40)
    assert outcome.code == 0
    assert outcome.out == f"{first}\n{second}\n"
    assert "/quit ends it" in outcome.err
    assert "'w', 'i', 'ß', which the model has not seen" in outcome.err


def test_chat_goes_on_with_a_model_that_knows_no_line_break(netlet: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    model = LanguageModel(window=8, width=8, n_layers=1, max_steps=2, random_state=0, n_threads=1)
    model.fit("the cat sat on the mat " * 20).save("line.netlet")
    typed(monkeypatch, "the cat\nthe mat\n")
    outcome = netlet("chat", "line.netlet", "--length", 5)
    assert "has not seen" not in outcome.err
    assert len(outcome.out.splitlines()) == 3


def test_commands_are_told_apart_by_what_a_model_is(trained: Command) -> None:
    outcome = trained("predict", "cats.netlet", "cats.txt")
    assert outcome.code == 2
    assert "use netlet generate cats.netlet TEXT" in outcome.err
    assert "train with --units bytepairs" in trained("generate", "cats.netlet", "Z").err


def test_chat_ends_with_the_input_and_with_ctrl_c(trained: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, "")
    assert trained("chat", "cats.netlet").code == 0
    monkeypatch.setattr("builtins.input", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
    assert trained("chat", "cats.netlet").code == 0


def test_ctrl_c_ends_an_answer_and_not_the_chat(trained: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def pieces(*_: object, **__: object) -> Any:
        yield "the"
        raise KeyboardInterrupt

    monkeypatch.setattr(LanguageModel, "stream", pieces)
    typed(monkeypatch, "a\nb\n")
    assert trained("chat", "cats.netlet").out == "the\nthe\n\n"
    outcome = trained("generate", "cats.netlet", "a")
    assert (outcome.code, outcome.out) == (0, "athe\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["train", "cats.txt", "--drop", "a"], "--drop is of tables, and a language is learnt from a text"),
        (["train", "cats.txt", "--language", "-t", "a"], "--target is of tables"),
        (["train", "t.csv", "-t", "a", "--window", "3"], r"--window is of languages, and t\.csv is read as a table"),
        (["train", "none.txt"], r"none\.txt does not exist"),
        (["train", "empty.txt"], r"empty\.txt is empty; give a text to learn from"),
        (["train", "short.txt"], r"short\.txt: the text has 9 characters to learn from.*or use --window \d"),
        (["train", "latin.txt"], r"latin\.txt is not written in UTF-8: byte 2 is 0xf6"),
        (["train", "cats.txt", "--units", "words"], "cats.txt: units='words' is not one of 'bytepairs', 'characters'"),
        (["train", "cats.txt", "--width", "6"], "cats.txt: heads=4 do not divide width=6"),
        (["train", "cats.txt", "--steps", "0"], "--steps 0 is out of range; it has to be at least 1"),
        (["train", "cats.txt", "-o", "cats.txt", "--force"], r"--output cats\.txt is the text itself"),
        (["train", "cats.txt", "-o", "short.txt"], r"--output short\.txt is there already"),
        (["generate", "none.netlet"], r"none\.netlet does not exist; give a model file, such as cats.netlet"),
        (["generate", "cats.netlet", "Z"], "the text holds 'Z', which the model has not seen"),
        (["generate", "cats.netlet", "--temperature", "-1"], "--temperature -1.0 is out of range"),
        (["generate", "cats.netlet", "--top-k", "0"], "--top-k 0 is out of range"),
        (["generate", "cats.txt"], r"cats\.txt"),
        (["chat", "net.netlet"], r"net\.netlet holds a network by itself, not a LanguageModel.*netlet train FILE"),
    ],
)
def test_errors(trained: Command, words: list[str], message: str) -> None:
    Path("t.csv").write_text("a,b\n1,2\n")
    Path("empty.txt").write_text("")
    Path("short.txt").write_text("ab" * 5)
    Path("latin.txt").write_bytes("größer".encode("cp1252"))
    Network([Input(2), Dense(1)], seed=0).save("net.netlet")
    outcome = trained(*words)
    assert outcome.code == 2, outcome
    assert re.match(f"error: {message}", outcome.err)
    assert outcome.err.count("\n") == 1
