"""What the site is made of is all there: public names, rows of the registry, guides, scripts of the gallery."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

import netlet

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
sys.path.insert(0, str(DOCS / "_extensions"))

import kernel_pages  # noqa: E402  (after the path is set)
import lessons  # noqa: E402
import module_pages  # noqa: E402

pytestmark = pytest.mark.plain
ROWS = [(table, name) for table, rows in kernel_pages.TABLES.items() for name in rows]


def names_in(page):
    return re.findall(r"^   (\w+)$", (DOCS / page).read_text(encoding="utf-8"), re.MULTILINE)


def pages_in(page):
    return re.findall(r"^   ([\w-]+)$", (DOCS / page).read_text(encoding="utf-8"), re.MULTILINE)


def test_every_public_name_is_in_the_reference_once():
    listed = names_in("api.rst")
    assert sorted(listed) == sorted(set(netlet.__all__) - {"__version__"}), (
        "put the new name under its topic in api.rst"
    )


@pytest.mark.parametrize("name", ["scales", "plots"])
def test_a_public_module_has_a_page_with_its_names(name):
    module = pytest.importorskip(f"netlet.{name}")
    page = module_pages.page_of(name)
    for each in module.__all__:
        if (getattr(getattr(module, each), "__module__", "") or "").startswith("netlet"):
            assert f"\n   {each}\n" in page


@pytest.mark.parametrize(("table", "name"), ROWS, ids=[name for _, name in ROWS])
def test_every_row_has_a_page_with_its_formula_its_code_and_its_tests(table, name):
    row = kernel_pages.TABLES[table][name]
    module = kernel_pages.module_of(row)
    formula, code = kernel_pages.formula_and_code(module)
    page = kernel_pages.page_of(table, row)
    assert page.startswith(f"# {name}\n\n{formula.splitlines()[0]}")
    assert code in page
    assert f'"{name}"' in code
    assert '"""' not in code.partition("\n")[0]
    tests = {test for _, test in kernel_pages.tests_of(name, module)}
    assert len(tests) >= 5
    assert {"layers": "test_values_are_the_oracles", "losses": "test_value_and_gradient_are_the_oracles"}.get(
        table, "test_a_dozen_steps_are_the_oracles"
    ) in tests


def test_a_row_is_used_by_the_classes_that_name_it():
    used = {name: kernel_pages.classes_of(table, kernel_pages.TABLES[table][name]) for table, name in ROWS}
    assert used["adam"] == ["Adam", "AdamW"]
    assert used["nesterov"] == ["Momentum"]
    assert used["huber"] == ["Huber"]
    assert used["dropout"] == ["Dropout", "TransformerBlock"]
    assert [name for name, classes in used.items() if not classes] == []


def test_pages_are_written_and_old_ones_removed(tmp_path):
    old = tmp_path / "layers" / "gone.md"
    old.parent.mkdir()
    old.touch()
    kernel_pages.write(tmp_path)
    assert {(page.parent.name, page.stem) for page in tmp_path.glob("*/*.md")} == set(ROWS)


def test_every_guide_is_listed():
    listed = {*pages_in("index.rst"), *pages_in("guides.rst"), *pages_in("inside.rst")}
    guides = {page.stem for page in DOCS.glob("*.md")} - {"gallery"}  # the site's own gallery takes its place
    assert guides - listed == set(), "put the new guide in docs/guides.rst or docs/inside.rst"


def test_the_first_page_shows_the_measured_table():
    readme = [re.sub(r"[*|\s]+", " ", line) for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()]
    rows = re.findall(r'^   "(\d[^"]+)", (.+)$', (DOCS / "index.rst").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) >= 3
    for network, figures in rows:
        line = next(line for line in readme if line.startswith(f" {network} "))
        assert {figure.strip("* ") for figure in figures.split(",")} <= set(line.split())


def test_scripts_without_their_data_are_not_run(tmp_path, monkeypatch):
    monkeypatch.setenv("NETLET_SHARED_DATA", str(tmp_path))
    scripts = {script.stem for script in lessons.SCRIPTS.glob("plot_*.py")}
    without = set(lessons.those_that_run())
    assert {"plot_attention", "plot_vanishing_gradients"} <= without < scripts
    assert "plot_mnist" not in without
    (tmp_path / "mnist").mkdir()
    for part in ("train", "t10k"):
        for kind in ("images-idx3", "labels-idx1"):
            (tmp_path / "mnist" / f"{part}-{kind}-ubyte.gz").touch()
    assert "plot_mnist" in lessons.those_that_run()
    assert re.search(lessons.pattern_of_those_that_run(), os.path.join("x", "gallery", "plot_mnist.py"))
    assert not re.search(lessons.pattern_of_those_that_run(), os.path.join("x", "gallery", "plot_shakespeare.py"))


def test_the_gallery_is_sorted_as_the_list_is():
    listed = re.findall(r"## \[.*/(plot_\w+\.py)\)", (DOCS / "gallery.md").read_text(encoding="utf-8"))
    assert sorted(listed, key=lessons.by_the_list) == listed
