"""The command `netlet`."""

from netlet.cli.app import main

__all__ = ["main"]
