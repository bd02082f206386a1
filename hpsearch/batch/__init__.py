"""Batch jobs: the scripts that run a search under Slurm, and their submission."""

from hpsearch.batch.folder import BatchFolder
from hpsearch.batch.jobs import Job, chain
from hpsearch.batch.resources import Resources
from hpsearch.batch.sbatch import queued, require_slurm, submit
from hpsearch.batch.scripts import JobSettings, job_script, submission_script
from hpsearch.batch.stage_command import STAGES, StageCommand, not_followed

__all__ = [
    "STAGES",
    "BatchFolder",
    "Job",
    "JobSettings",
    "Resources",
    "StageCommand",
    "chain",
    "job_script",
    "not_followed",
    "queued",
    "require_slurm",
    "submission_script",
    "submit",
]
