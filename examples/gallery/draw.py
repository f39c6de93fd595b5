"""Run pages of this gallery and keep their pictures: ``python draw.py FOLDER plot_edges plot_mnist ...``."""

import runpy
import sys
from pathlib import Path

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt  # after the choice of what draws
from PIL import Image  # comes with matplotlib


def save(path):
    """Save the figure with 256 colours, which makes the file smaller."""
    plt.savefig(path, dpi=90)
    with Image.open(path) as image:
        few = image.convert("RGB").quantize(256)
    few.save(path, optimize=True)


def main(folder, *names):
    for name in names:
        plt.show = lambda name=name: save(Path(folder) / f"{name}.png")
        runpy.run_path(str(Path(__file__).with_name(f"{name}.py")), run_name="__main__")
        plt.close("all")


if __name__ == "__main__":
    main(*sys.argv[1:])
