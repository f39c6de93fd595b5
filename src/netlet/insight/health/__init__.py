"""Health: what keeps a network from learning, found in a few figures of its training."""

from netlet.insight.health.finding import Finding, Health

__all__ = ["Finding", "Health"]
