"""Large numbers as people write them."""

from __future__ import annotations

import pytest

from hpsearch.cli.counts import parse_count
from hpsearch.errors import InputError


@pytest.mark.parametrize(
    ("text", "number"),
    [("200000", 200_000), ("200k", 200_000), ("1.5M", 1_500_000), ("2.3M", 2_300_000), ("1G", 1e9)],
)
def test_numbers_are_read_with_and_without_a_multiple(text: str, number: float) -> None:
    """Exactly: 2.3 million is no 2,299,999."""
    assert parse_count(text, "--max-params") == number


@pytest.mark.parametrize(
    "text", ["many", "-5k", "0", "1.5", "0.0001k", "5kk", "", "9" * 5000, "²", "٣"]
)
def test_what_is_no_number_of_things_is_refused(text: str) -> None:
    """The message names the flag."""
    with pytest.raises(InputError, match="--max-params"):
        parse_count(text, "--max-params")
