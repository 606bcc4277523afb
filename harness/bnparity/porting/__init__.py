"""From one API to another: layers, checkpoints, claims, mistakes in source, pages of differences.

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
from bnparity.porting.differences.asked import differences_of
from bnparity.porting.differences.html import as_html as page_as_html
from bnparity.porting.differences.markdown import as_markdown as page_as_markdown
from bnparity.porting.lint.catalogue import lint_rules
from bnparity.porting.lint.check import Linting, lint_file, mend_file, python_files
from bnparity.porting.lint.formats import LINT_FORMATS
from bnparity.porting.lint.rule import Mistake
from bnparity.porting.translation import Layer, Untranslatable, translate
from bnparity.porting.translation.rules import complement
from bnparity.porting.translation.signatures import Api, other
from bnparity.porting.translation.state import checkpoint_names
