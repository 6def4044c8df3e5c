"""How well a model follows strokes of color: drawings with a stroke in some of their parts, and the colors that these become."""

from collections.abc import Iterator

import numpy as np
from PIL import ImageColor
from scipy import ndimage
from skimage.color import deltaE_ciede2000, rgb2lab
from tqdm import tqdm

from pix2pix.data.edges import ink_of
from pix2pix.data.examples import crude_drawings_of
from pix2pix.data.images import read_image
from pix2pix.data.strokes import parts_of
from pix2pix.inference.translator import Translator

# Twelve colors as people pick them: saturated ones, brown, gray and white, which on white paper is a light gray.
COLORS = tuple(
    ImageColor.getrgb(f"#{digits}")
    for digits in [
        "e02020",
        "f07818",
        "f5d327",
        "3faa36",
        "19b5a5",
        "2a6fdb",
        "23318f",
        "7d3cc0",
        "e85aa8",
        "7a4a21",
        "808080",
        "f2f2f2",
    ]
)
# A part is measured if it is at least so large, and this far from its lines, in pixels of 256 a side.
MIN_AREA, MARGIN = 250, 2
RADIUS = 5  # of a stroke


def evaluate_colors(translator: Translator, task: str, count: int) -> dict[str, float]:
    """Measure CIEDE2000 between strokes and what the model makes of their parts, over the first `count` crude drawings of a task.

    In each drawing every second part has a stroke of one color. `stroked` is the mean over parts with a stroke, of the color
    distance between it and the part's median; `stroked_worst_tenth` that of the worst tenth; `others` the mean over parts
    without, which keep a color of their own if the strokes stay where they belong. Raise ValueError without drawings.
    """
    drawings = crude_drawings_of(task)[:count]
    if len(drawings) < count or not drawings:
        raise ValueError(f"there are {len(drawings)} drawings to measure {task} with, not {count}")
    found: dict[bool, list[float]] = {True: [], False: []}
    for number, paths in enumerate(tqdm(drawings, unit="drawing", desc="measuring", leave=False)):
        drawing, body = (np.asarray(read_image(path)) for path in paths)
        color = COLORS[number % len(COLORS)]
        masks = list(_parts(drawing, body))
        stroked = drawing.copy()
        for mask in masks[::2]:
            stroked[_stroke(mask)] = color
        output = rgb2lab(translator.translate(np.minimum(stroked, drawing)))
        expected = rgb2lab(np.array(color, np.uint8)[None, None])[0, 0]
        for place, mask in enumerate(masks):
            distance = deltaE_ciede2000(np.median(output[mask], axis=0), expected)
            found[place % 2 == 0].append(float(distance))
    worst = sorted(found[True], reverse=True)[: max(1, len(found[True]) // 10)]
    scores = {"stroked": found[True], "stroked_worst_tenth": worst, "others": found[False]}
    return {name: float(np.mean(values)) for name, values in scores.items() if values}


def _parts(drawing: np.ndarray, body: np.ndarray) -> Iterator[np.ndarray]:
    """Return the inner areas of a drawing's parts, each H x W bool, the largest first."""
    inside = ndimage.binary_fill_holes(ndimage.binary_closing(ink_of(body), iterations=3))
    numbered = parts_of(drawing, inside)
    clear = ndimage.distance_transform_edt(~ink_of(drawing)) > MARGIN
    sizes = np.bincount(numbered.ravel())
    for part in np.argsort(-sizes[1:]) + 1:
        mask = (numbered == part) & clear
        if mask.sum() >= MIN_AREA:
            yield mask


def _stroke(mask: np.ndarray) -> np.ndarray:
    """Return a dot, H x W bool, where a part is widest, within it."""
    depth = ndimage.distance_transform_edt(mask)
    row, column = np.unravel_index(depth.argmax(), depth.shape)
    rows, columns = np.ogrid[: mask.shape[0], : mask.shape[1]]
    return mask & ((rows - row) ** 2 + (columns - column) ** 2 <= RADIUS**2)
