"""The command line: parse, call the library, print, exit."""

from hpsearch.cli.commands import app
from hpsearch.cli.entry import main

__all__ = ["app", "main"]
