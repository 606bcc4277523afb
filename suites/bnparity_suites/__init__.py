"""The parity suites: ``pytest -p bnparity.pytest_plugin --pyargs bnparity_suites``."""
