"""What flags change of a space, before its study and when it is continued."""

from __future__ import annotations

from hpsearch.errors import SpaceError
from hpsearch.spaces import Overrides, Space
from hpsearch.stages.request import StageRequest
from hpsearch.storage import RunDirectory


def fix_batch_size(space: Space, request: StageRequest) -> Space:
    """The space with the hyperparameter `batch_size`, if it has one, fixed as `--batch-size` says.

    Raises:
        SpaceError: `--fix` says otherwise, or it is not among the choices.
    """
    if "batch_size" not in space.names:
        return space
    if "batch_size" in request.overrides.fixed:
        raise SpaceError("Both --batch-size and --fix batch_size are given.", "Give one of them.")
    return Overrides.parse([f"batch_size={request.batch_size}"]).apply(space)


def check_changes(request: StageRequest, directory: RunDirectory) -> None:
    """Refuse changes that no space could take, which are no wish for a different study.

    A hyperparameter that the study itself has changed is not as it was declared any more; what
    is wanted of such a one is not looked at.

    Raises:
        SpaceError: A name is not in the space, or a value is not one it can take.
    """
    known = Space.from_json(directory.read_json(directory.space_file))
    wanted = request.overrides
    before = Overrides.from_json(directory.read_study()["identity"].get("overrides", {}))
    changed = {*before.fixed, *before.ranges}
    Overrides(
        {name: text for name, text in wanted.fixed.items() if name not in changed},
        {name: ends for name, ends in wanted.ranges.items() if name not in changed},
    ).apply(known)
    if request.batch_size is not None and request.searches:
        fix_batch_size(known, request)
