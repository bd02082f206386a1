"""What a learning curve can show, in words."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from hpsearch.analysis.verdicts.certainty import Certainty

Kind: TypeAlias = Literal[
    "no_curves",
    "too_few_epochs",
    "not_learning",
    "not_above_chance",
    "collapsed",
    "memorizing",
    "learning_rate_too_high",
    "learning_rate_too_low",
    "regularization_too_strong",
    "high_variance",
    "trained_too_long",
    "stopped_too_early",
    "high_bias_and_variance",
    "high_bias",
    "validation_easier",
    "loss_rises_accuracy_holds",
    "converged",
    "good_fit",
]

SENTENCES: dict[Kind, str] = {
    "no_curves": "No learning curve was recorded, so nothing can be said about the fit.",
    "too_few_epochs": "Too few epochs to judge the fit.",
    "not_learning": "The network learns nothing: the training loss does not fall at all.",
    "not_above_chance": "The network learns nothing that helps: it is no better than guessing.",
    "collapsed": "Collapsed to few classes: it gives nearly every image the same few answers.",
    "memorizing": "It learns the training images by heart: on new ones it is no better than "
    "guessing.",
    "learning_rate_too_high": "The learning rate looks too high: training is unstable.",
    "learning_rate_too_low": "The learning rate looks too low: the training loss falls slowly "
    "and steadily and is still far from flat.",
    "regularization_too_strong": "Regularization looks too strong: it keeps the network from "
    "learning even the training images.",
    "high_variance": "High variance: it overfits, training images are learnt much better than "
    "new ones are recognized.",
    "trained_too_long": "Trained too long: validation turned for the worse while the training "
    "loss went on falling.",
    "stopped_too_early": "Stopped too early: validation was still improving at the last epoch.",
    "high_bias_and_variance": "High bias and high variance: it underfits the training images and "
    "does clearly worse on new ones.",
    "high_bias": "High bias: it underfits, even the training images are not learnt well.",
    "validation_easier": "Validation is easier than training: either something acts in training "
    "only, such as dropout or augmentation, or validation images leaked into training.",
    "loss_rises_accuracy_holds": "The validation loss rises while the accuracy holds: mean loss "
    "looks at probabilities, accuracy only at which side of the border each image falls. A few "
    "images are wrong with more and more confidence, as the histogram of the loss of each image "
    "shows.",
    "converged": "Converged: both curves are nearly flat, more epochs would change little.",
    "good_fit": "Good fit: training and validation agree and both have settled.",
}


class Finding(NamedTuple):
    """One thing that a learning curve shows.

    Args:
        kind: What it is.
        evidence: The numbers behind it, one sentence.
        certainty: How sure it is.
    """

    kind: Kind
    evidence: str
    certainty: Certainty

    @property
    def sentence(self) -> str:
        """The finding in words."""
        return SENTENCES[self.kind]
