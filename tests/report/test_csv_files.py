"""CSV files hold what the study holds."""

from __future__ import annotations

import csv
import io

from hpsearch.report.csv_files import as_csv, safe_cell
from hpsearch.report.frames import histories_frame, trials_frame
from hpsearch.storage import TrialRecord

TRIALS = (
    TrialRecord(
        0,
        "complete",
        params={"rate": 0.1, "optimizer": "-adam", "size": "=1+1"},
        value=-0.75,
        best_epoch=2,
        epochs=2,
        history={"loss": [1.0, 0.1 + 0.2], "=evil": [0.5, 0.75]},
        started="2026-01-02T03:04:05+00:00",
    ),
    TrialRecord(1, "failed", params={"rate": 0.2, "size": 4}, failure="oom", message="a,\n'b'"),
)


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_every_trial_is_a_row_and_what_is_missing_an_empty_cell() -> None:
    first, second = read(as_csv(trials_frame(TRIALS)))
    assert (first["number"], first["best_epoch"], first["params.rate"]) == ("0", "2", "0.1")
    assert first["started"] == "2026-01-02T03:04:05.000000Z"
    assert (second["value"], second["best_epoch"], second["params.optimizer"]) == ("", "", "")
    assert (second["state"], second["failure"], second["message"]) == ("failed", "oom", "a,\n'b'")


def test_numbers_keep_all_their_digits() -> None:
    """0.1 + 0.2 is not 0.3."""
    assert read(as_csv(histories_frame(TRIALS)))[1]["loss"] == "0.30000000000000004"


def test_text_that_a_spreadsheet_would_compute_is_text_in_cells_and_headings() -> None:
    """Numbers stay numbers, also in a column with texts."""
    first, second = read(as_csv(trials_frame(TRIALS)))
    assert (first["params.optimizer"], first["params.size"]) == ("'-adam", "'=1+1")
    assert (first["value"], second["params.size"]) == ("-0.75", "4")
    assert read(as_csv(histories_frame(TRIALS)))[0]["'=evil"] == "0.5"
    assert safe_cell(-1.5) == -1.5
