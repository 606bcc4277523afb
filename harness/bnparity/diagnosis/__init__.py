"""What a backend does instead: the search of dialects for the one that explains its outputs.

May import `judging` and what that may import.
"""

from bnparity.diagnosis.conventions import Measured, measure
from bnparity.diagnosis.search import OF_ACCURACY, Diagnosis, concerns, diagnose_by_format
