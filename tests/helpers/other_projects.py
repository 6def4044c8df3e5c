"""Other projects' generators, independent of ours: random weights under each project's names, and a plain forward pass.

The forward passes are spelled out from what the public sources compute, with each picture's own norm statistics.
"""

from collections import OrderedDict
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

State = dict[str, Tensor]


class Writer:
    """Random tensors under a project's names. `norm` is batch, affine (instance), plain (instance without scale) or none."""

    def __init__(self, norm: str, bias: bool, stale: bool = False):
        self.norm_kind, self.bias, self.stale = norm, bias, stale
        self.state: State = OrderedDict()
        self.random = torch.Generator().manual_seed(7)

    def normal(self, *shape: int, mean: float = 0.0, std: float = 1.0) -> Tensor:
        return torch.randn(shape, generator=self.random) * std + mean

    def conv(self, name: str, *shape: int, bias: bool | None = None, transposed: bool = False) -> None:
        inputs, outputs = (shape[0], shape[1]) if transposed else (shape[1], shape[0])
        self.state[f"{name}.weight"] = self.normal(*shape, std=(inputs * shape[2] ** 2 / (4 if transposed else 1)) ** -0.5)
        if self.bias if bias is None else bias:
            self.state[f"{name}.bias"] = self.normal(outputs, std=0.5)

    def norm(self, name: str, channels: int) -> None:
        if self.norm_kind in ("batch", "affine"):
            self.state[f"{name}.weight"] = self.normal(channels, mean=1.0, std=0.3)
            self.state[f"{name}.bias"] = self.normal(channels, std=0.3)
        if self.norm_kind == "batch" or self.stale:
            self.state[f"{name}.running_mean"] = self.normal(channels, std=0.3)
            self.state[f"{name}.running_var"] = self.normal(channels).abs() + 0.5
            self.state[f"{name}.num_batches_tracked"] = torch.tensor(5)


class Reference:
    """The layers of a forward pass; `dropped` collects what arrives where the project has dropout."""

    def __init__(self, state: State, norm: str, statistics: str = "image"):
        self.state, self.norm_kind, self.statistics = state, norm, statistics
        self.dropped: list[Tensor] = []

    def conv(self, x: Tensor, name: str, stride: int = 1, padding: int = 0) -> Tensor:
        return F.conv2d(x, self.state[f"{name}.weight"], self.state.get(f"{name}.bias"), stride, padding)

    def up(self, x: Tensor, name: str) -> Tensor:
        weight, bias = self.state[f"{name}.weight"], self.state.get(f"{name}.bias")
        extra = 1 if weight.shape[2] == 3 else 0
        return F.conv_transpose2d(x, weight, bias, stride=2, padding=1, output_padding=extra)

    def norm(self, x: Tensor, name: str) -> Tensor:
        if self.norm_kind == "none":
            return x
        if self.statistics == "image":
            mean, variance = x.mean((2, 3), keepdim=True), x.var((2, 3), keepdim=True, unbiased=False)
        else:
            mean, variance = (self.state[f"{name}.running_{kind}"][:, None, None] for kind in ("mean", "var"))
        x = (x - mean) / torch.sqrt(variance + 1e-5)
        if f"{name}.weight" in self.state:
            x = x * self.state[f"{name}.weight"][:, None, None] + self.state[f"{name}.bias"][:, None, None]
        return x

    def drop(self, x: Tensor) -> Tensor:
        self.dropped.append(x)
        return x


# pytorch-CycleGAN-and-pix2pix, models/networks.py: UnetGenerator


def unet_state(levels: int, ngf: int, norm: str, bias: bool, stale: bool = False, inputs: int = 3, outputs: int = 3) -> State:
    writer = Writer(norm, bias, stale)

    def block(name: str, depth: int, outer: int, inner: int) -> None:
        if depth == 0:
            writer.conv(f"{name}.model.0", inner, inputs, 4, 4)
            block(f"{name}.model.1", 1, inner, inner * 2)
            writer.conv(f"{name}.model.3", inner * 2, outputs, 4, 4, bias=True, transposed=True)
            return
        writer.conv(f"{name}.model.1", inner, outer, 4, 4)
        if depth == levels - 1:
            writer.conv(f"{name}.model.3", inner, outer, 4, 4, transposed=True)
            writer.norm(f"{name}.model.4", outer)
            return
        writer.norm(f"{name}.model.2", inner)
        block(f"{name}.model.3", depth + 1, inner, min(inner * 2, ngf * 8))
        writer.conv(f"{name}.model.5", inner * 2, outer, 4, 4, transposed=True)
        writer.norm(f"{name}.model.6", outer)

    block("model", 0, outputs, ngf)
    return writer.state


def unet_forward(layers: Reference, a: Tensor, levels: int) -> Tensor:
    def block(name: str, depth: int, x: Tensor) -> Tensor:
        if depth == 0:
            x = block(f"{name}.model.1", 1, layers.conv(x, f"{name}.model.0", 2, 1))
            return torch.tanh(layers.up(F.relu(x), f"{name}.model.3"))
        # The original activates in place, so that the skip is activated too.
        x = F.leaky_relu(x, 0.2)
        y = layers.conv(x, f"{name}.model.1", 2, 1)
        if depth == levels - 1:
            y = layers.norm(layers.up(F.relu(y), f"{name}.model.3"), f"{name}.model.4")
            return torch.cat([x, y], 1)
        y = block(f"{name}.model.3", depth + 1, layers.norm(y, f"{name}.model.2"))
        y = layers.norm(layers.up(F.relu(y), f"{name}.model.5"), f"{name}.model.6")
        y = layers.drop(y) if depth >= 4 else y
        return torch.cat([x, y], 1)

    return block("model", 0, a)


# pytorch-CycleGAN-and-pix2pix, models/networks.py: ResnetGenerator


def resnet_state(blocks: int, ngf: int, norm: str, bias: bool, dropout: bool, stale: bool = False) -> State:
    writer = Writer(norm, bias, stale)
    writer.conv("model.1", ngf, 3, 7, 7)
    writer.norm("model.2", ngf)
    for index, width in ((4, ngf), (7, ngf * 2)):
        writer.conv(f"model.{index}", width * 2, width, 3, 3)
        writer.norm(f"model.{index + 1}", width * 2)
    for index in range(10, 10 + blocks):
        for place in (1, 6 if dropout else 5):
            writer.conv(f"model.{index}.conv_block.{place}", ngf * 4, ngf * 4, 3, 3)
            writer.norm(f"model.{index}.conv_block.{place + 1}", ngf * 4)
    for index, width in ((10 + blocks, ngf * 4), (13 + blocks, ngf * 2)):
        writer.conv(f"model.{index}", width, width // 2, 3, 3, transposed=True)
        writer.norm(f"model.{index + 1}", width // 2)
    writer.conv(f"model.{17 + blocks}", 3, ngf, 7, 7, bias=True)
    return writer.state


def resnet_forward(layers: Reference, a: Tensor, blocks: int, dropout: bool) -> Tensor:
    x = layers.conv(F.pad(a, (3, 3, 3, 3), mode="reflect"), "model.1")
    x = F.relu(layers.norm(x, "model.2"))
    for index in (4, 7):
        x = F.relu(layers.norm(layers.conv(x, f"model.{index}", 2, 1), f"model.{index + 1}"))
    for index in range(10, 10 + blocks):
        name, second = f"model.{index}.conv_block", 6 if dropout else 5
        y = layers.conv(F.pad(x, (1, 1, 1, 1), mode="reflect"), f"{name}.1")
        y = F.relu(layers.norm(y, f"{name}.2"))
        y = layers.drop(y) if dropout else y
        y = layers.conv(F.pad(y, (1, 1, 1, 1), mode="reflect"), f"{name}.{second}")
        x = x + layers.norm(y, f"{name}.{second + 1}")
    for index in (10 + blocks, 13 + blocks):
        x = F.relu(layers.norm(layers.up(x, f"model.{index}"), f"model.{index + 1}"))
    return torch.tanh(layers.conv(F.pad(x, (3, 3, 3, 3), mode="reflect"), f"model.{17 + blocks}"))


# PyTorch-GAN, implementations/pix2pix/models.py, and HugGAN, huggan/pytorch/pix2pix/modeling_pix2pix.py: GeneratorUNet


def generator_unet_state(levels: int, ngf: int, norm: str = "plain", final: int = 2, outer_bias: bool = False) -> State:
    writer = Writer(norm, bias=False)
    widths = [min(ngf * 2**level, ngf * 8) for level in range(levels)]
    for level in range(1, levels + 1):
        outermost = level in (1, levels)
        writer.conv(f"down{level}.model.0", widths[level - 1], ([3, *widths])[level - 1], 4, 4, bias=outer_bias and outermost)
        if not outermost:
            writer.norm(f"down{level}.model.1", widths[level - 1])
    inputs = widths[-1]
    for level in range(1, levels):
        outputs = widths[-1 - level]
        writer.conv(f"up{level}.model.0", inputs, outputs, 4, 4, transposed=True)
        writer.norm(f"up{level}.model.1", outputs)
        inputs = outputs * 2
    if final == 0:
        writer.conv("final.0", inputs, 3, 4, 4, bias=True, transposed=True)
    else:
        writer.conv("final.2", 3, inputs, 4, 4, bias=True)
    return writer.state


def generator_unet_forward(layers: Reference, a: Tensor, levels: int) -> Tensor:
    features, x = [], a
    for level in range(1, levels + 1):
        x = layers.conv(x, f"down{level}.model.0", 2, 1)
        if level not in (1, levels):
            x = layers.norm(x, f"down{level}.model.1")
        x = F.leaky_relu(x, 0.2)
        x = layers.drop(x) if level >= 4 else x
        features.append(x)
    features.pop()
    for level in range(1, levels):
        x = F.relu(layers.norm(layers.up(x, f"up{level}.model.0"), f"up{level}.model.1"))
        x = layers.drop(x) if level <= levels - 4 else x
        x = torch.cat([x, features.pop()], 1)
    if "final.0.weight" in layers.state:
        return torch.tanh(layers.up(x, "final.0"))
    x = F.pad(F.interpolate(x, scale_factor=2, mode="nearest"), (1, 0, 1, 0))
    return torch.tanh(layers.conv(x, "final.2", padding=1))


# mmgeneration, mmgen/models/architectures/pix2pix/modules.py: UnetSkipConnectionBlock of mmcv ConvModules


def mmgeneration_state(levels: int, ngf: int, norm: str = "batch", bias: bool = False, norm_name: str = "bn") -> State:
    writer = Writer(norm, bias)
    widths = [min(ngf * 2**level, ngf * 8) for level in range(levels)]
    name = "generators.photo.model"
    for level in range(levels):
        innermost = level == levels - 1
        writer.conv(f"{name}.model.0.conv", widths[level], widths[level - 1] if level else 3, 4, 4)
        if 0 < level < levels - 1:
            writer.norm(f"{name}.model.0.{norm_name}", widths[level])
        up, outputs = f"{name}.model.{1 if innermost else 2}", widths[level - 1] if level else 3
        writer.conv(
            f"{up}.conv", widths[level] * (1 if innermost else 2), outputs, 4, 4, bias=bias or level == 0, transposed=True
        )
        if level:
            writer.norm(f"{up}.{norm_name}", outputs)
        name = f"{name}.model.1"
    return writer.state


def mmgeneration_forward(layers: Reference, bgr: Tensor, levels: int, norm_name: str = "bn") -> Tensor:
    names = ["generators.photo.model" + ".model.1" * level for level in range(levels)]
    features = [layers.conv(bgr, f"{names[0]}.model.0.conv", 2, 1)]
    for name in names[1:]:
        y = layers.conv(F.leaky_relu(features[-1], 0.2), f"{name}.model.0.conv", 2, 1)
        features.append(y if name == names[-1] else layers.norm(y, f"{name}.model.0.{norm_name}"))
    x = features.pop()
    for level in reversed(range(1, levels)):
        up = f"{names[level]}.model.{1 if level == levels - 1 else 2}"
        y = layers.norm(layers.up(F.relu(x), f"{up}.conv"), f"{up}.{norm_name}")
        y = layers.drop(y) if 4 <= level < levels - 1 else y
        x = torch.cat([F.leaky_relu(features.pop(), 0.2), y], 1)
    return torch.tanh(layers.up(F.relu(x), f"{names[0]}.model.2.conv"))


def written(folder: Path, content: object) -> Path:
    path = folder / "latest_net_G.pth"
    torch.save(content, path)
    return path


def pictures(size: int, channels: int = 3, count: int = 2) -> Tensor:
    return torch.rand(count, channels, size, size, generator=torch.Generator().manual_seed(1)) * 2 - 1


def run(network: nn.Module, a: Tensor) -> tuple[Tensor, list[Tensor]]:
    """What the network makes of `a`, and what arrived at its dropout layers, in order."""
    dropped: list[Tensor] = []
    for module in network.modules():
        if isinstance(module, nn.Dropout):
            module.register_forward_hook(lambda module, inputs, output: dropped.append(inputs[0]))
    with torch.inference_mode():
        return network(a), dropped


# A small file of each layout.
KINDS = {
    "unet": lambda: unet_state(5, 2, "plain", bias=True),
    "resnet": lambda: resnet_state(2, 2, "plain", True, True),
    "generator-unet": lambda: generator_unet_state(5, 2, "batch", final=0, outer_bias=True),
    "mmgeneration": lambda: mmgeneration_state(5, 2),
}
