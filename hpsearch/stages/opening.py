"""Opening a study: create it, continue it, or refuse because another one is there."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hpsearch.errors import InputError, StudyError, StudyMismatch
from hpsearch.execution.prior import write_prior
from hpsearch.search import Observation
from hpsearch.spaces import Space
from hpsearch.storage import RunDirectory, StorageAddress, StudyStore
from hpsearch.storage.atomic import write_json
from hpsearch.storage.database_study import delete_database_study
from hpsearch.storage.locking import exclusive

NAMES = {
    "space": "the space",
    "space_code": "the code of the space file",
    "narrowed_space": "the narrowed space",
    "data": "the data",
    "split": "the split",
    "objective": "--objective",
    "direction": "the direction",
    "epochs": "--epochs",
    "patience": "--patience",
    "batch_size": "--batch-size",
    "algorithm": "--algorithm",
    "pruner": "--pruner",
    "precision": "--precision",
    "seed": "--seed",
    "stage": "the stage",
    "max_params": "--max-params",
    "max_latency": "--max-latency",
    "deterministic": "--deterministic",
    "folds": "--folds",
    "weights": "--weights",
}
NAMES |= {  # of a whole run
    "data_path": "--data",
    "trials": "--trials",
    "time_limit": "--time-limit",
    "rounds": "--rounds",
    "top": "--top",
    "seeds": "--seeds",
    "validation_share": "--validation-share",
    "skip_bad": "--skip-bad",
    "retrain": "--retrain",
    "multi_crop": "--multi-crop",
}
HASHES = ("space_code", "data", "split", "narrowed_space", "weights")
NOT_GIVEN = "not given"


def check_same(directory: RunDirectory, identity: Mapping[str, Any]) -> None:
    """Refuse a run directory whose study differs.

    Args:
        directory: A run directory with a study.
        identity: What makes the wanted study what it is.

    Raises:
        StudyMismatch: It differs; the message names in what, and a free directory.
    """
    different = differences(directory.read_study()["identity"], identity)
    if not different:
        return
    raise StudyMismatch(
        f"{directory} holds a different study: {different}.",
        "To replace it add --overwrite; for a new study add "
        f"--out {shlex.quote(str(free_directory(directory.path)))}",
    )


def check_storage(directory: RunDirectory, asked: StorageAddress | None) -> None:
    """Refuse to look for the trials of a study in another place than where they are.

    Args:
        directory: A run directory with a study.
        asked: The database that `--storage` names; None for the journal file.

    Raises:
        StudyMismatch: They are elsewhere.
    """
    known = directory.storage
    if (known and known.url) == (asked and asked.url) and (
        not (known and asked and asked.study) or asked.study == known.study
    ):
        return
    raise StudyMismatch(
        f"{directory} keeps its trials in {known or 'its journal file'}, not in "
        f"{asked or 'its journal file'}: a study stays where it was created.",
        "Leave --storage out to continue it, or give another directory with --out.",
    )


def differences(known: Mapping[str, Any], asked: Mapping[str, Any]) -> str:
    """In what two identities differ, as flags where they come from such; empty if in nothing.

    What an earlier version did not write was not given, either.
    """
    differing = [key for key in asked if known.get(key) != asked[key]]
    told = [_difference(key, known.get(key), asked[key]) for key in differing]
    return "; ".join(filter(None, told))


def _difference(key: str, before: Any, now: Any) -> str:
    if key in HASHES:
        return f"{NAMES[key]} differs"
    old, new = _as_flags(key, before), _as_flags(key, now)
    return "; ".join(
        f"{flag} was {old.get(flag, NOT_GIVEN)}, now {new.get(flag, NOT_GIVEN)}"
        for flag in sorted({*old, *new})
        if old.get(flag) != new.get(flag)
    )


def _as_flags(key: str, value: Any) -> dict[str, str]:
    """A part of the identity as the flags that a person would give for it."""
    facts = value if isinstance(value, Mapping) else {}
    if key == "overrides":
        fixed = {f"--fix {name}": text for name, text in facts.get("fixed", {}).items()}
        ranges = {f"--range {name}": ":".join(e) for name, e in facts.get("ranges", {}).items()}
        return fixed | ranges
    if key == "grid":
        facts = {"--grid-points": facts.get("points")}
    elif key == "tries":
        points = [",".join(f"{k}={v}" for k, v in point.items()) for point in value or ()]
        facts = {"--try": " ".join(points) or None}
    elif key == "replicates":
        raced = facts.get("race", True)
        facts = {"--seeds": facts.get("seeds"), "--no-race": None if raced else "given"}
    else:
        facts = {NAMES.get(key, key): value}
    return {flag: str(given) for flag, given in facts.items() if given is not None}


def free_directory(path: Path) -> Path:
    """The path with the first number behind it that is not taken."""
    stem, _, number = path.name.rpartition("-")
    base = path.with_name(stem) if stem and number.isdecimal() else path
    count = 2
    while base.with_name(f"{base.name}-{count}").exists():
        count += 1
    return base.with_name(f"{base.name}-{count}")


def check_free(directory: RunDirectory) -> None:
    """Refuse a place that holds something else than a study.

    Raises:
        InputError: It is a file, or a folder with files that hpsearch did not write.
    """
    path = directory.path
    if path.exists() and not path.is_dir():
        raise InputError(f"{path} is a file.", "Give a directory with --out.")
    if path.is_dir() and not directory.has_study and not directory.lock_file.exists():
        foreign = [entry.name for entry in path.iterdir() if not entry.name.startswith(".")]
        if foreign:
            raise InputError(
                f"{path} holds other files ({', '.join(sorted(foreign)[:3])} …) and no study.",
                "Give an empty or a new directory with --out.",
            )
    if not directory.has_study and directory.journal_file.exists():
        _check_no_trials(directory)


def _check_no_trials(directory: RunDirectory) -> None:
    """Refuse a directory whose trials are all there and only the file that says so is not.

    A process that was killed while it created a study leaves a journal without trials.
    """
    try:
        trials = len(StudyStore(directory).records())
    except StudyError:
        trials = directory.journal_file.stat().st_size
    if trials:
        raise StudyError(
            f"{directory} holds a journal with trials, but no {directory.study_file.name}.",
            "Restore that file from a copy, or give another directory with --out.",
        )


def remove_study(directory: RunDirectory) -> None:
    """Delete a study, everything in its directory, and its trials in a database."""
    if directory.storage is not None:
        delete_database_study(directory.storage)
    shutil.rmtree(directory.path)


def create_study(
    directory: RunDirectory,
    facts: Mapping[str, Any],
    space: Space,
    split: Mapping[str, Any] | None,
    prior: Sequence[Observation] = (),
    storage: StorageAddress | None = None,
) -> None:
    """Create the study; if another process did so meanwhile, keep its one if it is the same.

    Args:
        directory: Where.
        facts: The contents of `study.json`, written last: it makes the directory a study.
        space: The space as known now.
        split: How the data are split, to be written down.
        prior: What an earlier stage showed, for samplers that learn from it.
        storage: The database that is to hold the trials; None for the journal file.

    Raises:
        StudyMismatch: Another process created a different study here.
    """
    directory.make()
    with exclusive(directory.lock_file):
        if directory.has_study:
            check_same(directory, facts["identity"])
            return
        write_json(directory.space_file, space.to_json())
        if split is not None:
            write_json(directory.split_file, dict(split))
        if prior:
            write_prior(directory, prior)
        directory.journal_file.unlink(missing_ok=True)
        address = storage and storage.named_after(directory.path.name)
        direction = facts["identity"]["direction"]
        StudyStore(directory, create=True, direction=direction, storage=address)
        directory.write_study({**facts, "storage": address and address.to_json()})
