"""Every trial of a study as compact JSON, which the page's own script makes its table of."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hpsearch.report.tables import FACTS_OF_A_TRIAL, first_lines, hyperparameters_of
from hpsearch.storage.records import TrialRecord
from hpsearch.storage.study_view import StudyView

MOST_NUMBERS = 1_500_000
"""Of all histories together; of longer ones only every second, third, … epoch is kept."""
WHOLE_MESSAGES = 200
"""Up to so many different messages are given at length, of more only the first lines."""
LONGEST_MESSAGE = 4000
OTHER_FACTS = (
    "number of parameters",
    "seed",
    "worker",
    "started",
    "candidate",
    "second try of trial",
    "repeats trial",
    "continued from a checkpoint, times",
    "values of the folds",
    "kept model",
    "tried again as trial",
)


def trial_data(view: StudyView) -> dict[str, Any]:
    """The trials as the page's script takes them.

    What many trials share is written once and referred to by its position: metrics, phases,
    messages. Metrics are rounded to four digits.

    Returns:
        `objective`, `best` (a trial number or null), `headings` (of the table), `names` (of the
        hyperparameters), `facts` (names of what else is known of a trial), `metrics`, `phases`,
        `messages`, `every` (which epochs the histories have) and `trials`, each a list of: number,
        state, failure, objective, best epoch, epochs, seconds, hyperparameters, other facts,
        message, history, seconds by phase. Lists end where only nulls would follow.
    """
    trials = view.trials
    names = hyperparameters_of(view)
    metrics = _names(trial.history for trial in trials)
    phases = _names(trial.timings for trial in trials)
    messages = list(dict.fromkeys(trial.message for trial in trials if trial.message))
    at = {message: position for position, message in enumerate(messages)}
    every = _every(trials)
    second = {r.retry_of: r.number for r in trials if r.retry_of is not None}
    return {
        "objective": view.objective,
        "best": view.best.number if view.best else None,
        "headings": list(FACTS_OF_A_TRIAL),
        "names": names,
        "facts": list(OTHER_FACTS),
        "metrics": metrics,
        "phases": phases,
        "messages": [_shown(message, len(messages)) for message in messages],
        "every": every,
        "trials": [
            [
                *_main_facts(trial),
                _row(trial.params.get(name) for name in names),
                _row([*_other_facts(trial), second.get(trial.number)]),
                at.get(trial.message),
                [_thinned(trial.history.get(metric, ()), every, trial) for metric in metrics],
                _row(_rounded(trial.timings.get(phase)) for phase in phases),
            ]
            for trial in trials
        ],
    }


def _other_facts(trial: TrialRecord) -> list[Any]:
    return [
        trial.num_parameters,
        trial.seed,
        trial.worker or None,
        f"{trial.started[:19].replace('T', ' ')} UTC" if trial.started else None,
        trial.candidate,
        trial.retry_of,
        trial.replicate_of,
        trial.resumed or None,
        ", ".join(f"{value:.4f}" for value in trial.fold_values) or None,
        trial.model_file,
    ]


def _main_facts(trial: TrialRecord) -> list[Any]:
    seconds = None if trial.seconds is None else round(trial.seconds, 2)
    return [
        trial.number,
        trial.state,
        trial.failure,
        _finite(trial.value),
        trial.best_epoch,
        trial.epochs,
        seconds,
    ]


def _names(facts: Iterable[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for own in facts for name in own))


def _row(values: Iterable[Any]) -> list[Any]:
    """The values without the nulls at the end."""
    row = [_finite(value) for value in values]
    while row and row[-1] is None:
        row.pop()
    return row


def _finite(value: Any) -> Any:
    """The value; null for what JSON has no number for."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _rounded(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(f"{value:.4g}")


def _every(trials: Sequence[TrialRecord]) -> int:
    """1 for every epoch, 2 for every second one, and so on."""
    total = sum(len(values) for trial in trials for values in trial.history.values())
    return max(1, math.ceil(total / MOST_NUMBERS))


def _thinned(values: Sequence[float | None], every: int, trial: TrialRecord) -> list[float | None]:
    """The values of the kept epochs."""
    epochs = kept_epochs(len(values), every, trial.best_epoch)
    return [_rounded(values[epoch - 1]) for epoch in epochs]


def kept_epochs(count: int, every: int, best: int | None) -> list[int]:
    """The epochs of a thinned history: every so many from the first on, the best and the last.

    The page's script computes the same.
    """
    kept = {*range(1, count + 1, every), count} if count else set()
    return sorted(kept | ({best} if best is not None and best <= count else set()))


def _shown(message: str, count: int) -> str:
    """A message at length, its middle left out if need be; of very many its first lines."""
    if count > WHOLE_MESSAGES:
        return first_lines(message)
    if len(message) <= LONGEST_MESSAGE:
        return message
    half = LONGEST_MESSAGE // 2
    return f"{message[:half]}\n…\n{message[-half:]}"
