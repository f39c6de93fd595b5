"""What other processes and machines a search runs on: Dask, Ray, or joblib's own processes."""

from netlet.searching.engines.engine import Engine, Lost
from netlet.searching.engines.of_joblib import engine_of_joblib

__all__ = ["Engine", "Lost", "engine_of_joblib"]
