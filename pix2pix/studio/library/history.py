"""A run's history.csv as curves: finite numbers, few enough to draw."""

import csv
import functools
import math
from pathlib import Path

from pix2pix.training.run_folder import read_history

MAX_BYTES = 8 << 20
MAX_SERIES = 24
MAX_POINTS = 400

Curves = dict[str, list[tuple[int, float]]]


def read_curves(path: Path) -> Curves:
    """Return points (step, value) by series. Of long series each point is the mean of a few rows; an unreadable file has none."""
    try:
        status = path.stat()
    except OSError:
        return {}
    return _read(path, status.st_mtime_ns, status.st_size)


@functools.lru_cache(maxsize=64)
def _read(path: Path, _changed: int, size: int) -> Curves:
    if size > MAX_BYTES:
        return {}
    try:
        rows = read_history(path)
    except (OSError, ValueError, TypeError, csv.Error):  # a pulled file may hold anything
        return {}
    series: Curves = {}
    for row in rows:
        step = row.get("step", math.nan)
        for name, value in row.items():
            if name not in ("step", "epoch") and math.isfinite(step) and math.isfinite(value):
                series.setdefault(name[:60], []).append((int(step), value))
    return {name: _thinned(points) for name, points in list(series.items())[:MAX_SERIES]}


def _thinned(points: list[tuple[int, float]]) -> list[tuple[int, float]]:
    count = math.ceil(len(points) / MAX_POINTS)
    groups = [points[start : start + count] for start in range(0, len(points), count)]
    return [(group[-1][0], float(f"{sum(value for _, value in group) / len(group):.6g}")) for group in groups]
