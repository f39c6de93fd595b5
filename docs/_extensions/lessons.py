"""The gallery: which scripts run while the site is built, in which order they stand, the pictures of the others.

A script whose data are not there is shown without being run, with the picture that lies in docs/gallery. So is every
script in ``make docs-fast`` (``plot_gallery=0``).
"""

from __future__ import annotations

import importlib.util
import inspect
import re
import shutil
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1]
SCRIPTS = DOCS.parent / "examples" / "gallery"
THUMBNAIL = (400, 280)

_IMPORT = re.compile(r"^from shared_data import ([\w, ]+)$", re.MULTILINE)
_FILE = re.compile(r'\bshared\(f?"([^"]+)"\)')


def _shared_data():
    spec = importlib.util.spec_from_file_location("shared_data", SCRIPTS / "shared_data.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def files_of(script):
    """Return the patterns of the files that a script reads from the folder of shared data, and that folder."""
    module, text = _shared_data(), script.read_text(encoding="utf-8")
    texts = [text]
    for names in _IMPORT.findall(text):
        functions = (getattr(module, name.strip()) for name in names.split(",") if name.strip() != "shared")
        texts += [inspect.getsource(each) for each in functions if callable(each)]
    return [re.sub(r"\{[^}]*\}", "*", file) for text in texts for file in _FILE.findall(text)], module.FOLDER


def has_its_data(script):
    """Tell whether every file that a script reads is there."""
    patterns, folder = files_of(script)
    return all(any(folder.glob(pattern)) for pattern in patterns)


def those_that_run():
    """Return the names of the scripts whose data are there."""
    return [script.stem for script in sorted(SCRIPTS.glob("plot_*.py")) if has_its_data(script)]


def pattern_of_those_that_run():
    """Return the pattern of files that sphinx-gallery runs."""
    return rf"[/\\]({'|'.join(those_that_run()) or 'none'})\.py$"


def by_the_list(file_name):
    """Sort as docs/gallery.md lists the pages; what is not listed comes last."""
    listed = (DOCS / "gallery.md").read_text(encoding="utf-8")
    place = listed.find(f"/{Path(file_name).name})")
    return place if place >= 0 else len(listed), Path(file_name).name


def _plots(app):
    return str(app.config.plot_gallery) not in ("0", "False")


def put_thumbnails(app):
    """Give each page that is not run the picture in docs/gallery as its thumbnail."""
    from sphinx_gallery.utils import scale_image  # here, because the tests look into this file without Sphinx

    runs = set(those_that_run()) if _plots(app) else set()
    for script in SCRIPTS.glob("plot_*.py"):
        picture = DOCS / "gallery" / f"{script.stem}.png"
        target = DOCS / "lessons" / "images" / "thumb" / f"sphx_glr_{script.stem}_thumb.png"
        if script.stem not in runs and picture.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            scale_image(picture, target, *THUMBNAIL)


def show_the_picture(app, docname, source):
    """Put the picture in docs/gallery at the top of a page that is not run."""
    folder, _, name = docname.rpartition("/")
    if folder != "lessons" or not name.startswith("plot_"):
        return
    if _plots(app) and name in those_that_run():
        return
    if (DOCS / "gallery" / f"{name}.png").exists():
        kept = "The picture is one that was drawn before: the script was not run while this page was made."
        picture = f".. figure:: /gallery/{name}.png\n   :alt: What the script draws\n\n   {kept}\n\n"
        title = re.search(r"^(=+)\n.+\n\1\n|^.+\n=+\n", source[0], re.MULTILINE)
        place = title.end() if title else 0
        source[0] = source[0][:place] + "\n" + picture + source[0][place:]


def forget_old_pages(app):
    """Remove pages of scripts that are gone, which Sphinx would still read."""
    folder = DOCS / "lessons"
    names = {script.stem for script in SCRIPTS.glob("plot_*.py")}
    for page in folder.glob("plot_*.*"):
        if page.name.split(".")[0].removesuffix("_codeobj") not in names:
            page.unlink()
    if not _plots(app):  # pages with the output of an earlier run are not made anew where the script is the same
        shutil.rmtree(folder, ignore_errors=True)


def setup(app):
    """Add this to the build, around sphinx-gallery's own step."""
    app.connect("builder-inited", forget_old_pages, priority=100)
    app.connect("builder-inited", put_thumbnails, priority=900)
    app.connect("source-read", show_the_picture)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
