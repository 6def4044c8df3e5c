"""The colors each kind of drawing is made of, by name, and snapping a picture to them."""

import numpy as np
from PIL import ImageColor

# The twelve classes of the CMP facades in class order.
FACADE = {
    "background": "#0000e0",
    "wall": "#0030ff",
    "window": "#0080ff",
    "door": "#00d0ff",
    "cornice": "#20ffe0",
    "sill": "#70ff90",
    "balcony": "#c0ff40",
    "blind": "#fff000",
    "decoration": "#ffa000",
    "molding": "#ff5000",
    "pillar": "#ff0000",
    "shop": "#b00000",
}

# The commonest values of flat areas over 300 map tiles. Buildings are lighter than the land they stand on.
MAP = {
    "land": "#e8e4de",
    "water": "#b1d0fe",
    "park": "#cadfad",
    "minor road": "#ffffff",
    "main road": "#fcda61",
    "motorway": "#fa9e26",
    "building": "#f2f0ea",
}

# Tasks in which a pixel has a size on the ground: a picture is translated at its own scale, part by part.
FIXED_SCALE = frozenset(("aerial2map", "map2aerial"))

INK = {"ink": "#000000"}

# Tasks whose outputs are such drawings: they can be measured label by label.
OUTPUTS = {"aerial2map": MAP}


def classes(image: np.ndarray, palette: dict[str, str]) -> np.ndarray:
    """Return which color of `palette`, counted from 0, is nearest to each pixel in RGB distance: H x W x 3 uint8 -> H x W uint8.

    Of two colors equally near, the one named first is taken.
    """
    pixels = image.astype(np.int32)
    closest = np.full(image.shape[:2], np.iinfo(np.int32).max, np.int32)
    found = np.zeros(image.shape[:2], np.uint8)
    # One color at a time: memory stays at a few pictures however many colors there are.
    for number, color in enumerate(palette.values()):
        distance = ((pixels - np.array(ImageColor.getrgb(color))) ** 2).sum(axis=-1)
        nearer = distance < closest
        closest[nearer] = distance[nearer]
        found[nearer] = number
    return found


def nearest(image: np.ndarray, palette: dict[str, str]) -> np.ndarray:
    """Snap every pixel to the nearest color of `palette`, H x W x 3 uint8 -> H x W x 3 uint8.

    Undoes what JPEG and anti-aliasing do to label maps.
    """
    colors = np.array([ImageColor.getrgb(color) for color in palette.values()], np.uint8)
    return colors[classes(image, palette)]


# Of tasks whose inputs are drawn in colors of known meaning.
INPUTS = {"labels2facade": FACADE, "map2aerial": MAP}
# A set of pictures is of label maps if so few colors cover so much of it, each this far apart in RGB.
MAX_LABELS, MIN_COVERED_SHARE, MIN_COLOR_DISTANCE = 32, 0.9, 40


def find_palette(pictures: list[np.ndarray], task: str = "") -> dict[str, str] | None:
    """Find the colors that label maps, H x W x 3 uint8, are made of, the commonest first; None if the pictures are no label maps.

    Of a `task` whose labels are known it is their palette. JPEG blurs label maps along their edges: colors close to a
    commoner one are its shades.
    """
    if task in INPUTS:
        return INPUTS[task]
    pixels = np.concatenate([picture[::4, ::4].reshape(-1, 3) for picture in pictures])
    bins, numbers, counts = np.unique(pixels >> 3, axis=0, return_inverse=True, return_counts=True)
    colors: list[np.ndarray] = []
    covered = np.zeros(len(bins), bool)
    for number in np.argsort(-counts):
        if covered[number] or counts[number] < 0.002 * len(pixels):
            continue
        color = np.median(pixels[numbers.ravel() == number], axis=0)
        colors.append(color)
        covered |= np.linalg.norm((bins << 3) + 4.0 - color, axis=1) < MIN_COLOR_DISTANCE
    if not 2 <= len(colors) <= MAX_LABELS:
        return None
    close = np.linalg.norm((bins << 3) + 4.0 - np.array(colors)[:, None], axis=2).min(0) < MIN_COLOR_DISTANCE / 2
    if counts[close].sum() < MIN_COVERED_SHARE * len(pixels):
        return None
    return {f"label {number}": "#{:02x}{:02x}{:02x}".format(*color.astype(int)) for number, color in enumerate(colors, 1)}
