"""How users reach all this: `commands` to type, `api` for Python, `testing` for the pytest plugin.

May import every other room. They are faces of their own, since pytest need not be installed.
"""
