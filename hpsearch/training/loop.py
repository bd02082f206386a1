"""The training loop: a whole epoch in one compiled call."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from hpsearch.preparation.normalization import fit_statistics
from hpsearch.training.arrays import TrainingArrays
from hpsearch.training.batch_form import built, form_for
from hpsearch.training.batch_steps import make_steps
from hpsearch.training.class_counts import ClassCounts
from hpsearch.training.class_scores import CLASS_SCORES
from hpsearch.training.live_numbers import LiveNumbers
from hpsearch.training.training_part import training_parts

VALIDATION_BATCH = 256


class EpochLoop:
    """Trains and evaluates a compiled Keras model, an epoch at a time.

    Each epoch is one call of a compiled loop over the model's own `train_step`, so the model
    trains exactly as under `fit`, without crossing between Python and the graph at every step
    (1.2 times the images a second of `fit` with `steps_per_execution=8`, measured on 2 cores).
    Layers that learn statistics from data are fitted to the training images before the first step.

    Args:
        model: A compiled model.
        arrays: The data.
        batch_size: Images a step; the last step of an epoch may have fewer.
        xla: Whether XLA compiles training steps on a GPU, if the model was not compiled with
            `jit_compile=False`. Without a GPU a model that was compiled with True has its way.
        seed: Of images that a recipe of the model adds before the first epoch.
        numbers: Those of the model that can be assigned in the graphs of the loop; None for none.

    Raises:
        InputError: The model has a recipe that it or the labels do not allow.
        Infeasible: Its recipe asks for more images than a process may hold.
    """

    def __init__(
        self,
        model: Any,
        arrays: TrainingArrays,
        batch_size: int,
        *,
        xla: bool = False,
        seed: int = 0,
        numbers: LiveNumbers | None = None,
    ) -> None:
        self.model = model
        self.numbers = numbers
        self.arrays = arrays
        self._asked_batch_size = batch_size
        self._form = form_for(built(model, arrays), arrays)
        self._parts = training_parts(model, arrays, self._form, seed)
        self.use(0)
        self.fitted_layers = self.fit_statistics()
        self._build_state()
        self._step = self._with_xla(model.train_step, xla)
        self._train_steps = make_steps(self._train_step, self._part.images, self._part.labels)
        self._classes = ClassCounts.for_model(model, arrays.x_validation, arrays.y_validation)
        self._test_steps = make_steps(self._test_step, arrays.x_validation, arrays.y_validation)

    def use(self, place: int) -> None:
        """Train and validate on a fold from now on, by its own statistics; 0 without folds."""
        self._part = self._parts[place]
        self._part.use()
        self.batch_size = min(self._asked_batch_size, self._part.num_images)
        self._train_positions, self._validation_order = self.arrays.positions(place)
        if self.arrays.folds:
            self._form.use(self.arrays.folds[place].preprocessing)

    def fit_statistics(self, again: Collection[str] = ()) -> list[str]:
        """Fit the layers that learn statistics, on the training images as the data set has them.

        Args:
            again: Names of layers to fit although they have been.

        Returns:
            The names of those that were fitted.
        """
        return fit_statistics(self.model, self._train_positions, self._taken_at, again)

    def _taken_at(self, positions: Any) -> Any:
        """The images at these positions as the model takes them."""
        import tensorflow as tf

        held = self.arrays.x_train
        chosen = tf.gather(held, positions) if tf.is_tensor(held) else np.asarray(held[positions])
        return self._form.images(chosen)

    def _train_step(self, images: Any, labels: Any) -> Any:
        return self._step(self._part.batch(images, labels))

    def _test_step(self, images: Any, labels: Any) -> Any:
        data = (self._form.images(images), self._form.labels(labels))
        if self._classes is None:
            return self.model.test_step(data)
        return self._classes.test_step(data, labels)

    def _build_state(self) -> None:
        """Create the variables of metrics and optimizer, as `fit` does before its first step."""
        import tensorflow as tf

        few = tf.convert_to_tensor(self._part.images[:2])
        self.model._symbolic_build(  # noqa: SLF001  (what `fit` calls; there is no public way)
            data_batch=self._part.batch(few, self._part.labels[:2])
        )
        if not self.model.optimizer.built:  # that of a loss scale would build a second one
            self.model.optimizer.build(self.model.trainable_variables)

    def _with_xla(self, step: Any, wanted: bool) -> Any:
        """The step compiled by XLA, where it shall be.

        Keras resolves its `jit_compile="auto"` to whether there is a GPU, so that on one the
        user's True cannot be told from nothing said.
        """
        import tensorflow as tf

        allowed = self.model.jit_compile
        if allowed and (wanted or not tf.config.list_physical_devices("GPU")):
            return tf.function(step, jit_compile=True, reduce_retracing=True, autograph=False)
        return step

    @property
    def metric_names(self) -> list[str]:
        """What is known after an epoch: the training metrics, then those on the validation part.

        A model reports all of them only once it has been trained for a step.
        """
        names = sorted(self.model.get_metrics_result())
        more = [] if self._classes is None else [n for n in CLASS_SCORES if n not in names]
        return [*names, *(f"val_{name}" for name in (*names, *more))]

    def trace(self) -> None:
        """Make the graphs of both loops without running them."""
        with self._numbers_in_place():
            self._train_steps.trace()
            self._test_steps.trace()

    def restart(self, numbers: Sequence[float], batch_size: int) -> None:
        """Be ready for another trial, whose weights and random states the model has been given.

        Args:
            numbers: Its values of the assignable numbers.
            batch_size: Images a step.
        """
        if self.numbers is not None:
            self.numbers.assign(numbers)
        self._asked_batch_size = batch_size
        self.use(0)
        self.fit_statistics(again=self.fitted_layers)

    def _numbers_in_place(self) -> AbstractContextManager[None]:
        return nullcontext() if self.numbers is None else self.numbers.in_place()

    def train_epoch(self, epoch: int, seed: int) -> dict[str, float]:
        """Train for one epoch in an order that depends only on the seed and the epoch.

        Args:
            epoch: Number of the epoch, from 0.
            seed: Training seed of the trial.

        Returns:
            The mean of every metric over the epoch, as Keras names them.
        """
        return self._run(self._train_steps, self._part.begin(seed, epoch), self.batch_size)

    def train_images(self, count: int) -> int:
        """Train on the first images only, for taking the time.

        Returns:
            How many images that were.
        """
        count = min(count, len(self._part.images))
        self._run(self._train_steps, np.arange(count), self.batch_size)
        return count

    @property
    def images_an_epoch(self) -> int:
        """Number of images that an epoch trains on, those of a recipe and of all folds included."""
        return sum(part.num_images for part in self._parts)

    @property
    def last_loss(self) -> float:
        """Mean loss over the images last trained on."""
        return float(self.model.get_metrics_result()["loss"])

    def evaluate(self) -> dict[str, float]:
        """Every metric on the validation part, named `val_…`.

        For a model that gives one label an image `val_macro_f1` and `val_balanced_accuracy` are
        among them (for under 1 % of the time of an epoch); metrics of its own by these names win.
        """
        scores: dict[str, float] = {}
        if self._classes is not None:
            self._classes.reset()
        logs = self._run(self._test_steps, self._validation_order, VALIDATION_BATCH)
        if self._classes is not None:
            scores = self._classes.scores()
        return {f"val_{name}": value for name, value in {**scores, **logs}.items()}

    def _run(self, steps: Any, order: Any, batch_size: int) -> dict[str, float]:
        self.model.reset_metrics()
        with self._numbers_in_place():  # should the graph be traced only now
            steps(order, batch_size)
        return {name: float(value) for name, value in self.model.get_metrics_result().items()}
