"""The search for the right network: spaces, strategies, trials."""
