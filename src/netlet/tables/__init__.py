"""The network to try first on any table."""
