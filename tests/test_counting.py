"""Numbers agree with their nouns."""

from __future__ import annotations

from hpsearch.counting import count_of


def test_one_is_singular_and_everything_else_plural() -> None:
    """0 trials, 1 trial, 2 trials, as in English."""
    assert [count_of(n, "trial") for n in (0, 1, 2)] == ["0 trials", "1 trial", "2 trials"]
    assert count_of(1234, "bad image") == "1,234 bad images"
    assert [count_of(n, "class", "classes") for n in (1, 3)] == ["1 class", "3 classes"]
