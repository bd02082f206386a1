"""Search spaces: what may vary, as plain data, and where space files are found."""

from hpsearch.spaces.choices import Boolean, Choice, Fixed, fixed_at
from hpsearch.spaces.finding import FoundSpace, find_spaces
from hpsearch.spaces.grid import Grid, finest_grid, make_grid
from hpsearch.spaces.loading import LoadedSpace, load_space
from hpsearch.spaces.overrides import Overrides
from hpsearch.spaces.parameters import Condition, Parameter, Value
from hpsearch.spaces.ranges import Float, Int
from hpsearch.spaces.search_space import (
    MOST_FOLDS,
    TOO_MANY_FOR_FOLDS,
    Budget,
    SearchSpace,
)
from hpsearch.spaces.space import Space

__all__ = [
    "MOST_FOLDS",
    "TOO_MANY_FOR_FOLDS",
    "Boolean",
    "Budget",
    "Choice",
    "Condition",
    "Fixed",
    "Float",
    "FoundSpace",
    "Grid",
    "Int",
    "LoadedSpace",
    "Overrides",
    "Parameter",
    "SearchSpace",
    "Space",
    "Value",
    "find_spaces",
    "finest_grid",
    "fixed_at",
    "load_space",
    "make_grid",
]
