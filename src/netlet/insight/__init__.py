"""Looking inside: gradient checks and pictures."""
