"""What stands behind the pytest plugin: the choice of backends, the message, the records."""

from bnparity.frontends.testing.choice import ABOUT, ALL, backend_of, chosen, leave_out, named
from bnparity.frontends.testing.found import found_in
from bnparity.frontends.testing.message import message
from bnparity.frontends.testing.records import Records, read
from bnparity.frontends.testing.reports import checked, write_test_reports
from bnparity.frontends.testing.run import BACKEND, Outcome, Run
