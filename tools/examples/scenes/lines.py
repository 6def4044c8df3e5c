"""The lines a town map is made of: roads across the picture, coasts and closed outlines. Each is N x 2 float, in 256ths."""

import numpy as np

# Lines start and end well outside the picture, so that neither a bend nor an offset shows their ends.
REACH = 230.0


def crossing(rng: np.random.Generator, bend: float, off_center: float = 90.0, angle: float | None = None) -> np.ndarray:
    """A line across the whole picture, passing its center at `off_center` at most and bent by about `bend`."""
    angle = rng.uniform(0, 2 * np.pi) if angle is None else angle
    along = np.array([np.cos(angle), np.sin(angle)])
    across = np.array([-along[1], along[0]])
    t = np.linspace(-REACH, REACH, 93)
    curve = bend * (rng.uniform(-1, 1) * (t / 150) ** 2 + rng.uniform(-0.5, 0.5) * (t / 150) ** 3)
    return 128 + np.outer(t, along) + np.outer(rng.uniform(-off_center, off_center) + curve, across)


def normals(line: np.ndarray) -> np.ndarray:
    """The unit normals at the points of a line."""
    tangents = np.gradient(line, axis=0)
    tangents /= np.linalg.norm(tangents, axis=1, keepdims=True)
    return np.stack([-tangents[:, 1], tangents[:, 0]], axis=1)


def offset(line: np.ndarray, distance: float | np.ndarray) -> np.ndarray:
    """The line moved along its normals, by one distance or by one a point."""
    return line + normals(line) * np.broadcast_to(distance, len(line))[:, None]


def coast(rng: np.random.Generator, line: np.ndarray) -> np.ndarray:
    """The line made rough as a coast is: by nature, or in steps by quays."""
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
    fine = np.linspace(0, steps.sum(), 700)
    places = np.concatenate([[0], np.cumsum(steps)])
    line = np.stack([np.interp(fine, places, line[:, axis]) for axis in (0, 1)], axis=1)
    if rng.random() < 0.35:
        edges = np.cumsum(rng.uniform(10, 70, 60))
        levels = rng.normal(0, 5, 61) * (rng.random(61) < 0.6)
        return offset(line, levels[np.searchsorted(edges, fine)])
    rough = rng.uniform(0.01, 0.05)
    waves = 400.0 / 2.0 ** np.arange(0, 6)
    return offset(line, sum(rough * wave * np.sin(2 * np.pi * (fine / wave + rng.random())) for wave in waves))


def eased(line: np.ndarray) -> np.ndarray:
    """A coast without its details: the way a road beside it takes. It has fewer points."""
    span = 61
    padded = np.pad(line, ((span // 2, span // 2), (0, 0)), mode="edge")
    smooth = [np.convolve(padded[:, axis], np.full(span, 1 / span), mode="valid") for axis in (0, 1)]
    # Wide lines through points this close together come out with combed edges.
    return np.stack(smooth, axis=1)[::15]


def beyond(line: np.ndarray) -> np.ndarray:
    """The outline of everything on one side of a line across the picture."""
    away = normals(line)[len(line) // 2] * 4 * REACH
    return np.concatenate([line, [line[-1] + away, line[0] + away]])


def blob(rng: np.random.Generator, center: np.ndarray, radius: float) -> np.ndarray:
    """A smooth closed outline."""
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    waves = sum(rng.uniform(0, 0.3 / k) * np.cos(k * angle + rng.uniform(0, 2 * np.pi)) for k in range(1, 6))
    return center + radius * (1 + waves)[:, None] * np.stack([np.cos(angle), rng.uniform(0.5, 1) * np.sin(angle)], axis=1)
