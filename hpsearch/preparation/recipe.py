"""`Recipe`: what happens in training only and can be no layer of the model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from hpsearch.errors import Infeasible, InputError
from hpsearch.preparation.augmentation import NO_AUGMENTATION, Augmentation, default_where_none

REBALANCINGS = ("none", "oversample", "class_weights", "smote")
_MOST = {"mixup": 32.0, "cutmix": 1.0, "stored_copies": 100}


@dataclass(frozen=True)
class Recipe:
    """What is done to batches, classes and the set of training images; never to others.

    The training loop of hpsearch follows it. Elsewhere (`model.fit`, a stock Keras Tuner tuner)
    the model trains without. Validation and test see the images as they are, in their own
    proportions. Everything drawn follows from the trial's seed and the epoch. What is None, as a
    hyperparameter that is not active, has its default.

    Args:
        mixup: The alpha of mixup (Zhang, Cisse, Dauphin and Lopez-Paz, *mixup: Beyond Empirical
            Risk Minimization*, ICLR 2018), 0 to 32; 0 is none. Each image of a batch becomes
            λ·itself + (1 − λ)·another one, its label likewise, λ drawn from Beta(alpha, alpha).
            The paper has 0.1 to 0.4 on ImageNet and 1 on CIFAR-10. Images are mixed as the model
            takes them; layers of augmentation inside the model change the mixture.
        cutmix: The alpha of CutMix (Yun et al., *CutMix: Regularization Strategy to Train Strong
            Classifiers with Localizable Features*, ICCV 2019), 0 to 1; 0 is none, the paper has
            1. A rectangle of 1 − λ of the area comes from another image, the label likewise. With
            both, each batch is mixed in one of the two ways, by the toss of a coin.
        rebalance: Where classes are of unequal sizes: `oversample` draws images of each class
            again, in each epoch anew, until it has as many as the largest, so that an epoch has
            more images; with augmentation the repeated ones differ. `class_weights` weighs the
            training loss of an image by n / (k·n_c) of k classes and n_c images of its own, as
            scikit-learn's `balanced`. `smote` adds images between neighbours of one class until
            all are as large (Chawla et al., *SMOTE: Synthetic Minority Over-sampling Technique*,
            2002); on pixels they are blends of two photos, it is made for cached features.
            Needs the extra `imbalance`. `none` leaves the classes as they are.
        stored_copies: Augmented copies of each training image, made once before the first epoch
            and kept as further images, instead of drawing anew each epoch; 0 to 100. An epoch
            has 1 + this times as many images. Builders of hpsearch.models then leave the
            augmentation of their preparation out of the model.
        augmentation: Makes the stored copies, at the size of the stored images; builders of
            hpsearch.models take that of their preparation.

    While labels are mixed, `accuracy` and `loss` of the training compare with mixed labels: they
    say less of the fit than without, and the gap to validation is no sign of overfitting. With one
    sigmoid, `accuracy` counts only what was not mixed.

    Raises:
        InputError: A number is out of range, or there is no rebalancing of that name.
        Infeasible: Copies are to be stored of an augmentation that crops: a crop stands for the
            whole image only if it is drawn anew each time.
    """

    mixup: float = 0.0
    cutmix: float = 0.0
    rebalance: str = "none"
    stored_copies: int = 0
    augmentation: Augmentation = NO_AUGMENTATION

    def __post_init__(self) -> None:
        default_where_none(self)
        for name, most in _MOST.items():
            value = getattr(self, name)
            if not 0 <= value <= most:
                raise InputError(f"The recipe has {name} {value}.", f"Give 0 to {most:g}.")
        if self.stored_copies != int(self.stored_copies):
            raise InputError(
                f"The recipe has stored_copies {self.stored_copies}.", "Give a whole number."
            )
        if self.rebalance not in REBALANCINGS:
            raise InputError(
                f"No rebalancing '{self.rebalance}'.", f"Give one of: {', '.join(REBALANCINGS)}."
            )
        if self.stored_copies and self.augmentation.scaled().crop:
            raise Infeasible(
                f"{self.stored_copies} stored copies of an augmentation that crops.",
                "Give crop=False, or stored_copies=0 to draw crops anew each epoch.",
            )

    @property
    def mixes(self) -> bool:
        """Whether labels are mixed, so that they are rows of shares instead of class numbers."""
        return self.mixup > 0 or self.cutmix > 0

    def copying_by(self, augmentation: Augmentation) -> Recipe:
        """The same, its stored copies made by this augmentation."""
        return replace(self, augmentation=augmentation)

    def attach(self, model: Any) -> Any:
        """Have the training loop follow this recipe; for a `build(hp)` of your own.

        Args:
            model: A compiled Keras model. To mix labels its loss must compare rows, as
                `categorical_crossentropy`, or it has one output.

        Returns:
            The same model, its `recipe` attached.
        """
        model.recipe = self
        return model


NO_RECIPE = Recipe()


def recipe_of(model: Any) -> Recipe:
    """The recipe attached to a model; one that does nothing where there is none."""
    found = getattr(model, "recipe", None)
    return found if isinstance(found, Recipe) else NO_RECIPE
