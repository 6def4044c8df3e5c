"""Opening pictures of strangers: what decoding may cost is known from the header, and it keeps nobody's drawing waiting."""

import asyncio
import functools
import io
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

from PIL import Image

from pix2pix.data.images import read_heic
from pix2pix.studio.errors import BusyError, RefusedError

# A photo of 50 megapixels, which phones take, needs up to 10 bytes a pixel on its way, whatever its mode.
MAX_PIXELS = 50_000_000
MAX_BYTES = 50_000_000
# A progressive JPEG is decoded as often as it has scans: about ten, but a file of a megabyte can have thousands.
MAX_SCANS = 100
MAX_SCANNED_PIXELS = 1_000_000_000
# What begins a scan; inside of one these bytes cannot follow each other.
SCAN = b"\xff\xda"
TILE_SIDES = (322, 323)  # tags of a TIFF
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF", "AVIF")
# Photos decoded at the same time, and how many more may wait.
THREADS, MAX_WAITING = 2, 16
_threads = ThreadPoolExecutor(THREADS, "photos")
_places = threading.BoundedSemaphore(THREADS + MAX_WAITING)
Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


async def decode(function: Callable[Arguments, Result], *args: Arguments.args, **options: Arguments.kwargs) -> Result:
    """Run a function that decodes a picture in threads for nothing else. Raise BusyError if too many wait."""
    if not _places.acquire(blocking=False):
        raise BusyError("Many people are adding photos right now. Please try again in a minute.")
    future = _threads.submit(function, *args, **options)
    future.add_done_callback(lambda _: _places.release())
    return await asyncio.wrap_future(future)


def stop_decoding() -> None:
    """Forget the pictures that wait, so that the program can end."""
    _threads.shutdown(wait=False, cancel_futures=True)


def open_picture(file: str | Path | bytes) -> Image.Image:
    """Open a picture file, or its bytes, that is cheap enough to decode. Raise RefusedError, and what Pillow raises."""
    body = _body(file)
    image = Image.open(io.BytesIO(body), formats=_formats())
    pixels = image.width * image.height
    tile = [image.tag_v2.get(tag, 1) for tag in TILE_SIDES] if image.format == "TIFF" else [1, 1]  # type: ignore[attr-defined]
    if max(pixels, tile[0] * tile[1]) > MAX_PIXELS:
        raise RefusedError(f"This picture has too many pixels: up to {MAX_PIXELS // 1_000_000} megapixels are read.")
    if image.format in ("JPEG", "MPO") or image.info.get("compression") == "jpeg":
        scans = body.count(SCAN)
        if scans > MAX_SCANS or scans * pixels > MAX_SCANNED_PIXELS:
            raise RefusedError("This JPEG would take too long to decode. Save it again, not as a progressive one.")
    return image


def _body(file: str | Path | bytes) -> bytes:
    if isinstance(file, bytes):
        return file
    if Path(file).stat().st_size > MAX_BYTES:
        raise RefusedError(f"This file is too large: up to {MAX_BYTES // 1_000_000} MB are read.")
    return Path(file).read_bytes()


@functools.cache
def _formats() -> tuple[str, ...]:
    """Return the formats that are read: Pillow's own and HEIC."""
    read_heic()
    return (*FORMATS, "HEIF")
