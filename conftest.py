"""The suites of this checkout use bnparity's own pytest plugin, and that of its hunts."""

import sys
from pathlib import Path

# No setting of pytest: whoever runs an editable install of the suites elsewhere comes here too.
sys.path.append(str(Path(__file__).parent / "suites" / "self"))

pytest_plugins = ("bnparity.pytest_plugin", "hunting.plugin")
