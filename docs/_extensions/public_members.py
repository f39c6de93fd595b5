"""Leave out of a class's page what it has from a library: scikit-learn documents its methods in words of its own."""

from __future__ import annotations

import inspect


def is_foreign(member):
    """Tell whether a method was written elsewhere than in netlet."""
    function = inspect.unwrap(getattr(member, "__func__", member.fget if isinstance(member, property) else member))
    return not (getattr(function, "__module__", None) or "netlet").startswith("netlet")


def skip(_app, _what, _name, member, is_skipped, _options):
    """Answer autodoc's question whether to skip a member."""
    return True if not is_skipped and is_foreign(member) else None


def setup(app):
    """Add this to the build."""
    app.connect("autodoc-skip-member", skip)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
