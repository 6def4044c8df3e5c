"""Blends two models of one lineage: a point between their weights, calmer than the one and sharper than the other.

Network interpolation (Wang et al., *ESRGAN*, 2018, 3.4): it works between a model and what was fine-tuned from it, where each
weight still means the same, and not between strangers.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from pix2pix.checkpoint import CONFIG_FILE, HISTORY_FILE, SAMPLES_FOLDER, load_discriminator, load_generator, save_checkpoint
from pix2pix.config import CheckpointError, Config, read_config
from pix2pix.evaluation import evaluate
from pix2pix.images import pictures_in
from pix2pix.translator import Translator


def blend(first: Path, second: Path, share: float, folder: Path, data: Sequence[Path] = (), notes: str = "") -> Config:
    """Writes `folder`, whose generator is (1 - share) * first + share * second; all else is that of `second`.

    It is measured on `data`, folders of pairs, if there are any; its card shows the inputs that the card of `second` shows.
    `folder` may be one of the two: the old one stays whole until the new one is. Raises CheckpointError where the two differ
    in task or architecture.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"the share of the second model has to be from 0 to 1, not {share}")
    one, other = read_config(first / CONFIG_FILE), read_config(second / CONFIG_FILE)
    for what in ("task", "direction", "generator", "image_range"):
        if getattr(one, what) != getattr(other, what):
            raise CheckpointError(f"{first.name} and {second.name} cannot be blended: their {what} differs")
    generator = load_generator(second)
    with torch.no_grad():
        for value, before in zip(_tensors(generator), _tensors(load_generator(first)), strict=True):
            if value.is_floating_point():
                value.lerp_(before, 1 - share).copy_(value.half())  # measured as it will be stored
    training = other.training
    if training is not None:
        made = f"python -m pix2pix blend {first.name} {second.name} --share {share:g} --to {folder.name}"
        training = training.model_copy(update={"command": f"{training.command}\n{made}"})
    config = other.model_copy(update={"training": training, "metrics": None, "notes": notes or other.notes})
    inputs = [_input(path) for path in pictures_in(second / SAMPLES_FOLDER)] if (second / SAMPLES_FOLDER).is_dir() else []
    translator = Translator(
        generator, config.generator.levels, norm_statistics=config.norm_statistics, image_range=config.image_range
    )
    if data:
        config = config.model_copy(update={"metrics": evaluate(translator, config, data)})
    samples = [(a, translator.translate(a)) for a in inputs]
    save_checkpoint(folder, config, generator, load_discriminator(second), second / HISTORY_FILE, samples)
    return config


def _tensors(network: torch.nn.Module) -> list[torch.Tensor]:
    """Weights and running statistics, in an order that networks of one architecture share."""
    return list(network.state_dict().values())


def _input(sample: Path) -> np.ndarray:
    """The left half of a card's sample."""
    picture = np.asarray(Image.open(sample).convert("RGB"))
    return np.ascontiguousarray(picture[:, : picture.shape[1] // 2])
