"""Pictures in and out, all bounded: data URLs and files to arrays, arrays and sample files to data URLs.

Nothing here needs Gradio, which takes seconds to import: what it does with files is in files.py.
"""

import base64
import functools
import hashlib
import io
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import ExifTags, Image

from pix2pix.data.framing import MAX_PHOTO_SIDE, SIDE
from pix2pix.data.images import pictures_in, reduced, to_rgb
from pix2pix.studio.decoding import open_picture
from pix2pix.studio.errors import RefusedError

NO_DRAWING = "The drawing must be a PNG picture in a data URL."
PNG_PREFIX = "data:image/png;base64,"
# Noise in 256 x 256 RGB does not compress: 196 kB and the PNG frame, in base64.
MAX_CHARACTERS = 300_000
MAX_SAMPLES = 12
MAX_SAMPLE_SIDE = 6144  # a grid of four rows, of models of 1024 pixels
# Few samples at a time are in memory at that size.
_reading = threading.BoundedSemaphore(2)
File = str | Path | bytes
Result = TypeVar("Result")


def version_of(content: object) -> str:
    """Return a short name for JSON content: a page that has it need not be sent it again."""
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]


def read_drawing(url: object) -> np.ndarray:
    """Decode a PNG data URL to 256 x 256 x 3 uint8.

    Raise RefusedError: for its length before it is decoded, for its size before it is loaded.
    """
    if not isinstance(url, str) or not url.startswith(PNG_PREFIX):
        raise RefusedError(NO_DRAWING)
    if len(url) > MAX_CHARACTERS:
        raise RefusedError(f"The drawing is too large: at most {MAX_CHARACTERS // 1000} kB are taken.")
    try:
        body = base64.b64decode(url[len(PNG_PREFIX) :], validate=True)
        with Image.open(io.BytesIO(body), formats=["PNG"]) as image:
            if image.size != (SIDE, SIDE):
                raise RefusedError(f"The drawing must be {SIDE} x {SIDE} pixels, this one is {image.width} x {image.height}.")
            return np.asarray(to_rgb(image))
    except RefusedError:
        raise
    except Exception:  # Pillow's readers fail on damaged bytes in many ways
        raise RefusedError("The drawing is not a readable PNG picture.") from None


def read_picture(file: File | None, max_side: int = MAX_PHOTO_SIDE) -> np.ndarray:
    """Read a picture file or its bytes as H x W x 3 uint8.

    Raise RefusedError, for sides over `max_side` before they are loaded.
    """

    def load(image: Image.Image) -> np.ndarray:
        if max(image.size) > max_side:
            raise RefusedError(
                f"A picture may have up to {max_side} pixels a side, this one is {image.width} x {image.height}. Reduce it first."
            )
        return np.asarray(to_rgb(image))

    return _read(file, load)


def read_photo(file: File | None, max_side: int = MAX_PHOTO_SIDE) -> tuple[np.ndarray, tuple[int, int]]:
    """Read a photo's file or its bytes as H x W x 3 uint8, reduced to sides of at most `max_side`.

    Return also its width and height before.

    Raise RefusedError; over 50 megapixels before they are loaded.
    """

    def load(image: Image.Image) -> tuple[np.ndarray, tuple[int, int]]:
        turned = image.getexif().get(ExifTags.Base.Orientation, 1) in (5, 6, 7, 8)
        before = (image.height, image.width) if turned else image.size
        return np.asarray(reduced(image, max_side)), before

    return _read(file, load)


def _read(file: File | None, load: Callable[[Image.Image], Result]) -> Result:
    if file is None:
        raise RefusedError("There is no picture to translate.")
    try:
        with open_picture(file) as image:
            return load(image)
    except RefusedError:
        raise
    except Image.DecompressionBombError:
        raise RefusedError("This picture has too many pixels.") from None
    except Exception:  # Pillow's readers fail on damaged bytes in many ways
        raise RefusedError("This file is not a readable picture. JPEG, PNG, WebP, TIFF, GIF, HEIC and AVIF are read.") from None


def picture_url(picture: np.ndarray) -> str:
    """Encode H x W x 3 uint8 losslessly as a data URL. Of what browsers show, WebP at this setting is the fastest to write."""
    return _data_url(Image.fromarray(picture), "WEBP", lossless=True, method=0, quality=0)


def passing_url(picture: np.ndarray) -> str:
    """Encode H x W x 3 uint8 in half the bytes and a sixth of the time, for a picture soon replaced."""
    return _data_url(Image.fromarray(picture), "JPEG", quality=95, subsampling=0)


def preview_url(photo: np.ndarray) -> str:
    """Encode H x W x 3 uint8 as a small data URL, for showing somebody's own photo."""
    return _data_url(Image.fromarray(photo), "WEBP", method=0, quality=85)


def drawing_url(picture: np.ndarray) -> str:
    """Encode H x W x 3 uint8 as a PNG data URL."""
    return _data_url(Image.fromarray(picture), "PNG", compress_level=3)


def _data_url(picture: Image.Image, kind: str, **options: object) -> str:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return f"data:image/{kind.lower()};base64," + base64.b64encode(buffer.getvalue()).decode()


def samples_in(folder: Path) -> list[Path]:
    """Return a model's sample files, the first few."""
    return pictures_in(folder)[:MAX_SAMPLES] if folder.is_dir() else []


def preview(path: Path, max_side: int) -> str | None:
    """Return a picture file as a data URL, reduced to `max_side` pixels a side; None for what is no picture or lies elsewhere."""
    try:
        return _preview(path, path.stat().st_mtime_ns, max_side)
    except OSError:
        return None


def halves(path: Path, side: int) -> tuple[Image.Image, Image.Image] | None:
    """Return a sample file's input and output, side x side; None for what is no picture or lies elsewhere."""
    picture = _read_inside(path)
    if picture is None or picture.width < 2:
        return None
    middle = picture.width // 2
    boxes = (0, 0, middle, picture.height), (middle, 0, 2 * middle, picture.height)
    first, second = (picture.crop(box).resize((side, side), Image.Resampling.LANCZOS) for box in boxes)
    return first, second


def _read_inside(path: Path) -> Image.Image | None:
    try:
        if path.resolve().parent != path.parent.resolve():
            return None
        with _reading:
            return Image.fromarray(read_picture(path, MAX_SAMPLE_SIDE))
    except (OSError, RefusedError):
        return None


@functools.lru_cache(maxsize=96)
def _preview(path: Path, _changed: int, max_side: int) -> str | None:
    picture = _read_inside(path)
    if picture is None:
        return None
    picture.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
    return _data_url(picture, "JPEG", quality=90, subsampling=0)
