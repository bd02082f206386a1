"""The process behind the probe: reads a request on standard input, answers in one JSON line."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from hpsearch.counting import count_of
from hpsearch.errors import DataError, InputError
from hpsearch.execution.answering import answer
from hpsearch.execution.precision_probe import (
    Timing,
    affordable,
    choose_arithmetic,
    images_a_round,
    time_configuration,
)
from hpsearch.execution.study_plan import StudyPlan
from hpsearch.problems import ONE_CLASS
from hpsearch.search import draw_value
from hpsearch.spaces import Choice, Parameter, Space, Value, load_space
from hpsearch.training.precision import Arithmetic, check_precision, own_capability
from hpsearch.training.process import clear, prepare_process, seed_everything

if TYPE_CHECKING:
    from hpsearch.data import LoadedData
    from hpsearch.training.costs import Costs, Warm

PROBED_CONFIGURATIONS = 3
MIDDLE_OF = 3
"""Values of a range, the middle one of which is taken."""
SHARE_OF_STUDY = 0.001
"""Of the time a study will take: as long as all configurations that are timed may take."""


def _answer(request: dict[str, Any]) -> dict[str, Any]:
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
            timed = _Timed(plan, search_space, plan.overrides.apply(space), make_arrays(data))
            found |= timed.measured(request["trials"], request["epochs_to_train"])
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


@dataclass(frozen=True)
class _Timed:
    """The configurations that are timed: the middle of the space, and two random points.

    The defaults are often the smallest model, and those that are trained are larger. Choices,
    which may make models of quite different kinds, take their values in turn.
    """

    plan: StudyPlan
    search_space: Any
    space: Space
    arrays: Any

    def configurations(self) -> Iterator[dict[str, Any]]:
        for index in range(PROBED_CONFIGURATIONS):
            yield self.space.choose(lambda p, i=index: self._value(p, i))

    def _value(self, parameter: Parameter, index: int) -> Value:
        """That of a configuration; the first one has the middle of each range."""
        if index and not isinstance(parameter, Choice):
            return draw_value(parameter, self.space.key(parameter), self.plan.seed, -index)
        values = parameter.grid_values(MIDDLE_OF) if parameter.is_ordered else ()
        middle = values[len(values) // 2] if values else parameter.default_value
        if not isinstance(parameter, Choice):
            return middle
        return parameter.value_at((parameter.index_of(middle) + index) % len(parameter.values))

    def measured(self, trials: float, epochs_to_train: float | None) -> dict[str, Any]:
        """Seconds an epoch and a trial besides, features, and how to compute, where that is asked.

        Further configurations than the first are timed while that is little beside the study; if
        none of them can be trained, the defaults. Nothing is told if these cannot be, either.

        Args:
            trials: That one worker will train.
            epochs_to_train: That it will train at most; None where it is known how to compute.

        Raises:
            InputError: A model does not report the objective.
        """
        from hpsearch.training.costs import features_of

        known: list[Costs] = []
        arithmetic: Arithmetic | None = None
        seconds = 0.0
        for values in self._until_one_trains(known):
            started = time.monotonic()
            costs, warm = self._costs_of(values)
            seconds += time.monotonic() - started
            if costs is not None:
                if not known and epochs_to_train is not None:
                    arithmetic = self._arithmetic(values, costs, epochs_to_train, warm)
                known.append(costs)
            warm.clear()
            clear()
            after_another = seconds * (1 + 1 / max(1, len(known)))
            if known and after_another > SHARE_OF_STUDY * self._expected(known[0], trials):
                break
        if not known:
            return {}
        per_epoch = sum(own.seconds_per_epoch for own in known) / len(known)
        return {
            "seconds_per_epoch": per_epoch / (1.0 if arithmetic is None else arithmetic.gain),
            "seconds_per_trial": sum(own.seconds_besides for own in known) / len(known),
            "features": [asdict(own) for own in features_of(known)],
            "arithmetic": None if arithmetic is None else asdict(arithmetic),
        }

    def _until_one_trains(self, known: Collection[Costs]) -> Iterator[dict[str, Any]]:
        yield from self.configurations()
        if not known:
            yield self.space.defaults()

    def _expected(self, costs: Costs, trials: float) -> float:
        """Seconds that so many trials take."""
        epochs = self.plan.training.epochs * costs.seconds_per_epoch
        return trials * (costs.seconds_besides + epochs)

    def _arithmetic(
        self, values: dict[str, Any], costs: Costs, epochs: float, warm: list[Warm]
    ) -> Arithmetic:
        """How to compute.

        Long studies time the configurations that stand for the space, shorter ones only one.

        Args:
            values: The configuration that has just been timed in float32.
            costs: What that showed.
            epochs: That one worker will train at most.
            warm: Its model, where that can be trained on; it is taken.
        """
        each = costs.seconds_per_epoch / max(1, self.arrays.num_train)
        a_round = each * images_a_round(each, self._batch_size(values))
        training = costs.seconds_per_epoch * epochs
        count = affordable(costs.seconds_besides, a_round, training, PROBED_CONFIGURATIONS)
        if not count:
            return Arithmetic(reason="the study is too short for a probe of others to pay")
        others = [own for own in self.configurations() if own != values]

        def time_all(arithmetics: Sequence[Arithmetic]) -> list[list[Timing]]:
            rows = [self._all_of(values, arithmetics, each, warm.pop() if warm else None)]
            for own in others[: count - 1]:
                clear()
                rows.append(self._all_of(own, arithmetics, each))
            return [row for row in rows if row]

        return choose_arithmetic(time_all, own_capability())

    def _all_of(
        self,
        values: dict[str, Any],
        arithmetics: Sequence[Arithmetic],
        seconds_an_image: float,
        warm: Warm | None = None,
    ) -> list[Timing]:
        """A configuration in each arithmetic; nothing if it cannot be trained."""
        try:
            batch_size = self._batch_size(values)
            images = images_a_round(seconds_an_image, batch_size)
            build = partial(self._build, values)
            seed = self.plan.seed
            return time_configuration(
                build, self.arrays, batch_size, images, arithmetics, seed, warm
            )
        except Exception:  # noqa: BLE001  (how such a configuration fails is for the study to record)
            return []

    def _build(self, values: dict[str, Any]) -> Any:
        return self.search_space(self._live(values))

    def _live(self, values: dict[str, Any]) -> Any:
        from hpsearch.training.hyperparameters import LiveHyperParameters

        return LiveHyperParameters(self.space, values)

    def _batch_size(self, values: dict[str, Any]) -> int:
        """Images a step; a builder may ask for a batch size that the space does not know yet."""
        return int(self._live(values).values.get("batch_size", self.plan.training.batch_size))

    def _costs_of(self, values: dict[str, Any]) -> tuple[Costs | None, list[Warm]]:
        """What one configuration costs, and its model; None if it cannot be trained."""
        from hpsearch.training.costs import costs_of
        from hpsearch.training.exact_outputs import built_in

        seed_everything(self.plan.seed)
        try:
            batch_size = self._batch_size(values)
            training = self.plan.training
            found = costs_of(
                partial(built_in, training.precision, partial(self._build, values)),
                self.arrays,
                batch_size,
                training.epochs,
                lambda names: check_objective(training.objective, list(names)),
            )
        except InputError:
            raise
        except Exception:  # noqa: BLE001  (how such a configuration fails is for the study to record)
            return None, []
        return replace(found, warm=None), [] if found.warm is None else [found.warm]


def check_objective(objective: str, names: Collection[str]) -> None:
    """Refuse an objective that is not reported after an epoch.

    Args:
        objective: What was asked for.
        names: What is reported.

    Raises:
        InputError: It is not among them; the message lists them.
    """
    if objective not in names:
        raise InputError(
            f"The model reports no '{objective}', only {', '.join(names)}.",
            "Give one of these with --objective, or compile the model with that metric.",
        )


if __name__ == "__main__":
    answer(_answer)
