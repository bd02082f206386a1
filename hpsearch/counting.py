"""Numbers with their nouns, as sentences need them."""

from __future__ import annotations


def count_of(number: int, noun: str, plural: str = "") -> str:
    """`1 trial`, `2 trials`, `1,234 images`.

    Args:
        number: How many.
        noun: What one of them is called.
        plural: What several are called, where an s behind the last word is not enough.
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
