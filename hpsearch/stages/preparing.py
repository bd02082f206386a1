"""Preparing a stage: look at space, data, directory and settings; refuse what cannot work."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from hpsearch.data.draws import Draw
from hpsearch.execution import DataRequest, ProbeResult, StudyPlan, TrainingPlan, probe
from hpsearch.execution.devices import Placement
from hpsearch.execution.ray_connection import check_ray
from hpsearch.execution.replicates import Replicates
from hpsearch.execution.template import Template, launcher_of, start_template
from hpsearch.search import Observation
from hpsearch.spaces import Budget, LoadedSpace, Space, Value, load_space
from hpsearch.spaces.tries import points_in
from hpsearch.stages.algorithm import with_algorithm
from hpsearch.stages.arithmetic import asked_precision, settled_arithmetic
from hpsearch.stages.changing import check_changes, fix_batch_size
from hpsearch.stages.cross_validation import settled_folds
from hpsearch.stages.data_facts import DataFacts, Progress, look_at_data
from hpsearch.stages.opening import check_free, check_same, check_storage
from hpsearch.stages.prepared import Prepared
from hpsearch.stages.pretrained import settled_weights, weights_digest
from hpsearch.stages.pruning import choose_pruner
from hpsearch.stages.request import StageRequest
from hpsearch.stages.sharing_cores import parallelism_before, parallelism_of, with_parallelism
from hpsearch.storage import RunDirectory, StorageAddress, StudyStore
from hpsearch.storage.address import asked_address, parse_address
from hpsearch.storage.database_study import check_reachable
from hpsearch.training.precision import Arithmetic


class Candidates(NamedTuple):
    """What a confirmation compares, or a curve is drawn of.

    Args:
        space: A space that holds exactly the values of the configurations.
        configurations: Confirm: best first, the defaults last.
        added_defaults: Which of them is there only because it is the defaults of the space.
        draws: Curves: of the training images, one for each; none where all train on all of them.
        axis: Curves: what they differ in.
        places: Curves: where each lies on that axis.
        keeps_models: Whether the models of all of them are needed afterwards.
    """

    space: Space
    configurations: tuple[Mapping[str, Any], ...]
    added_defaults: int | None = None
    draws: tuple[Draw, ...] = ()
    axis: str = ""
    places: tuple[Value, ...] = ()
    keeps_models: bool = True


CandidatesFrom = Callable[[int], Candidates]


def prepare(
    request: StageRequest,
    *,
    narrowed: Space | None = None,
    timing: ProbeResult | None = None,
    on_data: Progress | None = None,
    candidates_from: CandidatesFrom | None = None,
    prior: tuple[Observation, ...] = (),
    arithmetic: Arithmetic | None = None,
) -> Prepared:
    """Look at everything a stage needs and refuse what cannot work; writes nothing.

    Args:
        request: What was asked.
        narrowed: The space to search, where an earlier stage has narrowed it.
        timing: What is known of the time trials take; None runs the probe for new studies.
        on_data: Called with (done, total) images while data are read the first time.
        candidates_from: Confirm and curves: gives the space and the configurations to train,
            from how many are wanted.
        prior: Fine: what the stage before showed.
        arithmetic: Fine: how the models of the stage before compute, to do the same.

    Raises:
        InputError: The space, the data, the directory or a setting cannot be used.
    """
    directory = RunDirectory(request.out)
    check_free(directory)
    if request.executor == "ray":
        check_ray(request.ray_address)
    loaded = load_space(request.space)
    budget = _budget(request, loaded)
    plan = _plan(request, loaded, budget)
    if candidates_from is not None:
        candidates = candidates_from(budget.top)
        narrowed = candidates.space
        budget, plan = _as_replicates(request, budget, plan, candidates)
    plan.data.bind(loaded.space)
    data = look_at_data(plan, loaded, on_data)
    identity = _identity(request, loaded, plan, data, narrowed)
    if directory.has_study and not request.overwrite:
        check_changes(request, directory)
        check_same(directory, identity)
        if request.storage is not None:
            check_storage(directory, parse_address(request.storage))
        return _continued(request, loaded, directory, budget, data, identity)
    storage = _new_storage(request)
    placement = request.placement()
    template = _template(request, placement)
    settled = settled_arithmetic(request, placement, arithmetic)
    if settled is not None:
        plan = replace(plan, training=plan.training.computing(settled))
    if timing is not None and settled is not None:
        probed = timing
    else:
        trials = budget.trials / max(placement.at_once, 1)
        probed = probe(
            plan,
            placement,
            trials=trials,
            epochs_to_train=None if settled else trials * budget.epochs,
            launcher=launcher_of(template),
        )
    if probed.arithmetic is not None:
        plan = replace(plan, training=plan.training.computing(probed.arithmetic))
    space = request.overrides.apply(narrowed if narrowed is not None else probed.space)
    if request.batch_size is not None and request.searches:
        space = fix_batch_size(space, request)
    if plan.replicates is None:
        plan = replace(plan, tries=points_in(space, request.tries))
        budget, plan = with_algorithm(request, budget, plan, space, prior)
    prepared = Prepared(
        request,
        loaded,
        directory,
        budget,
        plan,
        space,
        data,
        identity,
        probed,
        0,
        prior,
        storage,
        template=template,
    )
    return with_parallelism(prepared, parallelism_before(request))


def _template(request: StageRequest, placement: Placement) -> Template | None:
    """From which probe and workers are forked; on GPUs and on a cluster they start plainly."""
    return start_template() if request.executor == "local" and placement.can_fork else None


def _new_storage(request: StageRequest) -> StorageAddress | None:
    """The database of a new study, which must answer."""
    address = asked_address(request.storage)
    if address is not None:
        check_reachable(address)
    return address


def _as_replicates(
    request: StageRequest,
    budget: Budget,
    plan: StudyPlan,
    candidates: Candidates,
) -> tuple[Budget, StudyPlan]:
    """A plan that trains each configuration with every seed."""
    configurations = candidates.configurations
    trials = len(configurations) * budget.seeds
    replicates = Replicates(
        configurations,
        budget.seeds,
        request.race,
        candidates.added_defaults,
        candidates.draws,
        candidates.axis,
        candidates.places,
    )
    kept = plan.models_kept if candidates.keeps_models else 0
    return replace(budget, trials=trials), replace(
        plan, algorithm="replicates", replicates=replicates, models_kept=kept
    )


def _continued(
    request: StageRequest,
    loaded: LoadedSpace,
    directory: RunDirectory,
    budget: Budget,
    data: DataFacts,
    identity: Mapping[str, Any],
) -> Prepared:
    """The study that is there already, with its own plan and what it has learnt."""
    plan = StudyPlan.read(directory)
    space = Space.from_json(directory.read_json(directory.space_file))
    if request.trials is None:
        budget = replace(budget, trials=directory.read_study()["budget"]["trials"])
    store = StudyStore(directory)
    finished = store.records().tally.num_counted
    spent = finished >= budget.trials
    template = None if spent else _template(request, request.placement())
    prepared = Prepared(
        request,
        loaded,
        directory,
        budget,
        plan,
        space,
        data,
        identity,
        None,
        finished,
        store=store,
        template=template,
    )
    return with_parallelism(prepared, parallelism_of(directory.read_study()))


def _budget(request: StageRequest, loaded: LoadedSpace) -> Budget:
    declared: Budget = getattr(loaded.space, request.stage if request.searches else "confirm")
    return replace(
        declared,
        trials=request.trials or declared.trials,
        epochs=request.epochs or declared.epochs,
        patience=request.patience or declared.patience,
        top=request.top or declared.top,
        seeds=request.seeds or declared.seeds,
    )


def _plan(request: StageRequest, loaded: LoadedSpace, budget: Budget) -> StudyPlan:
    from hpsearch.data import source_of

    source = source_of(request.data) if request.data else None
    split_seed = (request.seed or 0) if request.split_seed is None else request.split_seed
    return StudyPlan(
        reference=loaded.reference,
        data=DataRequest(
            source,
            split_seed,
            request.validation_share,
            request.skip_bad,
            settled_folds(request, loaded),
            settled_weights(request, loaded),
        ),
        training=TrainingPlan(
            request.objective,
            request.direction,
            budget.epochs,
            budget.patience,
            request.batch_size or TrainingPlan.batch_size,
            max_params=request.max_params,
            max_latency=request.max_latency,
            deterministic=request.deterministic,
        ),
        algorithm=request.algorithm,
        seed=request.sampling_seed,
        overrides=request.overrides,
        pruning=choose_pruner(request, budget.epochs),
    )


def _identity(
    request: StageRequest,
    loaded: LoadedSpace,
    plan: StudyPlan,
    data: DataFacts,
    narrowed: Space | None,
) -> dict[str, Any]:
    split = json.dumps(data.split, sort_keys=True, default=str)
    return {
        "stage": request.stage,
        "space": loaded.name,
        "space_code": loaded.code_hash,
        "overrides": request.overrides.to_json(),
        "narrowed_space": narrowed.hash() if narrowed is not None else None,
        "data": data.fingerprint,
        "split": hashlib.sha256(split.encode()).hexdigest()[:16],
        "objective": plan.training.objective,
        "direction": plan.training.direction,
        "epochs": plan.training.epochs,
        "patience": plan.training.patience,
        "batch_size": plan.training.batch_size,
        "algorithm": request.algorithm,
        "grid": {"points": request.grid_points},
        "tries": [dict(point) for point in request.tries],
        "pruner": plan.pruning.pruner,
        "replicates": None
        if plan.replicates is None
        else {"seeds": plan.replicates.num_seeds, "race": plan.replicates.race},
        "precision": asked_precision(request),
        "deterministic": plan.training.deterministic or None,
        "folds": plan.data.folds if plan.data.folds > 1 else None,
        "weights": weights_digest(plan.data.weights),
        "curve": None if request.curve is None else request.curve.to_json(),
        "max_params": plan.training.max_params,
        "max_latency": plan.training.max_latency,
        "seed": request.seed or 0,
    }
