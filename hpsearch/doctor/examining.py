"""Examining a machine, and a space with its data if one is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hpsearch.doctor.accelerators import check_accelerators
from hpsearch.doctor.checks import Check, Examination, fine
from hpsearch.doctor.machine import check_machine
from hpsearch.doctor.places import check_places
from hpsearch.doctor.software import check_software
from hpsearch.errors import HpsearchError, InputError
from hpsearch.execution import DataRequest
from hpsearch.spaces import LoadedSpace, load_space

DEFAULT_OUT = Path("results")


def examine(
    *,
    space: str = "",
    data: Path | None = None,
    storage: str = "",
    out: Path = DEFAULT_OUT,
) -> Examination:
    """Look at everything that a search needs. Nothing is left behind but the cache of the data.

    Args:
        space: A search space that is to be searched here; empty to look at the machine only.
        data: Its data, where they are not where the space finds them.
        storage: URL of a database; empty or `journal` for the journal in the run directory.
        out: The run directory, or where run directories go.
    """
    checks = [*check_software(), *check_machine(), *check_places(out, storage)]
    checks += check_accelerators()
    if space:
        checks += check_space(space, data)
    return Examination(checks)


def check_space(name: str, data: Path | None) -> list[Check]:
    """Whether a space and its data can be loaded."""
    try:
        loaded = load_space(name)
    except HpsearchError as error:
        return [Check("space", "problem", error.message, error.hint)]
    return [fine("space", f"{loaded.name} ({loaded.reference})"), *_check_data(loaded, data)]


def _check_data(loaded: LoadedSpace, data: Path | None) -> Iterator[Check]:
    source = str(data.expanduser().resolve()) if data else None
    try:
        found = DataRequest(source).load(loaded.space)
    except (InputError, OSError) as error:
        hint = error.hint if isinstance(error, HpsearchError) else "Can it be read by this user?"
        yield Check("data", "problem", getattr(error, "message", str(error)), hint)
        return
    if found is None:
        yield Check("data", "warning", "the space names no data set", "Give one with --data.")
        return
    sizes = f"{len(found.train.labels):,} training, {len(found.validation.labels):,} validation"
    yield fine("data", f"{found.source}; {sizes} images")
