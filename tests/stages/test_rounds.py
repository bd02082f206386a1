"""How many rounds of fine there are, and what each is given."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hpsearch.analysis.prospects import Prospect
from hpsearch.errors import InputError
from hpsearch.spaces import Overrides
from hpsearch.stages import rounds as rounds_module
from hpsearch.stages.request import StageRequest
from hpsearch.stages.rounds import MOST_ROUNDS, Rounds, decide, run_rounds

AUTO = Rounds.parse("auto")


def test_rounds_are_a_number_or_auto() -> None:
    """From the command line as text, from Python as a number."""
    assert Rounds.parse("3") == Rounds.parse(3) == Rounds(3)
    assert Rounds(MOST_ROUNDS, auto=True) == AUTO
    assert (str(AUTO), str(Rounds(3))) == ("auto", "3")


@pytest.mark.parametrize("text", ["0", "-1", "many", 1.5, True, "", "²", "9" * 5000])
def test_anything_else_is_refused(text: Any) -> None:
    """With what is expected."""
    with pytest.raises(InputError, match="--rounds"):
        Rounds.parse(text)


def test_auto_stops_when_the_gain_is_less_than_the_noise_and_says_so() -> None:
    """The sentence of the issue."""
    decision = decide(AUTO, 2, lambda: Prospect(0.0008, 0.004))
    assert decision == (
        False,
        (
            "Fine stops after round 2: another one promises 0.0008, not more than the 0.004 by "
            "which seeds differ."
        ),
    )


def test_auto_goes_on_while_it_pays_but_not_for_ever() -> None:
    """Five rounds are the most."""
    assert decide(AUTO, 1, lambda: Prospect(0.02, 0.004)).goes_on
    assert not decide(AUTO, MOST_ROUNDS, lambda: Prospect(0.02, 0.004)).goes_on


def test_auto_stops_where_too_little_is_known() -> None:
    """Without an estimate there is no reason to spend more."""
    decision = decide(AUTO, 1, lambda: None)
    assert not decision.goes_on
    assert "do not show" in decision.sentence


def test_a_number_of_rounds_is_obeyed_without_asking_what_they_promise() -> None:
    """Two rounds are two rounds."""

    def unasked() -> Prospect:
        raise AssertionError

    assert decide(Rounds(2), 1, unasked).goes_on
    assert not decide(Rounds(2), 2, unasked).goes_on


def result(status: str = "done") -> Any:
    """As much of a result as rounds look at."""
    return SimpleNamespace(status=status, view=None)


def first_round(tmp_path: Path) -> StageRequest:
    """A first round with changes to the space and a point to try."""
    return StageRequest(
        "fine",
        "s",
        tmp_path / "fine",
        source=tmp_path / "coarse",
        overrides=Overrides.parse(["x=1"], []),
        tries=({"x": "1"},),
        trials=7,
    )


def test_each_round_starts_from_the_one_before(tmp_path: Path) -> None:
    """fine from coarse, fine-2 from fine, fine-3 from fine-2, with the same budget.

    What the user changed in the space is in what was narrowed: given again, `--range` would undo
    the narrowing.
    """
    asked: list[StageRequest] = []

    def run_round(request: StageRequest) -> Any:
        asked.append(request)
        return result()

    assert len(run_rounds(first_round(tmp_path), Rounds(3), run_round)) == 3
    names = [(r.source.name, r.out.name) for r in asked if r.source is not None]
    assert names == [("coarse", "fine"), ("fine", "fine-2"), ("fine-2", "fine-3")]
    assert [r.trials for r in asked] == [7, 7, 7]
    assert [bool(r.tries) for r in asked] == [True, False, False]
    assert asked[1].overrides == Overrides()


def test_a_round_that_was_stopped_is_the_last(tmp_path: Path) -> None:
    """The same command continues it; no other round may begin before."""
    states = iter(["done", "stopped"])
    results = run_rounds(first_round(tmp_path), Rounds(5), lambda request: result(next(states)))
    assert [r.status for r in results] == ["done", "stopped"]


def test_a_round_begun_earlier_is_continued_without_deciding_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A killed `auto` goes on to the same end, even if the estimate were another one now."""
    (tmp_path / "fine-2").mkdir()
    (tmp_path / "fine-2" / "study.json").write_text("{}")
    monkeypatch.setattr(rounds_module, "prospect_after", lambda view: Prospect(0.0, 1.0))
    told: list[str] = []
    results = run_rounds(first_round(tmp_path), AUTO, lambda request: result(), told.append)
    assert len(results) == 2
    assert "begun earlier" in told[0]
    assert "stops after round 2" in told[1]


def test_no_time_for_a_round_ends_them(tmp_path: Path) -> None:
    """Whoever runs the rounds may say that there is none left."""
    rounds = iter([result(), None])
    assert len(run_rounds(first_round(tmp_path), Rounds(3), lambda request: next(rounds))) == 1
