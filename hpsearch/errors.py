"""The errors a user of hpsearch can meet, each with what to do about it.

HpsearchError                     exit status 1
├── InputError                    exit status 2: something the user gave is wrong
│   ├── SpaceError                a search space cannot be found, read or changed as asked
│   ├── DataError                 images, labels or archives are not as expected
│   ├── StudyError                a run directory is no study, or not one this version reads
│   └── StudyMismatch             the directory holds a study with other settings
├── StudyStopped                  exit status 3: stopped early, the same command continues
│   └── TimeIsUp                  the time limit was what stopped it
├── NoTrialSucceeded              exit status 4
└── Infeasible                    a configuration that no model can be built from
"""

from __future__ import annotations


class HpsearchError(Exception):
    """Base of every error that hpsearch raises on purpose.

    Args:
        message: What happened and what was expected, in one line.
        hint: How to fix it, in one line; may be empty.
    """

    kind = "error"
    exit_status = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        if not self.hint:
            return self.message
        stop = "" if self.message.endswith((".", "?", "!")) else "."
        return f"{self.message}{stop} {self.hint}"


class InputError(HpsearchError):
    """Something the user gave is wrong; nothing was written."""

    kind = "input"
    exit_status = 2


class SpaceError(InputError):
    """A search space cannot be found, read or changed as asked."""

    kind = "space"


class DataError(InputError):
    """Images, labels or archives are not as expected."""

    kind = "data"


class StudyError(InputError):
    """A run directory holds no study, or none that this version reads."""

    kind = "study"


class StudyMismatch(InputError):
    """The run directory already holds a study with other settings."""

    kind = "mismatch"


class StudyStopped(HpsearchError):
    """The study was stopped before its budget was spent; the same command continues it."""

    kind = "stopped"
    exit_status = 3


class TimeIsUp(StudyStopped):
    """The time limit was reached before the budget was spent."""


class NoTrialSucceeded(HpsearchError):
    """Every trial failed."""

    kind = "failed"
    exit_status = 4


class Infeasible(HpsearchError):
    """A configuration that no model can be built from; the trial is refused before training."""

    kind = "infeasible"
