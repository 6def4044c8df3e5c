"""Strokes of color in edge drawings, for training: the model learns to fill a part with the color that was put into it.

A pair's photo lends its own colors: a stroke inside the object has that of the photo under its middle, and ends where the photo's
color does. So that all colors are learned and not the data's alone, photos are recolored at random first, part by part, as the
drawing's lines bound them.
"""

import warnings

import numpy as np
from scipy import ndimage
from skimage.color import lab2rgb, rgb2lab
from skimage.segmentation import watershed

STROKED_SHARE = 0.75  # of drawings get strokes; the others keep their true colors, so that these are learned too
RECOLORED_SHARE = 0.6  # of those get new colors before
MAX_STROKES = 12
MIN_WHITE = 245  # a photo's background is at least so bright, in every channel
MAX_HALF_GAP_PX = 3  # lines closer than twice this, in pixels, bound a part together: edges of photos are broken
MIN_PART_PX = 60  # smaller parts keep their colors
MAX_COLOR_DISTANCE = 24.0  # a stroke ends where the color is farther from its own than this, in Lab


def recolored(drawing: np.ndarray, photo: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Change the colors of an object on white, H x W x 3 uint8: of the whole object, or of some of its parts.

    Shading stays: a curve for lightness, and in a and b of Lab a turn, a stretch and a shift.
    """
    inside = _object(photo)
    if not inside.any():
        return photo
    box = _bounds(inside)
    changed = photo.copy()
    changed[box] = _recolored(drawing[box], photo[box], inside[box], random)
    return changed


def _recolored(drawing: np.ndarray, photo: np.ndarray, inside: np.ndarray, random: np.random.Generator) -> np.ndarray:
    lab = _lab(photo)
    result = _tinted(lab, inside, random)
    if random.random() < 0.5:
        parts = parts_of(drawing, inside)
        for part, size in enumerate(np.bincount(parts.ravel())[1:], 1):
            if random.random() < 0.6 and size >= MIN_PART_PX:
                box = _bounds(parts == part)
                here = parts[box] == part
                # A part's border is as soft as a photo's.
                weight = ndimage.gaussian_filter(here.astype(np.float32), 0.7)[..., None]
                result[box] = result[box] * (1 - weight) + _tinted(lab[box], here, random) * weight
    # Towards the background the change fades with the object itself, as its own pixels mix with white there.
    weight = ndimage.gaussian_filter(inside.astype(np.float32), 0.7)[..., None] * inside[..., None]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Conversion from CIE-LAB")  # colors that no screen shows become near ones
        return (lab2rgb(lab * (1 - weight) + result * weight) * 255).round().astype(np.uint8)


def with_strokes(drawing: np.ndarray, photo: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Add 1 to 12 strokes in a photo's colors to its black-on-white drawing, both H x W x 3 uint8.

    Their size is for pictures of 256 pixels a side, and grows with them. Lines stay as they are.
    """
    inside = _object(photo)
    places = np.argwhere(ndimage.binary_erosion(inside, iterations=2))
    if not len(places):
        return drawing
    scale = max(drawing.shape[:2]) / 256
    paint = np.full(drawing.shape, 255, np.uint8)
    anti_aliased = random.random() < 0.5
    for middle in places[random.integers(0, len(places), random.integers(1, MAX_STROKES + 1))]:
        _paint(paint, photo, inside, middle, scale, anti_aliased, random)
    # As ink on paint: what is darker shows.
    return np.minimum(drawing, paint)


def _paint(
    paint: np.ndarray,
    photo: np.ndarray,
    inside: np.ndarray,
    middle: np.ndarray,
    scale: float,
    anti_aliased: bool,
    random: np.random.Generator,
) -> None:
    """Put a bent stroke of random size through `middle`, row and column, on `paint`, H x W x 3 uint8, in place."""
    radius = random.uniform(2, 12) * scale
    length = random.uniform(0, 90 if random.random() < 0.2 else 28) * scale
    angle = random.uniform(0, np.pi)
    angles = angle, angle + np.pi + random.normal(0, 0.5)
    reach = int(radius + length / 2) + 2
    box = tuple(slice(max(0, at - reach), min(side, at + reach + 1)) for at, side in zip(middle, inside.shape, strict=True))
    rows, columns = (axis.astype(np.float32) for axis in np.ogrid[box])
    rows, columns = rows - middle[0], columns - middle[1]
    distance = np.full((rows.size, columns.size), np.inf)
    for row, column in ((np.sin(angle) * length / 2, np.cos(angle) * length / 2) for angle in angles):
        along = ((rows * row + columns * column) / max(1e-6, row * row + column * column)).clip(0, 1)
        distance = np.minimum(distance, np.hypot(rows - along * row, columns - along * column))
    shade = np.clip(radius + 0.5 - distance, 0, 1) if anti_aliased else (distance <= radius).astype(np.float32)
    around = photo[tuple(slice(max(0, at - 1), at + 2) for at in middle)]
    color = np.median(around.reshape(-1, 3), axis=0)
    lab = _lab(photo[box])
    alike = np.linalg.norm(lab - _lab(color[None, None].astype(np.uint8)), axis=-1) < MAX_COLOR_DISTANCE
    shade = (shade * (alike & inside[box]))[..., None]
    paint[box] = (paint[box] * (1 - shade) + color * shade).round()


def _lab(picture: np.ndarray) -> np.ndarray:
    """Convert H x W x 3 uint8 to L*, a*, b* as float32."""
    return rgb2lab(picture.astype(np.float32) / 255)


def _bounds(mask: np.ndarray) -> tuple[slice, slice]:
    """Return the smallest box around what is true, widened by 3 pixels."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    return slice(max(0, rows[0] - 3), rows[-1] + 4), slice(max(0, columns[0] - 3), columns[-1] + 4)


def _object(photo: np.ndarray) -> np.ndarray:
    """Return the object as H x W bool: all but the white around it; white parts inside belong to it."""
    return ndimage.binary_opening(ndimage.binary_fill_holes(photo.min(axis=-1) < MIN_WHITE))


def parts_of(drawing: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Number the parts of an object as a drawing's lines bound them, H x W int from 1; 0 is outside."""
    distance = ndimage.distance_transform_edt(drawing[..., 1] >= 128)
    seeds, _ = ndimage.label((distance > MAX_HALF_GAP_PX) & inside)
    return watershed(-distance, seeds, mask=inside)


def _tinted(lab: np.ndarray, where: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Change the colors of L*, a*, b*, H x W x 3; `where` is the pixels whose median lightness sets the curve."""
    light = lab[..., 0]
    median = float(np.median(light[where])) / 100
    # A power that moves the median to `goal`; black and white stay.
    goal = random.uniform(0.2, 0.93)
    power = np.clip(np.log(goal) / np.log(np.clip(median, 0.05, 0.95)), 0.2, 4)
    light = 100 * (light.clip(0, 100) / 100) ** power
    angle, stretch = random.uniform(0, 2 * np.pi), random.uniform(0.7, 2.2)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * stretch
    shift = np.zeros(2)
    if random.random() < 0.7:  # only a shift gives gray and brown things a color
        direction, saturation = random.uniform(0, 2 * np.pi), random.uniform(0, 90)
        shift = saturation * np.array([np.cos(direction), np.sin(direction)])
    # Neither black nor white has a color.
    strength = np.minimum(1, np.minimum(light, 100 - light) / 15)[..., None]
    chroma = lab[..., 1:] @ turn.T * strength + shift * strength
    return np.concatenate([light[..., None], chroma], axis=-1).astype(np.float32)
