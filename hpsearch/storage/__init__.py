"""Where everything is kept: the run directory, the study storage, atomic files."""

from hpsearch.storage.address import StorageAddress
from hpsearch.storage.records import (
    FINISHED,
    RETRIED,
    FailureKind,
    TrialRecord,
    best_record,
    counted,
    ranked,
)
from hpsearch.storage.run_directory import RunDirectory, find_run_directories
from hpsearch.storage.study_store import StudyStore
from hpsearch.storage.study_view import StudyView, load

__all__ = [
    "FINISHED",
    "RETRIED",
    "FailureKind",
    "RunDirectory",
    "StorageAddress",
    "StudyStore",
    "StudyView",
    "TrialRecord",
    "best_record",
    "counted",
    "find_run_directories",
    "load",
    "ranked",
]
