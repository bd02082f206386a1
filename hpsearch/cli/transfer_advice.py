"""What `hpsearch data describe --transfer` prints."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from hpsearch.analysis.transferring import advise_transfer
from hpsearch.cli.printing import print_lines, print_table

if TYPE_CHECKING:
    from hpsearch.execution.likeness import Likeness


def transfer_json(likeness: Likeness) -> dict[str, Any]:
    """What was measured, and the advice."""
    advice = advise_transfer(likeness.num_train, likeness.blocks)
    return {**asdict(likeness), "advice": asdict(advice)}


def print_transfer(likeness: Likeness) -> None:
    """The probes as a table and the advice with its reason."""
    advice = advise_transfer(likeness.num_train, likeness.blocks)
    rows = [
        (f"block {own.block}", f"{own.accuracy:.1%}", f"± {own.error:.1%}")
        for own in likeness.blocks
    ]
    looked = f"{likeness.num_probed:,} training images at {likeness.image_size} pixels"
    title = f"{likeness.backbone}: a linear classifier on the mean features of each block"
    print_table(("features", "accuracy", "standard error"), rows, f"{title}; {looked}")
    print_lines({"transfer": advice.advice, "because": advice.reason}, "Advice", stderr=False)
