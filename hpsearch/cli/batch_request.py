"""What `hpsearch slurm` is asked, as the stages to be run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hpsearch.batch import STAGES, Resources, StageCommand
from hpsearch.cli.stage_flags import check_command, parse_flags
from hpsearch.errors import InputError
from hpsearch.spaces import load_space
from hpsearch.stages import default_out
from hpsearch.stages.sources import load_completed
from hpsearch.storage.run_root import RunRoot


@dataclass(frozen=True)
class BatchRequest:
    """What a user asks of `hpsearch slurm`.

    Args:
        stage: `coarse`, `fine`, `confirm` or `all`.
        space: What names the search space; may be empty where there is a source.
        source: Run directory to start from.
        data: Folder or file with the data.
        out: Run directory, or the directory of all stages.
        flags: Further flags of each stage, in one string.
        resources: What each job, or each task of an array, asks for.
        workers: Number of tasks in an array.
        restarts: How often a job may start anew.
        setup: Shell file that each job reads first.
    """

    stage: str
    space: str
    source: Path | None
    data: Path | None
    out: Path | None
    flags: Mapping[str, str]
    resources: Resources
    workers: int
    restarts: int
    setup: Path | None


def stages_of(request: BatchRequest) -> list[StageCommand]:
    """The stages that are asked for, in order, with their flags looked at.

    Raises:
        InputError: There is no such stage, no space or no source, or a flag is impossible.
    """
    if request.stage not in (*STAGES, "all"):
        raise InputError(f"No stage '{request.stage}'.", f"Use {', '.join(STAGES)} or all.")
    wanted = STAGES if request.stage == "all" else (request.stage,)
    unused = [f"--{s}" for s, text in request.flags.items() if text and s not in wanted]
    if unused:
        raise InputError(f"{unused[0]} is given, but --stage is {request.stage}.", "Leave it out.")
    flags = {stage: parse_flags(stage, request.flags.get(stage, "")) for stage in wanted}
    _check_start(request)
    _check_places(request)
    commands = _all(request, flags) if request.stage == "all" else [_one(request, flags)]
    for command in commands:
        check_command(command.arguments(0))
    return commands


def _check_start(request: BatchRequest) -> None:
    """Refuse a start from nothing, and one from two things."""
    begins = request.stage in ("coarse", "all")
    if begins and request.source is not None:
        raise InputError(
            f"--from is given, but --stage {request.stage} begins with the whole space.",
            "Leave it out, or ask for --stage fine or confirm.",
        )
    if begins and not request.space:
        raise InputError("--space is missing.", "Name one of: hpsearch spaces")
    if not begins and request.source is None:
        raise InputError(
            f"--from is missing: {request.stage} starts from an earlier stage.",
            "Give its run directory, as --from results/coarse.",
        )


def _check_places(request: BatchRequest) -> None:
    """Refuse data, directories, spaces and sources that are not there or something else."""
    if request.data is not None and not request.data.expanduser().exists():
        raise InputError(f"No data at {request.data}.", "Give a folder or an .npz file.")
    run = run_of(request)
    if run.exists() and not run.is_dir():
        raise InputError(f"{run} is a file.", "Give a directory with --out.")
    if request.space:
        load_space(request.space)
    if request.source is not None:
        load_completed(request.source)


def _all(request: BatchRequest, flags: Mapping[str, tuple[str, ...]]) -> list[StageCommand]:
    root = RunRoot(run_of(request))
    if root.has_run:
        raise InputError(
            f"{root} holds a run of `hpsearch run`, which divides its budget itself.",
            "Give another directory with --out.",
        )
    coarse, fine, confirm = root.coarse.path, root.fine.path, root.confirm.path
    space, data = request.space, request.data
    return [
        StageCommand("coarse", coarse, None, space, data, flags["coarse"]),
        StageCommand("fine", fine, coarse, flags=flags["fine"]),
        StageCommand("confirm", confirm, fine, flags=flags["confirm"]),
    ]


def _one(request: BatchRequest, flags: Mapping[str, tuple[str, ...]]) -> StageCommand:
    stage = request.stage
    return StageCommand(
        stage, run_of(request), request.source, request.space, request.data, flags[stage]
    )


def run_of(request: BatchRequest) -> Path:
    """The directory that the jobs work on, chosen as the stages themselves do."""
    if request.out is not None:
        return request.out
    if request.source is not None:
        fine = request.stage == "fine"
        return default_out(request.source) if fine else request.source.parent / request.stage
    return Path("results") if request.stage == "all" else Path("results", request.stage)
