"""How Sphinx builds these pages: ``make docs``, or ``make docs-fast`` without running the gallery."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("MPLBACKEND", "agg")
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "_extensions"))

import lessons  # noqa: E402  (after the path is set)

from netlet.version import __version__  # noqa: E402

project = "netlet"
author = "The netlet authors"
project_copyright = author
version = release = __version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "myst_parser",
    "sphinx_copybutton",
    "sphinx_gallery.gen_gallery",
    "links",
    "kernel_pages",
    "module_pages",
    "public_members",
    "lessons",
]
# gallery.md and the pages of examples/gallery are one for readers of the repository, lessons/ for readers of the site.
exclude_patterns = ["_build", "gallery.md", "gallery", "lessons/*.ipynb", "lessons/*.py", "Thumbs.db"]
templates_path = ["_templates"]
nitpicky = True
toc_object_entries_show_parents = "hide"
suppress_warnings = ["config.cache"]  # the key by which the gallery is sorted is a function
default_role = "name"

autosummary_generate = True
autodoc_typehints = "none"  # numpydoc says each type in words, with its range
autodoc_member_order = "groupwise"
numpydoc_show_class_members = False  # the template lists them
numpydoc_class_members_toctree = False

myst_heading_anchors = 4
myst_enable_extensions = ["attrs_inline"]

sphinx_gallery_conf = {
    "examples_dirs": ["../examples/gallery"],
    "gallery_dirs": ["lessons"],
    "filename_pattern": lessons.pattern_of_those_that_run(),
    "ignore_pattern": r"(draw|shared_data)\.py$",
    "within_subsection_order": "lessons.by_the_list",
    "backreferences_dir": "generated/uses",
    "doc_module": ("netlet",),
    "download_all_examples": False,
    "show_signature": False,
    "show_memory": False,
    "write_computation_times": False,
    "min_reported_time": 3600,
    "remove_config_comments": True,
    "capture_repr": (),
    "abort_on_example_error": False,
    "default_thumb_file": str(HERE / "gallery" / "plot_edges.png"),
}

copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
copybutton_only_copy_prompt_lines = True

html_theme = "pydata_sphinx_theme"
html_title = "netlet"
html_static_path = ["_static"]
html_css_files = ["netlet.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_theme_options = {
    "logo": {"text": "netlet"},
    "show_prev_next": False,
    "navbar_align": "left",
    "header_links_before_dropdown": 7,
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "a11y-light",
    "pygments_dark_style": "a11y-dark",
    "secondary_sidebar_items": ["page-toc"],
}
# These pages lie alone at the side's first level: nothing would stand in their left column.
html_sidebars = {name: [] for name in ("index", "install", "first-five-minutes")}
