"""Steps that move no hyperparameter: more epochs, more images, a confirmation, a finer search."""

from __future__ import annotations

from typing import NamedTuple

from hpsearch.analysis.verdicts.levers import run
from hpsearch.analysis.verdicts.moves import NextSearch


class Epochs(NamedTuple):
    """Training for another time.

    Args:
        factor: So many times the epochs.
        text: What is said of it.
    """

    factor: float
    text: str

    def step(self, search: NextSearch | None, epochs: int) -> str:
        """As a sentence."""
        flag = f"--epochs {max(2, round(self.factor * epochs))}"
        return f"{self.text}{run(search.with_flags(flag) if search else flag)}."


class Confirm(NamedTuple):
    """Judging the winners from fresh seeds, if that is not done yet."""

    text: str = "Confirm the figure with fresh seeds before quoting it"

    def step(self, search: NextSearch | None, _epochs: int) -> str:
        """As a sentence; empty once it is done."""
        if search is not None and not search.confirm:
            return ""
        return f"{self.text}{run(search.confirm if search else '')}."


class Curves(NamedTuple):
    """Training the winner again to draw a curve that tells more.

    Args:
        flags: Of `hpsearch curves`.
        text: What is said of it.
    """

    flags: str
    text: str

    def step(self, search: NextSearch | None, _epochs: int) -> str:
        """As a sentence."""
        command = f"{search.curves} {self.flags}" if search and search.curves else ""
        return f"{self.text}{run(command)}."


class Search(NamedTuple):
    """Searching on without a change."""

    text: str

    def step(self, search: NextSearch | None, _epochs: int) -> str:
        """As a sentence."""
        return f"{self.text}{run(search.command if search else '')}."


class Advice(NamedTuple):
    """What no command does."""

    text: str

    def step(self, _search: NextSearch | None, _epochs: int) -> str:
        """As a sentence."""
        return self.text


OtherStep = Epochs | Confirm | Curves | Search | Advice
