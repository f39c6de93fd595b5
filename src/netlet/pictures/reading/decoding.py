"""A picture's file to bytes: any mode to grey or colour, upright, of one size.

| what the file holds | what comes of it |
|---|---|
| 1 bit, 8 bits of grey | grey |
| a palette, RGB, CMYK, YCbCr | colour |
| 16 bits of grey | grey, the upper 8 bits |
| transparency | laid over white |
| an EXIF orientation | turned upright |
| several frames or pages | the first |
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from netlet.pictures.reading.errors import UnreadablePicture

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_PIXELS = 80_000_000  # of one picture; a small file can claim to be gigabytes
# Named, since Pillow also reads formats that start other programs (EPS).
FORMATS = ("PNG", "JPEG", "MPO", "GIF", "BMP", "TIFF", "WEBP", "PPM", "JPEG2000", "AVIF", "ICO", "PCX")
GREY_MODES = frozenset({"1", "L", "LA", "La", "I", "F"})
SIXTEEN_BITS = "I;16"
ORIENTATION, LIES_ON_ITS_SIDE = 0x0112, (5, 6, 7, 8)
WIDTH_TAG, HEIGHT_TAG = 256, 257
WHITE = 255


@dataclass(frozen=True)
class Header:
    """What a file says of its picture before it is decoded: upright height and width, and whether it has colour."""

    height: int
    width: int
    colour: bool


def require_pillow() -> None:
    """Raise ImportError, with what to install, where Pillow is missing."""
    try:
        import PIL  # noqa: F401
    except ImportError:
        raise ImportError(
            'files of pictures are read with Pillow, which is not installed; run: pip install "netlet[pictures]"'
        ) from None


def read_header(path: Path) -> Header:
    """Read how large a picture is, and whether it has colour; its pixels are not decoded.

    Raises
    ------
    UnreadablePicture
        If it is empty, no picture, or too large.
    """
    with _reporting(), _open(path) as image:
        width, height = image.size
        if _is_on_its_side(image):
            width, height = height, width
        return Header(height, width, _has_colour(image))


def decode(path: Path, height: int, width: int, channels: int) -> np.ndarray:
    """Read a picture.

    Parameters
    ----------
    path : pathlib.Path
    height, width : int
        It is made as large as fits, its aspect kept, and centred; what stays free has the mean colour of its border.
    channels : {1, 3}

    Returns
    -------
    uint8, (height, width, channels)

    Raises
    ------
    UnreadablePicture
        If it cannot be decoded.
    """
    from PIL import ImageOps

    with _reporting(), _open(path) as image:
        side = max(height, width)
        image.draft(None, (side, side))  # a large JPEG is decoded at 1/2, 1/4 or 1/8; others ignore it
        return fit(_plain(ImageOps.exif_transpose(image), channels), height, width)


def fit(image: Image, height: int, width: int) -> np.ndarray:
    """Scale a picture of mode L or RGB until it fits, and pad it with the mean colour of its border.

    Returns
    -------
    uint8, (height, width, 1 or 3)
    """
    from PIL.Image import Resampling

    scale = min(height / image.height, width / image.width)
    inner = min(width, max(1, round(image.width * scale))), min(height, max(1, round(image.height * scale)))
    if inner != image.size:
        image = image.resize(inner, Resampling.BILINEAR)  # Pillow's is also a low-pass filter where it makes smaller
    pixels = np.asarray(image).reshape(image.height, image.width, -1)
    if inner == (width, height):
        return pixels.copy()
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    whole = np.empty((height, width, pixels.shape[2]), dtype=np.uint8)
    whole[:] = np.rint(border.mean(axis=0)).astype(np.uint8)
    top, left = (height - image.height) // 2, (width - image.width) // 2
    whole[top : top + image.height, left : left + image.width] = pixels
    return whole


@contextmanager
def _open(path: Path) -> Iterator[Image]:
    from PIL import Image as Pillow
    from PIL import UnidentifiedImageError

    if not path.stat().st_size:
        raise UnreadablePicture("the file is empty")
    Pillow.init()  # all plugins, of which older versions have fewer
    formats = [name for name in FORMATS if name in Pillow.OPEN]
    # Given its name, Pillow maps a plain TIFF into memory, and takes rows for columns where it is turned.
    with path.open("rb") as file:
        try:
            image = Pillow.open(file, formats=formats)
        except UnidentifiedImageError:
            raise UnreadablePicture("no picture in a known format") from None
        except Pillow.DecompressionBombError:
            raise UnreadablePicture(f"more than {MOST_PIXELS // 10**6} million pixels; make it smaller") from None
        with image:
            if image.width * image.height > MOST_PIXELS:
                size = f"{image.height:,} × {image.width:,} pixels"
                raise UnreadablePicture(f"{size}, more than {MOST_PIXELS // 10**6} million; make it smaller")
            yield image


def _plain(image: Image, channels: int) -> Image:
    """Return the picture in mode L or RGB."""
    from PIL import Image as Pillow

    wanted = "L" if channels == 1 else "RGB"
    if image.mode.startswith(SIXTEEN_BITS):
        image = Pillow.fromarray((np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8))
    elif image.mode in ("I", "F"):
        image = Pillow.fromarray(_eight_bits(np.asarray(image, dtype=np.float64)))
    if image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
        image = Pillow.alpha_composite(Pillow.new("RGBA", image.size, (WHITE, WHITE, WHITE, WHITE)), image)
    return image if image.mode == wanted else image.convert("RGB").convert(wanted)


def _eight_bits(values: np.ndarray) -> np.ndarray:
    """Bring numbers to 0 to 255, from 0 to 1, 255 or 65535; the file does not tell which, so the largest does."""
    top = float(np.nanmax(values, initial=0.0))
    scale = 255.0 if top <= 1 else 1.0 if top <= 255 else 1 / 257
    return np.rint(np.nan_to_num(values * scale)).clip(0, 255).astype(np.uint8)


def _has_colour(image: Image) -> bool:
    if image.mode in GREY_MODES or image.mode.startswith(SIXTEEN_BITS):
        return False
    if image.mode in ("P", "PA") and (palette := image.getpalette("RGB")):
        colours = np.array(palette, dtype=np.uint8).reshape(-1, 3)
        return bool((colours != colours[:, :1]).any())
    return True


def _is_on_its_side(image: Image) -> bool:
    if image.format == "PNG" and "exif" not in image.info:
        return False  # to look for it behind the pixels would decode them
    if image.getexif().get(ORIENTATION) not in LIES_ON_ITS_SIDE:
        return False
    tags = getattr(image, "tag_v2", None)  # of TIFF, whose size newer versions of Pillow give upright
    return tags is None or image.size == (tags[WIDTH_TAG], tags[HEIGHT_TAG])


@contextmanager
def _reporting() -> Iterator[None]:
    """Turn whatever a decoder raises into UnreadablePicture."""
    try:
        yield
    except (UnreadablePicture, MemoryError):
        raise
    except Exception as error:  # a damaged file makes decoders raise struct.error, SyntaxError, IndexError and more
        if isinstance(error, OSError) and error.strerror:
            raise UnreadablePicture(f"cannot be opened: {error.strerror}") from None
        raise UnreadablePicture(f"damaged or cut short ({error or type(error).__name__})") from None
