"""The second phase of transfer learning: the last blocks of the base are trained, too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hpsearch.errors import InputError
from hpsearch.models.optimizers import Training, make_optimizer
from hpsearch.models.schedules import LearningRate


@dataclass(frozen=True)
class FineTuning:
    """What changes when the head has been trained; builders attach it as `model.fine_tuning`.

    The course's protocol: a head with random weights would destroy what the base knows, so the
    base is frozen until the head is trained; then its last layers are trained together with the
    head at a small learning rate. hpsearch's training loop begins the second phase after
    `head_epochs`, and no later than after half of the epochs of the trial. Elsewhere (`model.fit`)
    the head alone is trained until `begin` is called.

    Args:
        layers: Names of the layers that are trained from then on.
        head_epochs: Epochs that the head is trained alone, 1 or more.
        training: Optimizer and learning rate from then on.
    """

    layers: Sequence[str]
    head_epochs: int
    training: Training

    def __post_init__(self) -> None:
        if self.head_epochs < 1:
            raise InputError(f"head_epochs is {self.head_epochs}; expected 1 or more.")

    def first_epoch(self, num_epochs: int) -> int:
        """Number, from 0, of the epoch that the second phase begins with.

        Args:
            num_epochs: Most epochs of the trial.
        """
        return min(self.head_epochs, max(1, num_epochs // 2))

    def begin(self, model: Any) -> None:
        """Unfreeze the layers and compile the model anew, as `trainable` asks for.

        Layers of batch normalization stay in inference mode: their statistics of ImageNet are
        better than those of small batches.

        Args:
            model: The compiled model that this is attached to.
        """
        from keras import layers

        for name in self.layers:
            layer = model.get_layer(name)
            layer.trainable = not isinstance(layer, layers.BatchNormalization)
        recompile(model, make_optimizer(self.training))
        model.learning_rate = self.rate

    @property
    def rate(self) -> LearningRate:
        """The learning rate of the second phase, whose schedule begins with it."""
        return self.training.rate


def recompile(model: Any, optimizer: Any) -> None:
    """Compile a model as it was, with another optimizer."""
    said = dict(model._compile_config.config)  # noqa: SLF001  (what `compile` was called with)
    model.compile(**{**said, "optimizer": optimizer})
