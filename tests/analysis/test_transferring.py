"""What to train of a pretrained network: the four cells of the course's table."""

from __future__ import annotations

import pytest

from hpsearch.analysis.transferring import advise_transfer
from hpsearch.execution.likeness import BlockProbe


def probes(*accuracies: float, error: float = 0.01) -> list[BlockProbe]:
    return [BlockProbe(number, own, error) for number, own in enumerate(accuracies, start=1)]


LIKE = probes(0.4, 0.5, 0.6, 0.8, 0.9)
UNLIKE = probes(0.4, 0.7, 0.9, 0.8, 0.6)


@pytest.mark.parametrize(
    ("num_train", "blocks", "words", "unfreeze", "use", "is_linear"),
    [
        (500, LIKE, "linear classifier", (0, 0), 5, True),
        (50_000, LIKE, "a few layers", (1, 2), 5, False),
        (500, UNLIKE, "first blocks only", (0, 1), 3, False),
        (50_000, UNLIKE, "more layers", (2, 3), 3, False),
    ],
)
def test_the_table_of_size_and_likeness(
    num_train: int,
    blocks: list[BlockProbe],
    words: str,
    unfreeze: tuple[int, int],
    use: int,
    is_linear: bool,
) -> None:
    advice = advise_transfer(num_train, blocks)
    assert words in advice.advice
    assert (advice.unfreeze_blocks, advice.use_blocks, advice.is_linear) == (
        unfreeze,
        use,
        is_linear,
    )


def test_a_difference_within_chance_is_none() -> None:
    """0.02 apart with errors of 0.01 each: 1.4 standard errors of the difference."""
    assert advise_transfer(500, probes(0.4, 0.82, 0.80)).is_similar
    assert not advise_transfer(500, probes(0.4, 0.83, 0.80)).is_similar


def test_the_reason_names_the_numbers() -> None:
    reason = advise_transfer(1234, UNLIKE).reason
    assert "1,234 training images" in reason
    assert "90.0%" in reason
    assert "60.0%" in reason
