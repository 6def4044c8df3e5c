"""Photo -> edge drawing: thin black strokes on white, like the paper's thinned HED edges (6.2)."""

from collections.abc import Callable

import numpy as np
from scipy.ndimage import distance_transform_edt, gaussian_filter
from skimage.color import rgb2gray
from skimage.feature import canny
from skimage.morphology import remove_small_objects, skeletonize

# The task of the model that draws the edges of photos.
EXTRACTOR = "photo2edges"
# Strokes of at most this many pixels are specks (the authors' edge post-processing removes them too).
MAX_SPECK_PX = 8
# If the darkest strokes of a soft drawing are fainter than this, it shows nothing but noise, which must not become strokes.
MIN_DARKNESS = 0.2


def strokes_to_picture(strokes: np.ndarray) -> np.ndarray:
    """Draw H x W bool, True is ink, as H x W x 3 uint8, black on white."""
    return np.repeat(np.where(strokes, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def ink_of(drawing: np.ndarray) -> np.ndarray:
    """Return where an H x W x 3 uint8 drawing is dark, as H x W bool."""
    return rgb2gray(drawing) < 0.5


def canny_edges(photo: np.ndarray, detail: float = 0.5) -> np.ndarray:
    """Draw the Canny edges of a photo, H x W x 3 uint8 -> H x W x 3 uint8. `detail` in [0, 1]: more draws finer strokes."""
    sigma = 4.4 - 3.6 * _checked(detail)  # at 0.5, what agrees best with the real edges of val
    return strokes_to_picture(remove_small_objects(canny(rgb2gray(photo), sigma=sigma), max_size=MAX_SPECK_PX, connectivity=2))


def thin_strokes(soft: np.ndarray, detail: float = 0.5) -> np.ndarray:
    """Thin the soft gray drawing of a photo -> edges model, H x W x 3 uint8, to 1 px strokes; the size stays.

    The darker a pixel, the more likely the model finds a stroke there. `detail` in [0, 1] sets the threshold, relative to the
    darkest strokes of the picture because some models draw all of them faintly: 0.8 of their darkness at 0, 0.1 at 1, and at
    0.5 what agrees best with the real edges of val.
    """
    likely = gaussian_filter(1 - rgb2gray(soft), 0.7)  # without it, every bump on a soft stroke becomes a spur of the skeleton
    surest = max(MIN_DARKNESS, np.percentile(likely, 99))
    strokes = skeletonize(likely > 0.8 * 0.125 ** _checked(detail) * surest)
    return strokes_to_picture(remove_small_objects(strokes, max_size=MAX_SPECK_PX, connectivity=2))


def learned_edges(photo: np.ndarray, translate: Callable[[np.ndarray], np.ndarray], detail: float = 0.5) -> np.ndarray:
    """Draw edges with a photo -> edges model: H x W x 3 uint8 -> H x W x 3 uint8; `translate` runs the model."""
    return thin_strokes(translate(photo), detail)


def edge_agreement(drawn: np.ndarray, truth: np.ndarray, tolerance: float = 2.0) -> dict[str, float]:
    """Return precision, recall and F1 of strokes, both H x W x 3 uint8; a stroke pixel is found within `tolerance` pixels."""
    drawn_ink, true_ink = ink_of(drawn), ink_of(truth)
    precision = _near(drawn_ink, true_ink, tolerance)
    recall = _near(true_ink, drawn_ink, tolerance)
    return {"precision": precision, "recall": recall, "f1": 2 * precision * recall / max(precision + recall, 1e-12)}


def _near(strokes: np.ndarray, others: np.ndarray, tolerance: float) -> float:
    """Return the share of `strokes` within `tolerance` pixels of `others`; 1 if there are none."""
    if not strokes.any():
        return 1.0
    if not others.any():
        return 0.0
    return float((distance_transform_edt(~others)[strokes] <= tolerance).mean())


def _checked(detail: float) -> float:
    if not 0 <= detail <= 1:
        raise ValueError(f"detail is {detail}: it goes from 0 (few strokes) to 1 (many)")
    return detail
