"""Small synthetic pictures, data sets and checkpoints for the tests, and processes to kill."""

import base64
import io
import multiprocessing
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from pix2pix.checkpoint.config import Config, Metrics, Training
from pix2pix.checkpoint.folder import Generator, save_checkpoint
from pix2pix.networks.config import DiscriminatorArguments, GeneratorArguments
from pix2pix.networks.patchgan import PatchGAN
from pix2pix.networks.unet import UNet

ROOT = Path(__file__).resolve().parents[2]

# Processes start from a server that has imported what takes seconds, and that has no threads which a fork would lose.
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["pix2pix.training.command", "torch.utils.tensorboard", "torch._dynamo", "pytest", "yaml"])


def start_apart(function: Callable[..., object], *arguments: object) -> multiprocessing.Process:
    """Calls a function in a process of its own, which may be signalled and killed, and may fork."""
    process = processes.Process(target=_call, args=(function, *arguments))
    process.start()
    return process


def run_apart(function: Callable[..., object], *arguments: object) -> int:
    """The exit code of a function called in a process of its own."""
    process = start_apart(function, *arguments)
    process.join()
    return process.exitcode


def _call(function: Callable[..., object], *arguments: object) -> None:
    multiprocessing.set_start_method("fork", force=True)  # as in a program that was started by itself
    torch.set_num_threads(1)
    function(*arguments)


def picture(seed: int = 0, height: int = 32, width: int = 32) -> np.ndarray:
    """A smooth random picture, H x W x 3 uint8, which no two seeds share."""
    coarse = np.random.default_rng(seed).integers(0, 256, (5, 5, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))


def decoded(url: str) -> np.ndarray:
    """A data URL -> H x W x 3 uint8."""
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).convert("RGB"))


def write_picture(path: Path, image: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(path)
    return path


def write_pairs(folder: Path, count: int, size: int = 32) -> Path:
    """Side-by-side files: A beside its negative B."""
    for number in range(count):
        a = picture(number, size, size)
        write_picture(folder / f"{number:03}.png", np.concatenate([a, 255 - a], axis=1))
    return folder


def make_config(**changes: object) -> Config:
    """A config of a U-Net of 3 levels and ngf 4 and a PatchGAN 16 of ndf 4."""
    values = {
        "task": "demo",
        "objective": "l1+cgan",
        "direction": "AtoB",
        "generator": GeneratorArguments(ngf=4, levels=3, norm="instance"),
        "discriminator": DiscriminatorArguments(ndf=4, patch=16, norm="instance"),
        "image_size": 32,
    }
    return Config(**{**values, **changes})


def make_networks(config: Config, seed: int = 0) -> tuple[UNet, PatchGAN | None]:
    """Networks as `config` describes them, with weights large enough for pictures that differ."""
    torch.manual_seed(seed)
    generator = Generator(**config.generator.model_dump())
    generator.checkpoint_config = config
    with torch.no_grad():
        for parameter in generator.parameters():
            parameter.mul_(10 if parameter.ndim > 1 else 1)
    return generator, PatchGAN(**config.discriminator.model_dump()) if config.discriminator else None


def write_checkpoint(folder: Path, seed: int = 0, **changes: object) -> Path:
    """A small checkpoint on disk; `changes` are fields of its config."""
    config = make_config(**changes)
    save_checkpoint(folder, config, *make_networks(config, seed), samples=[(picture(1), picture(2))])
    return folder


# What a config may say of its training and its measures.
TRAINING = Training(
    data="facades", pairs=400, steps=1200, epochs=3, batch=1, learning_rate=2e-4, seed=7, hours=1.5, gan_loss="vanilla", ema=0.0,
    precision="bf16", command="python train.py --data facades", code_version="0.1.0", **{"lambda": 100.0},
)  # fmt: skip

METRICS = Metrics(data="facades", split="val", count=100, resizing="to 32x32", values={"l1": 0.1234, "lab": 0.5})
