"""The commands and their options. Nothing heavy is imported before a command runs, so that `--help` is prompt."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from netlet.cli.command_error import understood

EXIT_CODES = "Exit code 0: done. 1: could not be done. 2: bad input. 130: stopped by Ctrl-C, nothing written."

# `readable=False` below: files are looked at by the commands, whose messages say more.
app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def main() -> None:
    """Run the command line and leave the process with its exit code.

    0: done (also a training that Ctrl-C ended early, for its model is written).
    1: it could not be done (training failed, a file could not be written).
    2: a bad option, or a table or model that cannot be used.
    130: Ctrl-C, and nothing was written.
    """
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run the command line; expected errors become one line on standard error. Returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a class name the terminal cannot show is no reason to fail
    try:
        code = int(app(arguments, prog_name="netlet", standalone_mode=False) or 0)
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context is not None else "netlet"
        message = error.format_message().rstrip(".")
        mark = "" if message.endswith("?") else ";"
        return _say(f"{message}{mark} {command} --help lists what there is", error.exit_code)
    except Exception as error:
        shown = understood(error)
        if shown is None:
            raise
        return _say(shown.message, shown.exit_code)
    return _say("stopped; nothing was written", code) if code == 130 else code


def _say(message: str, code: int) -> int:
    from netlet.cli.screen import say_error

    say_error(message)
    return code


@app.callback(invoke_without_command=True, epilog=EXIT_CODES)
def _netlet(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Train a small neural network on a table or on pictures, and predict with it."""
    if version:
        from netlet.cli.screen import version_line

        typer.echo(version_line())
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
def train(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            readable=False,
            help="A table: CSV or Parquet. Or a folder of pictures with a subfolder for each class, or pictures in an "
            ".npz or idx file. Or a text to learn its language from.",
            show_default=False,
        ),
    ],
    target: Annotated[
        str | None, typer.Option("--target", "-t", metavar="COLUMN", help="The column to predict.", show_default=False)
    ] = None,
    text: Annotated[
        str | None,
        typer.Option(
            "--text",
            metavar="COLUMN",
            help="The column of texts to classify; FILE may also be a folder with a folder of text files per class.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="MODEL",
            readable=False,
            help="The model file to write; default: FILE's name with .netlet.",
            show_default=False,
        ),
    ] = None,
    drop: Annotated[
        list[str] | None,
        typer.Option("--drop", metavar="COLUMNS", help="Columns not to learn from, such as a,b.", show_default=False),
    ] = None,
    forecast: Annotated[
        str | None,
        typer.Option(
            "--forecast",
            metavar="COLUMN",
            help="Forecast how this column goes on in time, instead of predicting rows.",
            show_default=False,
        ),
    ] = None,
    horizon: Annotated[
        int | None,
        typer.Option("--horizon", metavar="N", help="Steps ahead of a forecast.", show_default=False),
    ] = None,
    time_column: Annotated[
        str | None,
        typer.Option(
            "--time-column",
            metavar="COLUMN",
            help="The time of each row of a forecast; default: the column of dates, or the order of the rows.",
            show_default=False,
        ),
    ] = None,
    series: Annotated[
        str | None,
        typer.Option(
            "--series", metavar="COLUMN", help="Which of several series a row of a forecast is of.", show_default=False
        ),
    ] = None,
    known: Annotated[
        list[str] | None,
        typer.Option(
            "--known",
            metavar="COLUMNS",
            help="Columns of numbers that are known ahead, such as a,b; to predict, tables go on for the steps ahead.",
            show_default=False,
        ),
    ] = None,
    gaps: Annotated[
        str,
        typer.Option("--gaps", metavar="RULE", help="What stands in a gap of a series: error, last or zero."),
    ] = "error",
    preset: Annotated[
        str | None,
        typer.Option(
            "--preset",
            metavar="NAME",
            help="How much is trained on a table: fast, one network; default, about five; best, about twenty; search, "
            "plain networks of all kinds for a minute. Default: default, or search with one of its options.",
            show_default=False,
        ),
    ] = None,
    task: Annotated[
        str,
        typer.Option("--task", metavar="TASK", help="auto, classification or regression; auto decides by the column."),
    ] = "auto",
    time: Annotated[
        float | None,
        typer.Option(
            "--time",
            metavar="SECONDS",
            help="How long to train, at most: with a preset, fewer epochs if they would take longer; default: no "
            "limit. Of a search: 60 by default, but no limit with --trials or --epochs-in-all.",
            show_default=False,
        ),
    ] = None,
    trials: Annotated[
        int | None,
        typer.Option(
            "--trials",
            metavar="N",
            help="Of a search: networks to try, at most; 1: train only the usual one. Default: 100.",
            show_default=False,
        ),
    ] = None,
    epochs_in_all: Annotated[
        int | None,
        typer.Option(
            "--epochs-in-all",
            metavar="N",
            help="Of a search: epochs, at most, of all networks together; those of a cross-validation's parts count "
            "once.",
            show_default=False,
        ),
    ] = None,
    ensemble: Annotated[
        int,
        typer.Option(
            "--ensemble",
            metavar="N",
            help="Of a search: the most networks that predict together; 1: the best alone.",
        ),
    ] = 8,
    hidden: Annotated[
        str | None,
        typer.Option(
            "--hidden",
            metavar="SIZES",
            help="Of a search: units of each hidden layer, such as 64,64; none: a linear model. Default, as for the "
            "four options below: searched for.",
            show_default=False,
        ),
    ] = None,
    activation: Annotated[
        str | None,
        typer.Option(
            "--activation",
            metavar="NAME",
            help="Of a search: relu, leaky_relu, prelu, elu, selu, gelu, silu (or swish), softplus, mish, tanh, "
            "sigmoid, step, exponential, parametric_selu, parametric_mish or identity.",
            show_default=False,
        ),
    ] = None,
    dropout: Annotated[
        float | None,
        typer.Option("--dropout", metavar="RATE", help="Of a search: share of units to drop.", show_default=False),
    ] = None,
    optimizer: Annotated[
        str | None,
        typer.Option(
            "--optimizer",
            metavar="NAME",
            help="Of a search: adam, adamw, amsgrad, adam_eps_hat, nadam, lion, rmsprop, adagrad, adadelta, rprop, "
            "sgd, momentum, nesterov or averaged_momentum.",
            show_default=False,
        ),
    ] = None,
    learning_rate: Annotated[
        float | None,
        typer.Option("--learning-rate", metavar="RATE", help="Of a search: of the optimizer.", show_default=False),
    ] = None,
    batch_size: Annotated[
        int | None, typer.Option("--batch-size", metavar="N", min=1, help="Rows a step.", show_default=False)
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(
            "--epochs",
            metavar="N",
            help="Passes over the table of each network; default: by the number of rows, of a search at most 100; "
            "fewer where time is short.",
            show_default=False,
        ),
    ] = None,
    patience: Annotated[
        int,
        typer.Option(
            "--patience", metavar="N", help="Of a search: stop after so many epochs without a gain in validation."
        ),
    ] = 20,
    test_share: Annotated[
        float, typer.Option("--test-share", metavar="SHARE", help="Share of the rows to test with; 0: no test.")
    ] = 0.2,
    validation_share: Annotated[
        float,
        typer.Option(
            "--validation-share",
            metavar="SHARE",
            help="Of a search: share of the others that says what is best, and when to stop.",
        ),
    ] = 0.2,
    seed: Annotated[
        int,
        typer.Option(
            "--seed", metavar="N", help="The same seed gives the same model, unless there is a limit of time."
        ),
    ] = 0,
    threads: Annotated[
        int | None,
        typer.Option("--threads", metavar="N", help="Processors to use; default: all that help.", show_default=False),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report",
            metavar="PAGE",
            readable=False,
            help="The page to write, one HTML file; default: the model's name with .html.",
            show_default=False,
        ),
    ] = None,
    no_report: Annotated[bool, typer.Option("--no-report", help="Write no page.")] = False,
    language: Annotated[
        bool,
        typer.Option(
            "--language",
            help="FILE is a text, and the model is to continue such texts; so it is for a .txt file without --target.",
        ),
    ] = False,
    units: Annotated[
        str, typer.Option("--units", metavar="UNITS", help="Of a language: characters or bytepairs.")
    ] = "characters",
    window: Annotated[
        int | None,
        typer.Option(
            "--window", metavar="N", help="Of a language: units that the model sees. Default: 64.", show_default=False
        ),
    ] = None,
    width: Annotated[
        int | None,
        typer.Option(
            "--width", metavar="N", help="Of a language: numbers for each unit. Default: 64.", show_default=False
        ),
    ] = None,
    blocks: Annotated[
        int | None,
        typer.Option(
            "--blocks", metavar="N", help="Of a language: the network's blocks. Default: 2.", show_default=False
        ),
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option("--steps", metavar="N", help="Of a language: steps, at most. Default: 5000.", show_default=False),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace an output file that is no model, or no report.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show only the scores and where the model is.")] = False,
) -> None:
    """Train networks for a table, test them once, and write a model file and a report.

    Of pictures one network is trained; --epochs, --time, --patience, --batch-size and --learning-rate are for it too.

    Ctrl-C ends the training early: the best so far is tested and written. With --language a model of language is
    trained on a text instead, for netlet generate and netlet chat.
    """
    from netlet.cli.options import LanguageOptions, TrainOptions, hidden_sizes, names_of

    given = {name for name in context.params if _is_given(context, name)}
    if language or (file.suffix.lower() == ".txt" and target is None):
        from netlet.cli.language import check_given, train_language

        check_given(given)
        train_language(
            LanguageOptions(
                file=file,
                output=output,
                units=units,
                window=window,
                width=width,
                n_layers=blocks,
                steps=steps,
                epochs=epochs,
                dropout=dropout,
                learning_rate=learning_rate,
                batch_size=batch_size,
                patience=patience if "patience" in given else None,
                validation_share=validation_share if "validation_share" in given else None,
                time=time,
                seed=seed,
                threads=threads,
                force=force,
                quiet=quiet,
            )
        )
        return
    for name in ("units", "window", "width", "blocks", "steps"):
        if name in given:
            from netlet.cli.command_error import CommandError

            raise CommandError(f"--{name} is of languages, and {file} is read as a table; add --language")
    options = TrainOptions(
        file=file,
        target=target,
        output=output,
        task=task,
        drop=names_of(drop),
        hidden=None if hidden is None else hidden_sizes(hidden),
        activation=activation,
        dropout=dropout,
        optimizer=optimizer,
        learning_rate=learning_rate,
        epochs=epochs,
        batch_size=batch_size,
        patience=patience,
        time=time,
        trials=trials,
        epochs_in_all=epochs_in_all,
        ensemble=ensemble,
        report=report,
        with_report=not no_report,
        test_share=test_share,
        validation_share=validation_share,
        seed=seed,
        threads=threads,
        force=force,
        quiet=quiet,
        forecast=forecast,
        horizon=horizon,
        time_column=time_column,
        series=series,
        known=names_of(known),
        gaps=gaps,
        text=text,
        preset=preset,
        given=frozenset(given),
    )
    from netlet.cli.train import train as work

    work(options)


@app.command()
def predict(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", readable=False, help="A model file of netlet train.", show_default=False)
    ],
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            readable=False,
            help="A table with the columns that the model needs, or a folder of pictures.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            readable=False,
            help="A .csv, .tsv or .parquet file; -: standard output, as CSV.",
        ),
    ] = Path("-"),
    with_input: Annotated[bool, typer.Option("--with-input", help="Write the columns of FILE too.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an output file.")] = False,
    threads: Annotated[
        int | None,
        typer.Option("--threads", metavar="N", help="Processors to use; default: all that help.", show_default=False),
    ] = None,
) -> None:
    """Predict each row of a table, or each picture of a folder, with a trained model."""
    from netlet.cli.options import PredictOptions
    from netlet.cli.predict import predict as work

    work(PredictOptions(model, file, None if str(output) == "-" else output, with_input, force, threads))


MODEL_OF_LANGUAGE = typer.Argument(
    metavar="MODEL", readable=False, help="A model file of netlet train --language.", show_default=False
)
TEMPERATURE = typer.Option(
    "--temperature", metavar="T", help="Below 1 what is likely becomes likelier; 0: the likeliest each time."
)
TOP_K = typer.Option("--top-k", metavar="K", help="Draw among the K likeliest only.", show_default=False)
SEED = typer.Option("--seed", metavar="N", help="The same one gives the same text.", show_default=False)


@app.command()
def generate(
    model: Annotated[Path, MODEL_OF_LANGUAGE],
    prompt: Annotated[
        str, typer.Argument(metavar="[PROMPT]", help="What comes before; nothing: a new line.", show_default=False)
    ] = "",
    temperature: Annotated[float, TEMPERATURE] = 0.8,
    top_k: Annotated[int | None, TOP_K] = None,
    length: Annotated[int, typer.Option("--length", metavar="N", help="Characters, or byte pairs, to add.")] = 500,
    seed: Annotated[int | None, SEED] = None,
) -> None:
    """Continue a text with a model of language, on the screen as it comes. Ctrl-C ends it."""
    from netlet.cli.language import generate as work
    from netlet.cli.options import GenerateOptions

    work(GenerateOptions(model, temperature, top_k, length, seed), prompt)


@app.command()
def chat(
    model: Annotated[Path, MODEL_OF_LANGUAGE],
    temperature: Annotated[float, TEMPERATURE] = 0.8,
    top_k: Annotated[int | None, TOP_K] = None,
    length: Annotated[
        int, typer.Option("--length", metavar="N", help="Characters, or byte pairs, of an answer, at most.")
    ] = 300,
    seed: Annotated[int | None, SEED] = None,
) -> None:
    """Take turns with a model of language: it continues each line that is typed. /quit ends it, Ctrl-D and Ctrl-C too.

    It continues as the text went on that it learnt from, up to the end of a line; it knows nothing else.
    """
    from netlet.cli.language import chat as work
    from netlet.cli.options import GenerateOptions

    work(GenerateOptions(model, temperature, top_k, length, seed))


def _is_given(context: typer.Context, name: str) -> bool:
    """Tell whether an option stands on the command line."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


@app.command()
def warmup() -> None:
    """Compile everything ahead of the first training."""
    from netlet.cli.warm import warm

    warm()
