"""What to train of a pretrained network, by how much data there are and how like ImageNet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from hpsearch.counting import count_of

MUCH_DATA = 5_000
"""Training images from which the course's "much data" begins, as this tool reads it."""
ERRORS_APART = 2.0
"""Standard errors of the difference by which an earlier block must be better."""


class Probe(Protocol):
    """A linear classifier on the features of a block."""

    @property
    def block(self) -> int:
        """Number of the block, from 1."""
        ...

    @property
    def accuracy(self) -> float:
        """0 to 1."""
        ...

    @property
    def error(self) -> float:
        """Standard error of the accuracy."""
        ...


@dataclass(frozen=True)
class TransferAdvice:
    """What to search over first.

    Args:
        is_similar: Whether the last block's features are the best, or not told from them.
        is_much: Whether there are many training images.
        best_block: The block whose features are best.
        advice: What to do, in words.
        reason: What speaks for it, in words.
        unfreeze_blocks: Lowest and highest number of blocks to unfreeze.
        use_blocks: Blocks to use.
        is_linear: Whether a linear classifier on top is enough.
    """

    is_similar: bool
    is_much: bool
    best_block: int
    advice: str
    reason: str
    unfreeze_blocks: tuple[int, int]
    use_blocks: int
    is_linear: bool


def advise_transfer(num_train: int, probes: Sequence[Probe]) -> TransferAdvice:
    """The course's table of size and likeness (section 4), with likeness measured.

    Late features are specific to what ImageNet shows. Data are taken to be like it unless a
    linear classifier on an earlier block is better than one on the last by more than chance.

    Args:
        num_train: Number of training images.
        probes: One a block, in order.
    """
    last, best = probes[-1], max(probes, key=lambda own: own.accuracy)
    apart = best.accuracy - last.accuracy
    is_similar = apart <= ERRORS_APART * (best.error**2 + last.error**2) ** 0.5
    is_much = num_train >= MUCH_DATA
    blocks = len(probes)
    kind = _KINDS[is_much, is_similar]
    words = kind.words.format(best=best.block, blocks=blocks)
    size = f"{count_of(num_train, 'training image')}, which is {'much' if is_much else 'little'}"
    likeness = (
        f"a linear classifier on block {last.block} reaches {last.accuracy:.1%} and no earlier "
        "block is better by more than chance: like ImageNet"
        if is_similar
        else f"a linear classifier on block {best.block} reaches {best.accuracy:.1%} and one on "
        f"block {last.block} only {last.accuracy:.1%}: unlike ImageNet"
    )
    return TransferAdvice(
        is_similar,
        is_much,
        best.block,
        words,
        f"{size}; {likeness}",
        kind.unfreeze(blocks if is_similar else best.block),
        blocks if is_similar else best.block,
        kind.is_linear,
    )


@dataclass(frozen=True)
class _Kind:
    """A cell of the table."""

    words: str
    unfrozen: tuple[int, int]
    is_linear: bool = False

    def unfreeze(self, blocks: int) -> tuple[int, int]:
        low, high = self.unfrozen
        return min(low, blocks), min(high, blocks)


_KINDS = {
    (False, True): _Kind("a linear classifier on the frozen base: unfreeze_blocks 0", (0, 0), True),
    (True, True): _Kind("adjust a few layers: unfreeze_blocks 1 to 2, at about 1e-5", (1, 2)),
    (False, False): _Kind(
        "the first blocks only, with a hidden layer in the head: use_blocks {best}, "
        "unfreeze_blocks 0 to 1; augmentation, too",
        (0, 1),
    ),
    (True, False): _Kind(
        "adjust more layers, on the first blocks: use_blocks {best} to {blocks}, "
        "unfreeze_blocks 2 or more; and compare with training from scratch",
        (2, 5),
    ),
}
