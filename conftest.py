"""The suites of this checkout use bnparity's own pytest plugin."""

pytest_plugins = ("bnparity.pytest_plugin",)
