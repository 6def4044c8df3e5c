"""Measuring a model on the held-out pairs of a data set (paper 4.2)."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from tqdm import tqdm

from pix2pix.config import Config, Metrics
from pix2pix.edges import EXTRACTOR
from pix2pix.metrics import EdgeScores, Scores
from pix2pix.pairs import Maker, find_pairs, whole_pairs
from pix2pix.palettes import OUTPUTS
from pix2pix.translator import Translator


def measure(translator: Translator, pictures: Iterable[tuple[np.ndarray, np.ndarray]], task: str = "") -> Scores:
    """The scores of a model over pictures of (input, truth), each H x W x 3 uint8, noise off.

    Of a `task` whose outputs are label maps or edge drawings, labels or strokes are measured too.
    """
    scores = Scores(OUTPUTS.get(task), EdgeScores() if task == EXTRACTOR else None)
    for a, truth in pictures:
        scores.add(translator.translate(a), truth, a)
    return scores


def metrics_of(scores: Scores, data: str, split: str, size: int) -> Metrics:
    """Scores as a checkpoint records them, with the picture set and the resizing they hold for."""
    return Metrics(
        data=data,
        split=split,
        count=scores.count,
        resizing=f"whole pictures, resized to {size}x{size} (bicubic) where they are not; noise off",
        values={name: float(f"{value:.5g}") for name, value in scores.result().items()},
    )


def evaluate(
    translator: Translator,
    config: Config,
    data: Path,
    split: str = "val",
    direction: str | None = None,
    maker: Maker | None = None,
) -> Metrics:
    """Measures a model on `split` of a data folder at the model's picture size. Raises PairsError."""
    sources = find_pairs(data, split)
    pictures = whole_pairs(sources, direction or config.direction, config.image_size, maker)
    scores = measure(translator, tqdm(pictures, total=len(sources), unit="pair", desc="measuring", leave=False), config.task)
    return metrics_of(scores, data.resolve().name, split, config.image_size)
