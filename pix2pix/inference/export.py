"""A generator as an ONNX file that other programs run, checked number by number against this one."""

import contextlib
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from pix2pix.checkpoint.atomic import write_atomically
from pix2pix.checkpoint.config import Config
from pix2pix.checkpoint.folder import load_generator
from pix2pix.inference.onnx_runtime import onnx_runtime
from pix2pix.networks.layers import with_image_statistics

TOLERANCE = 1e-3
INPUT, OUTPUT, NOISE = "a", "b", "noise"


class ExportError(Exception):
    """A model cannot be exported; the message says why."""


class _Slot:
    """Where a dropout finds its numbers. Not a module, whose attributes may not change while it is exported."""

    values: Tensor


class _ExternalNoise(nn.Module):
    """Dropout whose random numbers, uniform in [0, 1), come from outside."""

    def __init__(self, probability: float):
        super().__init__()
        self.probability, self.slot = probability, _Slot()

    def forward(self, x: Tensor) -> Tensor:
        return x * (self.slot.values >= self.probability).to(x.dtype) / (1 - self.probability)


class _Exported(nn.Module):
    """The network with its noise, if it is to have any, as further inputs."""

    def __init__(self, network: nn.Module, noise: bool):
        super().__init__()
        self.network = network
        self.slots: list[_Slot] = []
        if noise:
            for parent in list(network.modules()):
                for name, module in parent.named_children():
                    if isinstance(module, nn.Dropout):
                        setattr(parent, name, _ExternalNoise(module.p))
            self.slots = [module.slot for module in network.modules() if isinstance(module, _ExternalNoise)]

    def forward(self, a: Tensor, noise: list[Tensor]) -> Tensor:
        for slot, values in zip(self.slots, noise, strict=True):
            slot.values = values
        return self.network(a)

    def noise_shapes(self, a: Tensor) -> list[torch.Size]:
        """Return the shape of each noise input that goes with `a`."""
        shapes: list[torch.Size] = []

        def look(module: _ExternalNoise, inputs: tuple[Tensor]) -> None:
            shapes.append(inputs[0].shape)
            module.slot.values = torch.ones_like(inputs[0])

        drops = [module for module in self.network.modules() if isinstance(module, _ExternalNoise)]
        handles = [module.register_forward_pre_hook(look) for module in drops]
        with torch.inference_mode():
            self.network(a)
        for handle in handles:
            handle.remove()
        return shapes


def export_onnx(folder: Path, path: Path, noise: bool = False, norm_statistics: str | None = None) -> float:
    """Write the generator of a checkpoint folder as ONNX in fp32; return the largest difference of its outputs from torch's.

    Input `a` and output `b` are N x C x H x W in the config's image range, for any N and for H and W that are multiples of
    2**levels. Norms are as `norm_statistics` says, by default the checkpoint's own. With `noise`, inputs `noise_0`,
    `noise_1`, ... take uniform numbers in [0, 1), one for each activation that dropout may drop; injected noise is the fixed
    field. Raise CheckpointError, or ExportError if the packages are missing or the outputs differ by more than 1e-3; then
    nothing is written.
    """
    generator = load_generator(folder)
    config = generator.checkpoint_config
    statistics = norm_statistics or config.norm_statistics
    network = with_image_statistics(generator) if statistics == "image" else generator
    exported = _Exported(network.eval().requires_grad_(False), noise)
    if noise and not exported.slots:
        raise ExportError(f"{folder} has no dropout and so no noise: export it without")
    about = {
        "task": config.task,
        "norm_statistics": statistics,
        "image_range": f"{config.image_range[0]:g} {config.image_range[1]:g}",
        "multiple": str(2**config.generator.levels),
        "dropout": f"{config.generator.dropout:g}" if noise else "0",
        "license": config.license,
    }
    differences: list[float] = []

    def write(temporary: Path) -> None:
        _write(exported, config, about, temporary)
        differences.append(_difference(exported, config, temporary))
        if not differences[0] <= TOLERANCE:
            raise ExportError(f"{path} was not written: its outputs differ from torch's by {differences[0]:.2g}")

    with _quiet():
        write_atomically(path, write)
    return differences[0]


def _write(exported: _Exported, config: Config, about: dict[str, str], path: Path) -> None:
    try:
        import onnx
        import onnxscript  # noqa: F401  torch.onnx needs it
    except ImportError as error:
        raise ExportError(f"{error.name} is not installed: pip install -r requirements-export.txt") from None
    multiple = 2**config.generator.levels
    batch, height, width = (torch.export.Dim(name) for name in ("batch", "height", "width"))
    # Sizes of 1 would be taken for constants.
    a, noise = _inputs(exported, config, 2, 2 * multiple, 3 * multiple)

    def shape(tensor: Tensor) -> dict[int, object]:
        steps = tensor.shape[2] // 2
        return {0: batch, 2: steps * height if steps > 1 else height, 3: steps * width if steps > 1 else width}

    names = [f"{NOISE}_{number}" for number in range(len(noise))]
    try:
        torch.onnx.export(
            exported,
            (a, noise),
            path,
            input_names=[INPUT, *names],
            output_names=[OUTPUT],
            dynamic_shapes=(shape(a), [shape(tensor) for tensor in noise]),
            external_data=False,
            verbose=False,
        )
    except torch.onnx.OnnxExporterError as error:
        raise ExportError(f"this network cannot be written as ONNX: {str(error).splitlines()[0]}") from error
    model = onnx.load(path)
    onnx.helper.set_model_props(model, about)
    onnx.save(model, path)


def _difference(exported: _Exported, config: Config, path: Path) -> float:
    """Return the largest difference over several batch sizes and picture sizes."""
    try:
        onnxruntime = onnx_runtime()
    except ImportError as error:
        raise ExportError(f"{error.name} is not installed: pip install -r requirements-export.txt") from None
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    multiple = 2**config.generator.levels
    size = -(-config.image_size // multiple) * multiple
    differences = []
    for count, height, width in ((1, size, size), (3, size, size), (1, size, size + multiple)):
        a, noise = _inputs(exported, config, count, height, width)
        feed = {INPUT: a.numpy()} | {f"{NOISE}_{number}": tensor.numpy() for number, tensor in enumerate(noise)}
        with torch.inference_mode():
            expected = exported(a, noise).numpy()
        differences.append(float(np.abs(session.run([OUTPUT], feed)[0] - expected).max()))
    return max(differences)


def _inputs(exported: _Exported, config: Config, count: int, height: int, width: int) -> tuple[Tensor, list[Tensor]]:
    low, high = config.image_range
    a = torch.rand(count, config.generator.in_channels, height, width) * (high - low) + low
    return a, [torch.rand(shape) for shape in exported.noise_shapes(a)]


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Silence the exporter's own log and warnings, which are about its inner steps."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
