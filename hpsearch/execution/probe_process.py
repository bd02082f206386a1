"""The process behind the probe: reads a request on standard input, answers in one JSON line."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
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
    time_configuration,
)
from hpsearch.execution.study_plan import StudyPlan
from hpsearch.problems import ONE_CLASS
from hpsearch.search import draw_value
from hpsearch.spaces import Choice, Parameter, Space, Value, load_space
from hpsearch.training.precision import Arithmetic, check_precision, own_capability
from hpsearch.training.process import clear, prepare_process

if TYPE_CHECKING:
    from hpsearch.data import LoadedData
    from hpsearch.training.costs import Costs

PROBED_CONFIGURATIONS = 3
SHARE_OF_STUDY = 0.02
"""Of the time a study will take: for one more configuration to be timed."""
PROBED_IMAGES = 1024
LONGEST_ROUND = 3.0
"""Seconds."""


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
            found |= timed.seconds(request["trials"])
            timed = timed.limited(found["seconds_per_epoch"])
            if request["epochs_to_train"] is not None:
                training = found["seconds_per_epoch"] * request["epochs_to_train"]
                found |= timed.arithmetic(found, training)
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
    """The configurations that are timed: the defaults, and two random points.

    Choices, which may make models of quite different kinds, take their values in turn.
    """

    plan: StudyPlan
    search_space: Any
    space: Space
    arrays: Any
    most_images: int = PROBED_IMAGES

    def configurations(self) -> Iterator[dict[str, Any]]:
        yield self.space.defaults()
        for index in range(1, PROBED_CONFIGURATIONS):
            yield self.space.choose(lambda p, i=index: self._value(p, i))

    def _value(self, parameter: Parameter, index: int) -> Value:
        """That of a configuration after the defaults, which are number 0."""
        if isinstance(parameter, Choice):
            place = parameter.index_of(parameter.default_value) + index
            return parameter.value_at(place % len(parameter.values))
        return draw_value(parameter, self.space.key(parameter), self.plan.seed, -index)

    def seconds(self, trials: float) -> dict[str, Any]:
        """Seconds an epoch and a trial besides, and features; nothing if no configuration trains.

        Further configurations than the defaults are timed while that is little beside the study.

        Args:
            trials: That one worker will train.

        Raises:
            InputError: The model with the defaults does not report the objective.
        """
        from hpsearch.training.costs import features_of

        known: list[Costs] = []
        for values in self.configurations():
            started = time.monotonic()
            costs = self._costs_of(values)
            known += [] if costs is None else [costs]
            seconds = time.monotonic() - started
            if known and seconds > SHARE_OF_STUDY * self._expected(known[0], trials):
                break
        if not known:
            return {}
        return {
            "seconds_per_epoch": sum(own.seconds_per_epoch for own in known) / len(known),
            "seconds_per_trial": sum(own.seconds_besides for own in known) / len(known),
            "features": [asdict(own) for own in features_of(known)],
        }

    def _expected(self, costs: Costs, trials: float) -> float:
        """Seconds that so many trials take."""
        epochs = self.plan.training.epochs * costs.seconds_per_epoch
        return trials * (costs.seconds_besides + epochs)

    def limited(self, seconds_per_epoch: float) -> _Timed:
        """The same with no more images a round than can be trained on in a few seconds."""
        each = seconds_per_epoch / max(1, self.arrays.num_train)
        return replace(self, most_images=int(LONGEST_ROUND / each) if each else PROBED_IMAGES)

    def arithmetic(self, costs: Mapping[str, float], training: float) -> dict[str, Any]:
        """How to compute, and the seconds an epoch then takes.

        Long studies time the configurations that stand for the space, shorter ones its middle.

        Args:
            costs: `seconds_per_epoch` and `seconds_per_trial` in float32.
            training: Seconds that one worker will train in float32.
        """
        count = affordable(costs["seconds_per_trial"], training, PROBED_CONFIGURATIONS)
        if not count:
            short = Arithmetic(reason="the study is too short for a probe of others to pay")
            return {"arithmetic": asdict(short)}
        timed = list(self.configurations()) if count > 1 else [self._middle()]
        chosen = choose_arithmetic(partial(self._all_in, timed), own_capability())
        seconds = costs["seconds_per_epoch"] / chosen.gain
        return {"arithmetic": asdict(chosen), "seconds_per_epoch": seconds}

    def _middle(self) -> dict[str, Any]:
        """The configuration with the middle of each range, and defaults where there is none."""

        def middle(parameter: Parameter) -> Value:
            values = parameter.grid_values(3) if parameter.is_ordered else ()
            return values[len(values) // 2] if values else parameter.default_value

        return self.space.choose(middle)

    def _all_in(
        self, timed: Sequence[dict[str, Any]], arithmetics: Sequence[Arithmetic]
    ) -> list[list[Timing]]:
        rows = [self._all_of(values, arithmetics) for values in timed]
        return [row for row in rows if row]

    def _all_of(self, values: dict[str, Any], arithmetics: Sequence[Arithmetic]) -> list[Timing]:
        """A configuration in each arithmetic; nothing if it cannot be trained."""
        try:
            batch_size = self._batch_size(values)
            images = max(min(PROBED_IMAGES, self.most_images), 2 * batch_size)
            build = partial(self._build, values)
            seed = self.plan.seed
            return time_configuration(build, self.arrays, batch_size, images, arithmetics, seed)
        except Exception:  # noqa: BLE001  (how such a configuration fails is for the study to record)
            return []
        finally:
            clear()

    def _build(self, values: dict[str, Any]) -> Any:
        return self.search_space(self._live(values))

    def _live(self, values: dict[str, Any]) -> Any:
        from hpsearch.training.hyperparameters import LiveHyperParameters

        return LiveHyperParameters(self.space, values)

    def _batch_size(self, values: dict[str, Any]) -> int:
        """Images a step; a builder may ask for a batch size that the space does not know yet."""
        return int(self._live(values).values.get("batch_size", self.plan.training.batch_size))

    def _costs_of(self, values: dict[str, Any]) -> Costs | None:
        """What one configuration costs; None if it cannot be trained."""
        from hpsearch.training.costs import costs_of
        from hpsearch.training.exact_outputs import built_in

        try:
            batch_size = self._batch_size(values)
            training = self.plan.training
            return costs_of(
                partial(built_in, training.precision, partial(self._build, values)),
                self.arrays,
                batch_size,
                training.epochs,
                lambda names: check_objective(training.objective, list(names)),
            )
        except InputError:
            raise
        except Exception:  # noqa: BLE001  (how such a configuration fails is for the study to record)
            return None
        finally:
            clear()


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
