"""The process behind the probe: reads a request on standard input, answers in one JSON line."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from hpsearch.counting import count_of
from hpsearch.errors import DataError, InputError
from hpsearch.execution.answering import answer
from hpsearch.execution.forking import fork_beside
from hpsearch.execution.study_plan import StudyPlan
from hpsearch.execution.timing_probe import TimingProbe
from hpsearch.execution.trainer import Trainer
from hpsearch.problems import ONE_CLASS
from hpsearch.spaces import Space, load_space
from hpsearch.training.precision import check_precision, own_capability
from hpsearch.training.process import prepare_process

if TYPE_CHECKING:
    from hpsearch.data import LoadedData


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    with ExitStack() as stack:
        return _looked_at(request, _trainer_beside(request, stack))


def _trainer_beside(request: dict[str, Any], stack: ExitStack) -> Trainer | None:
    """Another process that gets the model of a lower precision ready on another core.

    It is forked before TensorFlow has threads; None where that is not wanted, or not possible.
    """
    if not request["beside"]:
        return None
    try:
        plan = StudyPlan.from_json(request["plan"])
        return Trainer(fork_beside, stack, plan, request["threads"])
    except OSError:
        return None


def _looked_at(request: dict[str, Any], beside: Trainer | None) -> dict[str, Any]:
    plan = StudyPlan.from_json(request["plan"])
    prepare_process(request["threads"], deterministic=plan.training.deterministic)
    check_precision(plan.training.precision, own_capability())
    from hpsearch.training.arrays import make_arrays
    from hpsearch.training.frozen_prefix import uncut_by
    from hpsearch.training.hyperparameters import LiveHyperParameters, declare

    search_space = load_space(plan.reference).space
    plan.data.bind(search_space)
    space, failure = declare(search_space)
    if isinstance(failure, InputError):
        raise failure  # weights that are not there, a loss that contradicts the data …
    found: dict[str, Any] = {
        "space": space.to_json(),
        "num_parameters": None,
        "seconds_per_epoch": 0.0,
        "seconds_per_trial": 0.0,
        "features": [],
        "uncut_by": "",
        "arithmetic": None,
        "failure": "" if failure is None else f"{type(failure).__name__}: {failure}",
    }
    model = search_space(LiveHyperParameters(Space(), {})) if failure is None else None
    if model is not None and hasattr(model, "count_params"):
        data = plan.data.load(search_space)
        check_input(model, data)
        check_output(model, data)
        found["num_parameters"] = int(model.count_params()) if model.built else None
        found["uncut_by"] = uncut_by(model)
        if request["timed"] and data is not None:
            own_space, arrays = plan.overrides.apply(space), make_arrays(data)
            timing = TimingProbe(plan, search_space, own_space, arrays, beside)
            found |= timing.measured(request["trials"], request["epochs_to_train"])
    return found


def check_input(model: Any, data: LoadedData | None) -> None:
    """Refuse a model that cannot take the images.

    Raises:
        DataError: There are no data, or the shapes do not fit; the message names both.
    """
    if data is None:
        raise DataError("The space names no data set.", "Give the data with --data.")
    wanted = getattr(model, "input_shape", None)
    given = tuple(data.train.images.shape[1:])
    if not isinstance(wanted, tuple) or isinstance(wanted[0], tuple | list):
        return
    sizes = tuple(wanted[1:])
    fits = len(sizes) == len(given) and all(
        size in (None, own) for size, own in zip(sizes, given, strict=True)
    )
    if not fits:
        raise DataError(
            f"The model takes inputs of shape {sizes}, but the images are {given}.",
            "Give other data, or change the input shape in build(hp).",
        )


def check_output(model: Any, data: LoadedData | None) -> None:
    """Refuse a model with fewer outputs than there are classes.

    Two classes may be told by one output; several outputs may be more than there are classes.

    Raises:
        DataError: It has fewer; the message names both numbers.
    """
    shape = getattr(model, "output_shape", None) if model.built else None
    if data is None or data.problem not in ONE_CLASS:
        return
    if not isinstance(shape, tuple) or len(shape) != 2 or not isinstance(shape[1], int):
        return
    enough = 1 if data.num_classes == 2 else data.num_classes
    compares_numbers = shape[1] == 1 and "error" in str(getattr(model, "loss", ""))
    if shape[1] < enough and not compares_numbers:
        raise DataError(
            f"The model has {count_of(shape[1], 'output')}, but the labels go from 0 to "
            f"{data.num_classes - 1}.",
            f"Give the last layer of build(hp) {data.num_classes} units, or give other data.",
        )


if __name__ == "__main__":
    answer(_answer)
