"""Where trials run: workers, the supervisor of local ones, claims, liveness, the probe."""

from hpsearch.execution.probe import ProbeResult, probe
from hpsearch.execution.study_plan import DataRequest, PruningPlan, StudyPlan, TrainingPlan
from hpsearch.execution.supervisor import Snapshot, supervise

__all__ = [
    "DataRequest",
    "ProbeResult",
    "PruningPlan",
    "Snapshot",
    "StudyPlan",
    "TrainingPlan",
    "probe",
    "supervise",
]
