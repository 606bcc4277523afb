"""What a backend does instead: the search of dialects for the one that explains its outputs.

May import `judging` and what that may import.
"""

from bnparity.diagnosis.candidates import OF_ACCURACY
from bnparity.diagnosis.conditions import Condition
from bnparity.diagnosis.conventions import Measured, measure
from bnparity.diagnosis.evidence import MOST_EFFORT
from bnparity.diagnosis.probes import Put
from bnparity.diagnosis.search import Diagnosis, diagnose
