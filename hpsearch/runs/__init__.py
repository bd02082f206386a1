"""Whole runs: all stages and the report under one budget."""

from hpsearch.runs.division import Division
from hpsearch.runs.planning import RunPlan, plan_run
from hpsearch.runs.request import RunRequest
from hpsearch.runs.result import RunResult
from hpsearch.runs.running import run_all
from hpsearch.runs.watching import Watcher

__all__ = [
    "Division",
    "RunPlan",
    "RunRequest",
    "RunResult",
    "Watcher",
    "plan_run",
    "run_all",
]
