"""Keras layers for the dropout variants of Park & Kwak (ACCV 2016) that Keras does not have.

Each acts in training only. The last axis holds the channels. Random numbers come from a
`keras.random.SeedGenerator`, so that a seeded training repeats itself.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

LARGEST_RATE = 0.95


class RateLayer(keras.layers.Layer):
    """A layer that acts in training only, at a rate.

    Args:
        rate: What it means is up to the layer; inside [0, 1).
        seed: Whole number; None for one that follows from `keras.utils.set_random_seed`.
        **kwargs: As of every Keras layer.
    """

    def __init__(self, rate: float, *, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not 0 <= rate < 1:
            raise ValueError(f"The rate of a dropout layer is {rate}; expected 0 or more, below 1.")
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.rate = rate
        self.supports_masking = True

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The inputs, with something dropped in training."""
        return self.drop(inputs) if training else inputs

    def drop(self, inputs: Any) -> Any:
        """The inputs with something dropped."""
        raise NotImplementedError  # abstract

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape is kept."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """What makes this layer again."""
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}

    def _uniform(self, like: Any) -> Any:
        """Numbers from U(0, 1) of that shape, in float32 whatever the precision of the rest."""
        return keras.random.uniform(ops.shape(like), dtype="float32", seed=self.seed_generator)


class MaxDrop(RateLayer):
    """Sets maxima to 0, each with probability `rate`.

    What is left is not scaled up: only few values are dropped, and the definition says nothing of
    scaling. Of several equal maxima all are dropped or none (after a ReLU these are mostly maps
    of zeros, where it makes no difference).
    """

    def maxima(self, inputs: Any) -> Any:
        """The maxima, with the axes they are taken over kept at size 1."""
        raise NotImplementedError  # abstract

    def drop(self, inputs: Any) -> Any:
        maxima = self.maxima(inputs)
        is_dropped = ops.logical_and(inputs == maxima, self._uniform(maxima) < self.rate)
        return ops.where(is_dropped, ops.zeros_like(inputs), inputs)


@keras.saving.register_keras_serializable(package="hpsearch")
class FeatureMaxDrop(MaxDrop):
    """Feature-wise max-drop: in each feature map the largest value, with probability `rate`.

    Args:
        rate: Probability that the maximum of a map is dropped, inside [0, 1), for each image and
            map on its own. Park & Kwak use 0.2.
        seed: Whole number; None for one that follows from `keras.utils.set_random_seed`.
        **kwargs: As of every Keras layer.
    """

    def maxima(self, inputs: Any) -> Any:
        axes = tuple(range(1, len(inputs.shape) - 1))
        return ops.max(inputs, axis=axes, keepdims=True) if axes else inputs


@keras.saving.register_keras_serializable(package="hpsearch")
class ChannelMaxDrop(MaxDrop):
    """Channel-wise max-drop: at each position the largest value of all maps, with that probability.

    Args:
        rate: Probability that the maximum of a position is dropped, inside [0, 1), for each image
            and position on its own. Park & Kwak use 0.5 on MNIST and 0.7 on CIFAR-10.
        seed: Whole number; None for one that follows from `keras.utils.set_random_seed`.
        **kwargs: As of every Keras layer.
    """

    def maxima(self, inputs: Any) -> Any:
        return ops.max(inputs, axis=-1, keepdims=True)


@keras.saving.register_keras_serializable(package="hpsearch")
class StochasticDropout(RateLayer):
    """Standard dropout whose rate is drawn anew at every step, one for the whole batch.

    A draw below 0 counts as 0, one above 0.95 as 0.95, since at 1 nothing would be left. The
    values that stay are scaled by 1/(1 − rate) with the rate of that step, so that their
    expectation is that of the input.

    Args:
        rate: Centre of the rates, inside [0, 1).
        spread: Standard deviation of a normal distribution, or half the width of a uniform one,
            0 or more. Park & Kwak use N(0.2, 0.05) and U(0.1, 0.3) on MNIST (0.2 with spread 0.1),
            N(0, 0.2) and U(0, 0.4) on CIFAR-10.
        distribution: `normal` or `uniform`.
        seed: Whole number; None for one that follows from `keras.utils.set_random_seed`.
        **kwargs: As of every Keras layer.
    """

    def __init__(
        self,
        rate: float,
        spread: float,
        distribution: str = "normal",
        *,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(rate, seed=seed, **kwargs)
        if distribution not in ("normal", "uniform"):
            raise ValueError(f"No distribution '{distribution}'; expected normal or uniform.")
        if spread < 0:
            raise ValueError(f"The spread of the dropout rate is {spread}; expected 0 or more.")
        self.distribution = distribution
        self.spread = spread

    def drawn_rate(self) -> Any:
        """The rate of a step, a float32 scalar in [0, 0.95]."""
        if self.distribution == "normal":
            deviation = keras.random.normal((), dtype="float32", seed=self.seed_generator)
        else:
            deviation = 2 * self._uniform(0.0) - 1
        rate = self.rate + self.spread * deviation
        return ops.clip(rate, 0.0, LARGEST_RATE)

    def drop(self, inputs: Any) -> Any:
        rate = self.drawn_rate()
        scaled = inputs * ops.cast(1 / (1 - rate), inputs.dtype)
        return ops.where(self._uniform(inputs) >= rate, scaled, ops.zeros_like(inputs))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "spread": self.spread, "distribution": self.distribution}
