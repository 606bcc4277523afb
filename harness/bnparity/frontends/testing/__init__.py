"""What stands behind the pytest plugin: the choice of backends, the message, the records."""

from bnparity.frontends.api import accepted, asked_of, given, message
from bnparity.frontends.testing.choice import (
    ABOUT,
    ALL,
    backend_of,
    chosen,
    found_in,
    is_about_others,
    named,
    reports,
    told_by_pytest,
)
from bnparity.frontends.testing.own import Judge
from bnparity.frontends.testing.run import BACKEND, Outcome, Records, Run
from bnparity.frontends.testing.settings import add_settings, known_findings, plan_of
