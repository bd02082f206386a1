"""`hpsearch show`: a study as tables or JSON."""

from __future__ import annotations

import shlex
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hpsearch.analysis.comparable import comparable
from hpsearch.analysis.folds import deviation_of, spread_in_words
from hpsearch.analysis.importance import Importance, importance_of
from hpsearch.analysis.stopped import early_stops
from hpsearch.cli.comparing import show_comparison
from hpsearch.cli.printing import print_json, print_lines, print_table
from hpsearch.cli.trial_details import show_trial
from hpsearch.counting import count_of
from hpsearch.errors import InputError
from hpsearch.report.markdown import markdown_summary
from hpsearch.spaces import Space
from hpsearch.spaces.describing import format_params
from hpsearch.stages.arithmetic import arithmetic_of
from hpsearch.stages.narrowing_files import has_reasons
from hpsearch.stages.result import best_to_json
from hpsearch.storage import StudyView, TrialRecord, counted, load
from hpsearch.storage.file_shapes import NARROWING

MANY_TRIALS = 2000


@dataclass(frozen=True)
class Shown:
    """What of a study is to be shown; all of it, unless trials are named.

    Args:
        top: How many of the best trials to list.
        trial: Number of the one trial to show.
        compare: Numbers of two trials to show side by side.
        markdown: A summary in Markdown.

    Raises:
        InputError: It is more than one of these.
    """

    top: int = 10
    trial: int | None = None
    compare: tuple[int, int] | None = None
    markdown: bool = False

    def __post_init__(self) -> None:
        given = {
            "--trial": self.trial is not None,
            "--compare": self.compare is not None,
            "--markdown": self.markdown,
        }
        flags = [flag for flag, is_given in given.items() if is_given]
        if len(flags) > 1:
            raise InputError(f"{' and '.join(flags)} show different things.", "Give one of them.")


def show_command(directory: Path, shown: Shown, *, as_json: bool) -> None:
    """Print a study, or trials of it.

    Raises:
        InputError: There is no study, or no such trial; or Markdown is wanted as JSON.
    """
    if shown.markdown:
        if as_json:
            raise InputError("--markdown is no JSON.", "Leave out --json or --markdown.")
        sys.stdout.write(markdown_summary(directory, shown.top))
        return
    view = load(directory)
    if shown.trial is not None:
        show_trial(view, shown.trial, as_json=as_json)
    elif shown.compare is not None:
        show_comparison(view, shown.compare, as_json=as_json)
    else:
        _show_study(view, shown.top, as_json=as_json)


def _show_study(view: StudyView, top: int, *, as_json: bool) -> None:
    importance = _importance(view)
    if as_json:
        print_json(study_json(view, importance or {}))
        return
    print_lines(_summary(view), f"{view.stage} of {view.facts['space']['name']}", stderr=False)
    _print_trials(view, top)
    if importance:
        rows = [(name, own.words) for name, own in importance.items()]
        print_table(("hyperparameter", "importance"), rows, comparable(view.trials).note)
    elif importance is None:
        again = shlex.join(["hpsearch", "narrow", "--from", str(view.directory)])
        sys.stdout.write(
            f"Importance: takes a while with so many trials; measure it with {again}\n"
        )
    else:
        sys.stdout.write("Importance: too few completed trials to say (10 are needed).\n")


def _importance(view: StudyView) -> Mapping[str, Importance] | None:
    """The importance that narrowing has measured, if it knew all of these trials, or one made now.

    Returns:
        None where it would have to be made of so many trials that nobody would wait for it.
    """
    complete = sum(trial.state == "complete" for trial in view.trials)
    if has_reasons(view.directory):
        known = view.directory.read_json(view.directory.narrowing_file, NARROWING)
        if known.get("num_trials") == complete:
            found = [own["importance"] for own in known["hyperparameters"] if own["importance"]]
            made = [Importance.from_json(own) for own in found]
            return {own.name: own for own in sorted(made, key=lambda own: -own.share)}
    return importance_of(view) if complete <= MANY_TRIALS else None


def study_json(view: StudyView, importance: Mapping[str, Importance]) -> dict[str, Any]:
    """A study as JSON: facts, trials, importance."""
    return {
        "space": view.facts["space"]["name"],
        "stage": view.stage,
        "directory": str(view.directory),
        "objective": view.objective,
        "direction": view.direction,
        "data": dict(view.facts["data"]),
        "precision": asdict(arithmetic_of(view)),
        "counts": view.count(),
        "best": best_to_json(view.best),
        "hyperparameters": Space.from_json(view.space).to_json()["parameters"],
        "importance": {name: own.to_json() for name, own in importance.items()},
        "trials": [trial_json(trial) for trial in view.trials],
    }


def trial_json(trial: TrialRecord) -> dict[str, Any]:
    """A trial as JSON, without the history of every epoch."""
    data = trial.to_json()
    del data["history"]
    return data


def _summary(view: StudyView) -> dict[str, str]:
    counts = ", ".join(f"{number} {name}" for name, number in view.count().items())
    rows = {"data": str(view.facts["data"]["source"]), "trials": counts}
    best = view.best
    if best is not None and best.value is not None:
        rows["winner"] = (
            f"trial {best.number}, {view.objective} {best.value:.4f} at epoch {best.best_epoch}: "
            f"{format_params(dict(best.params))}"
        )
        rows |= {"folds": spread} if (spread := spread_in_words(best.fold_values)) else {}
    rows["precision"] = arithmetic_of(view).describe()
    rows |= {"graphs": graphs} if (graphs := _graphs(view)) else {}
    stops = early_stops(view).words(view.objective)
    if stops:
        rows["pruned"] = stops
    return rows


def _graphs(view: StudyView) -> str:
    """How many trials were trained by the graph of an earlier one; empty where none was traced."""
    trained = [trial for trial in view.trials if "trace" in trial.timings]
    if not trained:
        return ""
    reused = sum(trial.reused for trial in trained)
    words = f"{reused} of {count_of(len(trained), 'trial')} trained by that of an earlier one"
    reasons = Counter(trial.unshared for trial in trained if trial.unshared)
    causes = "; ".join(
        f"{number} not shared: {reason}" for reason, number in reasons.most_common(2)
    )
    return f"{words}; {causes}" if causes else words


def _deviation(trial: TrialRecord) -> str:
    """The standard deviation over the folds, behind their mean."""
    deviation = deviation_of(trial.fold_values)
    return "" if deviation is None else f" ± {deviation:.4f}"


def _print_trials(view: StudyView, top: int) -> None:
    shown = view.ranked[:top]
    rows = [
        (
            str(trial.number),
            f"{trial.value:.4f}" + _deviation(trial),
            f"{trial.best_epoch} of {trial.epochs}",
            f"{trial.seconds or 0:.1f}",
            format_params(dict(trial.params)),
        )
        for trial in shown
    ]
    print_table(("trial", view.objective, "best epoch", "seconds", "hyperparameters"), rows)
    failed = [trial for trial in counted(view.trials) if trial.state == "failed"]
    if failed:
        causes = [
            (str(t.number), str(t.failure), t.message.partition("\n")[0]) for t in failed[:top]
        ]
        print_table(("trial", "failure", "message"), causes, f"{len(failed)} failed")
