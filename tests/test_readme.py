"""What README.md and docs/*.md show is so: their Python runs, it prints what they say, quoted source is the source.

Four kinds of blocks are checked:

- Python blocks run one after another, a namespace for each document.
- A block after ``<!-- prints -->`` is, to the letter, what the Python block before it prints.
- A block after ``<!-- runs -->`` holds commands, which tests/docs runs.
- A block after ``<!-- a/file -->`` stands in that file, to the letter.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"(?:<!-- ([\w./]+) -->\n)?```(\w*)\n(.*?)```", re.DOTALL)
BY_NAME = {"argvalues": DOCUMENTS, "ids": [document.name for document in DOCUMENTS]}


def run_blocks(document: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Run a document's Python blocks and compare what they print; return their names."""
    names: dict[str, Any] = {"__name__": document.stem}
    printed = ""
    for mark, language, text in BLOCK.findall(document.read_text(encoding="utf-8")):
        if mark == "prints":
            assert printed == text
        elif language == "python" and not mark:
            capsys.readouterr()
            exec(compile(text, str(document), "exec", dont_inherit=True), names)
            printed = capsys.readouterr().out
    return names


@pytest.mark.parametrize("document", **BY_NAME)
def test_quoted_source_is_the_source(document: Path) -> None:
    for mark, _, text in BLOCK.findall(document.read_text(encoding="utf-8")):
        if mark and mark not in ("prints", "runs"):
            assert text in (ROOT / mark).read_text(encoding="utf-8"), f"{document.name} quotes an older {mark}"


@pytest.mark.parametrize("document", **BY_NAME)
def test_links_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8"))
    assert [target for target in targets if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("document", **BY_NAME)
def test_python_runs(
    document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "netlet" / "examples").mkdir(parents=True)  # as after `git clone`
    shutil.copy(ROOT / "examples" / "penguins.csv", tmp_path / "netlet" / "examples")
    names = run_blocks(document, capsys)
    if document.name == "README.md":
        assert names["figures"]["accuracy"] > 0.96
        assert (names["again"].predict(names["X_test"]) == names["network"].predict(names["X_test"])).all()
