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

INK = {"ink": "#000000"}

# Tasks whose outputs are such drawings: they can be measured label by label.
OUTPUTS = {"aerial2map": MAP}


def classes(image: np.ndarray, palette: dict[str, str]) -> np.ndarray:
    """H x W x 3 uint8 -> H x W uint8: which color of `palette`, counted from 0, is nearest to each pixel in RGB distance.

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
    """H x W x 3 uint8 -> H x W x 3 uint8 in which every pixel is the color of `palette` nearest to it.

    Undoes what JPEG and anti-aliasing do to label maps.
    """
    colors = np.array([ImageColor.getrgb(color) for color in palette.values()], np.uint8)
    return colors[classes(image, palette)]
