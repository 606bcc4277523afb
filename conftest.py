"""The suites of this checkout use bnparity's own pytest plugin, and that of its hunts."""

import sys
from importlib.util import find_spec
from pathlib import Path

# No setting of pytest: whoever runs an editable install of the suites elsewhere comes here too.
sys.path.append(str(Path(__file__).parent / "suites" / "self"))

pytest_plugins = ("bnparity.pytest_plugin", "hunting.plugin")

# There is no Triton but for Linux; its kernels import it at once.
collect_ignore_glob = [] if find_spec("triton") else ["harness/bnparity/kernels/triton_*.py"]
