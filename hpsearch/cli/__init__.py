"""The command line: parse, call the library, print, exit."""

from hpsearch.cli import run_command, space_commands, worker_command  # which register commands
from hpsearch.cli.commands import app
from hpsearch.cli.entry import main

__all__ = ["app", "main", "run_command", "space_commands", "worker_command"]
