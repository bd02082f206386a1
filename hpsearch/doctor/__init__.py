"""Looking at a machine: can hpsearch be used here, how well, and what is there to mend."""

from hpsearch.doctor.checks import Check, Examination
from hpsearch.doctor.examining import examine

__all__ = ["Check", "Examination", "examine"]
