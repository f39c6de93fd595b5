"""Run pages of this gallery and keep their pictures: ``python draw.py FOLDER plot_edges plot_mnist ...``."""

import runpy
import sys
from pathlib import Path

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt  # after the choice of what draws


def main(folder, *names):
    for name in names:
        plt.show = lambda name=name: plt.savefig(Path(folder) / f"{name}.png", dpi=80)
        runpy.run_path(str(Path(__file__).with_name(f"{name}.py")), run_name="__main__")
        plt.close("all")


if __name__ == "__main__":
    main(*sys.argv[1:])
