"""Bias and variance: how well training images are learnt, and how much is lost on new ones."""

from __future__ import annotations

import math

from hpsearch.analysis.curves import has_values
from hpsearch.analysis.verdicts.case import Case
from hpsearch.analysis.verdicts.certainty import Certainty, certainty_of
from hpsearch.analysis.verdicts.duration import too_long, turn_of
from hpsearch.analysis.verdicts.kinds import Finding
from hpsearch.analysis.verdicts.settings import acting_in_training_only, in_words
from hpsearch.analysis.verdicts.signals import in_errors, noise, tail_count, tail_level

BIAS_ERROR = 0.1
"""Training error of a network that underfits; the course's networks come below 0.08."""
VARIANCE_GAP = 0.05
"""Accuracy lost on new images by a network that overfits, however hard they are."""
SMALL_GAP, MOST_OF_ERROR = 0.02, 0.6
"""A smaller gap is wide, too, where it is this share of all the errors on new images: the training
images are known and what is left to gain is variance."""
VARIANCE_LOSS = 0.5
"""Where there is no accuracy: share of the validation loss that is gap."""
EASIER = 0.02
"""Accuracy by which validation may be ahead of training, whose mean is over the whole epoch; half
of it where that is more than half of the training errors."""


class Fit:
    """Bias and variance of one training.

    Args:
        case: What is judged.
    """

    def __init__(self, case: Case) -> None:
        self.case = case
        turn = turn_of(case)
        is_late = turn is not None and too_long(case) is not None
        end = turn.epoch if turn is not None and is_late else case.epochs
        self.gap = tail_level((case.curves.accuracy - case.curves.val_accuracy)[:end])
        self.loss_gap = tail_level((case.curves.val_loss - case.curves.loss)[:end])
        self.val_loss = tail_level(case.curves.val_loss[:end])
        known = [v for v in (case.accuracy, case.val_accuracy) if not math.isnan(v)]
        # Dropout and augmentation hold the training accuracy down, so the better of both counts.
        self.error = 1 - max(known) if has_values(case.curves.accuracy) else math.nan

    @property
    def is_known(self) -> bool:
        """Whether there are accuracies, without which bias cannot be told."""
        return not math.isnan(self.error)

    @property
    def is_poor(self) -> bool:
        """Whether even the training images are not learnt."""
        return self.is_known and self.error > BIAS_ERROR

    @property
    def is_wide(self) -> bool:
        """Whether much of what is known of training images does not hold for new ones."""
        if math.isnan(self.gap):
            return self.loss_gap > VARIANCE_LOSS * self.val_loss
        return self.gap > self._border

    @property
    def _border(self) -> float:
        """The gap from which it is wide."""
        missed = 1 - self.case.val_accuracy
        small = max(SMALL_GAP, MOST_OF_ERROR * missed, 2.5 * self.case.sampling_error)
        return max(min(VARIANCE_GAP, small), 1.5 * self.case.sampling_error)

    def findings(self) -> tuple[Finding, ...]:
        """Bias, variance or both; nothing if neither shows."""
        if self.is_poor and self.is_wide:
            margin = min(self._gap_margin, self._bias_margin)
            return (Finding("high_bias_and_variance", self._both(), self._sure(margin)),)
        if self.is_poor:
            return (Finding("high_bias", self._bias(), self._sure(self._bias_margin)),)
        if self.is_wide:
            return (Finding("high_variance", self._variance(), self._sure(self._gap_margin)),)
        return ()

    def good(self) -> Finding:
        """Neither bias nor variance."""
        margin = min(self._gap_margin, self._bias_margin)
        return Finding("good_fit", self._good(), self._sure(margin))

    def easier(self) -> Finding | None:
        """Validation that is clearly ahead of training."""
        case = self.case
        ahead = -tail_level(case.curves.accuracy - case.curves.val_accuracy)
        is_half = 1 - case.val_accuracy < (1 - case.accuracy) / 2
        least = EASIER / 2 if is_half else EASIER
        if math.isnan(ahead) or ahead < max(least, 2.5 * case.accuracy_error):
            return None
        acting = acting_in_training_only(case.params)
        why = (
            f"{in_words(acting)} acts in training only, which can explain it"
            if acting
            else "no dropout or augmentation among the hyperparameters explains it"
        )
        evidence = (
            f"Validation accuracy {case.val_accuracy:.3f}{case.on_images} is {ahead:.3f} above "
            f"the training accuracy {case.accuracy:.3f}; {why}."
        )
        margin = in_errors(ahead - least, case.accuracy_error)
        return Finding("validation_easier", evidence, self._sure(margin))

    @property
    def _gap_error(self) -> float:
        """Standard error of the gap, in which what both curves do at the same time cancels."""
        gap = self.case.curves.accuracy - self.case.curves.val_accuracy
        return math.hypot(self.case.sampling_error, noise(gap) / math.sqrt(tail_count(gap)))

    @property
    def _gap_margin(self) -> float:
        if math.isnan(self.gap):
            share = self.loss_gap / self.val_loss if self.val_loss else 0.0
            return abs(share - VARIANCE_LOSS) / 0.1
        return in_errors(self.gap - self._border, max(self._gap_error, 0.003))

    @property
    def _bias_margin(self) -> float:
        if not self.is_known:
            return 1.0
        return in_errors(self.error - BIAS_ERROR, max(self.case.accuracy_error / 2, 0.005))

    def _sure(self, margin: float) -> Certainty:
        return certainty_of(margin, self.case.epochs)

    def _bias(self) -> str:
        return (
            f"Even in training {self.error:.1%} of the images are mistaken, at the end of "
            f"{self.case.epochs} epochs: {self.case.levels}."
        )

    def _variance(self) -> str:
        case = self.case
        if math.isnan(self.gap):
            return f"The losses are apart at the end of {case.epochs} epochs: {case.levels}."
        return (
            f"{_share(case):.0%} of the errors on new images are not made in training, at the end "
            f"of {case.epochs} epochs: {case.levels}."
        )

    def _both(self) -> str:
        return (
            f"Even in training {self.error:.1%} of the images are mistaken, and "
            f"{self.gap:.1%} more of the new ones, at the end of {self.case.epochs} epochs: "
            f"{self.case.levels}."
        )

    def _good(self) -> str:
        return f"At the end of {self.case.epochs} epochs: {self.case.levels}."


def _share(case: Case) -> float:
    """Share of the validation errors that is gap."""
    missed = 1 - case.val_accuracy
    return min(1.0, (case.accuracy - case.val_accuracy) / missed) if missed > 0 else 0.0
