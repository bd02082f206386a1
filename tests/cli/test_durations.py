"""Durations as people write them."""

from __future__ import annotations

import pytest

from hpsearch.cli.durations import format_duration, parse_duration
from hpsearch.errors import InputError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("90s", 90), ("30m", 1800), ("8h", 28800), ("1h30m", 5400), ("0.5h", 1800)],
)
def test_durations_are_read_in_every_unit(text: str, seconds: float) -> None:
    """Numbers are seconds; letters are units; they may be combined."""
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["soon", "8x", "h8", "1h 30m", "-5s", "", "٣h", "²"])
def test_nonsense_is_refused(text: str) -> None:
    """A wrong duration must not become a wrong limit."""
    with pytest.raises(InputError):
        parse_duration(text)


def test_no_duration_is_no_limit() -> None:
    """The flag left out means no limit."""
    assert parse_duration(None) is None


@pytest.mark.parametrize(
    ("seconds", "text"), [(45, "45 s"), (720, "12 min"), (12600, "3.5 h"), (89, "89 s")]
)
def test_durations_are_shown_in_the_unit_people_think_in(seconds: float, text: str) -> None:
    """Seconds up to a minute and a half, minutes up to an hour and a half, then hours."""
    assert format_duration(seconds) == text
