"""What two results documents say differently: what regressed, what is mended, what else changed.

`compare` takes documents and returns a `Comparison`, which is data too: how it reads is the
reports' business.
"""

from bnparity.results.comparison.change import Change, Comparison
from bnparity.results.comparison.compare import compare
from bnparity.results.comparison.deviations import deviations
