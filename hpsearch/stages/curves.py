"""Curves: a winner trained on fewer images, with other values, or on bootstrap samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hpsearch.analysis.curve_points import IMAGES_AXIS
from hpsearch.data.draws import Draw
from hpsearch.errors import InputError
from hpsearch.execution import ProbeResult
from hpsearch.spaces import Parameter, Space, Value
from hpsearch.spaces.describing import format_value
from hpsearch.spaces.overrides import parse_value
from hpsearch.stages.arithmetic import in_float32
from hpsearch.stages.confirm import candidate_space
from hpsearch.stages.cross_validation import timing_with
from hpsearch.stages.curve_asked import CurveAsked
from hpsearch.stages.curve_words import told_by
from hpsearch.stages.data_facts import Progress
from hpsearch.stages.decomposing import decompose
from hpsearch.stages.estimates import best_estimates
from hpsearch.stages.fine import inherit, open_source, timing_from
from hpsearch.stages.judging import first_stage
from hpsearch.stages.prepared import Prepared
from hpsearch.stages.preparing import Candidates, prepare
from hpsearch.stages.request import StageRequest
from hpsearch.stages.result import StageResult
from hpsearch.stages.running import Update, run
from hpsearch.storage import StudyView, TrialRecord

SEEDS = 3
BOOTSTRAP_AXIS = "bootstrap sample"


def prepare_curves(request: StageRequest, on_data: Progress | None = None) -> Prepared:
    """Prepare to train the winner of a study again, to draw one of its curves.

    Args:
        request: What was asked; its `source` is the study whose winner it is, its `curve` says
            what the curve is drawn against.
        on_data: Called with (done, total) images while data are read.

    Raises:
        InputError: The source is no study, has no completed trial or holds curves itself, there
            is no such hyperparameter, or the smallest size would have too few images.
    """
    asked = request.curve
    assert asked is not None
    source = open_source(request)
    training = source.facts["plan"]["training"]
    request = replace(
        inherit(request, source),
        epochs=request.epochs or training["epochs"],
        patience=request.patience or training.get("patience"),
        race=False,
    )
    candidates = candidates_of_curve(source, asked, request.seeds)
    return prepare(
        replace(request, seeds=_seeds(request, asked)),
        timing=in_float32(_timing(source, request), source),
        on_data=on_data,
        candidates_from=lambda top: candidates,
    )


def _timing(source: StudyView, request: StageRequest) -> ProbeResult:
    return timing_with(timing_from(source, Space()), request.folds, source)


def _seeds(request: StageRequest, asked: CurveAsked) -> int:
    """Trials of each candidate: other draws are candidates of their own."""
    return (request.seeds or SEEDS) if asked.kind == "vary" else 1


def winner_of(source: StudyView) -> TrialRecord:
    """The trial whose configuration is the winner's: confirmed, or best by estimated mean."""
    best = source.best
    assert best is not None
    if source.confirmation is not None:
        return best
    estimates = best_estimates(source)
    return source.trials[estimates[0].number] if estimates else best


def candidates_of_curve(source: StudyView, asked: CurveAsked, seeds: int | None) -> Candidates:
    """What is trained for a curve of a study's winner.

    Args:
        source: The study.
        asked: The curve.
        seeds: Draws of each size; None for three.

    Raises:
        InputError: There is no such hyperparameter, or the smallest size has too few images.
    """
    params = dict(winner_of(source).params)
    if asked.kind == "vary":
        return _varied(_whole_space(source), params, asked)
    if asked.kind == "sizes":
        draws, places = _sizes(source, asked.count, seeds or SEEDS)
    else:
        draws = tuple(Draw(seed=number, replacement=True) for number in range(asked.count))
        places = tuple(range(1, asked.count + 1))
    same = tuple(dict(params) for _ in draws)
    return Candidates(
        candidate_space(_whole_space(source), same),
        same,
        draws=draws,
        axis=IMAGES_AXIS if asked.kind == "sizes" else BOOTSTRAP_AXIS,
        places=places,
        keeps_models=asked.kind == "bootstraps",
    )


def _whole_space(source: StudyView) -> Space:
    """The space before any narrowing, with what was discovered since."""
    first, own = (Space.from_json(view.space) for view in (first_stage(source), source))
    return Space((*first.parameters, *(p for p in own if first.find(p) is None)))


def _sizes(source: StudyView, count: int, seeds: int) -> tuple[tuple[Draw, ...], tuple[int, ...]]:
    """Each size half of the one before, from all images down, and each with several draws.

    Raises:
        InputError: The smallest size would be below two images a class, or there are no images.
    """
    data = source.facts["data"]
    images = int(data.get("train") or 0)
    least = 2 * int(data.get("num_classes") or 1)
    most = 1
    while images / 2**most >= least:
        most += 1
    if images / 2 ** (count - 1) < least:
        raise InputError(
            f"--sizes {count} would go down to {images // 2 ** (count - 1)} of {images:,} training "
            f"images; expected at least {least}, two a class.",
            f"Give --sizes {most} or less." if most > 1 else "There are too few images for it.",
        )
    shares = [2.0**-step for step in reversed(range(count))]
    draws = tuple(Draw(share, seed) for seed in range(seeds) for share in shares)
    return draws, tuple(round(draw.share * images) for draw in draws)


def _varied(space: Space, params: Mapping[str, Any], asked: CurveAsked) -> Candidates:
    """The configuration with each value of one hyperparameter, its own among them.

    Raises:
        InputError: The configuration has no such hyperparameter, or it has but one value.
    """
    if asked.name not in params:
        raise InputError(
            f"--vary {asked.name}: the winner has no such hyperparameter.",
            f"It has: {', '.join(params)}.",
        )
    parameter = next(p for p in space.active(params) if p.name == asked.name)
    values = _values(parameter, params[asked.name], asked)
    configurations = tuple(_completed(space, {**params, asked.name: value}) for value in values)
    return Candidates(
        candidate_space(space, configurations),
        configurations,
        axis=asked.name,
        places=values,
        keeps_models=False,
    )


def _values(parameter: Parameter, own: Value, asked: CurveAsked) -> tuple[Value, ...]:
    """What a hyperparameter is varied over, in order, the winner's own value among them."""
    if asked.texts:
        values = [parse_value(parameter, text) for text in asked.texts]
    else:
        values = list(parameter.grid_values(asked.count))
    values = list(dict.fromkeys([*values, own]))
    if all(isinstance(value, int | float) for value in values):
        values.sort(key=float)
    if len(values) < 2:
        raise InputError(
            f"--vary {asked.name}: its only value is {format_value(own)}.",
            f"Give others: --vary {asked.name}=VALUE,VALUE",
        )
    return tuple(values)


def _completed(space: Space, params: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration with defaults for what becomes active, and without what no longer is."""
    return space.choose(lambda p: params.get(p.name, p.default_value))


def run_curves(prepared: Prepared, on_update: Update = lambda snapshot: None) -> StageResult:
    """Train what the curve needs; from bootstrap samples bias and variance are computed, too.

    Of the models of bootstrap samples none is left afterwards.

    Args:
        prepared: The stage.
        on_update: Called a few times a second.
    """
    result = run(prepared, on_update)
    asked = prepared.request.curve
    if result.status == "done" and asked is not None and asked.kind == "bootstraps":
        decompose(prepared, result.view)
    return replace(result, extra={**result.extra, "curve": told_by(result.view).to_json()})
