"""Confirm: the best few configurations again from fresh seeds, then the test split once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from hpsearch.errors import InputError
from hpsearch.execution import ProbeResult
from hpsearch.search import identify
from hpsearch.spaces import Choice, Fixed, Parameter, Space
from hpsearch.stages.arithmetic import in_float32
from hpsearch.stages.choosing import FEWEST_SEEDS
from hpsearch.stages.cross_validation import timing_with
from hpsearch.stages.data_facts import Progress
from hpsearch.stages.estimates import best_estimates
from hpsearch.stages.fine import inherit, open_source, timing_from
from hpsearch.stages.judging import defaults_of, judge, retrain_afterwards
from hpsearch.stages.prepared import Prepared
from hpsearch.stages.preparing import Candidates, prepare
from hpsearch.stages.request import StageRequest
from hpsearch.stages.result import StageResult
from hpsearch.stages.running import Update, run
from hpsearch.stages.winner_model import forget_others
from hpsearch.stages.winner_view import look_after
from hpsearch.storage import RunDirectory, StudyView
from hpsearch.storage.atomic import write_json
from hpsearch.storage.file_shapes import WINNER


def prepare_confirm(request: StageRequest, on_data: Progress | None = None) -> Prepared:
    """Prepare the confirmation of a study's best configurations.

    Args:
        request: What was asked; its `source` is the study whose winners are confirmed.
        on_data: Called with (done, total) images while data are read.

    Raises:
        InputError: The source is no study or has no completed trial, a setting is impossible, or
            `multi_crop` would need another look at the test split.
    """
    _refuse_another_look(request)
    source = open_source(request)
    request = inherit(request, source)
    return prepare(
        request,
        narrowed=None,
        timing=in_float32(_timing(request, source), source),
        on_data=on_data,
        candidates_from=lambda top: candidates_of(source, top),
    )


def _timing(request: StageRequest, source: StudyView) -> ProbeResult:
    """The time of a trial as the source's trials tell it."""
    return timing_with(timing_from(source, Space()), request.folds, source)


def _refuse_another_look(request: StageRequest) -> None:
    """Refuse to look at a test split again only to score crops."""
    out = RunDirectory(request.out)
    if not request.multi_crop or request.overwrite or not out.winner_file.is_file():
        return
    test = out.read_json(out.winner_file, WINNER)["test"]
    if test is not None and "multi_crop" not in test:
        raise InputError(
            f"{out} has looked at the test split already, without --multi-crop.",
            "Leave it out; crops at prediction time are hpsearch predict --multi-crop.",
        )


def candidates_of(source: StudyView, top: int) -> Candidates:
    """The best different configurations, and the defaults of the space where they are not one.

    Best by estimated mean: the best single values of many trials are in part lucky ones.
    """
    space = Space.from_json(source.space)
    chosen: dict[str, dict[str, Any]] = {}
    for estimate in best_estimates(source, top):
        params = dict(source.trials[estimate.number].params)
        chosen.setdefault(identify(params), params)
    defaults = defaults_of(source)
    added = None if identify(defaults) in chosen else len(chosen)
    chosen.setdefault(identify(defaults), defaults)
    candidates = tuple(chosen.values())
    return Candidates(candidate_space(space, candidates), candidates, added)


def candidate_space(space: Space, candidates: Sequence[Mapping[str, Any]]) -> Space:
    """The space with just the values that some configurations have."""
    return Space(tuple(_only(parameter, candidates) for parameter in space))


def _only(parameter: Parameter, candidates: Sequence[Mapping[str, Any]]) -> Parameter:
    """The hyperparameter with just the values that the candidates have."""
    values = list(dict.fromkeys(c[parameter.name] for c in candidates if parameter.name in c))
    if len(values) > 1:
        return Choice(parameter.name, tuple(values), ordered=False, conditions=parameter.conditions)
    value = values[0] if values else parameter.default_value
    return Fixed(parameter.name, value, conditions=parameter.conditions)


def run_confirm(
    prepared: Prepared,
    on_update: Update = lambda snapshot: None,
    *,
    closing: bool = False,
) -> StageResult:
    """Run the confirmation, compare the candidates and look at the test split once.

    The look is taken only when every candidate is confirmed or given up; running the same
    command again does not take another one. Of all models that of the winner is left.

    Args:
        prepared: The stage.
        on_update: Called a few times a second.
        closing: Whether the stage is over when its time is, with the seeds it has, if every
            candidate in the race has at least three.
    """
    result = run(prepared, on_update)
    closes = closing and result.time_is_up and _has_enough(prepared, result.view)
    if result.status != "done" and not closes:
        return result
    facts = result.view.confirmation or judge(prepared, result.view)
    if prepared.request.retrain and not facts["retrained"]:
        facts = retrain_afterwards(prepared, result.view, facts)
    write_json(prepared.directory.winner_file, facts)
    forget_others(result.view, facts["winner"])
    look_after(result)
    return replace(result, extra={**result.extra, "confirmation": facts})


def _has_enough(prepared: Prepared, view: StudyView) -> bool:
    """Whether every candidate that is not given up has seeds enough to tell its scatter."""
    replicates = prepared.plan.replicates
    assert replicates is not None
    dropped = replicates.drops(view.trials, view.direction)
    values = replicates.values(view.trials)
    return all(len(own) >= FEWEST_SEEDS for c, own in enumerate(values) if c not in dropped)
