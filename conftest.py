"""The suites of this checkout use bnparity's own pytest plugin, and that of its hunts."""

import sys
from importlib.util import find_spec
from pathlib import Path

from hypothesis import settings

# No setting of pytest: whoever runs an editable install of the suites elsewhere comes here too.
sys.path.append(str(Path(__file__).parent / "suites" / "self"))

# No test may fail because the machine is busy.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

pytest_plugins = ("bnparity.pytest_plugin", "hunting.plugin")

# There is no Triton but for Linux; its kernels import it at once.
collect_ignore_glob = [] if find_spec("triton") else ["harness/bnparity/kernels/triton_*.py"]
