"""The page says what the curves show, how sure that is, and by which command to go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hpsearch.analysis.verdicts import Verdict
from hpsearch.report.certainty_words import certainty_of_verdict
from hpsearch.report.next_search import next_search
from hpsearch.report.summary import summary_of, verdict_on
from hpsearch.spaces import Fixed, Float, Space
from hpsearch.storage import RunDirectory, load
from hpsearch.storage.atomic import write_json

Make = Callable[..., Any]
DROPOUT = Float("dropout", 0.0, 0.6, default=0.1)


def overfitted(trial: Make, history: Make, gap: float = 0.2) -> dict[str, Any]:
    """Twelve epochs, of which eight are at their level."""
    train = [0.3, 0.6, 0.8, 0.9, *[0.99] * 8]
    best = max(validation := [value - gap for value in train])
    made = history(train, validation)
    params = {"dropout": 0.1}
    return dict(trial(best, params, history=made, best_epoch=12, epochs=12))


def test_a_step_goes_on_from_the_study_itself(make_study: Make, trial: Make, history: Make) -> None:
    path = make_study([overfitted(trial, history)], space=[DROPOUT])
    steps = summary_of(load(path)).verdict.next_steps  # type: ignore[union-attr]
    assert f"hpsearch fine --from {path} --range dropout=0.17:0.33" in steps[1]


def test_a_confirmation_goes_on_from_where_it_came(
    make_study: Make, trial: Make, history: Make
) -> None:
    source = make_study([overfitted(trial, history)], name="fine", stage="fine", space=[DROPOUT])
    confirm = make_study(
        [overfitted(trial, history)],
        name="confirm",
        stage="confirm",
        space=[DROPOUT],
        **{"from": str(source)},
    )
    search = next_search(load(confirm))
    assert search.command == f"hpsearch fine --from {source}"
    assert search.confirm == ""
    assert search.curves == f"hpsearch curves --from {confirm}"


def test_without_its_source_a_confirmation_gives_no_command(
    make_study: Make, trial: Make, history: Make
) -> None:
    confirm = make_study([overfitted(trial, history)], stage="confirm", **{"from": "/nowhere"})
    steps = verdict_on(load(confirm), load(confirm).trials[0]).next_steps
    assert not any("hpsearch fine" in step for step in steps)


def test_a_command_does_not_write_where_another_study_is(
    make_study: Make, trial: Make, history: Make
) -> None:
    coarse = make_study([overfitted(trial, history)], space=[DROPOUT])
    assert next_search(load(coarse)).command == f"hpsearch fine --from {coarse}"
    fine = make_study([], name="fine", stage="fine", space=[DROPOUT])
    free = fine.with_name("fine-2")
    assert next_search(load(coarse)).command == f"hpsearch fine --from {coarse} --out {free}"


def test_what_narrowing_fixed_is_told_apart(make_study: Make, trial: Make, history: Make) -> None:
    path = make_study([overfitted(trial, history)], space=[DROPOUT])
    narrowed = Space((Fixed("dropout", 0.1),)).to_json()
    write_json(RunDirectory(path).narrowed_space_file, narrowed)
    steps = summary_of(load(path)).verdict.next_steps  # type: ignore[union-attr]
    assert "--keep dropout --range dropout=0.17:0.33" in steps[1]


def test_a_winner_is_judged_over_its_seeds(make_study: Make, trial: Make, history: Make) -> None:
    seeds = [overfitted(trial, history) for _ in range(3)]
    other = {**overfitted(trial, history, gap=0.0), "params": {"dropout": 0.2}}
    path = make_study([*seeds, other], stage="confirm")
    verdict = verdict_on(load(path), load(path).trials[0])
    assert (verdict.seeds, verdict.holds_on) == (3, 3)
    assert certainty_of_verdict(verdict, 12) == "Firm: it holds on 3 of 3 seeds."


def test_it_says_why_a_verdict_is_not_firm() -> None:
    likely = Verdict("high_bias", "", "likely", ())
    assert "5 epochs show how training begins" in certainty_of_verdict(likely, 5)
    assert "near the border" in certainty_of_verdict(likely, 20)
    split = likely._replace(certainty="weak", seeds=5, holds_on=2)
    assert certainty_of_verdict(split, 20) == "A weak verdict: it holds on 2 of 5 seeds."
    assert certainty_of_verdict(likely._replace(kind="too_few_epochs"), 2) == ""
