"""Training one model on several folds in lockstep: an epoch on each, in turn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from hpsearch.errors import InputError
from hpsearch.models.input_range import flat_layers
from hpsearch.training.loop import EpochLoop
from hpsearch.training.model_state import ModelState

Metrics = dict[str, float]


class FoldTraining:
    """One traced model that is trained on each fold of its arrays as if there were no others.

    What training changes (weights, the optimizer, everything random) is kept for each fold and
    put into the model when its turn comes. All folds begin with the same weights and random
    numbers, so that a fold trains as a single division of the same seed would.

    Args:
        loop: The model with pooled arrays, which have folds.

    Raises:
        InputError: A layer keeps what it learns of the images in the graph, so that one graph
            cannot serve several folds.

    Attributes:
        states: Where the training of each fold stands.
    """

    def __init__(self, loop: EpochLoop) -> None:
        self.loop = loop
        self.folds = loop.arrays.folds
        _check_variable(loop)
        loop.trace()  # what tracing draws must come before the state that all begin with
        self.states = self._first_states()

    def _first_states(self) -> list[ModelState]:
        """The state that all begin with, but for what each fold learns of its training images."""
        begin, loop = ModelState.of(self.loop.model), self.loop
        if not loop.fitted_layers:
            return [begin] * len(self.folds)
        states = []
        for place in range(len(self.folds)):
            begin.put_into(loop.model)
            loop.use(place)
            loop.fit_statistics(again=loop.fitted_layers)
            states.append(ModelState.of(loop.model))
        return states

    def in_turn(self, train: Callable[[], Metrics]) -> list[Metrics]:
        """Call `train` for every fold with the model as that fold left it.

        The first fold comes last: between epochs the model is the first fold's.

        Args:
            train: Trains for an epoch and returns the metrics.

        Returns:
            The metrics of each fold.
        """
        metrics: dict[int, Metrics] = {}
        for place in reversed(range(len(self.folds))):
            self.states[place].put_into(self.loop.model)
            self.loop.use(place)
            metrics[place] = train()
            self.states[place] = ModelState.of(self.loop.model)
        return [metrics[place] for place in range(len(self.folds))]


def _check_variable(loop: EpochLoop) -> None:
    """Refuse layers whose statistics are constants of the graph, as Keras's own are."""
    constant = [
        layer.name
        for layer in flat_layers(loop.model)
        if layer.name in loop.fitted_layers and type(layer).__name__ == "Normalization"
    ]
    if constant:
        raise InputError(
            f"The layer {constant[0]} learns mean and variance from the training images, which "
            "differ from fold to fold, but Keras's Normalization keeps them in the graph.",
            "Use Preparation(normalization='standardize'), or give the layer mean and variance.",
        )


def mean_metrics(metrics: Sequence[Mapping[str, float]]) -> Metrics:
    """The mean of each metric over the folds, every fold counting the same.

    Args:
        metrics: Those of each fold; one or more.
    """
    return {name: sum(own[name] for own in metrics) / len(metrics) for name in metrics[0]}
