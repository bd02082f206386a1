"""The stages of a search: coarse, narrow, fine, confirm, curves."""

from hpsearch.stages.coarse import run_coarse
from hpsearch.stages.confirm import prepare_confirm, run_confirm
from hpsearch.stages.curve_asked import CurveAsked
from hpsearch.stages.curves import prepare_curves, run_curves
from hpsearch.stages.fine import default_out, prepare_fine, run_fine
from hpsearch.stages.narrow import narrow
from hpsearch.stages.narrow_settings import NarrowSettings
from hpsearch.stages.narrowing import NarrowedSpace, Narrowing
from hpsearch.stages.narrowing_files import is_edited, read_narrowed, write_narrowing
from hpsearch.stages.prepared import Prepared
from hpsearch.stages.preparing import prepare
from hpsearch.stages.request import StageRequest
from hpsearch.stages.result import StageResult
from hpsearch.stages.rounds import Rounds, run_rounds

__all__ = [
    "CurveAsked",
    "NarrowSettings",
    "NarrowedSpace",
    "Narrowing",
    "Prepared",
    "Rounds",
    "StageRequest",
    "StageResult",
    "default_out",
    "is_edited",
    "narrow",
    "prepare",
    "prepare_confirm",
    "prepare_curves",
    "prepare_fine",
    "read_narrowed",
    "run_coarse",
    "run_confirm",
    "run_curves",
    "run_fine",
    "run_rounds",
    "write_narrowing",
]
