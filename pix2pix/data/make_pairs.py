"""Pairs from plain photos: each maker draws the input A from the photo B (paper 4: the framework is the same for all)."""

from collections.abc import Callable

import numpy as np
from PIL import Image

from pix2pix.data.edges import canny_edges


def gray(photo: Image.Image) -> Image.Image:
    """Return the luminance: the network learns to color."""
    return photo.convert("L").convert("RGB")


def inpaint(photo: Image.Image) -> Image.Image:
    """Put white rectangles over about a quarter of the photo, placed by its own content so that they stay the same."""
    holes = np.array(photo)
    height, width = holes.shape[:2]
    random = np.random.default_rng(int(holes[::7, ::7].sum(dtype=np.int64)))
    for _ in range(4):
        hole_height, hole_width = (random.uniform(0.15, 0.35, 2) * (height, width)).astype(int)
        top, left = random.integers(0, height - hole_height), random.integers(0, width - hole_width)
        holes[top : top + hole_height, left : left + hole_width] = 255
    return Image.fromarray(holes)


def superres(photo: Image.Image) -> Image.Image:
    """Return the photo at a quarter of its resolution, enlarged again."""
    small = photo.resize((max(1, photo.width // 4), max(1, photo.height // 4)), Image.Resampling.BOX)
    return small.resize(photo.size, Image.Resampling.BICUBIC)


def edges(photo: Image.Image) -> Image.Image:
    """Draw the Canny edges, black on white."""
    return Image.fromarray(canny_edges(np.asarray(photo)))


MAKERS: dict[str, Callable[[Image.Image], Image.Image]] = {"edges": edges, "gray": gray, "inpaint": inpaint, "superres": superres}
