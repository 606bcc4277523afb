"""Reports: what a session's results look like to people. They know the results schema, no more."""
