"""Which files of a repository are a model: those of our own format, or another project's weights."""

import re
from collections.abc import Collection
from pathlib import PurePosixPath

from pix2pix.checkpoint.folder import CARD_FILE, CONFIG_FILE, DISCRIMINATOR_FILE, GENERATOR_FILE, HISTORY_FILE, SAMPLES_FOLDER
from pix2pix.convert.weights import MAX_BYTES, refuse_by_neighbors, refuse_by_suffix
from pix2pix.hub.errors import HubError

# Larger files of our format are refused.
MAX_FILE_BYTES = {
    CONFIG_FILE: 1 << 20,
    GENERATOR_FILE: MAX_BYTES,
    DISCRIMINATOR_FILE: MAX_BYTES,
    HISTORY_FILE: 50 << 20,
    CARD_FILE: 1 << 20,
}
SAMPLE = re.compile(rf"{SAMPLES_FOLDER}/[A-Za-z0-9][A-Za-z0-9._-]*\.(png|jpg|jpeg|webp)")
MAX_SAMPLE_BYTES, MAX_SAMPLES = 20 << 20, 32
# How other projects call a generator's weights, the preferred name first: safetensors cannot run code.
WEIGHTS = (
    *("model.safetensors", "generator.safetensors", "latest_net_G.safetensors", "netG.safetensors"),
    *("pytorch_model.bin", "latest_net_G.pth", "netG.pth", "generator.pth"),
)
WEIGHT_ENDINGS = (".safetensors", ".bin", ".pth", ".pt", ".ckpt")


def checkpoint_files(paths: Collection[str]) -> dict[str, int]:
    """Return those of `paths` that belong to a checkpoint of ours, with their limits.

    Nothing else is ever pulled or published.
    """
    samples = sorted(path for path in paths if SAMPLE.fullmatch(path))[:MAX_SAMPLES]
    return {path: limit for path, limit in MAX_FILE_BYTES.items() if path in paths} | dict.fromkeys(samples, MAX_SAMPLE_BYTES)


def choose_weights(source: str, paths: Collection[str], requested: str) -> str:
    """Return the weights file of another project's repository.

    Raise HubError if there is none, or if it is not clear which, and CheckpointError if they are of a family that is not read.
    """
    if requested:
        if requested not in paths:
            raise HubError(f"{source} has no file {requested}")
        return requested
    for name in WEIGHTS:
        if name in paths:
            return name
    endings = {path: PurePosixPath(path).suffix for path in sorted(paths) if path.endswith(WEIGHT_ENDINGS)}
    candidates = sorted(endings, key=lambda path: WEIGHT_ENDINGS.index(endings[path]))
    # One file, or the same weights in several forms.
    if len({path.removesuffix(ending) for path, ending in endings.items()}) == 1:
        return candidates[0]
    refuse_by_neighbors(source, paths)
    if not candidates:
        for path in sorted(paths):
            refuse_by_suffix(source, path)
        raise HubError(f"{source} holds no weights that are read here ({', '.join(WEIGHT_ENDINGS)})")
    raise HubError(f"{source} holds several files of weights: choose one of {', '.join(candidates[:8])}")
