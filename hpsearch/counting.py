"""Numbers with their nouns and units, as sentences need them and as people give them."""

from __future__ import annotations

import re

from hpsearch.errors import InputError

_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


def count_of(number: int, noun: str, plural: str = "") -> str:
    """`1 trial`, `2 trials`, `1,234 images`.

    Args:
        number: How many.
        noun: What one of them is called.
        plural: What several are called, where an s behind the last word is not enough.
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def amount_of_bytes(number: int) -> str:
    """`512 bytes`, `35.2 MiB`, `1.5 GiB`.

    Args:
        number: How many bytes.
    """
    for unit, size in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if number >= size:
            return f"{number / size:,.1f} {unit}"
    return count_of(number, "byte")


def bytes_in(text: str, name: str) -> int:
    """The number of bytes in an amount such as 500M or 4G.

    Args:
        text: What was given.
        name: What it was given for.

    Raises:
        InputError: It is no amount of memory.
    """
    found = re.fullmatch(r"\s*(\d+\.?\d*|\.\d+)\s*([kmgt]?)i?b?\s*", text, re.IGNORECASE)
    if not found:
        raise InputError(f"{name} is {text!r}.", "Give an amount such as 500M or 4G.")
    return int(float(found[1]) * _UNITS[found[2].lower()])
