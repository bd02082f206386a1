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
        positions: Those that are trained on: all, or those of a fold and what was added to them.
        drawn_classes: (n,) the class of each image, where smaller classes are drawn again.
        weights: (classes,) weight of each class in the loss; None where all count alike.
        weights_in_use: Variable with the weights of the fold that is trained, in graphs that
            serve all folds.
        mixing: What mixes batches; None where nothing does.
    """

    images: Any
    labels: Any
    form: BatchForm
    positions: NDArray[np.int64]
    drawn_classes: NDArray[np.int64] | None = None
    weights: NDArray[np.float32] | None = None
    weights_in_use: Any = None
    mixing: Mixing | None = None

    @property
    def num_images(self) -> int:
        """Number of images an epoch, those drawn again included."""
        if self.drawn_classes is None:
            return len(self.positions)
        counts = np.bincount(self.drawn_classes[self.positions])
        return int(counts.max() * np.count_nonzero(counts))

    def use(self) -> None:
        """Feed from this part from now on, graphs that were traced for another fold included."""
        if self.weights_in_use is not None:
            self.weights_in_use.assign(self.weights)

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
        drawn = np.arange(len(self.positions))
        if self.drawn_classes is not None:
            drawn = oversampled(self.drawn_classes[self.positions], random)
        order: NDArray[np.int64] = self.positions[random.permutation(drawn)]
        return order

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

        return tf.gather(self.weights_in_use, labels)


def training_parts(
    model: Any, arrays: TrainingArrays, form: BatchForm, seed: int
) -> list[TrainingPart]:
    """The training images of a study as the recipe of a model has them.

    Those of several folds share images, labels, form and mixing, so that one graph serves all.

    Args:
        model: A compiled, built model, perhaps with a recipe.
        arrays: The data; left as it is.
        form: How its batches become what the model takes.
        seed: Of stored copies and of SMOTE.

    Returns:
        One for each fold; one in all without folds.

    Raises:
        InputError: The model or the labels do not allow what the recipe asks for.
        Infeasible: It asks for more images than a process may hold.
    """
    recipe = recipe_of(model)
    places = range(max(1, len(arrays.folds)))
    parts = [
        TrainingPart(arrays.x_train, arrays.y_train, form, arrays.positions(place)[0])
        for place in places
    ]
    if recipe.stored_copies:
        parts = _with_copies(parts, arrays, recipe, seed)
    if recipe.rebalance != "none":
        parts = _rebalanced(parts, recipe.rebalance, seed)
    if recipe.mixes:
        _check_mixable(model, arrays, form)
        mixing = Mixing(recipe)
        parts = [replace(part, mixing=mixing) for part in parts]
    return parts


def _with_copies(
    parts: list[TrainingPart], arrays: TrainingArrays, recipe: Recipe, seed: int
) -> list[TrainingPart]:
    import tensorflow as tf

    count, num = int(recipe.stored_copies), arrays.num_train
    check_copies(arrays, count)
    copies = augmented_copies(arrays, count, recipe.augmentation, seed)
    images = tf.concat([arrays.x_train, copies], axis=0)
    labels = tf.concat([arrays.y_train] * (1 + count), axis=0)
    return [
        replace(
            part,
            images=images,
            labels=labels,
            positions=np.concatenate([part.positions + k * num for k in range(1 + count)]),
        )
        for part in parts
    ]


def check_copies(arrays: TrainingArrays, count: int) -> None:
    """Refuse more augmented copies than a process may hold.

    Args:
        arrays: The data.
        count: Copies of each training image.

    Raises:
        Infeasible: They are too many.
    """
    own = _num_bytes(arrays.x_train, arrays.x_train.dtype)
    more = f"{count * arrays.num_train:,} stored copies"
    check_room((2 + count) * own, f"{more} beside {arrays.num_train:,} training images")


def _rebalanced(parts: list[TrainingPart], rebalance: str, seed: int) -> list[TrainingPart]:
    classes = class_numbers(parts[0].labels)
    if rebalance == "oversample":
        return [replace(part, drawn_classes=classes) for part in parts]
    if rebalance == "class_weights":
        return _weighted(parts, classes)
    return _with_synthesized(parts, classes, seed)


def _weighted(parts: list[TrainingPart], classes: NDArray[np.int64]) -> list[TrainingPart]:
    """Each fold weighs by the classes of its own training images."""
    import tensorflow as tf

    num_classes = int(classes.max()) + 1
    each = [class_weights(classes[part.positions]) for part in parts]
    rows = [np.pad(own, (0, num_classes - len(own))) for own in each]
    in_use = tf.Variable(rows[0], trainable=False)
    return [
        replace(part, weights=row, weights_in_use=in_use)
        for part, row in zip(parts, rows, strict=True)
    ]


def _with_synthesized(
    parts: list[TrainingPart], classes: NDArray[np.int64], seed: int
) -> list[TrainingPart]:
    """All images as the model takes them, since neighbours depend on it, and those of SMOTE.

    Each fold has its own, between its own training images.
    """
    import tensorflow as tf

    first = parts[0]
    if first.form.statistics is not None:
        raise InputError(
            "SMOTE with folds needs images that are scaled alike in all of them, but the data set "
            "scales them by statistics of the training images.",
            "Give it scaling='unit' and standardize by the normalization of a Preparation.",
        )
    own = FLOAT_BYTES * int(np.prod(first.images.shape[1:]))
    balanced = [replace(part, drawn_classes=classes).num_images for part in parts]
    total = len(classes) + sum(balanced) - sum(len(part.positions) for part in parts)
    more = f"{total - len(classes):,} images of SMOTE"
    check_room(2 * total * own, f"{more} beside {len(classes):,} training images, as floats")
    images = first.form.images(tf.convert_to_tensor(np.asarray(first.images))).numpy()
    made = [synthesized(images[p.positions], classes[p.positions], seed) for p in parts]
    ends = len(classes) + np.cumsum([0, *(len(named) for _, named in made)])
    joined = {
        "images": tf.concat([images, *(added for added, _ in made)], axis=0),
        "labels": tf.concat(
            [first.labels, *(tf.cast(named, first.labels.dtype) for _, named in made)], axis=0
        ),
        "form": BatchForm(one_hot=first.form.one_hot),
    }
    return [
        replace(part, **joined, positions=np.concatenate([part.positions, np.arange(start, end)]))
        for part, start, end in zip(parts, ends, ends[1:], strict=False)
    ]


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
