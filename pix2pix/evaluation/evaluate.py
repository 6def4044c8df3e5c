"""Measuring a model on the held-out pairs of a data set (paper 4.2)."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from pix2pix.checkpoint.config import MAX_LINE, Config, Metrics, shorten
from pix2pix.data.edges import EXTRACTOR
from pix2pix.data.examples import crude_drawings_of, tasks_with_crude_drawings
from pix2pix.data.images import read_image
from pix2pix.data.pairs import Maker, find_pairs, whole_pairs
from pix2pix.data.palettes import OUTPUTS
from pix2pix.evaluation.metrics import EdgeScores, Scores, fill_shares
from pix2pix.inference.translator import Translator


def measure(
    translator: Translator, pictures: Iterable[tuple[np.ndarray, np.ndarray]], task: str = "", noise: bool = False
) -> Scores:
    """Return the scores of a model over pictures of (input, truth), each H x W x 3 uint8.

    With `noise` activations are dropped as in training, as the paper tests: the n-th picture with seed n. Of a `task` whose
    outputs are label maps or edge drawings, labels or strokes are measured too.
    """
    scores = Scores(OUTPUTS.get(task), EdgeScores() if task == EXTRACTOR else None)
    for seed, (a, truth) in enumerate(pictures):
        scores.add(translator.translate(a, noise, seed), truth, a)
    return scores


def folder_names(data: Sequence[Path]) -> str:
    """Return data folders by name, without the paths of this machine, as long as a config may say it."""
    return shorten(" + ".join(folder.resolve().name for folder in data), MAX_LINE)


def metrics_of(scores: Scores, data: str, split: str, size: int, noise: bool = False) -> Metrics:
    """Return scores as a checkpoint records them, with the picture set and the resizing they hold for."""
    return Metrics(
        data=data,
        split=split,
        count=scores.count,
        resizing=f"whole pictures, resized to {size}x{size} (bicubic) where they are not; noise {'on' if noise else 'off'}",
        values={name: float(f"{value:.5g}") for name, value in scores.result().items()},
    )


def evaluate(
    translator: Translator,
    config: Config,
    data: Sequence[Path],
    split: str = "val",
    direction: str | None = None,
    maker: Maker | None = None,
    noise: bool = False,
) -> Metrics:
    """Measure a model on `split` of data folders at the model's picture size. Raise PairsError."""
    sources = [source for folder in data for source in find_pairs(folder, split)]
    pictures = whole_pairs(sources, direction or config.direction, config.image_size, maker, (config.values_a, config.values_b))
    scores = measure(
        translator, tqdm(pictures, total=len(sources), unit="pair", desc="measuring", leave=False), config.task, noise
    )
    return metrics_of(scores, folder_names(data), split, config.image_size, noise)


def evaluate_drawings(translator: Translator, task: str, count: int) -> dict[str, float]:
    """Measure how well crude drawings are filled, noise off: the first `count` of the project's own, 256 x 256.

    `colored` and `spilled` are the means of `fill_shares`; with `_worst_tenth`, the means of the worst tenth of drawings.
    Raise ValueError where there are not so many drawings of a task.
    """
    drawings = crude_drawings_of(task)
    if not drawings:
        raise ValueError(f"there are no drawings to measure {task} with, only for {' and '.join(tasks_with_crude_drawings())}")
    if not 1 <= count <= len(drawings):
        raise ValueError(f"there are {len(drawings)} drawings to measure {task} with, not {count}")
    shares: dict[str, list[float]] = {"colored": [], "spilled": []}
    for paths in tqdm(drawings[:count], unit="drawing", desc="measuring", leave=False):
        drawing, body = (np.asarray(read_image(path)) for path in paths)
        for name, value in fill_shares(drawing, translator.translate(drawing), body).items():
            shares[name].append(value)
    worst = {"colored": sorted(shares["colored"]), "spilled": sorted(shares["spilled"], reverse=True)}
    tenth = max(1, count // 10)
    return {
        **{name: float(np.mean(values)) for name, values in shares.items()},
        **{f"{name}_worst_tenth": float(np.mean(values[:tenth])) for name, values in worst.items()},
    }
