"""What training may do to pairs of an edge drawing and its photo, by name; several go together."""

from collections.abc import Collection

import numpy as np

from pix2pix.data.pairs import Augmentation
from pix2pix.data.sketch import as_sketched
from pix2pix.data.strokes import RECOLORED_SHARE, STROKED_SHARE, recolored, with_strokes

AUGMENTATIONS = {
    "sketch": "edge drawings as a hand draws them",
    "color": "strokes of color in them, which the model learns to follow",
}


def augmentation(names: Collection[str]) -> Augmentation | None:
    """Return one function that applies the augmentations of these names; None without any."""
    if not names:
        return None

    def augmented(drawing: np.ndarray, photo: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        stroked = "color" in names and random.random() < STROKED_SHARE
        # Colors change by the parts of the clean drawing: a sketch leaves out lines that bound them.
        if stroked and random.random() < RECOLORED_SHARE:
            photo = recolored(drawing, photo, random)
        if "sketch" in names:
            drawing, photo = as_sketched(drawing, photo, random)
        if stroked:
            drawing = with_strokes(drawing, photo, random)
        return drawing, photo

    return augmented
