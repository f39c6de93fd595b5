"""Links within the site: guides that name files of the repository, and names in docstrings.

The guides are Markdown that also reads well on a code host, where a page of the gallery is a script. On the site the
same link leads to the page made from it.

In docstrings, and wherever reStructuredText is read, `name` in single backticks becomes a link where it is a public
name or a member of the class at hand, and is code elsewhere: an argument, a file, a formula.
"""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.domains.python import PyXRefRole

_SCRIPT = re.compile(r"\]\(\.\./examples/gallery/(plot_\w+)\.py\)")
_LIST = re.compile(r"\]\(gallery\.md\)")


def lead_to_the_site(app, docname, source):
    """Rewrite the links of a Markdown page."""
    if str(app.env.doc2path(docname)).endswith(".md"):
        text = _SCRIPT.sub(r"](lessons/\1.rst)", source[0])
        source[0] = _LIST.sub("](lessons/index.rst)", text)


class Name(PyXRefRole):
    """A name that is a link where there is something to lead to."""

    def process_link(self, env, refnode, has_explicit_title, title, target):
        """Mark the reference as one that may lead nowhere."""
        refnode["may_lead_nowhere"] = True
        refnode["refdomain"], refnode["reftype"] = "py", "obj"
        return super().process_link(env, refnode, has_explicit_title, title, target)


def leave_as_code(_app, _env, node, contnode):
    """Keep the text of a reference that leads nowhere and may."""
    if not node.get("may_lead_nowhere"):
        return None
    return nodes.literal(contnode.astext(), contnode.astext())


def setup(app):
    """Add both to the build."""
    app.add_role("name", Name())
    app.connect("source-read", lead_to_the_site)
    app.connect("missing-reference", leave_as_code)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
