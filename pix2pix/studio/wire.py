"""Pictures between the page and the server: PNG data URLs in, lossless WebP data URLs out, both bounded."""

import base64
import binascii
import io

import numpy as np
from PIL import Image

from pix2pix.images import to_rgb

SIDE = 256
PNG_PREFIX = "data:image/png;base64,"
# Noise in 256 x 256 RGB does not compress: 196 kB and the PNG frame, in base64.
MAX_CHARACTERS = 300_000
MAX_SIDE = 2048
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")
BROKEN = (binascii.Error, OSError, SyntaxError, ValueError)


class RefusedError(ValueError):
    """A request that cannot be served; the message is for the person who made it."""


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
    except (*BROKEN, Image.DecompressionBombError):
        raise RefusedError("The drawing is not a readable PNG picture.") from None


def read_picture(path: str | None, most: int = MAX_SIDE) -> np.ndarray:
    """An uploaded picture file -> H x W x 3 uint8. Raises RefusedError; sides over `most` are refused before they are loaded."""
    if path is None:
        raise RefusedError("There is no picture to translate.")
    try:
        with Image.open(path, formats=FORMATS) as image:
            if max(image.size) > most:
                raise RefusedError(f"A picture may have up to {most} pixels a side, this one is {image.width} x {image.height}.")
            return np.asarray(to_rgb(image))
    except RefusedError:
        raise
    except Image.DecompressionBombError:
        raise RefusedError("This picture has too many pixels.") from None
    except BROKEN:
        raise RefusedError("This file is not a readable picture.") from None


def picture_url(picture: np.ndarray) -> str:
    """H x W x 3 uint8 -> a lossless data URL. Of what browsers show, WebP at this setting is the fastest to write."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "WEBP", lossless=True, method=0, quality=0)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()


def drawing_url(picture: np.ndarray) -> str:
    """H x W x 3 uint8 -> a PNG data URL."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG", compress_level=3)
    return PNG_PREFIX + base64.b64encode(buffer.getvalue()).decode()
