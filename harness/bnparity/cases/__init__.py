"""What is asked: cases, how they are drawn, their arrays, and the dialects they are asked in.

May import `backends`, whose contract says what a call takes.
"""

from bnparity.cases.case import Case, Layout, Recipe
from bnparity.cases.conventions import convention_pages, value_in_words
from bnparity.cases.declared import Declaration
from bnparity.cases.dialects import (
    declaration,
    momentum_of_batch_alone,
    value_text,
)
from bnparity.cases.exact_data import with_exact_data
from bnparity.cases.frameworks import FRAMEWORKS
from bnparity.cases.from_json import MOST_ELEMENTS, case_from_json
from bnparity.cases.inputs import Inputs, make_inputs
from bnparity.cases.masks import mask_asked
from bnparity.cases.plain import plainer, with_changes
from bnparity.cases.rarities import DATA_LAYOUTS, MANY_CALLS
from bnparity.cases.sizes import DRAWN_ELEMENTS
from bnparity.cases.space import Space
from bnparity.cases.statistics_gradients import statistics_gradients_asked
from bnparity.cases.strategies import RANKS, formats_with, space_of, worst_conditioning
from bnparity.cases.well_conditioned import well_conditioned_cases
from bnparity.cases.words import in_words
