"""Make clean edge drawings look drawn by hand while training, so that the model learns to read real sketches.

People draw with thick, wobbly, doubled and broken lines, leave out detail, get proportions wrong, and draw small and
off-center. Each of these is applied at random. Size, place and proportions change for drawing and photo together, so that
the model fills what is drawn up to its lines; the rest changes the drawing alone.
"""

import numpy as np
import torch
from PIL import Image
from scipy.ndimage import distance_transform_edt, label
from torch.nn.functional import grid_sample

CLEAN_SHARE = 0.15  # of drawings stay as they are, so that clean edges keep their quality
STARTED_SHARE = 0.04  # are a page with a stroke or two on it, which is not yet an object: its picture stays white
WIDTHS = {1: 0.3, 2: 0.35, 3: 0.25, 4: 0.1}


def as_sketched(drawing: np.ndarray, photo: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Change a black-on-white drawing and its photo on white, both H x W x 3 uint8, to what a hand might have drawn."""
    if random.random() < 0.5:
        drawing, photo = _placed(drawing, photo, random)
    if random.random() < CLEAN_SHARE:
        return drawing, photo
    ink = _ink(drawing)
    if random.random() < STARTED_SHARE:
        ink, photo = _started(ink, random), np.full_like(photo, 255)
    else:
        if random.random() < 0.6:
            ink = _without_details(ink, random)
        if random.random() < 0.5:
            ink = _broken(ink, random)
    # How far each pixel is from a line: smooth, so that it can be warped without tearing lines, and cut at any width.
    distance = distance_transform_edt(~ink).astype(np.float32)
    if random.random() < 0.7:
        grid = _warp_grid(ink.shape, random.uniform(1, 6), random)
        distance, photo = _warped(distance, grid), _warped(photo, grid)
    if random.random() < 0.7:
        distance = _warped(distance, _warp_grid(ink.shape, random.uniform(0.3, 1.5), random))
    if random.random() < 0.2:
        distance = np.minimum(distance, _warped(distance, _warp_grid(ink.shape, random.uniform(1, 4), random)))  # drawn twice
    width = random.choice(list(WIDTHS), p=list(WIDTHS.values()))
    anti_aliased = random.random() < 0.5
    darkness = np.clip((width + 1) / 2 - distance, 0, 1) if anti_aliased else (distance <= width / 2).astype(np.float32)
    darkest = random.uniform(0, 110) if random.random() < 0.3 else 0.0
    gray = (255 - darkness * (255 - darkest)).round().astype(np.uint8)
    return np.repeat(gray[..., None], 3, axis=2), photo


def _ink(drawing: np.ndarray) -> np.ndarray:
    return drawing[..., 1] < 128


def _placed(drawing: np.ndarray, photo: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Make both smaller, of other proportions and anywhere on a white page; the drawing keeps its 1 px lines."""
    height, width = drawing.shape[:2]
    share, stretch = random.uniform(0.4, 1), np.exp(random.uniform(-0.25, 0.25))
    small = tuple(max(1, round(side * min(1, share * factor))) for side, factor in ((width, stretch), (height, 1 / stretch)))
    left, top = random.integers(0, width - small[0] + 1), random.integers(0, height - small[1] + 1)
    window = np.s_[top : top + small[1], left : left + small[0]]
    placed_photo = np.full_like(photo, 255)
    placed_photo[window] = np.asarray(Image.fromarray(photo).resize(small, Image.Resampling.LANCZOS))
    placed = np.full_like(drawing, 255)
    # A box filter spreads a line over 1 to 2 pixels: this threshold keeps it connected.
    gray = np.asarray(Image.fromarray(drawing).convert("L").resize(small, Image.Resampling.BOX))
    placed[window] = np.where(gray < 200, 0, 255).astype(np.uint8)[..., None]
    return placed, placed_photo


def _without_details(ink: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Drop strokes at random, never the long ones, which are mostly the outline."""
    strokes, count = label(ink, np.ones((3, 3)))
    if count < 2:
        return ink
    sizes = np.bincount(strokes.ravel(), minlength=count + 1)
    kept = random.random(count + 1) >= random.uniform(0.1, 0.9)
    kept |= sizes >= 0.3 * sizes[1:].max()
    kept[0] = False
    return kept[strokes]


def _broken(ink: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Cut gaps of 3 to 12 pixels into the lines."""
    rows, columns = np.nonzero(ink)
    if not len(rows):
        return ink
    ink = ink.copy()
    for index in random.integers(0, len(rows), random.integers(1, 13)):
        radius = int(random.integers(2, 7))
        top, left = max(0, rows[index] - radius), max(0, columns[index] - radius)
        ink[top : rows[index] + radius, left : columns[index] + radius] = False
    return ink


def _started(ink: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Keep the lines in a window, H x W bool, that holds at most a fifth of them, or in the smallest window there is."""
    rows, columns = np.nonzero(ink)
    if not len(rows):
        return ink
    middle, kept = random.integers(0, len(rows)), ink
    for radius in range(60, 5, -6):
        window = np.zeros_like(ink)
        top, left = max(0, rows[middle] - radius), max(0, columns[middle] - radius)
        window[top : rows[middle] + radius, left : columns[middle] + radius] = True
        kept = ink & window
        if kept.sum() <= 0.2 * len(rows):
            break
    return kept


def _warp_grid(shape: tuple[int, int], strength: float, random: np.random.Generator) -> np.ndarray:
    """Return the row and column each pixel is taken from, 2 x H x W float32, smoothly displaced by about `strength` pixels."""
    height, width = shape
    cells = int(random.integers(3, 9))
    coarse = random.normal(0, strength, (2, cells, cells)).astype(np.float32)
    shifts = [np.asarray(Image.fromarray(field).resize((width, height), Image.Resampling.BICUBIC)) for field in coarse]
    return np.mgrid[:height, :width].astype(np.float32) + np.stack(shifts)


def _warped(field: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """Take each pixel of H x W (x C), uint8 or float32, from where `grid` says, 2 x H x W; borders repeat."""
    height, width = field.shape[:2]
    values = torch.from_numpy(np.atleast_3d(field).astype(np.float32)).permute(2, 0, 1)[None]
    # grid_sample wants columns first, and -1 to 1 from the middle of the first pixel to that of the last.
    scaled = torch.from_numpy(np.stack([grid[1] * 2 / (width - 1) - 1, grid[0] * 2 / (height - 1) - 1], axis=-1))[None]
    warped = grid_sample(values, scaled, padding_mode="border", align_corners=True)[0].permute(1, 2, 0).numpy()
    return (warped.round() if field.dtype == np.uint8 else warped).astype(field.dtype).reshape(field.shape)
