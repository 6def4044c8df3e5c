"""Blend two models of one lineage: a point between their weights, calmer than the one and sharper than the other.

Network interpolation (Wang et al., *ESRGAN*, 2018, 3.4): it works between a model and what was fine-tuned from it, where each
weight still means the same, and not between strangers.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from pix2pix.checkpoint.config import MAX_TEXT, CheckpointError, read_config, shorten
from pix2pix.checkpoint.folder import (
    CONFIG_FILE,
    HISTORY_FILE,
    SAMPLES_FOLDER,
    load_discriminator,
    load_generator,
    save_checkpoint,
)
from pix2pix.data.images import pictures_in, read_image
from pix2pix.evaluation.evaluate import evaluate
from pix2pix.inference.translator import Translator


def blend(first: Path, second: Path, share: float, folder: Path, data: Sequence[Path] = (), notes: str = "") -> None:
    """Write `folder`, whose generator is (1 - share) * first + share * second; all else is that of `second`.

    `share` is from 0 to 1. The new model is measured on `data`, folders of pairs, if there are any; its card shows the inputs
    that the card of `second` shows. `folder` may be one of the two: the old one stays whole until the new one is. Raise
    CheckpointError where the two differ in task or architecture, ValueError for another share, PairsError.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"the share of the second model has to be from 0 to 1, not {share}")
    one, other = read_config(first / CONFIG_FILE), read_config(second / CONFIG_FILE)
    for what in ("task", "direction", "generator", "image_range"):
        if getattr(one, what) != getattr(other, what):
            raise CheckpointError(f"{first.name} and {second.name} cannot be blended: their {what} differs")
    generator = load_generator(second)
    with torch.no_grad():
        before = load_generator(first).state_dict()
        for name, value in generator.state_dict().items():
            if value.is_floating_point():
                value.lerp_(before[name], 1 - share).copy_(value.half())  # measured as it will be stored
    training = other.training
    if training is not None:
        made = f"python -m pix2pix blend {first.name} {second.name} --share {share:g} --to {folder.name}"
        training = training.model_copy(update={"command": shorten(f"{training.command}\n{made}", MAX_TEXT)})
    config = other.model_copy(update={"training": training, "metrics": None, "notes": notes or other.notes})
    inputs = [_input(path) for path in pictures_in(second / SAMPLES_FOLDER)] if (second / SAMPLES_FOLDER).is_dir() else []
    translator = Translator(
        generator, config.generator.levels, norm_statistics=config.norm_statistics, image_range=config.image_range
    )
    if data:
        config = config.model_copy(update={"metrics": evaluate(translator, config, data)})
    samples = [(a, translator.translate(a)) for a in inputs]
    save_checkpoint(folder, config, generator, load_discriminator(second), second / HISTORY_FILE, samples)


def _input(sample: Path) -> np.ndarray:
    """Return the left half of a card's sample, H x W x 3 uint8."""
    picture = np.asarray(read_image(sample))
    return np.ascontiguousarray(picture[:, : picture.shape[1] // 2])
