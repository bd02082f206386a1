"""Checks of what is installed: Python, packages, extras, Slurm, variables of the environment."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Iterable, Mapping
from importlib import metadata

from hpsearch.doctor.checks import Check, fine
from hpsearch.storage.address import redacted_argument

EXTRAS = {
    "postgres": "psycopg",
    "ray": "ray",
    "dashboard": "optuna-dashboard",
    "imbalance": "imbalanced-learn",
    "export": "pyarrow",
}
SHOWN = ("tensorflow", "keras", "keras-tuner", "optuna", "numpy")


def check_software() -> list[Check]:
    """Everything about software that can be told without loading it."""
    requirements = metadata.requires("hpsearch") or []
    python = metadata.metadata("hpsearch")["Requires-Python"]
    return [
        check_python(platform.python_version(), python),
        check_packages(requirements),
        check_extras(),
        check_slurm(),
        check_variables(os.environ),
    ]


def check_python(version: str, supported: str) -> Check:
    """Whether this Python is one that hpsearch is made for.

    Args:
        version: As 3.11.2.
        supported: As >=3.11,<3.14.
    """
    from packaging.specifiers import SpecifierSet

    if SpecifierSet(supported).contains(version, prereleases=True):
        return fine("python", version)
    advice = f"Use Python {supported}: make clean && make install PYTHON=python3.12"
    return Check("python", "problem", version, advice)


def installed_version(package: str) -> str | None:
    """The version of an installed package; None if it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def check_packages(requirements: Iterable[str]) -> Check:
    """Whether the packages that hpsearch needs are there in versions that it is made for.

    Args:
        requirements: As in the package's metadata; those of extras are left out.
    """
    wrong = [text for text in map(_shortcoming, requirements) if text]
    if wrong:
        return Check("packages", "problem", "; ".join(wrong), "Run: make install")
    found = ", ".join(f"{name} {installed_version(name) or 'missing'}" for name in SHOWN)
    return fine("packages", found)


def _shortcoming(requirement: str) -> str:
    """What is wrong with a required package; empty if nothing is."""
    from packaging.requirements import Requirement

    wanted = Requirement(requirement)
    if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
        return ""
    version = installed_version(wanted.name)
    if version is None:
        return f"{wanted.name} is not installed"
    if wanted.specifier.contains(version, prereleases=True):
        return ""
    return f"{wanted.name} is {version}, but {wanted.specifier} is needed"


def check_extras() -> Check:
    """Which extras are there; none of them is needed."""
    versions = {extra: installed_version(package) for extra, package in EXTRAS.items()}
    found = ", ".join(
        f"{extra} ({EXTRAS[extra]} {version})" if version else f"no {extra}"
        for extra, version in versions.items()
    )
    return fine("extras", found)


def check_slurm() -> Check:
    """Whether jobs can be given to Slurm from here."""
    job = os.environ.get("SLURM_JOB_ID")
    found = "sbatch found" if shutil.which("sbatch") else "none"
    return fine("slurm", f"{found}, inside job {job}" if job else found)


def check_variables(environment: Mapping[str, str]) -> Check:
    """Which variables change what hpsearch does; passwords in them are not shown."""
    names = sorted(
        name
        for name in environment
        if name.startswith("HPSEARCH_") or name in ("CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER")
    )
    shown = [f"{name}={redacted_argument(environment[name])}" for name in names]
    return fine("variables", ", ".join(shown) or "none of HPSEARCH_… is set")
