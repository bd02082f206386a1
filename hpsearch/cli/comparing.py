"""`hpsearch show --compare A B`: two trials side by side."""

from __future__ import annotations

import sys
from typing import Any

from hpsearch.analysis.differences import Difference, difference_of
from hpsearch.cli.printing import plain, print_json, print_table
from hpsearch.cli.sparkline import sparkline
from hpsearch.cli.trial_details import trial_of
from hpsearch.errors import InputError
from hpsearch.spaces.describing import format_value
from hpsearch.storage import StudyView, TrialRecord

Row = tuple[str, str, str]


def show_comparison(view: StudyView, numbers: tuple[int, int], *, as_json: bool) -> None:
    """Print two trials side by side, and whether they differ by more than noise.

    Raises:
        InputError: A trial is not there, or it is the same twice.
    """
    first, second = (trial_of(view, number) for number in numbers)
    if first.number == second.number:
        raise InputError(f"--compare {first.number} {second.number} is one trial.", "Give two.")
    difference = difference_of(view, first, second)
    if as_json:
        print_json(comparison_json(view, first, second, difference))
        return
    headings = ("", f"trial {first.number}", f"trial {second.number}")
    different, same = differing_params(first, second)
    print_table(("hyperparameter", *headings[1:]), different, "What differs")
    if not different:
        sys.stdout.write("No hyperparameter differs.\n")
    elif same:
        sys.stdout.write(plain(f"The same in both: {', '.join(same)}.\n"))
    print_table(headings, _results(view, first, second), "What came of it")
    sys.stdout.write(f"{difference.sentence}\n")


def differing_params(first: TrialRecord, second: TrialRecord) -> tuple[list[Row], list[str]]:
    """A row for each hyperparameter that differs, and the names of the others."""
    names = dict.fromkeys((*first.params, *second.params))
    different, same = [], []
    for name in names:
        values = [record.params.get(name) for record in (first, second)]
        if name in first.params and name in second.params and values[0] == values[1]:
            same.append(name)
        else:
            one, other = ("not in use" if v is None else format_value(v) for v in values)
            different.append((name, one, other))
    return different, same


def _results(view: StudyView, first: TrialRecord, second: TrialRecord) -> list[Row]:
    rows = [_row(name, first, second) for name in ("state", "best_epoch", "epochs", "seconds")]
    rows.insert(1, _row("value", first, second, view.objective))
    rows += [_row("num_parameters", first, second, "parameters"), _row("seed", first, second)]
    for metric in dict.fromkeys((*first.history, *second.history)):
        curves = [record.history.get(metric, ()) for record in (first, second)]
        one, other = (f"{sparkline(c, 20)} {_text(c[-1])}" if c else "–" for c in curves)
        rows.append((f"{metric} at the end", one, other))
    return rows


def _row(attribute: str, first: TrialRecord, second: TrialRecord, name: str = "") -> Row:
    one, other = (_text(getattr(record, attribute)) for record in (first, second))
    return (name or attribute.replace("_", " "), one, other)


def _text(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:.5g}" if isinstance(value, float) else str(value)


def comparison_json(
    view: StudyView, first: TrialRecord, second: TrialRecord, difference: Difference
) -> dict[str, Any]:
    """Two trials and their difference as JSON."""
    different = [name for name, *_ in differing_params(first, second)[0]]
    return {
        "objective": view.objective,
        "direction": view.direction,
        "differs": {name: [r.params.get(name) for r in (first, second)] for name in different},
        "trials": [record.to_json() for record in (first, second)],
        "difference": difference._asdict(),
    }
