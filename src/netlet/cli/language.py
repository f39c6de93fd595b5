"""`netlet train --language`, `netlet generate` and `netlet chat`: models of language on the command line."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

from netlet.cli.command_error import NOT_DONE, CommandError
from netlet.cli.lines import command_line, counted
from netlet.cli.options import GenerateOptions, LanguageOptions
from netlet.cli.paths import check_writable, refuse_same, refuse_to_replace
from netlet.cli.screen import Screen, say
from netlet.cli.trained import is_model
from netlet.data.files import explain
from netlet.errors import ModelFileError
from netlet.text.corpus import read_text
from netlet.text.language_model import LanguageModel

OPTIONS = {
    "file", "output", "time", "dropout", "learning_rate", "batch_size", "epochs", "patience", "validation_share",
    "seed", "threads", "force", "quiet", "language", "units", "window", "width", "blocks", "steps", "no_report",
}  # fmt: skip
QUIT = ("/quit", "/exit", "/q")


def check_given(given: set[str]) -> None:
    """Raise CommandError for an option of tables beside a text."""
    wrong = sorted(given - OPTIONS)
    if wrong:
        option = wrong[0].replace("_", "-")
        raise CommandError(f"--{option} is of tables, and a language is learnt from a text; leave it out")


def train_language(options: LanguageOptions) -> None:
    """Read a text, train a model of its language, measure it and write it.

    Raises
    ------
    CommandError, TrainingFailed
        If an option, the text or the output cannot be used.
    """
    output = options.output or Path(f"{options.file.stem}.netlet")
    refuse_same(output, options.file, "text")
    check_writable(output)
    if not (options.force or is_model(output)):
        refuse_to_replace(output)
    screen = Screen(options.quiet)
    text = _text(options.file)
    model = _model_for(options)
    n_lines = text.count("\n") + (not text.endswith("\n"))
    screen.entry("Text", f"{options.file.name}: {len(text):,} characters, {counted(n_lines, 'line', 'lines')}")
    began = time.perf_counter()
    try:
        model.fit(text)
    except (ValueError, TypeError, ImportError) as error:
        raise CommandError(f"{options.file.name}: {str(error).replace('or use window=', 'or use --window ')}") from None
    history = model.history_
    n_tokens = len(model.vocabulary_)
    blocks = counted(model.n_layers, "block", "blocks")
    screen.entry("Network", f"{blocks} of width {model.width}, {model.network_.theta.size:,} parameters")
    screen.entry("Units", f"{n_tokens:,} {'characters' if model.units == 'characters' else 'byte pairs'}")
    if history.records:
        seconds = time.perf_counter() - began
        screen.entry("Training", f"{counted(model.network_._built().steps, 'step', 'steps')} in {seconds:.1f} s")
    held = text[len(text) - round(len(text) * model.validation_fraction) :]
    if history.best_epoch is not None:
        figures = model.evaluate(held)
        screen.entry(
            "Test",
            f"{figures['loss']:.4f} nats a unit on the last {model.validation_fraction:.0%} of the text, which also "
            f"said what is best: perplexity {figures['perplexity']:.2f}, {figures['bits_per_character']:.3f} bits a "
            "character",
            always=True,
        )
    try:
        model.save(output)
    except OSError as error:
        raise CommandError(f"{output} was not written: {error.strerror or error}", NOT_DONE) from None
    what = "stopped early; what it learnt so far is written to" if history.stopped == "interrupted" else "written to"
    screen.entry("Model", f"{what} {output}", always=True)
    screen.entry("Continue", "a text, or talk to it:")
    screen.command(command_line("netlet", "generate", str(output), text[:20].split("\n")[0]))
    screen.command(command_line("netlet", "chat", str(output)))


def _text(path: Path) -> str:
    try:
        text = read_text(path)
    except OSError as error:
        raise CommandError(explain(path, error, "text file", (".txt",))) from None
    except ValueError as error:
        raise CommandError(str(error)) from None
    if not text:
        raise CommandError(f"{path} is empty; give a text to learn from")
    return text


def _model_for(options: LanguageOptions) -> LanguageModel:
    """Return the model that the options ask for, not trained."""
    model = LanguageModel(
        options.units, random_state=options.seed, n_threads=options.threads, verbose=not options.quiet,
        time_limit=options.time, patience=options.patience,
    )  # fmt: skip
    chosen = {
        "window": options.window, "width": options.width, "n_layers": options.n_layers, "epochs": options.epochs,
        "dropout": options.dropout, "learning_rate": options.learning_rate, "batch_size": options.batch_size,
        "validation_fraction": options.validation_share, "max_steps": options.steps,
    }  # fmt: skip
    model.set_params(**{name: value for name, value in chosen.items() if value is not None})
    if options.steps is None and (options.epochs is not None or options.time is not None):
        model.set_params(max_steps=None)
    return model


def _loaded(path: Path) -> LanguageModel:
    try:
        return LanguageModel.load(path)
    except OSError as error:
        raise CommandError(explain(path, error, "model file", (".netlet",))) from None
    except ModelFileError as error:
        found, is_another, _ = str(error).partition("; load it with ")
        hint = "; netlet train FILE.txt --language writes models of language" if is_another else ""
        raise CommandError(f"{found}{hint}") from None
    except ImportError as error:
        raise CommandError(str(error)) from None


def generate(options: GenerateOptions, prompt: str) -> None:
    """Write the prompt and what follows it to standard output, piece by piece.

    Raises
    ------
    CommandError
        If the model or the prompt cannot be used.
    """
    pieces = _continued(_loaded(options.model), prompt, options, options.seed)
    _write(prompt)
    try:
        for piece in pieces:
            _write(piece)
    except KeyboardInterrupt:
        pass  # what is there is what was wanted
    _write("\n")


def chat(options: GenerateOptions) -> None:
    """Read lines, and continue each, with all that was said before, to the end of a line.

    Raises
    ------
    CommandError
        If the model cannot be used.
    """
    model = _loaded(options.model)
    say("Type how a line begins, and the model goes on; /quit ends it.")
    between = next((each for each in ("\n", " ") if _is_known(model, each)), "")
    said, turn = "", 0
    while True:
        try:
            line = input("> " if sys.stdin.isatty() else "")
        except (EOFError, KeyboardInterrupt):
            _write("\n")
            return
        if line.strip().lower() in QUIT:
            return
        seed = None if options.seed is None else options.seed + turn
        turn += 1
        try:
            pieces = _continued(model, said + line, options, seed)
        except CommandError as error:
            say(error.message)
            continue
        answer = ""
        try:
            for piece in _line(pieces):
                answer += piece
                _write(piece)
        except KeyboardInterrupt:
            pass  # ends this answer; at the prompt it ends the chat
        _write("\n")
        said += f"{line}{answer}{between}"


def _is_known(model: LanguageModel, text: str) -> bool:
    try:
        model.vocabulary_.encode(text)
    except ValueError:
        return False
    return True


def _line(pieces: Iterator[str]) -> Iterator[str]:
    """Give pieces up to the first line break after a character that shows."""
    shown = False
    for piece in pieces:
        for character in piece:
            if character == "\n" and shown:
                return
            shown = shown or not character.isspace()
            yield character


def _continued(model: LanguageModel, prompt: str, options: GenerateOptions, seed: int | None) -> Iterator[str]:
    try:
        return model.stream(
            prompt, n_tokens=options.length, temperature=options.temperature, top_k=options.top_k, seed=seed
        )
    except ValueError as error:
        raise CommandError(str(error).replace("units='bytepairs'", "--units bytepairs")) from None


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
