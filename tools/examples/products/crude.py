"""Makes a drawing look like the quick sketch of a person who does not draw much."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.ndimage import gaussian_filter1d

from tools.examples.products.page import Role, Stroke
from tools.examples.products.strokes import evenly, lengths, normals

# Shorter lines are stitches, or what is left of parts behind others.
REMNANT = 14


def roughened(strokes: list[Stroke], crude: float, rng: np.random.Generator) -> list[Stroke]:
    """The strokes of a drawing that fills the picture as a hand that is `crude` (0 to 1) would put them down."""
    bend = _misjudged(crude, rng)
    rough = []
    for stroke in strokes:
        remnant = stroke.role > Role.HANDLE and lengths(stroke.points)[-1] < REMNANT
        if remnant and rng.random() < 0.8 * crude:
            continue
        for piece in _drawn_in_pieces(evenly(bend(stroke.points)), crude, rng):
            rough.append(replace(stroke, points=_by_hand(piece, crude, rng)))
            if rng.random() < 0.22 * crude:
                start = int(rng.uniform(0, 0.4) * len(piece))
                again = piece[start : start + max(8, int(rng.uniform(0.4, 1.0) * len(piece)))]
                if len(again) > 7:
                    rough.append(replace(stroke, points=_by_hand(again, crude, rng)))
    return rough


def _misjudged(crude: float, rng: np.random.Generator) -> Callable[[np.ndarray], np.ndarray]:
    """Wrong proportions: a smooth distortion of the whole picture, N x 2 -> N x 2."""
    stretch = np.exp(rng.normal(0, 0.13 * crude, 2))
    shear = rng.normal(0, 0.06 * crude)
    turn = rng.normal(0, 0.05 * crude)
    matrix = np.array([[np.cos(turn), -np.sin(turn) + shear], [np.sin(turn), np.cos(turn)]]) * stretch
    waves = rng.uniform(-1, 1, (3, 2)) * 0.022
    phases = rng.uniform(0, 2 * np.pi, (3, 2))
    heights = rng.normal(0, 5 * crude, (3, 2))

    def bend(points: np.ndarray) -> np.ndarray:
        moved = (points - 128) @ matrix.T + 128
        angles = points @ waves.T
        return moved + sum(heights[i] * np.sin(angles[:, i : i + 1] + phases[i]) for i in range(3))

    return bend


def _drawn_in_pieces(line: np.ndarray, crude: float, rng: np.random.Generator) -> list[np.ndarray]:
    """A line as the strokes a hand makes of it: it sets down anew at corners and when an arc gets long."""
    if len(line) < 24:
        return [line]
    smooth = gaussian_filter1d(line, 2, axis=0, mode="nearest")
    way = np.gradient(smooth, axis=0)
    heading = np.unwrap(np.arctan2(way[:, 1], way[:, 0]))
    turn = np.abs(heading[8:] - heading[:-8])
    breaks, last = [], 0
    longest = rng.uniform(100, 300) / max(crude, 0.2)
    for index, sharpness in enumerate(turn, start=4):
        corner = sharpness > 0.9 and sharpness == turn[max(0, index - 12) : index + 4].max()
        if (corner and index - last > 10 and rng.random() < 0.3 + 0.6 * crude) or index - last > longest:
            breaks.append(index)
            last = index
    return [piece for piece in np.split(line, breaks) if len(piece) > 5]


def _by_hand(line: np.ndarray, crude: float, rng: np.random.Generator) -> np.ndarray:
    """One stroke: its small bends smoothed away, wobbling, and starting and ending too early or too late."""
    length = lengths(line)[-1]
    if length > 20:
        line = gaussian_filter1d(line, 0.01 + min(3.5 * crude, length / 12), axis=0, mode="nearest")
    overshoot = rng.normal(1.0, 2.5, 2) * crude * min(1.0, length / 30)
    line = evenly(_with_ends(line, *overshoot))
    count = len(line)
    wobble = np.zeros(count)
    # Slow and wide, quick and narrow. Smoothing weakens noise by the root of its reach, so that is made good.
    for reach, height in ((34.0, 1.9), (11.0, 0.45), (3.5, 0.12)):
        noise = gaussian_filter1d(rng.normal(0, 1, count + int(6 * reach)), reach / 2.5, mode="wrap")[:count]
        wobble += height * noise * np.sqrt(reach / 2.5) * 1.9
    drift = np.linspace(*rng.normal(0, 1.6, 2), count)
    shift = rng.normal(0, 0.7, 2)
    # A short stroke goes astray less than a long one.
    scale = crude * min(1.0, length / 45)
    return line + scale * (normals(line) * (wobble + drift)[:, None] + shift)


def _with_ends(line: np.ndarray, before: float, after: float) -> np.ndarray:
    """The line made longer (or shorter, if negative) at its ends."""
    if before < 0 or after < 0:
        line = line[int(max(0, -before)) : len(line) - int(max(0, -after))]
    start, end = line[0] - line[min(4, len(line) - 1)], line[-1] - line[-min(5, len(line))]
    reach = [max(0.0, before) / max(np.linalg.norm(start), 1e-6), max(0.0, after) / max(np.linalg.norm(end), 1e-6)]
    return np.vstack([line[:1] + start * reach[0], line, line[-1:] + end * reach[1]])
