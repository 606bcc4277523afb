"""What is news in a run: all that is wrong in it and that nobody has declared or met before.

`with_news` is the one place that decides. It writes the answer into the results, and every output
and the exit code read it there.
"""

from bnparity.results.news.declared import Known, declared_in
from bnparity.results.news.expected import Baseline, Expected, has_news, with_news
from bnparity.results.news.problems import Strict, loose_outputs, too_loose
