"""What a session leaves behind: figures, findings and their folders, results.json, comparisons.

May import `diagnosis`, `porting` and what these may import.
"""

from bnparity.results.comparison import compare
from bnparity.results.document import Document, dump, read, read_json, to_document, write
from bnparity.results.figures import Cell, Figures, Totals, by_edge, cell_of, from_edges
from bnparity.results.findings import (
    Finding,
    borrows,
    could_not_fail,
    not_again,
    not_finished,
    not_provided,
    not_taken,
    of_accumulation,
    of_diagnosis,
    of_drift,
    of_fault,
    of_layer_error,
)
from bnparity.results.judgement import Judgement
from bnparity.results.merge import Backend, merged
from bnparity.results.repro.folder import SCHEMA
from bnparity.results.saving import found_from_here, save, writer
from bnparity.results.sizes import SIZES
