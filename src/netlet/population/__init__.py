"""Many networks at once: populations, ensembles, and the right size."""
