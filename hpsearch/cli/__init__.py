"""The command line: parse, call the library, print, exit."""

from hpsearch.cli import (  # which register commands
    curves_command,
    dashboard_command,
    data_commands,
    doctor,
    export_command,
    predict_command,
    regions_command,
    run_command,
    show_command,
    slurm_command,
    space_commands,
    watch_command,
    worker_command,
)
from hpsearch.cli.commands import app
from hpsearch.cli.entry import main

__all__ = [
    "app",
    "curves_command",
    "dashboard_command",
    "data_commands",
    "doctor",
    "export_command",
    "main",
    "predict_command",
    "regions_command",
    "run_command",
    "show_command",
    "slurm_command",
    "space_commands",
    "watch_command",
    "worker_command",
]
