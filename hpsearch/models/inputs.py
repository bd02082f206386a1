"""The input of a model: what it must know of its data, and what comes right behind the images."""

from __future__ import annotations

from typing import Any, Protocol

from hpsearch.errors import InputError
from hpsearch.preparation import Preparation as OwnPreparation
from hpsearch.preparation.recipe import NO_RECIPE, Recipe
from hpsearch.problems import PROBLEMS, Problem


class ImageData(Protocol):
    """Anything a model can be built for; every data set of `hpsearch.data` is.

    A data set may say besides what kind of `problem` it poses; see `problem_of`.
    """

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, channels)."""
        ...

    @property
    def num_classes(self) -> int:
        """Number of classes or labels, or of values an image where the problem is a regression."""
        ...


class Preparation(Protocol):
    """Layers right behind the input: preprocessing and augmentation as part of the model.

    One of hpsearch.preparation can leave its augmentation to stored copies; see `Recipe`.
    """

    def apply(self, tensor: Any) -> Any:
        """The prepared images.

        Args:
            tensor: (batch, height, width, channels), as the data set gives them.

        Returns:
            (batch, height, width, channels), possibly of another size.
        """
        ...


def problem_of(dataset: ImageData) -> Problem:
    """The kind of problem a data set poses: its `problem`, or `one_label` where it says nothing.

    Raises:
        InputError: It says something else than one of `PROBLEMS`.
    """
    problem: Problem = getattr(dataset, "problem", "one_label")
    if problem not in PROBLEMS:
        raise InputError(f"No problem '{problem}'.", f"Give one of: {', '.join(PROBLEMS)}.")
    return problem


def image_input(
    dataset: ImageData, preparation: Preparation | None = None, recipe: Recipe = NO_RECIPE
) -> tuple[Any, Any]:
    """The input of a model.

    Args:
        dataset: What the model is for.
        preparation: What to put right behind the input; None for nothing.
        recipe: How the model will be trained: where it stores augmented copies, the preparation
            comes without its augmentation.

    Returns:
        The input, (batch, height, width, channels) float32, and what the first layer of the
        network gets: the same, or the prepared images.
    """
    import keras

    if recipe.stored_copies and isinstance(preparation, OwnPreparation):
        preparation = preparation.without_augmentation()
    image = keras.Input(shape=tuple(dataset.image_shape), name="image")
    return image, preparation.apply(image) if preparation else image
