"""A verdict in words on learning curves: what is wrong with the training, if anything."""

from hpsearch.analysis.verdicts.case import Case, ClassScores, class_scores_of
from hpsearch.analysis.verdicts.certainty import FIRM_EPOCHS, Certainty
from hpsearch.analysis.verdicts.judging import Verdict, judge, judge_case
from hpsearch.analysis.verdicts.kinds import SENTENCES, Finding, Kind
from hpsearch.analysis.verdicts.moves import NextSearch
from hpsearch.analysis.verdicts.seeds import judge_trials

__all__ = [
    "FIRM_EPOCHS",
    "SENTENCES",
    "Case",
    "Certainty",
    "ClassScores",
    "Finding",
    "Kind",
    "NextSearch",
    "Verdict",
    "class_scores_of",
    "judge",
    "judge_case",
    "judge_trials",
]
