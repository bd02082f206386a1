"""`Sampler`: which configuration to try next; and the samplers that learn nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict, Unpack

from hpsearch.search.kinds import Kind, Kinds
from hpsearch.search.knowledge import Knowledge
from hpsearch.search.observation import Observation, Tried
from hpsearch.search.seeding import uniform
from hpsearch.spaces import Grid, Parameter, Space, Value, make_grid

if TYPE_CHECKING:
    from hpsearch.search.sobol import SobolPoints

REDRAWS = 100


@dataclass(frozen=True)
class Proposal:
    """A configuration to try.

    Args:
        params: A value for every active hyperparameter.
        replicate_of: For a deliberate repetition, with another training seed: position among
            the observations of a trial with the same configuration.
    """

    params: dict[str, Value]
    replicate_of: int | None = None


class SamplerOptions(TypedDict, total=False):
    """What every sampler may be given beside its space, as in `Sampler`."""

    seed: int
    direction: str
    first: Sequence[Mapping[str, Value]]


class Sampler:
    """Proposes configurations of a space, every hyperparameter drawn uniformly on its own scale.

    The same seed, index and observations give the same proposal, also from a new sampler as
    after a resume; `random`, `sobol` and `grid` look at the observations only to avoid repeats.

    Args:
        space: What may vary.
        seed: The study's seed.
        direction: `maximize` or `minimize`.
        first: Configurations to try before all others.
    """

    in_any_order: bool = True
    """Whether a proposal depends on its index alone, so that a later one may be taken first."""

    def __init__(
        self,
        space: Space,
        *,
        seed: int = 0,
        direction: str = "maximize",
        first: Sequence[Mapping[str, Value]] = (),
    ) -> None:
        self.space = space
        self.seed = seed
        self.direction = direction
        self.first = tuple(dict(params) for params in first)
        self.knowledge = Knowledge(space, direction)

    def propose(self, index: int, observations: Sequence[Observation] = ()) -> Proposal | None:
        """The configuration to try as the `index`-th one, from 0.

        Args:
            index: Position among the proposals of the study; second tries are not counted.
            observations: What is known of earlier trials, running ones included, in order of
                trial number. Passing the same objects again is quicker than equal ones.

        Returns:
            None if every configuration of the space has been tried. Proposals begin with
            `first`; what is among them twice, or was tried already, is passed over.
        """
        self.knowledge.update(observations)
        if index < len(self.first) and not self.knowledge.is_tried(self.first[index]):
            return Proposal(self.first[index])
        return self.next_proposal(index)

    def next_proposal(self, index: int) -> Proposal | None:
        """As `propose` by what is in `knowledge`, after the configurations to try first."""
        for attempt in range(REDRAWS):
            params = self.draw(index, attempt)
            if not self.knowledge.is_tried(params):
                return Proposal(params)
        if self.space.size() is None:
            return Proposal(params)
        return self._first_untried()

    def _first_untried(self) -> Proposal | None:
        largest = max((p.num_values or 1 for p in self.space), default=1)
        return _first_outside(self.knowledge.tried, make_grid(self.space, largest))

    def foreseen(self, index: int) -> Mapping[str, Value]:
        """What is proposed for an index, should it not have been tried; for `in_any_order`."""
        return self.first[index] if index < len(self.first) else self.draw(index, 0)

    def draw(self, index: int, attempt: int) -> dict[str, Value]:
        """A configuration; other attempts give others where the sampler can."""
        return self.space.choose(lambda p: draw_value(p, p.label, self.seed, index, attempt))


def _first_outside(tried: Tried, grid: Grid) -> Proposal | None:
    return next((Proposal(point) for point in grid if point not in tried), None)


class SobolSampler(Sampler):
    """Points that fill the space evenly; a repetition is replaced by a random point.

    Of n points, about the same number lies in every half, quarter … of every hyperparameter's
    scale and of most combinations (Sobol' 1967; Joe & Kuo 2008, as in SciPy).
    """

    _points: SobolPoints | None = None

    def draw(self, index: int, attempt: int) -> dict[str, Value]:
        if attempt or not len(self.space):
            return super().draw(index, attempt or 1)
        if self._points is None:
            from hpsearch.search.sobol import SobolPoints

            self._points = SobolPoints([p.label for p in self.space], self.seed)
        codes = self.knowledge.codes
        return codes.decode(codes.from_units(self._points[index][None])[0])


class GridSampler(Sampler):
    """The points of a grid in its own order, those together that differ only in fractions.

    Layers, filters and the like decide the graph of a model, fractions such as a learning rate
    or a dropout rate mostly do not: points that follow each other share a traced model.

    Args:
        space: What may vary.
        grid: The points; a point that was tried already is passed over.
        **options: As for every sampler.
    """

    in_any_order = False

    def __init__(self, space: Space, grid: Grid, **options: Unpack[SamplerOptions]) -> None:
        super().__init__(space, **options)
        self._points = _grouped(space, grid)
        self._varied = {p.name for p in space if len(grid.values[space.key(p)]) > 1}

    def next_proposal(self, index: int) -> Proposal | None:
        known = Tried(self.knowledge.observations, self._varied)
        return next((Proposal(point) for point in self._points if point not in known), None)


def _grouped(space: Space, points: Iterable[dict[str, Value]]) -> list[dict[str, Value]]:
    """Points of the same kind together, where the first of them was."""
    kinds = Kinds(space)
    groups: dict[Kind, list[dict[str, Value]]] = {}
    for point in points:
        groups.setdefault(kinds.of(point), []).append(point)
    return [point for group in groups.values() for point in group]


def draw_value(parameter: Parameter, label: str, seed: int, index: int, attempt: int = 0) -> Value:
    """A random value of one hyperparameter for one trial, whatever else is drawn.

    The label, unlike the key, does not depend on which hyperparameters are known, so that a
    worker that meets one for the first time draws what the sampler would have drawn.
    """
    return parameter.from_unit(uniform(seed, index, "ask", label, attempt))


def first_points(
    space: Space, tries: Sequence[Mapping[str, Value]], *, defaults: bool, centre: bool = False
) -> list[dict[str, Value]]:
    """What is tried first: the user's points, completed by defaults, then the defaults.

    Args:
        space: What may vary.
        tries: Values by name; names they leave out have their defaults.
        defaults: Whether the defaults themselves are a point.
        centre: Whether the middle of all ranges without a declared default is a point too: the
            default of such a range is its lower end, a corner of the space.
    """
    points = [space.choose(lambda p, own=own: own.get(p.name, p.default_value)) for own in tries]
    points += [space.defaults()] if defaults else []
    return [*points, space.choose(_central_value)] if centre else points


def _central_value(parameter: Parameter) -> Value:
    declared = getattr(parameter, "default", None) is not None
    if declared or not parameter.is_ordered:
        return parameter.default_value
    return parameter.from_unit(0.5)
