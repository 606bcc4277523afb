"""From one API to another: layers and checkpoints, and what documents say of both APIs, measured.

May import `judging`, by which claims are measured, and what that may import.
"""

from bnparity.porting.checkpoints import (
    Checkpoint,
    Port,
    PortedNorm,
    Tensor,
    batch_norms,
    check_writable,
    conventions_apart,
    factors_of,
    multiplied,
    plan,
    read_checkpoint,
    targets_of,
    write_checkpoint,
)
from bnparity.porting.checkpoints import Settings as PortSettings
from bnparity.porting.checkpoints import document as table_of_port
from bnparity.porting.checkpoints import known as known_framework
from bnparity.porting.checkpoints import lines as table_in_words
from bnparity.porting.checkpoints import settings_of as port_settings
from bnparity.porting.claims.catalogue import CLAIMS, answers
from bnparity.porting.claims.claim import Answer, Claim, Measurement, Verdict
from bnparity.porting.claims.examples import EXAMPLES, Example, printed_ratio
from bnparity.porting.translation import Layer, Untranslatable, translate
from bnparity.porting.translation.rules import complement
from bnparity.porting.translation.signatures import Api, other
from bnparity.porting.translation.state import checkpoint_names
