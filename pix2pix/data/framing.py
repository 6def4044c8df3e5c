"""Photos put on a page as the training pictures are: one object on white, in the middle, filling most of it."""

import math
from typing import NamedTuple

import numpy as np
from PIL import Image
from scipy.ndimage import binary_opening

SIDE = 256
# Larger photos are reduced to this when they are opened: on a page they look the same, and take a fraction of the memory.
MAX_PHOTO_SIDE = 2048
# How much of the page the object's longer side takes, as in the edges2shoes and edges2handbags photos.
OBJECT_SHARE = 0.93
# Brightness steps by which a background may vary, and how much of a photo's rim has to be background.
MAX_PAPER_DIFFERENCE = 28
MIN_RIM_SHARE = 0.85
# Darker backgrounds are kept: made white, their noise would be blown up with them.
MIN_PAPER_BRIGHTNESS = 110
# Strokes this close to where the photo ends are its edge, not the object's.
EDGE_MARGIN_PX = 3


class Framed(NamedTuple):
    """`picture` is side x side x 3 uint8; `inner` where the photo lies in it: left, top, right, bottom. `plain` says whether
    the background was plain enough to find the object.
    """

    picture: np.ndarray
    inner: tuple[int, int, int, int]
    plain: bool


def framed(photo: np.ndarray, side: int = SIDE) -> Framed:
    """Put a photo, H x W x 3 uint8 of any size, on a square page.

    On a plain background the object is centered and the background becomes white; any other photo is fitted in whole, on white.
    """
    height, width = photo.shape[:2]
    paper = _background(photo)
    box = None if paper is None else _object(photo, paper)
    left, top, right, bottom = box or (0, 0, width, height)
    reach = max(right - left, bottom - top) / (OBJECT_SHARE if box else 1)
    scale = side / reach
    x, xs, columns = _along((left + right - reach) / 2, reach, width, scale)
    y, ys, rows = _along((top + bottom - reach) / 2, reach, height, scale)
    part = np.asarray(Image.fromarray(photo[ys, xs]).resize((columns, rows), Image.Resampling.LANCZOS))
    around = np.full(3, 255.0) if paper is None else paper
    if paper is not None and paper.min() >= MIN_PAPER_BRIGHTNESS:
        part = (part * (255 / paper)).clip(0, 255).astype(np.uint8)
        around = np.full(3, 255.0)
    page = Image.new("RGB", (side, side), tuple(int(value) for value in around))
    page.paste(Image.fromarray(part), (x, y))
    inner = (x, y, min(side, x + columns), min(side, y + rows))
    return Framed(np.asarray(page), inner, box is not None)


def _along(start: float, reach: float, length: int, scale: float) -> tuple[int, slice, int]:
    """Place a photo of `length` pixels along one axis of a page, which shows `reach` of its pixels from `start` on.

    Return where on the page the photo begins, which of its pixels are on it, and how many of the page's pixels they take.
    """
    first, last = max(0, math.floor(start)), min(length, math.ceil(start + reach))
    place = max(0, round((first - start) * scale))
    return place, slice(first, last), max(1, round((last - start) * scale) - place)


def without_frame(drawing: np.ndarray, inner: tuple[int, int, int, int]) -> np.ndarray:
    """Return a drawing of a framed photo, H x W x 3 uint8, without the strokes that the photo's own edge left."""
    height, width = drawing.shape[:2]
    left, top, right, bottom = inner
    cleared = drawing.copy()
    if left > 0:
        cleared[:, : left + EDGE_MARGIN_PX] = 255
    if top > 0:
        cleared[: top + EDGE_MARGIN_PX] = 255
    if right < width:
        cleared[:, right - EDGE_MARGIN_PX :] = 255
    if bottom < height:
        cleared[bottom - EDGE_MARGIN_PX :] = 255
    return cleared


def _background(photo: np.ndarray) -> np.ndarray | None:
    """Return the color of the photo's rim as 3 floats, None if the rim has no single one."""
    rim = max(1, round(0.02 * max(photo.shape[:2])))
    strips = (photo[:rim], photo[-rim:], photo[:, :rim], photo[:, -rim:])
    pixels = np.concatenate([strip.reshape(-1, 3) for strip in strips]).astype(np.float32)
    color = np.median(pixels, axis=0)
    alike = np.abs(pixels - color).max(axis=1) <= MAX_PAPER_DIFFERENCE
    return color if alike.mean() >= MIN_RIM_SHARE else None


def _object(photo: np.ndarray, paper: np.ndarray) -> tuple[float, float, float, float] | None:
    """Return the box around all that is not background: left, top, right, bottom. None if all is background."""
    step = max(1, max(photo.shape[:2]) // 512)
    differs = np.abs(photo[::step, ::step].astype(np.float32) - paper).max(axis=2) > MAX_PAPER_DIFFERENCE
    cleaned = binary_opening(differs, np.ones((2, 2), bool))
    if not cleaned.any():
        return None
    rows, columns = np.flatnonzero(cleaned.any(axis=1)), np.flatnonzero(cleaned.any(axis=0))
    return (columns[0] * step, rows[0] * step, (columns[-1] + 1) * step, (rows[-1] + 1) * step)
