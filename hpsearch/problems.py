"""What a model is asked for: the kinds of problem a data set can pose."""

from typing import Literal, get_args

Problem = Literal["binary", "one_label", "many_labels", "regression", "regression_0_1"]
"""``binary`` yes or no · ``one_label`` one class of several · ``many_labels`` any number of
classes at once · ``regression`` any values · ``regression_0_1`` values in [0, 1]."""

PROBLEMS: tuple[Problem, ...] = get_args(Problem)

ONE_CLASS: tuple[Problem, ...] = ("binary", "one_label")
"""Each image has one class, a whole number from 0."""

CLASSIFICATIONS: tuple[Problem, ...] = (*ONE_CLASS, "many_labels")
