"""Mixup and CutMix of batches, inside the compiled loop."""

from __future__ import annotations

from typing import Any

import numpy as np

from hpsearch.preparation import Recipe


class Mixing:
    """Mixes the images of a batch and their labels by Keras's `MixUp` and `CutMix` layers.

    The layers belong to no model, so that nothing of them is saved or restored: what they draw
    in an epoch follows from seed and epoch (`begin`), and within it from the step.

    Keras draws a λ for each image of a batch, where both papers draw one for the batch, and puts
    the rectangle of CutMix wholly inside the image, where the paper's may reach over the border.

    Args:
        recipe: One that mixes.
    """

    def __init__(self, recipe: Recipe) -> None:
        import keras

        plain = {"seed": 0, "dtype": "float32"}
        self._layers: list[Any] = []
        if recipe.mixup:
            self._layers.append(keras.layers.MixUp(recipe.mixup, **plain))
        if recipe.cutmix:
            alpha = (recipe.cutmix, recipe.cutmix)  # a single number would be the most of a range
            self._layers.append(keras.layers.CutMix(alpha, **plain))
        self._coin = keras.random.SeedGenerator(0)

    def begin(self, seed: int, epoch: int) -> None:
        """Put the draws where this epoch of a trial with this seed begins."""
        generators = [*(layer.generator for layer in self._layers), self._coin]
        starts = np.random.SeedSequence([seed, epoch]).generate_state(len(generators))
        for generator, start in zip(generators, starts, strict=True):
            generator.state.assign(np.array([start, 0], np.uint32))

    def __call__(self, images: Any, labels: Any) -> tuple[Any, Any]:
        """Mixed images and labels.

        Args:
            images: (batch, height, width, channels) float32 tensor, as the model takes them.
            labels: (batch, k) float32 tensor.
        """
        import keras
        import tensorflow as tf

        if len(self._layers) == 1:
            return _mixed(self._layers[0], images, labels)
        first, second = self._layers
        mixed: tuple[Any, Any] = tf.cond(
            keras.random.uniform((), seed=self._coin) < 0.5,
            lambda: _mixed(first, images, labels),
            lambda: _mixed(second, images, labels),
        )
        return mixed


def _mixed(layer: Any, images: Any, labels: Any) -> tuple[Any, Any]:
    mixed = layer({"images": images, "labels": labels}, training=True)
    return mixed["images"], mixed["labels"]
