"""Search on the nodes of a Ray cluster: python search_on_ray.py [ADDRESS OF THE HEAD NODE]."""

import sys

import joblib
import ray
from ray.util.joblib import register_ray
from sklearn.datasets import load_digits

from netlet import search
from netlet.scales import LogUniform, Sizes


def main(address="local"):
    X, y = load_digits(return_X_y=True)
    space = {"hidden": Sizes((1, 2), (16, 128)), "learning_rate": LogUniform(1e-4, 1e-1), "batch_size": [32, 128]}
    ray.init(address)  # "local" begins a cluster of this machine alone
    register_ray()  # tells joblib of Ray
    with joblib.parallel_config(backend="ray"):
        found = search(X / 16, y, space, 24, epochs=10, metric="accuracy", workers="joblib")
    print(found)


if __name__ == "__main__":
    main(*sys.argv[1:])
