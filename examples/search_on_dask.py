"""Search on the workers of a Dask cluster: python search_on_dask.py [ADDRESS OF THE SCHEDULER]."""

import sys

import joblib
from distributed import Client, LocalCluster
from sklearn.datasets import load_digits

from netlet import search
from netlet.scales import LogUniform, Sizes


def main(address=None):
    X, y = load_digits(return_X_y=True)
    space = {"hidden": Sizes((1, 2), (16, 128)), "learning_rate": LogUniform(1e-4, 1e-1), "batch_size": [32, 128]}
    # Without an address: three worker processes on this machine.
    cluster = address or LocalCluster(n_workers=3, threads_per_worker=1)
    with Client(cluster), joblib.parallel_config(backend="dask"):
        found = search(X / 16, y, space, 24, epochs=10, metric="accuracy", workers="joblib")
    print(found)


if __name__ == "__main__":  # worker processes of this machine read this file as well
    main(*sys.argv[1:])
