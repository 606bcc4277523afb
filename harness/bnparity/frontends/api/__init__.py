"""What Python code asks for: verdicts on backends, on arrays at hand, and on two backends.

`bnparity` itself shows these names. Needs no pytest; the plugin's parts build on it.
"""

from bnparity.frontends.api.arrays import judge
from bnparity.frontends.api.checking import accepted, assert_parity, check
from bnparity.frontends.api.comparing import Comparison, Difference, compare
from bnparity.frontends.api.given import Given, asked_of, given
from bnparity.frontends.api.message import message
from bnparity.frontends.api.verdict import Verdict
