"""How users reach all this: `commands` for the command line, `testing` for the pytest plugin.

May import every other room. The two are faces of their own, since pytest need not be installed.
"""
