"""What is told of a worker that died: the lines that say why, and not too many."""

from __future__ import annotations

from hpsearch.execution.worker_logs import telling

PRINTED = [f"line {number}" for number in range(30)]


def test_the_last_lines_are_told() -> None:
    """Of many the last twelve, of few all."""
    assert telling(PRINTED) == PRINTED[-12:]
    assert telling(PRINTED[:3]) == PRINTED[:3]


def test_of_a_crash_the_innermost_calls_are_told() -> None:
    """They come first in Python's report, which ends with outer calls and a list of modules."""
    report = [
        "Fatal Python error: Segmentation fault",
        "Current thread 0x1 (most recent call first):",
        '  File "space.py", line 7 in build',
        *(f'  File "outer.py", line {number} in call' for number in range(20)),
        "Extension modules: a, b, c",
    ]
    told = telling([*PRINTED, *report])
    assert told == [*PRINTED[-4:], *report[:8]]
    assert telling(report[:3]) == report[:3]
