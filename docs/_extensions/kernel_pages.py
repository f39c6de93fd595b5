"""A page for each row of the registry: its formula, what it takes, its code, and the tests that check it.

The formula is the docstring of the kernel's file, the code the rest of that file, the tests those that pytest collects
with the row's name. So a new row has its page as soon as it is registered.
"""

from __future__ import annotations

import ast
import inspect
import math
import os
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import netlet
import netlet.kernels.layers
import netlet.kernels.losses
import netlet.kernels.optimizers  # the three fill the registry
from netlet.kernels import registry

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "generated" / "kernels"
TESTS = "tests/kernels"
TABLES = {"layers": registry.layers, "losses": registry.losses, "updates": registry.updates}
KINDS = {"layers": "graph", "losses": "training.losses", "updates": "training.optimizers"}  # where a class may live


def module_of(row):
    """Return the module that a row's kernel is written in."""
    kernel = getattr(row, "forward", None) or row.kernel
    return sys.modules[getattr(kernel, "py_func", kernel).__module__]


def formula_and_code(module):
    """Return a module's docstring and the text after it."""
    text = Path(module.__file__).read_text(encoding="utf-8")
    end = ast.parse(text).body[0].end_lineno
    return inspect.cleandoc(module.__doc__), "\n".join(text.splitlines()[end:]).strip("\n")


@cache
def collected():
    """Return the names of the tests of the kernels, as pytest lists them."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", TESTS]
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    listed = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    names = [line for line in listed.stdout.splitlines() if "::" in line and " " not in line.split("[")[0]]
    if listed.returncode or not names:
        raise RuntimeError(
            f"the tests of the kernels cannot be listed:\n{listed.stdout[-2000:]}{listed.stderr[-2000:]}"
        )
    return names


def tests_of(name, module):
    """Return ``{(file, test): cases}`` of the tests that have a row's name, or stand in a file named after it."""
    has_name = re.compile(rf"\[(?:[^\]]*[-, ])?{re.escape(name)}(?=[-,\] ])")
    own_files = {f"test_{name}.py", f"test_{module.__name__.rpartition('.')[2]}.py"}
    found = Counter()
    for test in collected():
        file, _, function = test.partition("::")
        if has_name.search(test) or Path(file).name in own_files:
            found[file, function.partition("[")[0]] += 1
    return found


@cache
def _written(cls):
    """Return the text of a class and of those of this package that it is made from."""
    texts = [inspect.getsource(each) for each in cls.__mro__ if each.__module__.startswith("netlet.")]
    return "\n".join(texts)


def classes_of(table, row):
    """Return the public names whose classes name a row."""
    found = []
    for name in netlet.__all__:
        value = getattr(netlet, name)
        if not inspect.isclass(value) or not value.__module__.startswith(f"netlet.{KINDS[table]}"):
            continue
        rule = getattr(value, "rule", None)  # of losses and optimizers, but where a setting chooses among two
        if rule == row.name or (not isinstance(rule, str) and f'"{row.name}"' in _written(value)):
            found.append(name)
    return found


def _facts_of_layer(row):
    parameters = "its own slice of theta" if row.backward_parameters is not None else "none"
    yield "reads", "one value" if row.n_inputs == 1 else "one value or two"
    yield "parameters", parameters
    if row.is_random:
        yield "draws random numbers", "in training"
    if row.whole_batch:
        yield "sees", "the whole batch at once, where it is trained"


def _facts_of_loss(row):
    yield "target of a sample", "one class number" if row.labels else "a row of numbers"
    if row.output:
        yield "contains", f"the {row.output}: it is computed from the logits"
    if row.answers:
        yield "answers", "yes or no, targets " + ("0 or 1" if row.only_0_and_1 else "from 0 to 1")
    if math.isfinite(row.least_target):
        yield "least target", f"{row.least_target:g}"


def _facts_of_update(row):
    yield "vectors kept beside theta", str(row.n_slots)


def facts_of(table, row):
    """Return what the row says of its kernel, as pairs of words."""
    facts = list({"layers": _facts_of_layer, "losses": _facts_of_loss, "updates": _facts_of_update}[table](row))
    for word, kind in (("settings", "integers" if table == "layers" else "numbers"), ("factors", "real numbers")):
        names = getattr(row, word, ())
        if names:
            facts.append((f"{word} ({kind})", ", ".join(f"`{name}`" for name in names)))
    return facts


def page_of(table, row):
    """Write out a row's page, as Markdown."""
    module = module_of(row)
    formula, code = formula_and_code(module)
    file = Path(module.__file__).relative_to(Path(netlet.__file__).parents[1]).as_posix()
    lines = [f"# {row.name}", "", formula, ""]
    public = classes_of(table, row)
    if public:
        lines += ["Used by " + ", ".join(f"{{py:obj}}`netlet.{name}`" for name in public) + ".", ""]
    lines += ["## What it takes", "", "| | |", "|---|---|"]
    lines += [f"| {word} | {text} |" for word, text in facts_of(table, row)]
    lines += [
        "",
        "## Code",
        "",
        f"`{file}`, all of it but the docstring, which is above:",
        "",
        "```python",
        code,
        "```",
        "",
    ]
    found = tests_of(row.name, module)
    lines += ["## Tests", "", f"{sum(found.values())} cases of {len(found)} tests:", "", "| test | file | cases |"]
    lines += ["|---|---|---:|"]
    for (path, test), cases in sorted(found.items()):
        lines.append(f"| {test.removeprefix('test_').replace('_', ' ')} | `{path}` | {cases} |")
    return "\n".join([*lines, ""])


def list_of(table):
    """Write out the list of a table's rows, as reStructuredText: each row's name and the first sentence about it."""
    lines = [".. list-table::", "   :widths: 30 70", ""]
    for name, row in sorted(TABLES[table].items()):
        formula, _ = formula_and_code(module_of(row))
        sentence = re.split(r"(?<=\.)\s", " ".join(formula.split("\n\n")[0].split()))[0].rstrip(".")
        quoted = re.sub(r"`([^`]*)`", r"``\1``", sentence).replace("*", r"\*")
        lines += [f"   * - :doc:`{name} </generated/kernels/{table}/{name}>`", f"     - {quoted}"]
    return "\n".join([*lines, ""])


def write(folder=FOLDER):
    """Write every page and list that has changed, and remove the pages of rows that are gone."""
    texts = {
        folder / table / f"{name}.md": page_of(table, row)
        for table, rows in TABLES.items()
        for name, row in rows.items()
    }
    for old in set(folder.glob("*/*.md")) - set(texts):
        old.unlink()
    texts |= {folder / f"{table}.inc": list_of(table) for table in TABLES}
    for page, text in texts.items():
        page.parent.mkdir(parents=True, exist_ok=True)
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")


def setup(app):
    """Write the pages before Sphinx looks for its sources."""
    app.connect("config-inited", lambda _app, _config: write())
    return {"parallel_read_safe": True, "parallel_write_safe": True}
