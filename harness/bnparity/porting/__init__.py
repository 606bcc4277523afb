"""From one API to another: layers translated, and what documents say of both APIs, measured.

May import `judging`, by which claims are measured, and what that may import.
"""

from bnparity.porting.claims.catalogue import CLAIMS, answers
from bnparity.porting.claims.claim import Answer, Claim, Measurement, Verdict
from bnparity.porting.claims.examples import EXAMPLES, Example, printed_ratio
from bnparity.porting.translation import Layer, Untranslatable, translate
from bnparity.porting.translation.signatures import Api, other
from bnparity.porting.translation.state import checkpoint_names
