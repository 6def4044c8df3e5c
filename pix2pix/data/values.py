"""What black and white are in files of more than 8 bits a channel: one scale for all pictures of a data set."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from pix2pix.data.images import ValueRange, has_wide_values, numbers_in, read_heic

# Whether a data set has wide values at all is found out from so many of its files, evenly spread.
MAX_PROBED = 64
# Where whole numbers that are never negative end: 8, 10, 12, 14 or 16 bits.
WHOLE_TOPS = (255.0, 1023.0, 4095.0, 16383.0, 65535.0)
# Others are fractions up to 1, or 8 bits if their largest is above the first of these; else, as metres of depth, they end there.
EIGHT_BITS = (128.0, 255.0)


def find_range(files: Sequence[Path]) -> ValueRange | None:
    """Return what is black and white in a data set, None where its files have 8 bits a channel, as most have.

    From 0 to the next usual end of the scale; with negative numbers, or larger ones, from the least to the largest.
    Files that cannot be read are left to whoever reads them all.
    """
    if not any(map(_wide_range, files[:: max(1, len(files) // MAX_PROBED)])):
        return None
    found = [values for values in map(_wide_range, files) if values]
    low, high = min(low for low, _, _ in found), max(high for _, high, _ in found)
    if low < 0:
        return low, max(high, 0.0)
    if all(whole for _, _, whole in found):
        return 0.0, next((top for top in WHOLE_TOPS if high <= top), high)
    if high <= 1:
        return 0.0, 1.0
    return 0.0, EIGHT_BITS[1] if EIGHT_BITS[0] < high <= EIGHT_BITS[1] else high


def _wide_range(path: Path) -> tuple[float, float, bool] | None:
    """Return the least and the largest value of a file of wide values, and whether it stores whole numbers."""
    read_heic()
    try:
        with Image.open(path) as image:
            if not has_wide_values(image):
                return None
            numbers = numbers_in(image)
            return float(numbers.min()), float(numbers.max()), image.mode != "F"
    except Exception:  # Pillow's readers fail on damaged bytes in many ways
        return None
