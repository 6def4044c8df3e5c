"""Pictures in and out: whatever Pillow reads becomes H x W x 3 uint8."""

import functools
from pathlib import Path

import numpy as np
import torch
from PIL import ExifTags, Image
from torch import Tensor

# Endings of what is written; more is read.
EXTENSIONS = frozenset((".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif"))
READABLE = EXTENSIONS | {".heic", ".heif", ".avif", ".jfif", ".jpe", ".jp2", ".ppm", ".pgm", ".pnm", ".tga"}

BAND_PIXELS = 1_000_000
# By the value of EXIF's orientation.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@functools.cache
def read_heic() -> None:
    """Let Pillow read HEIC from now on, which phones write and most browsers cannot show."""
    import pillow_heif  # not needed to import this module

    pillow_heif.register_heif_opener(thumbnails=False)


# The values for black and white of a data set whose files hold more than 8 bits a channel.
ValueRange = tuple[float, float]


def has_wide_values(image: Image.Image) -> bool:
    """Return whether a picture holds more than 8 bits a channel, so that its data set has to say what is white."""
    return image.mode.startswith(("I", "F"))


def to_rgb(image: Image.Image, values: ValueRange | None = None) -> Image.Image:
    """Convert any Pillow picture to RGB: EXIF rotation applied, alpha flattened on white, first frame.

    More than 8 bits a channel are scaled from `values`, else from what the picture's own range suggests. A band of rows at a
    time, because what lies between the two, floats and alpha, takes many times the memory of both.
    """
    image.load()  # what is wrong with the pixels themselves is raised here
    if values is None and has_wide_values(image):
        values = 0.0, _top(image)
    picture = Image.new("RGB", image.size)
    for band in _bands(image):
        picture.paste(_band_to_rgb(image.crop(band), values), band[:2])
    turn = TURNS.get(_orientation(image))
    return picture if turn is None else picture.transpose(turn)


def _orientation(image: Image.Image) -> int:
    """Return what EXIF says of how the picture was held. A damaged tag says nothing: the pixels may be sound all the same."""
    try:
        return image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # Pillow's reader fails on damaged tags in many ways: SyntaxError, struct.error, ValueError, ...
        return 1


def _bands(image: Image.Image) -> list[tuple[int, int, int, int]]:
    rows = max(1, BAND_PIXELS // image.width)
    return [(0, top, image.width, min(top + rows, image.height)) for top in range(0, image.height, rows)]


def _top(image: Image.Image) -> float:
    """Return the number that is white.

    I;16 is 16 bits for certain. I and F only say how a file stores its numbers: their range has to tell.
    """
    ranges = {"I": (255.0, 65535.0), "F": (1.0, 255.0, 65535.0)}.get(image.mode, (65535.0,))
    largest = max((numbers_in(image.crop(band)).max() for band in _bands(image)), default=0.0) if len(ranges) > 1 else 0.0
    return next((top for top in ranges if largest <= top), 65535.0)


def _band_to_rgb(image: Image.Image, values: ValueRange | None) -> Image.Image:
    if values is not None and has_wide_values(image):
        low, high = values
        image = Image.fromarray(((numbers_in(image) - low) * (255.0 / (high - low))).clip(0, 255).round().astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image.convert("RGB")


def numbers_in(image: Image.Image) -> np.ndarray:
    """Return the values of a picture of one wide channel, H x W float64; what is no number or infinite is 0."""
    return np.nan_to_num(np.asarray(image, dtype=np.float64), posinf=0.0, neginf=0.0)


def reduced(image: Image.Image, max_side: int) -> Image.Image:
    """Convert what `Image.open` returned to RGB with sides of at most `max_side`."""
    image.draft("RGB", (max_side, max_side))  # a large JPEG need not be decoded at its full size
    picture = to_rgb(image)
    picture.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
    return picture


def read_image(path: Path, max_side: int | None = None, values: ValueRange | None = None) -> Image.Image:
    """Read a picture file as RGB, HEIC too, reduced to sides of at most `max_side` if that is given; `values` as for `to_rgb`.

    Raise OSError or ValueError if it is broken; the message does not name the file.
    """
    read_heic()
    try:
        with Image.open(path) as image:
            return reduced(image, max_side) if max_side else to_rgb(image, values)
    except (OSError, ValueError):
        raise
    except Exception as error:  # Pillow's readers fail on damaged bytes in many ways: SyntaxError, struct.error, bombs, ...
        raise ValueError(f"cannot be read: {error}") from error


# Both use numpy: torch would start its threads for a millisecond's work, and they keep spinning while the engine runs next.
def to_tensor(image: np.ndarray) -> Tensor:
    """Convert H x W x 3 uint8 to 3 x H x W float32 in [-1, 1]."""
    planes = np.ascontiguousarray(image.transpose(2, 0, 1)).astype(np.float32)
    planes /= 127.5
    planes -= 1
    return torch.from_numpy(planes)


def to_uint8(tensor: Tensor) -> np.ndarray:
    """Convert ... x C x H x W in [-1, 1] to ... x H x W x C uint8."""
    values = tensor.detach().float().cpu().numpy() + np.float32(1)
    values *= 127.5
    np.rint(values, out=values)
    np.clip(values, 0, 255, out=values)
    return np.ascontiguousarray(np.moveaxis(values.astype(np.uint8), -3, -1))


def pictures_in(folder: Path) -> list[Path]:
    """Return the picture files directly inside `folder`, sorted by name."""
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in READABLE and not path.name.startswith("."))


def ignored_in(folder: Path) -> list[Path]:
    """Return the files directly inside `folder` that are no pictures by their names, sorted; hidden ones do not count."""
    return sorted(
        path
        for path in folder.iterdir()
        if path.is_file() and path.suffix.lower() not in READABLE and not path.name.startswith(".")
    )


def resized(image: Image.Image, size: int | tuple[int, int]) -> np.ndarray:
    """Resize an RGB picture to size x size x 3 uint8, or to width x height, bicubic where its size differs."""
    target = (size, size) if isinstance(size, int) else size
    return np.asarray(image if image.size == target else image.resize(target, Image.Resampling.BICUBIC))


def read_square(path: Path, size: int) -> np.ndarray:
    """Read a picture file as size x size x 3 uint8."""
    return resized(read_image(path), size)
