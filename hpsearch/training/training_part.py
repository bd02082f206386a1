"""The images that a model is trained on, as its recipe has them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.errors import InputError
from hpsearch.preparation import Recipe
from hpsearch.preparation.recipe import recipe_of
from hpsearch.training.arrays import FLOAT_BYTES, TrainingArrays, check_room
from hpsearch.training.batch_form import BatchForm, num_outputs
from hpsearch.training.mixing import Mixing
from hpsearch.training.rebalancing import (
    class_numbers,
    class_weights,
    oversampled,
    synthesized,
)
from hpsearch.training.stored_copies import augmented_copies


@dataclass(frozen=True, eq=False)
class TrainingPart:
    """What the steps of an epoch are fed with.

    Args:
        images: (n, height, width, channels) tensor, array or memory map; see `TrainingArrays`.
        labels: Tensor of n labels.
        form: How batches of both become what the model takes.
        drawn_classes: (n,) the class of each image, where smaller classes are drawn again.
        weights: (classes,) weight of each class in the loss; None where all count alike.
        mixing: What mixes batches; None where nothing does.
    """

    images: Any
    labels: Any
    form: BatchForm
    drawn_classes: NDArray[np.int64] | None = None
    weights: NDArray[np.float32] | None = None
    mixing: Mixing | None = None

    @property
    def num_images(self) -> int:
        """Number of images an epoch, those drawn again included."""
        if self.drawn_classes is None:
            return int(self.images.shape[0])
        counts = np.bincount(self.drawn_classes)
        return int(counts.max() * np.count_nonzero(counts))

    def begin(self, seed: int, epoch: int) -> NDArray[np.int64]:
        """Make ready for an epoch.

        Args:
            seed: Training seed of the trial.
            epoch: Number of the epoch, from 0.

        Returns:
            (num_images,) positions in their order, which depends on nothing else.
        """
        if self.mixing is not None:
            self.mixing.begin(seed, epoch)
        random = np.random.default_rng([seed, epoch])
        if self.drawn_classes is None:
            return random.permutation(int(self.images.shape[0]))
        return random.permutation(oversampled(self.drawn_classes, random))

    def batch(self, images: Any, labels: Any) -> tuple[Any, ...]:
        """What the model's `train_step` takes: images, labels and perhaps weights of images.

        Args:
            images: (batch, height, width, channels) tensor of stored images.
            labels: Tensor of their labels.
        """
        x, y = self.form.images(images), self.form.labels(labels)
        weights = () if self.weights is None else (self._weights_of(labels),)
        if self.mixing is None:
            return (x, y, *weights)
        return _mixed(self.mixing, x, y, *weights)

    def _weights_of(self, labels: Any) -> Any:
        import tensorflow as tf

        return tf.gather(tf.constant(self.weights), labels)


def training_part(model: Any, arrays: TrainingArrays, form: BatchForm, seed: int) -> TrainingPart:
    """The training images of a study as the recipe of a model has them.

    Args:
        model: A compiled, built model, perhaps with a recipe.
        arrays: The data; left as it is.
        form: How its batches become what the model takes.
        seed: Of stored copies and of SMOTE.

    Raises:
        InputError: The model or the labels do not allow what the recipe asks for.
        Infeasible: It asks for more images than a process may hold.
    """
    recipe = recipe_of(model)
    part = TrainingPart(arrays.x_train, arrays.y_train, form)
    if recipe.stored_copies:
        part = _with_copies(part, arrays, recipe, seed)
    if recipe.rebalance != "none":
        part = _rebalanced(part, recipe.rebalance, seed)
    if recipe.mixes:
        _check_mixable(model, arrays, form)
        part = replace(part, mixing=Mixing(recipe))
    return part


def _with_copies(
    part: TrainingPart, arrays: TrainingArrays, recipe: Recipe, seed: int
) -> TrainingPart:
    import tensorflow as tf

    count = int(recipe.stored_copies)
    own = _num_bytes(arrays.x_train, arrays.x_train.dtype)
    more = f"{count * arrays.num_train:,} stored copies"
    check_room((2 + count) * own, f"{more} beside {arrays.num_train:,} training images")
    copies = augmented_copies(arrays, count, recipe.augmentation, seed)
    images = tf.concat([arrays.x_train, copies], axis=0)
    labels = tf.concat([arrays.y_train] * (1 + count), axis=0)
    return replace(part, images=images, labels=labels)


def _rebalanced(part: TrainingPart, rebalance: str, seed: int) -> TrainingPart:
    classes = class_numbers(part.labels)
    if rebalance == "oversample":
        return replace(part, drawn_classes=classes)
    if rebalance == "class_weights":
        return replace(part, weights=class_weights(classes))
    return _with_synthesized(part, classes, seed)


def _with_synthesized(part: TrainingPart, classes: NDArray[np.int64], seed: int) -> TrainingPart:
    """All images as the model takes them, since neighbours depend on it, and those of SMOTE."""
    import tensorflow as tf

    balanced = replace(part, drawn_classes=classes).num_images
    own = FLOAT_BYTES * int(np.prod(part.images.shape[1:]))
    more = f"{balanced - len(classes):,} images of SMOTE"
    check_room(2 * balanced * own, f"{more} beside {len(classes):,} training images, as floats")
    images = part.form.images(tf.convert_to_tensor(np.asarray(part.images)))
    added, named = synthesized(images.numpy(), classes, seed)
    return replace(
        part,
        images=tf.concat([images, added], axis=0),
        labels=tf.concat([part.labels, tf.cast(named, part.labels.dtype)], axis=0),
        form=BatchForm(one_hot=part.form.one_hot),
    )


def _num_bytes(images: Any, dtype: Any) -> int:
    return int(np.prod(images.shape)) * int(np.dtype(getattr(dtype, "name", dtype)).itemsize)


def _check_mixable(model: Any, arrays: TrainingArrays, form: BatchForm) -> None:
    """Refuse class numbers, of which there is no mixture but with a single output."""
    labels = arrays.y_train
    is_classes = len(labels.shape) == 1 and labels.dtype.is_integer
    if not is_classes or form.one_hot:
        return
    if num_outputs(model, tuple(arrays.x_train.shape[1:])) != 1:
        raise InputError(
            "The recipe mixes labels, but the loss of the model takes class numbers.",
            "Compile it with categorical_crossentropy, for which labels become one-hot rows, or "
            "give mixup=0 and cutmix=0.",
        )


def _mixed(mixing: Mixing, images: Any, labels: Any, weights: Any = None) -> tuple[Any, ...]:
    """Images with labels, and weights if there are any, mixed in the same shares."""
    import tensorflow as tf

    rows = tf.cast(labels, tf.float32)
    rows = rows[:, None] if len(labels.shape) == 1 else rows
    if weights is None:
        images, mixed = mixing(images, rows)
        return images, mixed[:, 0] if len(labels.shape) == 1 else mixed
    images, mixed = mixing(images, tf.concat([rows, weights[:, None]], axis=1))
    own = mixed[:, 0] if len(labels.shape) == 1 else mixed[:, :-1]
    return images, own, mixed[:, -1]
