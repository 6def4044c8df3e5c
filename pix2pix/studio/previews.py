"""Picture files of models and runs as the Models tab shows them: bounded, and only from inside their own folder."""

import base64
import functools
import io
from pathlib import Path

from PIL import Image

from pix2pix.data.images import pictures_in
from pix2pix.studio.pictures import RefusedError, read_picture

MAX_SIDE = 6144  # a grid of four rows, of models of 1024 pixels
MAX_SAMPLES = 12


def samples_in(folder: Path) -> list[Path]:
    """A model's sample files, the first few."""
    return pictures_in(folder)[:MAX_SAMPLES] if folder.is_dir() else []


def preview(path: Path, most: int) -> str | None:
    """A picture file as a data URL, reduced to `most` pixels a side; None for what is no picture or lies elsewhere."""
    try:
        return _preview(path, path.stat().st_mtime_ns, most)
    except OSError:
        return None


def halves(path: Path, side: int) -> tuple[Image.Image, Image.Image] | None:
    """A sample file's input and output, side x side; None for what is no picture or lies elsewhere."""
    picture = _read(path)
    if picture is None or picture.width < 2:
        return None
    middle = picture.width // 2
    boxes = (0, 0, middle, picture.height), (middle, 0, 2 * middle, picture.height)
    first, second = (picture.crop(box).resize((side, side), Image.Resampling.LANCZOS) for box in boxes)
    return first, second


def _read(path: Path) -> Image.Image | None:
    try:
        if path.resolve().parent != path.parent.resolve():
            return None
        return Image.fromarray(read_picture(path, MAX_SIDE))
    except (OSError, RefusedError):
        return None


@functools.lru_cache(maxsize=96)
def _preview(path: Path, _changed: int, most: int) -> str | None:
    picture = _read(path)
    if picture is None:
        return None
    picture.thumbnail((most, most), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=90, subsampling=0)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()
