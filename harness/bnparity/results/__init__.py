"""What a session leaves behind: figures, findings and their folders, results.json, comparisons.

May import `diagnosis`, `porting` and what these may import.
"""

from bnparity.results.comparison import Change, compare
from bnparity.results.document import (
    Backend,
    Document,
    dump,
    read,
    read_json,
    replace,
    to_document,
    write,
)
from bnparity.results.figures import Cell, Figures, Totals, by_edge, cell_of, from_edges
from bnparity.results.findings import (
    Finding,
    not_again,
    not_diagnosed,
    of_accumulation,
    of_diagnosis,
    of_fault,
)
from bnparity.results.judgement import Earlier, Judgement, Status
from bnparity.results.merge import merged
from bnparity.results.news import (
    Baseline,
    Expected,
    Known,
    Strict,
    declared_in,
    has_news,
    loose_outputs,
    too_loose,
    with_news,
)
from bnparity.results.occurrence import Occurrence, Worst
from bnparity.results.of_layers import of_layer_error, over_time
from bnparity.results.repro.folder import SCHEMA
from bnparity.results.saving import (
    folder_name,
    found_from_here,
    remove_mended,
    save,
    save_loosest,
    writer,
)
from bnparity.results.sizes import SIZES
from bnparity.results.untrusted import (
    borrows,
    changed,
    could_not_fail,
    declined,
    mostly_declined,
    not_finished,
    not_provided,
    not_taken,
)
