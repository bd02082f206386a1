"""The verbs of the command line as functions, for scripts and notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from hpsearch.errors import InputError
from hpsearch.execution.prediction import Predicted, predict_images
from hpsearch.execution.usable_model import find_model
from hpsearch.report.frames import Study
from hpsearch.runs import RunRequest, RunResult, plan_run, run_all
from hpsearch.spaces import Overrides, load_space
from hpsearch.spaces.tries import parse_tries
from hpsearch.stages import (
    CurveAsked,
    NarrowedSpace,
    NarrowSettings,
    Rounds,
    StageRequest,
    StageResult,
    default_out,
    prepare,
    prepare_confirm,
    prepare_curves,
    prepare_fine,
    run_coarse,
    run_confirm,
    run_curves,
    run_fine,
    run_rounds,
    write_narrowing,
)
from hpsearch.stages.sources import load_completed
from hpsearch.storage import load as load_view


def coarse(space: str, *, out: Path | str = "results/coarse", **options: Any) -> StageResult:
    """Search the whole space with many short trials, and narrow it by what they show.

    Args:
        space: Name of a space, path of a space file, or `file.py:object`.
        out: The run directory; a study that is there is continued.
        **options: Fields of `StageRequest` such as `trials`, `epochs`, `seed`, `workers`; `fix`
            and `limit` take what `--fix` and `--range` do, as texts or as dictionaries:
            `fix={"filters": 6}, limit={"learning_rate": (1e-4, 1e-2)}`.

    Returns:
        The result: `status`, `view` of the study, `to_json()`.

    Raises:
        InputError: The space, the data, the directory or a setting cannot be used.
    """
    request = StageRequest("coarse", space, Path(out), **_request_options(options))
    return run_coarse(prepare(request))


def fine(
    source: Path | str,
    *,
    space: str = "",
    out: Path | str | None = None,
    rounds: int | str = 1,
    **options: Any,
) -> StageResult:
    """Search in detail what an earlier stage left of the space.

    Args:
        source: Run directory of the earlier stage.
        space: Another space file, if the source's has moved.
        out: The run directory; by default `fine` beside the source.
        rounds: How often: each round narrows for the next. `auto` goes on while another one
            promises more than the noise of seeds.
        **options: As for `coarse`.

    Returns:
        As `coarse`, with `comparison` to the source; of the last round, if there are several.

    Raises:
        InputError: As `coarse`; or the source is no study or has no completed trial.
    """
    target = Path(out) if out is not None else default_out(Path(source))
    options = _request_options(options)
    request = StageRequest("fine", space, target, source=Path(source), **options)
    return run_rounds(request, Rounds.parse(rounds), lambda r: run_fine(prepare_fine(r)))[-1]


def confirm(
    source: Path | str, *, space: str = "", out: Path | str | None = None, **options: Any
) -> StageResult:
    """Train the best configurations of a stage from fresh seeds, then look at the test split.

    Args:
        source: Run directory of the stage whose winners are confirmed.
        space: Another space file, if the source's has moved.
        out: The run directory; by default `confirm` beside the source.
        **options: As for `coarse`; also `top`, `seeds`, `race`, `retrain` and `multi_crop`.

    Returns:
        As `coarse`; `to_json()["confirmation"]` holds means, intervals and the test score.

    Raises:
        InputError: As `fine`.
    """
    target = Path(out) if out is not None else Path(source).parent / "confirm"
    options = _request_options(options)
    request = StageRequest("confirm", space, target, source=Path(source), **options)
    return run_confirm(prepare_confirm(request))


def curves(
    source: Path | str,
    *,
    sizes: int | None = None,
    vary: str | None = None,
    bootstraps: int | None = None,
    space: str = "",
    out: Path | str | None = None,
    **options: Any,
) -> StageResult:
    """Train a study's winner again, to draw one of its curves.

    Args:
        source: Run directory of the study whose winner it is.
        sizes: Number of sizes of the training set, each half of the next.
        vary: ``NAME`` or ``NAME=VALUE,VALUE``: a hyperparameter to vary, all else fixed.
        bootstraps: Number of bootstrap samples, from which bias and variance are told.
        space: Another space file, if the source's has moved.
        out: The run directory; by default `curves-sizes`, `curves-NAME` or `curves-bootstraps`
            beside the source.
        **options: As for `coarse`; also `seeds`.

    Returns:
        As `coarse`; `to_json()["curve"]` holds the sentences and the table.

    Raises:
        InputError: As `fine`; or none or several of the three curves are asked for.
    """
    asked = CurveAsked.parse(sizes, vary, bootstraps)
    target = Path(out) if out is not None else Path(source).parent / asked.folder
    options = _request_options(options)
    request = StageRequest("curves", space, target, source=Path(source), curve=asked, **options)
    return run_curves(prepare_curves(request))


def narrow(
    source: Path | str,
    *,
    risk: float = 0.05,
    keep: Sequence[str] = (),
    fix: Any = (),
    overwrite: bool = False,
) -> NarrowedSpace:
    """Narrow a study's space again by the trials so far, and write it for the next stage.

    `narrowed_space.json` is written unless a person has edited it.

    Args:
        source: Run directory of a coarse or fine stage.
        risk: Largest estimated probability of cutting off all that is as good as the best.
        keep: Names of hyperparameters to leave as they are.
        fix: What `--fix` takes, as texts or as a dictionary: `fix={"filters": 6}`.
        overwrite: Write over a person's edits.

    Returns:
        The space that the trials speak for, with a reason for each hyperparameter.

    Raises:
        InputError: The source is no study, has no completed trial, or confirms configurations; or
            a name or a value is not possible.
    """
    view = load_completed(Path(source))
    limits = load_space(view.facts["space"]["reference"]).space.limits
    settings = NarrowSettings(risk, tuple(keep), Overrides.parse(_texts(fix)))
    return write_narrowing(view.directory, limits, settings, overwrite=overwrite)


def load(directory: Path | str) -> Study:
    """Read a study, for a notebook or a program of one's own; writes nothing.

    Args:
        directory: Run directory of a stage.

    Returns:
        The study: `trials` and `histories` are pandas frames, whose columns are described in
        docs/looking-at-results.md; `best`, `confirmation`, `facts`.

    Raises:
        StudyError: There is no study, or it cannot be read.
    """
    return Study(load_view(directory))


def predict(
    model: Path | str,
    images: Path | str | Sequence[Path | str],
    *,
    multi_crop: bool = False,
    skip_bad: bool = False,
    space: str | None = None,
) -> Predicted:
    """What a saved model says of images, prepared as they were in training.

    Args:
        model: A `.keras` file that hpsearch saved, or a run directory, for its winner or best
            model kept.
        images: Image files, folders of them, or `.npz` files.
        multi_crop: Take the mean over crops at five scales.
        skip_bad: Leave out images that cannot be read; otherwise the first one is an error.
        space: Space file to run first, if the model has layers of its own.

    Returns:
        Probabilities of the classes or labels, or the numbers of a regression.

    Raises:
        InputError: The model or an image cannot be used.
    """
    given = [images] if isinstance(images, Path | str) else images
    file = find_model(model).file
    with predict_images(
        file, given, multi_crop=multi_crop, skip_bad=skip_bad, space=space
    ) as found:
        return found.collect()


def run(space: str, *, out: Path | str = "results/run", **options: Any) -> RunResult:
    """Run coarse, the rounds of fine, confirm and the report under one budget.

    Args:
        space: Name of a space, path of a space file, or `file.py:object`.
        out: The directory of the run; a run that is there is continued.
        **options: Fields of `RunRequest`: the budget as `trials`, `epochs` (of all trials
            together) or `time_limit` (seconds), `rounds`, `seed`, `workers` …; `fix`, `limit`
            and `tries` as for `coarse`.

    Returns:
        The result: `status`, `stages`, `page` of the report, `to_json()`.

    Raises:
        InputError: As `coarse`; or the directory holds a different run.
    """
    rounds = Rounds.parse(options.pop("rounds", 1))
    options = _request_options(options, RunRequest)
    return run_all(plan_run(RunRequest(space, Path(out), rounds=rounds, **options)))


def _request_options(options: dict[str, Any], kind: type = StageRequest) -> dict[str, Any]:
    fix, limit = options.pop("fix", ()), options.pop("limit", ())
    data = options.pop("data", None)
    known = {field.name for field in fields(kind)} - {"stage", "space", "out", "source"}
    for name in options:
        if name not in known:
            raise InputError(
                f"No option '{name}'.", f"Use one of: fix, limit, {', '.join(sorted(known))}."
            )
    options.setdefault("command", "library")
    tries = _points(options.pop("tries", ()))
    return {
        **options,
        "tries": tries,
        "overrides": Overrides.parse(_texts(fix), _texts(limit)),
        "data": Path(data) if data is not None else None,
    }


def _points(tries: Any) -> tuple[dict[str, str], ...]:
    """Points to try first, from dictionaries of values or texts as `--try` takes them."""
    texts = [tries] if isinstance(tries, str | dict) else list(tries)
    points: list[dict[str, str]] = []
    for point in texts:
        if isinstance(point, dict):
            points.append({name: str(value) for name, value in point.items()})
        else:
            points += parse_tries([point])
    return tuple(points)


def _texts(changes: Any) -> list[str]:
    """`NAME=VALUE` texts from such texts, or from a dictionary; a pair is a range."""
    if not isinstance(changes, dict):
        return list(changes)
    return [
        f"{name}={value[0]}:{value[1]}" if isinstance(value, tuple | list) else f"{name}={value}"
        for name, value in changes.items()
    ]
