"""Large pictures: overlapping tiles of the size a network was trained at, blended so that no seam shows.

A U-Net that ends in a single point at its training size is another function on a larger picture; tile by tile it is the one
that was trained. It needs the memory of a few tiles only, and can stop between any two to let others have their turn.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image

from pix2pix.data.images import resized
from pix2pix.inference.translator import check_picture

# Half of a tile: each pixel is seen four times, by tiles that normalize it differently, and wide blends hide that.
OVERLAP = 0.5
BATCH = 4


def starts(length: int, side: int, overlap: float = OVERLAP) -> list[int]:
    """Return where tiles of `side` pixels begin along `length` pixels: evenly spread, the first at 0 and the last at the end."""
    rest = max(0, length - side)
    count = math.ceil(rest / (side * (1 - overlap))) + 1
    return [round(start) for start in np.linspace(0, rest, count)]


def weights(length: int, side: int, overlap: float = OVERLAP) -> np.ndarray:
    """Return how much each tile counts at each of its pixels along one axis, tiles x side, float32: 1 in sum at every pixel."""
    window = np.sin(np.pi * (np.arange(side) + 0.5) / side) ** 2
    beginnings = starts(length, side, overlap)
    total = np.zeros(max(length, side))
    for start in beginnings:
        total[start : start + side] += window
    return np.stack([window / total[start : start + side] for start in beginnings]).astype(np.float32)


def translate_fitted(
    pictures: Sequence[np.ndarray], translate: Callable[[list[np.ndarray]], Sequence[np.ndarray]], side: int
) -> list[np.ndarray]:
    """Translate whole pictures as in training: each H x W x 3 uint8 at side x side, and back to its own size.

    Tiles show a network parts at a scale that it never saw, unless scale is part of the task, as in aerial photos.
    """
    fitted = [resized(Image.fromarray(picture), (side, side)) for picture in pictures]
    outputs = translate(fitted)
    return [
        resized(Image.fromarray(output), (picture.shape[1], picture.shape[0]))
        for output, picture in zip(outputs, pictures, strict=True)
    ]


def translate_tiles(
    picture: np.ndarray,
    translate: Callable[[list[np.ndarray]], Sequence[np.ndarray]],
    side: int = 256,
    batch: int = BATCH,
    progress: Callable[[float], None] = lambda share: None,
    overlap: float = OVERLAP,
) -> np.ndarray:
    """Translate a picture tile by tile: H x W x 3 uint8 of any size -> H x W x C uint8.

    `translate` takes up to `batch` tiles, side x side x 3, and gives as many, side x side x C: what it raises ends the work.
    `progress` is told the share that is done, from 0 to 1. Pictures smaller than a tile are padded by reflection.
    """
    check_picture(picture, math.inf)
    height, width = picture.shape[:2]
    missing = (max(0, side - height), max(0, side - width))
    padded = np.pad(picture, [(0, missing[0]), (0, missing[1]), (0, 0)], mode="reflect")
    rows, columns = starts(height, side, overlap), starts(width, side, overlap)
    row_weights, column_weights = weights(height, side, overlap), weights(width, side, overlap)
    places = [(row, column) for row in range(len(rows)) for column in range(len(columns))]
    blended: np.ndarray | None = None
    for first in range(0, len(places), batch):
        chosen = places[first : first + batch]
        corners = [(rows[row], columns[column]) for row, column in chosen]
        outputs = translate([padded[top : top + side, left : left + side] for top, left in corners])
        if blended is None:
            blended = np.zeros((*padded.shape[:2], outputs[0].shape[2]), np.float32)
        for (row, column), (top, left), output in zip(chosen, corners, outputs, strict=True):
            weight = row_weights[row][:, None] * column_weights[column]
            blended[top : top + side, left : left + side] += output * weight[..., None]
        progress((first + len(chosen)) / len(places))
    assert blended is not None  # there is at least one tile
    return blended[:height, :width].round().clip(0, 255).astype(np.uint8)
