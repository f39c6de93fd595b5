"""A page for each public module of functions or classes: what it lists in ``__all__``, one page each."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path

MODULES = ("scales", "plots")  # in the order of the page; one that is not there is left out
FOLDER = Path(__file__).resolve().parents[1] / "generated" / "modules"


def page_of(name):
    """Write out a module's page: its docstring, and a line for each of its names."""
    module = importlib.import_module(f"netlet.{name}")
    title = f"netlet.{name}"
    names = [
        each for each in module.__all__ if (getattr(getattr(module, each), "__module__", "") or "").startswith(title)
    ]
    lines = [title, "=" * len(title), "", ".. currentmodule:: " + title, "", module.__doc__ or "", ""]
    lines += [".. autosummary::", "   :toctree: ../api", "   :nosignatures:", "", *(f"   {each}" for each in names), ""]
    return "\n".join(lines)


def write(folder=FOLDER):
    """Write the pages; return the names of the modules that are there."""
    found = [name for name in MODULES if importlib.util.find_spec(f"netlet.{name}")]
    folder.mkdir(parents=True, exist_ok=True)
    for name in found:
        page, text = folder / f"{name}.rst", page_of(name)
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")
    return found


def setup(app):
    """Write them before autosummary looks for names."""
    app.connect("config-inited", lambda _app, _config: write() and None)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
