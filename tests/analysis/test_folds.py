"""The spread over folds, worked out by hand."""

from __future__ import annotations

import pytest

from hpsearch.analysis.folds import deviation_of, spread_in_words


def test_the_deviation_is_that_of_single_folds() -> None:
    """Of 0.8, 0.9 and 1.0 it is 0.1; one fold, or none, has no spread."""
    assert deviation_of((0.8, 0.9, 1.0)) == pytest.approx(0.1)
    assert deviation_of((0.8,)) is None
    assert deviation_of(()) is None


def test_the_words_name_deviation_number_and_ends() -> None:
    assert spread_in_words((0.8, 0.9, 1.0)) == "± 0.1000 over 3 folds, 0.8000 to 1.0000"
    assert spread_in_words(()) == ""
