"""Fine: a detailed search of what an earlier stage left of the space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import mean

from hpsearch.analysis.comparable import comparable
from hpsearch.errors import StudyError
from hpsearch.execution import ProbeResult
from hpsearch.search import Observation, observe
from hpsearch.spaces import Space, load_space
from hpsearch.stages.arithmetic import same_as
from hpsearch.stages.coarse import narrow_after
from hpsearch.stages.cross_validation import folds_of, timing_with
from hpsearch.stages.data_facts import Progress
from hpsearch.stages.loading_ahead import loading_ahead
from hpsearch.stages.narrowing_files import has_damaged_reasons, read_narrowed, write_narrowing
from hpsearch.stages.prepared import Prepared
from hpsearch.stages.preparing import prepare
from hpsearch.stages.request import StageRequest
from hpsearch.stages.result import StageResult
from hpsearch.stages.running import Update, run
from hpsearch.stages.sources import load_completed
from hpsearch.stages.winner_view import looking_after
from hpsearch.storage import RunDirectory, StudyView, load
from hpsearch.storage.places import absolute


def default_out(source: Path) -> Path:
    """Where fine writes if nothing is said: beside its source, `fine`, then `fine-2` …."""
    parent = absolute(source).parent if source.name in ("", "..") else source.parent
    following = round_after(parent / source.name)
    return following if following.name.startswith("fine-") else parent / "fine"


def round_after(out: Path) -> Path:
    """The run directory of the next round: `fine` → `fine-2` → `fine-3`."""
    name, _, number = out.name.rpartition("-")
    if name and number.isdecimal():
        return out.with_name(f"{name}-{int(number) + 1}")
    return out.with_name(f"{out.name}-2")


def prepare_fine(request: StageRequest, on_data: Progress | None = None) -> Prepared:
    """Prepare the fine stage from the study it starts from.

    Space, data, split and objective are those of the source unless the request says otherwise.

    Args:
        request: What was asked; its `source` is the study to start from.
        on_data: Called with (done, total) images while data are read.

    Raises:
        InputError: The source is no study, has no completed trial or is a confirmation, or a
            setting is impossible.
    """
    source = open_source(request)
    if not source.searches:
        raise StudyError(
            f"{request.source} trains a few configurations; there is no space in it to search.",
            f"Give the study it came from: --from {source.facts['from']}",
        )
    arithmetic = same_as(source) if request.precision is None else None
    request = inherit(request, source)
    narrowed = _narrowed(source.directory, request.space)
    narrowed = _with_whole(narrowed, Space.from_json(source.space), request.keep)
    timing = timing_with(timing_from(source, narrowed), request.folds, source)
    prior = _prior_of(source)
    return prepare(
        request,
        narrowed=narrowed,
        timing=timing,
        on_data=on_data,
        prior=prior,
        arithmetic=arithmetic,
    )


def _prior_of(source: StudyView) -> tuple[Observation, ...]:
    """What the source showed: its trials as far as they can be compared, and what to avoid."""
    seen = (observe(record) for record in source.trials)
    avoid = tuple(observation for observation in seen if observation.outcome == "avoid")
    return (*comparable(source.trials).observations, *avoid)


def open_source(request: StageRequest) -> StudyView:
    """The study that a stage starts from.

    Raises:
        StudyError: It is no study, has no completed trial, or holds curves of another's winner.
    """
    assert request.source is not None
    source = load_completed(request.source)
    if source.stage == "curves":
        raise StudyError(
            f"{request.source} holds curves of another study's winner; it has none itself.",
            f"Give the study they were drawn of: --from {source.facts['from']}",
        )
    return source


def inherit(request: StageRequest, source: StudyView) -> StageRequest:
    """The request with what it leaves open taken from the study it starts from."""
    plan = source.facts["plan"]
    data = plan["data"]
    folds = folds_of(source) if request.folds is None else request.folds
    share = request.validation_share or data["validation_share"]
    return replace(
        request,
        folds=folds,
        weights=request.weights or (Path(data["weights"]) if data.get("weights") else None),
        space=request.space or source.facts["space"]["reference"],
        data=request.data or (Path(data["source"]) if data["source"] else None),
        validation_share=share if (folds or 1) == 1 else request.validation_share,
        skip_bad=request.skip_bad or data["skip_bad"],
        objective=source.objective,
        precision=request.precision or source.facts["identity"].get("precision"),
        seed=source.facts["identity"]["seed"] if request.seed is None else request.seed,
        split_seed=data["seed"],
        generation=source.facts.get("generation", 0) + 1,
        batch_size=request.batch_size or _own_batch_size(source),
        max_params=request.max_params or plan["training"].get("max_params"),
        max_latency=request.max_latency or plan["training"].get("max_latency"),
        deterministic=request.deterministic or plan["training"].get("deterministic", False),
    )


def _own_batch_size(source: StudyView) -> int | None:
    """The source's batch size, where that is a setting and not a hyperparameter."""
    if "batch_size" in Space.from_json(source.space).names:
        return None
    return int(source.facts["plan"]["training"]["batch_size"])


def _narrowed(source: RunDirectory, reference: str) -> Space:
    if not source.narrowed_space_file.is_file() or has_damaged_reasons(source):
        write_narrowing(source, load_space(reference).space.limits)
    return read_narrowed(source)


def _with_whole(narrowed: Space, source: Space, keep: Sequence[str]) -> Space:
    """The narrowed space with some hyperparameters as they were in the source.

    Raises:
        SpaceError: There is no hyperparameter of a name.
    """
    whole = [parameter for name in keep for parameter in source.named(name)]
    return narrowed.replaced((parameter, parameter) for parameter in whole)


def timing_from(source: StudyView, narrowed: Space) -> ProbeResult:
    """What the source's better half of trials says of the time a trial takes."""
    timed = [r for r in source.ranked if r.timings.get("train")]
    timed = timed[: max(1, len(timed) // 2)]
    spent = [r.timings["train"] + r.timings.get("validate", 0.0) for r in timed]
    each = [seconds / r.epochs for seconds, r in zip(spent, timed, strict=True)]
    extra = [(r.whole_seconds or 0.0) - seconds for seconds, r in zip(spent, timed, strict=True)]
    best = source.best
    return ProbeResult(
        narrowed,
        best.num_parameters if best else None,
        mean(each) if each else 0.0,
        mean(extra) if extra else 0.0,
    )


def run_fine(prepared: Prepared, on_update: Update = lambda snapshot: None) -> StageResult:
    """Run the fine stage, narrow further, and compare the winner with the source's."""
    result = run(prepared, loading_ahead(on_update))
    with looking_after(result):
        result = narrow_after(result, prepared)
    source = prepared.request.source
    if source is None or result.view.best is None:
        return result
    return replace(result, comparison=compare(result.view, load(source)))


def compare(later: StudyView, earlier: StudyView) -> str:
    """One sentence on how the winners of two stages compare."""
    new, old = later.best, earlier.best
    if new is None or old is None or new.value is None or old.value is None:
        return ""
    sign = 1 if later.direction == "maximize" else -1
    gain = sign * (new.value - old.value)
    verdict = "better" if gain > 0 else "worse"
    outcome = f"{abs(gain):.4f} {verdict}" if gain else "the same"
    return (
        f"{later.objective} {new.value:.4f} (epoch {new.best_epoch}) against {old.value:.4f} "
        f"(epoch {old.best_epoch}) of {earlier.directory}: {outcome}; both are "
        "search scores, the best of several, and therefore optimistic."
    )
