"""Run pages of this gallery and keep their pictures: ``python draw.py FOLDER plot_edges plot_mnist ...``.

``python draw.py FOLDER plot_optimizers.gif`` keeps the animation of a page that has one.
"""

import runpy
import sys
from pathlib import Path

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt  # after the choice of what draws
from PIL import Image, ImageSequence  # comes with matplotlib

LARGEST = 60_000  # bytes


def few(image):
    """Return the image with 96 colours, chosen so that thin lines keep theirs."""
    return image.quantize(96, Image.Quantize.MAXCOVERAGE, kmeans=5)


def save(path):
    """Save the figure with 256 colours, or with 96 where the file is still large."""
    plt.savefig(path, dpi=90)
    with Image.open(path) as image:
        all_colours = image.convert("RGB")
    all_colours.quantize(256).save(path, optimize=True)
    if path.stat().st_size >= LARGEST:
        few(all_colours).save(path, optimize=True)


def shrink(path):
    """Turn an animation into a GIF of few colours, the same in all pictures: what does not move then costs nothing."""
    with Image.open(path) as animation:
        pictures = [picture.convert("RGB") for picture in ImageSequence.Iterator(animation)]
        duration = animation.info["duration"]
    colours = few(pictures[-1])
    first, *others = (picture.quantize(palette=colours, dither=Image.Dither.NONE) for picture in pictures)
    first.save(path.with_suffix(".gif"), save_all=True, append_images=others, duration=duration, loop=0, optimize=True)
    path.unlink()


def main(folder, *names):
    for name in names:
        page = Path(__file__).with_name(name).with_suffix(".py")
        picture, animation = Path(folder) / f"{page.stem}.png", Path(folder) / f"{page.stem}.apng"
        moves = name.endswith(".gif")
        plt.show = (lambda: None) if moves else (lambda picture=picture: save(picture))
        sys.argv = [str(page), str(animation)] if moves else [str(page)]
        runpy.run_path(str(page), run_name="__main__")
        if moves:
            shrink(animation)
        plt.close("all")


if __name__ == "__main__":
    main(*sys.argv[1:])
