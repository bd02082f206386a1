"""Large numbers as people write them on a command line."""

from __future__ import annotations

import re
from fractions import Fraction

from hpsearch.errors import InputError

MULTIPLES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}


def parse_whole(text: str, flag: str, *, least: int, hint: str) -> int:
    """A whole number written with the digits 0 to 9.

    Raises:
        InputError: It is none, is smaller than `least` or has more than ten digits.
    """
    if re.fullmatch("[0-9]{1,10}", text) is None or int(text) < least:
        raise InputError(f"{flag} is '{text}'.", hint)
    return int(text)


def parse_count(text: str | None, flag: str) -> int | None:
    """A whole number such as `200000`, `200_000`, `200k` or `1.5M`; None stays None.

    Args:
        text: What was given.
        flag: The flag it was given with, for the message.

    Raises:
        InputError: It is no such number, or not a whole one of 1 or more.
    """
    if text is None:
        return None
    match = re.fullmatch(r"([0-9][0-9_,]{,30}(?:\.[0-9]{1,30})?) ?([kmg]?)", text.strip().lower())
    if match is not None:
        number = Fraction(re.sub("[_,]", "", match[1])) * MULTIPLES[match[2]]
        if number >= 1 and number.denominator == 1:
            return int(number)
    raise InputError(f"{flag} is '{text}'.", "Give a whole number such as 200000, 200k or 1.5M.")
