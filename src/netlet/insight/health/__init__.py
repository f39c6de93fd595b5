"""Health: what keeps a network from learning, found in a few figures of its training."""
