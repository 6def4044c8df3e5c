"""Pictures between the page and the server: PNG data URLs and uploaded files in, WebP data URLs out, all bounded."""

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

from pix2pix.data.framing import LARGEST, SIDE
from pix2pix.data.images import read_heic, reduced, to_rgb

PNG_PREFIX = "data:image/png;base64,"
# Noise in 256 x 256 RGB does not compress: 196 kB and the PNG frame, in base64.
MAX_CHARACTERS = 300_000
# A photo of 50 megapixels, which phones take, decodes to 150 MB. Few at a time are in memory at that size.
MAX_PIXELS = 50_000_000
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF", "AVIF")
_reading = threading.BoundedSemaphore(2)
File = str | Path | bytes
Result = TypeVar("Result")


class RefusedError(ValueError):
    """A request that cannot be served; the message is for the person who made it."""


def version_of(content: object) -> str:
    """A short name for JSON content: a page that has it need not be sent it again."""
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]


def read_drawing(url: object) -> np.ndarray:
    """A PNG data URL -> 256 x 256 x 3 uint8. Raises RefusedError, for its length before decoding, for its size before loading."""
    if not isinstance(url, str) or not url.startswith(PNG_PREFIX):
        raise RefusedError("The drawing must be a PNG picture in a data URL.")
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


def read_picture(file: File | None, most: int = LARGEST) -> np.ndarray:
    """A picture file or its bytes -> H x W x 3 uint8. Raises RefusedError; for sides over `most` before they are loaded."""

    def load(image: Image.Image) -> np.ndarray:
        if max(image.size) > most:
            raise RefusedError(
                f"A picture may have up to {most} pixels a side, this one is {image.width} x {image.height}. Reduce it first."
            )
        return np.asarray(to_rgb(image))

    return _read(file, load)


def read_photo(file: File | None, most: int = LARGEST) -> tuple[np.ndarray, tuple[int, int]]:
    """A photo's file or its bytes -> H x W x 3 uint8, reduced to sides of at most `most`; and its width and height before.

    Raises RefusedError; over 50 megapixels before they are loaded.
    """

    def load(image: Image.Image) -> tuple[np.ndarray, tuple[int, int]]:
        turned = image.getexif().get(ExifTags.Base.Orientation, 1) in (5, 6, 7, 8)
        before = (image.height, image.width) if turned else image.size
        return np.asarray(reduced(image, most)), before

    return _read(file, load)


def _read(file: File | None, load: Callable[[Image.Image], Result]) -> Result:
    if file is None:
        raise RefusedError("There is no picture to translate.")
    try:
        with _reading, Image.open(io.BytesIO(file) if isinstance(file, bytes) else file, formats=_formats()) as image:
            if image.width * image.height > MAX_PIXELS:
                raise RefusedError(f"This picture has too many pixels: up to {MAX_PIXELS // 1_000_000} megapixels are read.")
            return load(image)
    except RefusedError:
        raise
    except Image.DecompressionBombError:
        raise RefusedError("This picture has too many pixels.") from None
    except Exception:  # Pillow's readers fail on damaged bytes in many ways
        raise RefusedError("This file is not a readable picture. JPEG, PNG, WebP, TIFF, GIF, HEIC and AVIF are read.") from None


@functools.cache
def _formats() -> tuple[str, ...]:
    """What is read: Pillow's own formats and HEIC."""
    read_heic()
    return (*FORMATS, "HEIF")


def picture_url(picture: np.ndarray) -> str:
    """H x W x 3 uint8 -> a lossless data URL. Of what browsers show, WebP at this setting is the fastest to write."""
    return _webp_url(picture, lossless=True, quality=0)


def passing_url(picture: np.ndarray) -> str:
    """H x W x 3 uint8 -> a data URL of half the bytes, written in a sixth of the time, for a picture soon replaced."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=95, subsampling=0)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def preview_url(photo: np.ndarray) -> str:
    """H x W x 3 uint8 -> a small data URL, for showing somebody's own photo."""
    return _webp_url(photo, lossless=False, quality=85)


def _webp_url(picture: np.ndarray, lossless: bool, quality: int) -> str:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "WEBP", lossless=lossless, method=0, quality=quality)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()


def drawing_url(picture: np.ndarray) -> str:
    """H x W x 3 uint8 -> a PNG data URL."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG", compress_level=3)
    return PNG_PREFIX + base64.b64encode(buffer.getvalue()).decode()
