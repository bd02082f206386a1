"""The process behind retraining: reads a request on standard input, answers in one JSON line."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

from hpsearch.data.data_card import DataCard
from hpsearch.execution.kept_models import save_model
from hpsearch.execution.study_plan import StudyPlan
from hpsearch.models.model_card import JOINTLY_TRAINED, ModelCard, Training
from hpsearch.search import draw_value
from hpsearch.spaces import Parameter, Space, Value, load_space
from hpsearch.training.failures import Diverged, describe
from hpsearch.training.process import prepare_process, seed_everything


def main() -> None:
    """Answer the request on standard input."""
    request = json.load(sys.stdin)
    try:
        answer = {"loss": _retrain(request), "failure": ""}
    except Exception as error:  # noqa: BLE001  (whatever it is, the seeds' models are still there)
        answer = {"loss": None, "failure": describe(error).partition("\n")[0]}
    sys.stdout.write("\n" + json.dumps(answer) + "\n")


def _retrain(request: dict[str, Any]) -> float:
    """Train, save the model and return the loss of the last epoch.

    Raises:
        Diverged: The loss became NaN or infinite.
    """
    from hpsearch.execution.devices import available_cores

    plan = StudyPlan.from_json(request["plan"])
    prepare_process(available_cores(), deterministic=plan.training.deterministic)
    from hpsearch.training.arrays import make_joint_arrays
    from hpsearch.training.own_fit import own_fit
    from hpsearch.training.phases import Phases, PhaseSettings
    from hpsearch.training.progress import Progress

    loaded = load_space(plan.reference)
    search_space = loaded.space
    plan.data.bind(search_space)
    dataset, data = plan.data.dataset(search_space), plan.data.load(search_space)
    if dataset is None or data is None:
        raise TypeError("The space names no dataset.")
    if own_fit(search_space):
        raise TypeError("the space trains by a fit of its own, which needs validation images")
    hp = _values(plan, Space.from_json(request["space"]), request)
    seed_everything(request["seed"])
    batch_size = int(hp.values.get("batch_size", plan.training.batch_size))
    arrays = make_joint_arrays(data)
    losses: list[float] = []
    progress = Progress(history={"loss": losses})
    shared = PhaseSettings(arrays, batch_size, False, request["seed"], plan.training.epochs)
    phases = Phases(search_space(hp), shared, progress)
    for epoch in range(request["epochs"]):
        phases.begin_epoch()
        phases.set_learning_rate(epoch, {"loss": losses})
        loss = phases.loop.train_epoch(epoch, request["seed"])["loss"]
        losses.append(loss)
        if not math.isfinite(loss):
            raise Diverged(f"loss became {loss} in epoch {epoch + 1}")
    card = ModelCard(DataCard.of(dataset, data), _training(loaded.name, plan, request))
    progress.complete_whole(with_optimizer=False)
    save_model(progress.whole, Path(request["target"]), card, with_optimizer=False)
    return losses[-1] if losses else math.nan


def _training(space: str, plan: StudyPlan, request: dict[str, Any]) -> Training:
    """How the model came about; nothing is left to validate it on."""
    return Training(
        space=space,
        stage="confirm",
        trial=None,
        objective=plan.training.objective,
        value=None,
        trained_on=JOINTLY_TRAINED,
        params=request["params"],
    )


def _values(plan: StudyPlan, space: Space, request: dict[str, Any]) -> Any:
    """The live `hp` of the configuration."""
    from hpsearch.training.hyperparameters import LiveHyperParameters

    def draw(parameter: Parameter) -> Value:
        return draw_value(parameter, parameter.label, plan.seed, 0)

    return LiveHyperParameters(space, request["params"], draw, plan.overrides)


if __name__ == "__main__":
    main()
