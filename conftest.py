"""The suites of this checkout use bnparity's own pytest plugin, and that of its hunts."""

pytest_plugins = ("bnparity.pytest_plugin", "hunting.plugin")
