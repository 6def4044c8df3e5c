"""Measuring a model on the held-out pairs of a data set (paper 4.2)."""

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from tqdm import tqdm

from pix2pix.config import Config, Metrics
from pix2pix.drawings import bag, shoe
from pix2pix.edges import EXTRACTOR
from pix2pix.metrics import EdgeScores, Scores, fill_shares
from pix2pix.pairs import Maker, find_pairs, whole_pairs
from pix2pix.palettes import OUTPUTS
from pix2pix.translator import Translator

# Tasks whose inputs the project can draw as crudely as people do, without a true picture to compare with.
HANDS = {"edges2shoes": partial(shoe, crude=1.0), "edges2handbags": partial(bag, crude=1.0)}
# The same without the lines that enclose background, as `fill_shares` takes them.
BODIES = HANDS | {"edges2handbags": partial(bag, crude=1.0, handles=False)}


def measure(translator: Translator, pictures: Iterable[tuple[np.ndarray, np.ndarray]], task: str = "") -> Scores:
    """The scores of a model over pictures of (input, truth), each H x W x 3 uint8, noise off.

    Of a `task` whose outputs are label maps or edge drawings, labels or strokes are measured too.
    """
    scores = Scores(OUTPUTS.get(task), EdgeScores() if task == EXTRACTOR else None)
    for a, truth in pictures:
        scores.add(translator.translate(a), truth, a)
    return scores


def folder_names(data: Sequence[Path]) -> str:
    """Data folders by name, without the paths of this machine."""
    return " + ".join(folder.resolve().name for folder in data)


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
    data: Sequence[Path],
    split: str = "val",
    direction: str | None = None,
    maker: Maker | None = None,
) -> Metrics:
    """Measures a model on `split` of data folders at the model's picture size. Raises PairsError."""
    sources = [source for folder in data for source in find_pairs(folder, split)]
    pictures = whole_pairs(sources, direction or config.direction, config.image_size, maker)
    scores = measure(translator, tqdm(pictures, total=len(sources), unit="pair", desc="measuring", leave=False), config.task)
    return metrics_of(scores, folder_names(data), split, config.image_size)


def evaluate_drawings(translator: Translator, task: str, count: int) -> dict[str, float]:
    """How well crude drawings are filled, noise off: seeds 0 to `count` - 1 of the project's own hand, 256 x 256.

    `coloured` and `spilled` are the means of `fill_shares`; with `_worst_tenth`, the means of the worst tenth of drawings.
    Raises ValueError for a task that takes no drawings of objects.
    """
    if task not in HANDS:
        raise ValueError(f"there are no drawings to measure {task} with, only for {' and '.join(HANDS)}")
    shares: dict[str, list[float]] = {"coloured": [], "spilled": []}
    for seed in tqdm(range(count), unit="drawing", desc="measuring", leave=False):
        drawing = HANDS[task](seed)
        for name, value in fill_shares(drawing, translator.translate(drawing), BODIES[task](seed)).items():
            shares[name].append(value)
    worst = {"coloured": sorted(shares["coloured"]), "spilled": sorted(shares["spilled"], reverse=True)}
    tenth = max(1, count // 10)
    return {
        **{name: float(np.mean(values)) for name, values in shares.items()},
        **{f"{name}_worst_tenth": float(np.mean(values[:tenth])) for name, values in worst.items()},
    }
