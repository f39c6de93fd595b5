"""The templates of pages, and their style."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from markupsafe import Markup

from netlet.report.parts import CELL, NAME, NOTES, SENTENCE
from netlet.report.words import counted, duration, figure, setting, shortened, words_of

if TYPE_CHECKING:
    from jinja2 import Template


def template_of(name: str) -> tuple[Template, Markup]:
    """Return the template in a file of this folder, and the style that every page has."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    files = resources.files("netlet.report")

    def text_of(file: str) -> str:
        return (files / file).read_text(encoding="utf-8")

    environment = Environment(
        loader=FunctionLoader(text_of), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals.update(
        shortened=shortened, counted=counted, duration=duration, figure=figure, setting=setting, words_of=words_of,
        NAME=NAME, CELL=CELL, SENTENCE=SENTENCE, NOTES=NOTES,
    )  # fmt: skip
    return environment.get_template(name), Markup(text_of("page.css"))
