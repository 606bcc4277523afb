"""bnparity: numerical parity testing of BatchNorm implementations against a float64 oracle."""

__version__ = "0.1.0"
