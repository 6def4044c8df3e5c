"""Other projects' weights: each layout is written here under its project's names, and run by a plain forward pass.

The forward passes are spelled out from what the public sources compute, with each picture's own norm statistics.
"""

import dataclasses
import json
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional as F

from pix2pix.checkpoint import check_folder, load_generator, load_weights, save_checkpoint, save_weights
from pix2pix.config import CheckpointError, read_config
from pix2pix.foreign.arguments import AuthorsUNetArguments, GeneratorUNetArguments, ResNetArguments
from pix2pix.foreign.networks import build_generator
from pix2pix.foreign.reader import Facts, read_foreign, read_generator
from pix2pix.generator import with_image_statistics
from pix2pix.precision import Precision
from pix2pix.translator import Translator

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


def assert_same(network: nn.Module, layers: Reference, a: Tensor, expected: Tensor) -> None:
    found, dropped = run(network, a)
    assert expected.std() > 0.1, "a reference that is nearly constant proves nothing"
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=0)
    assert len(dropped) == len(layers.dropped)
    for ours, theirs in zip(dropped, layers.dropped, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize(("levels", "ngf"), [(5, 4), (7, 2), (8, 2)])
def test_cyclegan_unet_with_batch_norm(tmp_path: Path, levels: int, ngf: int) -> None:
    state = unet_state(levels, ngf, "batch", bias=False)
    foreign = read_generator(written(tmp_path, state))
    assert foreign.arguments == AuthorsUNetArguments(
        in_channels=3, out_channels=3, ngf=ngf, levels=levels, norm="batch", dropout=0.5, bias=False
    )
    a = pictures(2**levels)
    layers = Reference(state, "batch")
    expected = unet_forward(layers, a, levels)
    assert len(layers.dropped) == levels - 5
    running = Reference(state, "batch", "running")
    assert_same(foreign.network, running, a, unet_forward(running, a, levels))
    assert_same(with_image_statistics(foreign.network), layers, a, expected)


@pytest.mark.parametrize("stale", [False, True])
def test_cyclegan_unet_with_instance_norm(tmp_path: Path, stale: bool) -> None:
    state = unet_state(6, 4, "plain", bias=True, stale=stale)
    foreign = read_generator(written(tmp_path, state))
    assert (foreign.arguments.norm, foreign.arguments.bias) == ("instance", True)
    layers, a = Reference(state, "plain"), pictures(64)
    assert_same(foreign.network, layers, a, unet_forward(layers, a, 6))


def test_cyclegan_unet_without_norm(tmp_path: Path) -> None:
    state = unet_state(5, 4, "none", bias=False)
    foreign = read_generator(written(tmp_path, state))
    assert (foreign.arguments.norm, foreign.arguments.bias) == ("none", False)
    layers, a = Reference(state, "none"), pictures(32)
    assert_same(foreign.network, layers, a, unet_forward(layers, a, 5))


@pytest.mark.parametrize("statistics", ["image", "running"])
def test_a_bias_before_a_batch_norm_is_kept(tmp_path: Path, statistics: str) -> None:
    state = unet_state(5, 4, "batch", bias=True)
    network = read_generator(written(tmp_path, state)).network
    layers, a = Reference(state, "batch", statistics), pictures(32)
    network = with_image_statistics(network) if statistics == "image" else network
    assert_same(network, layers, a, unet_forward(layers, a, 5))


def test_channels_are_read_off_shapes(tmp_path: Path) -> None:
    state = unet_state(5, 4, "batch", bias=False, inputs=1, outputs=2)
    foreign = read_generator(written(tmp_path, state))
    assert (foreign.arguments.in_channels, foreign.arguments.out_channels) == (1, 2)
    layers, a = Reference(state, "batch"), pictures(32, channels=1)
    assert_same(with_image_statistics(foreign.network), layers, a, unet_forward(layers, a, 5))


def test_dropout_is_what_the_caller_says(tmp_path: Path) -> None:
    path = written(tmp_path, unet_state(7, 2, "batch", bias=False))
    networks = {rate: read_generator(path, dropout=rate).network for rate in (0, 0.2)}
    rates = {rate: [m.p for m in network.modules() if isinstance(m, nn.Dropout)] for rate, network in networks.items()}
    assert rates == {0: [], 0.2: [0.2, 0.2]}
    with pytest.raises(CheckpointError, match="dropout"):
        read_generator(path, dropout=1.5)


@pytest.mark.parametrize("dropout", [False, True])
@pytest.mark.parametrize(
    ("norm", "bias", "stale", "read"),
    [
        ("batch", False, False, "batch"),
        ("plain", True, False, "instance"),
        ("plain", True, True, "instance"),
        ("none", False, False, "none"),
    ],
)
def test_resnet(tmp_path: Path, norm: str, bias: bool, stale: bool, read: str, dropout: bool) -> None:
    blocks = 9 if dropout else 6
    state = resnet_state(blocks, 4, norm, bias, dropout, stale)
    foreign = read_generator(written(tmp_path, state))
    assert foreign.arguments == ResNetArguments(
        in_channels=3, out_channels=3, ngf=4, blocks=blocks, norm=read, dropout=0.5 if dropout else 0.0
    )
    # Without norm the sum of residuals grows until tanh saturates.
    layers, a = Reference(state, norm), pictures(32) * (0.1 if norm == "none" else 1)
    assert_same(with_image_statistics(foreign.network), layers, a, resnet_forward(layers, a, blocks, dropout))


@pytest.mark.parametrize(("levels", "ngf"), [(5, 4), (8, 2)])
def test_generator_unet(tmp_path: Path, levels: int, ngf: int) -> None:
    state = generator_unet_state(levels, ngf)
    assert len(state) == 2 * levels + 1  # 17 at 8 levels, as in huggan/pix2pix-edge2shoes
    foreign = read_generator(written(tmp_path, state))
    assert foreign.arguments == GeneratorUNetArguments(
        in_channels=3, out_channels=3, ngf=ngf, levels=levels, norm="instance", dropout=0.5, bias=False, upsampling="resize"
    )
    layers, a = Reference(state, "plain"), pictures(2**levels)
    expected = generator_unet_forward(layers, a, levels)
    assert len(layers.dropped) == (9 if levels == 8 else 3)
    assert_same(foreign.network, layers, a, expected)


@pytest.mark.parametrize(("norm", "read"), [("batch", "batch"), ("affine", "instance")])
@pytest.mark.parametrize("outer_bias", [False, True])
def test_home_made_generator_unet(tmp_path: Path, norm: str, read: str, outer_bias: bool) -> None:
    state = generator_unet_state(6, 4, norm, final=0, outer_bias=outer_bias)
    foreign = read_generator(written(tmp_path, state))
    assert (foreign.arguments.norm, foreign.arguments.upsampling, foreign.arguments.bias) == (read, "deconv", outer_bias)
    layers, a = Reference(state, norm), pictures(64)
    assert_same(with_image_statistics(foreign.network), layers, a, generator_unet_forward(layers, a, 6))


@pytest.mark.parametrize(
    ("norm", "bias", "norm_name", "read"),
    [("batch", False, "bn", "batch"), ("plain", True, "in", "instance"), ("affine", True, "in", "instance")],
)
def test_mmgeneration_takes_and_gives_rgb_here(tmp_path: Path, norm: str, bias: bool, norm_name: str, read: str) -> None:
    state = mmgeneration_state(6, 4, norm, bias, norm_name)
    path = written(tmp_path, {"meta": {"epoch": 3, "mmgen_version": "0.1.0"}, "state_dict": state})
    foreign = read_generator(path)
    assert (foreign.arguments.levels, foreign.arguments.norm) == (6, read)
    layers, rgb = Reference(state, norm), pictures(64)
    assert_same(
        with_image_statistics(foreign.network), layers, rgb, mmgeneration_forward(layers, rgb.flip(1), 6, norm_name).flip(1)
    )
    layers = Reference(state, norm)
    as_stored = with_image_statistics(read_generator(path, channel_order="rgb").network)
    assert_same(as_stored, layers, rgb, mmgeneration_forward(layers, rgb, 6, norm_name))


@pytest.mark.parametrize("kind", ["unet", "resnet", "resize", "deconv"])
def test_bgr_is_folded_into_any_layout(tmp_path: Path, kind: str) -> None:
    state = {
        "unet": lambda: unet_state(5, 4, "batch", bias=False),
        "resnet": lambda: resnet_state(2, 4, "plain", True, False),
        "resize": lambda: generator_unet_state(5, 4, final=2),
        "deconv": lambda: generator_unet_state(5, 4, final=0),
    }[kind]()
    path, a = written(tmp_path, state), pictures(32)
    plain, _ = run(read_generator(path).network, a.flip(1))
    folded, _ = run(read_generator(path, channel_order="bgr").network, a)
    torch.testing.assert_close(folded, plain.flip(1), atol=1e-5, rtol=0)


def prefixed(state: State, prefix: str) -> State:
    return {prefix + key: tensor for key, tensor in state.items()}


WRAPPINGS = {
    "module.": lambda state: prefixed(state, "module."),
    "state_dict": lambda state: {"state_dict": state, "epoch": 7},
    "netG": lambda state: {"netG": state, "netD": {"model.0.weight": torch.zeros(4, 6, 4, 4)}},
    "model": lambda state: {"model": state, "args": {"ngf": 4}},
    "generator": lambda state: {"generator": prefixed(state, "module."), "discriminator": {"model.0.weight": torch.zeros(1)}},
    "lightning": lambda state: {
        "state_dict": prefixed(state, "generator.") | {"discriminator.model.0.weight": torch.zeros(1)},
        "optimizer_states": [{"state": {0: {"exp_avg": torch.zeros(3)}}}],
    },
    "twice": lambda state: {"generator": state, "best": state},
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("kind", ["unet", "resnet", "generator-unet"])
def test_wrappers_and_prefixes_do_not_matter(tmp_path: Path, kind: str, wrapping: str) -> None:
    state = {
        "unet": lambda: unet_state(5, 2, "batch", bias=False),
        "resnet": lambda: resnet_state(2, 2, "batch", False, False),
        "generator-unet": lambda: generator_unet_state(5, 2),
    }[kind]()
    bare = read_generator(written(tmp_path, state))
    wrapped = read_generator(written(tmp_path, WRAPPINGS[wrapping](state)))
    assert wrapped.arguments == bare.arguments
    torch.testing.assert_close(wrapped.network.state_dict(), bare.network.state_dict())


@pytest.mark.parametrize("form", ["safetensors", "legacy", "half", "parameters"])
def test_file_forms(tmp_path: Path, form: str) -> None:
    state = generator_unet_state(5, 2)
    path = tmp_path / "pytorch_model.bin"
    if form == "safetensors":
        save_file(state, path)  # told by its content, not its name
    elif form == "legacy":
        torch.save(state, path, _use_new_zipfile_serialization=False)
    elif form == "half":
        torch.save({key: tensor.half() for key, tensor in state.items()}, path)
    else:
        torch.save({key: nn.Parameter(tensor) for key, tensor in state.items()}, path)
    network = read_generator(path).network
    assert {tensor.dtype for tensor in network.state_dict().values()} == {torch.float32}
    torch.testing.assert_close(network.final.weight.detach(), state["final.2.weight"], atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("change", ["missing", "extra"])
def test_num_batches_tracked_does_not_matter(tmp_path: Path, change: str) -> None:
    if change == "missing":
        state = {k: v for k, v in unet_state(5, 2, "batch", bias=False).items() if not k.endswith("num_batches_tracked")}
    else:
        state = unet_state(5, 2, "plain", bias=True) | {"model.model.1.model.2.num_batches_tracked": torch.tensor(0)}
    assert read_generator(written(tmp_path, state)).arguments.levels == 5


def test_one_of_several_generators(tmp_path: Path) -> None:
    first, second = resnet_state(2, 2, "plain", True, False), resnet_state(3, 2, "plain", True, False)
    path = written(tmp_path, {"netG_A": first, "netG_B": second})
    with pytest.raises(CheckpointError, match=r"netG_A\.model, netG_B\.model: choose one"):
        read_generator(path)
    assert read_generator(path, part="netG_B").arguments.blocks == 3
    with pytest.raises(CheckpointError, match="none of them is in 'netG'"):
        read_generator(path, part="netG")


@pytest.mark.parametrize("kind", ["unet", "resnet", "generator-unet", "mmgeneration"])
def test_weights_return_from_a_checkpoint_file(tmp_path: Path, kind: str) -> None:
    state, size = {
        "unet": lambda: (unet_state(5, 2, "plain", bias=True), 32),
        "resnet": lambda: (resnet_state(2, 2, "plain", True, True), 32),
        "generator-unet": lambda: (generator_unet_state(5, 2, "batch", final=0, outer_bias=True), 32),
        "mmgeneration": lambda: (mmgeneration_state(5, 2), 32),
    }[kind]()
    foreign = read_generator(written(tmp_path, state))
    save_weights(foreign.network, tmp_path / "model.safetensors")
    again = build_generator(**type(foreign.arguments).model_validate_json(foreign.arguments.model_dump_json()).model_dump())
    load_weights(again, tmp_path / "model.safetensors")
    a = pictures(size)
    torch.testing.assert_close(run(again.eval(), a)[0], run(foreign.network, a)[0], atol=0.05, rtol=0)


def parameters(architecture: str, **arguments: object) -> int:
    with torch.device("meta"):
        return sum(p.numel() for p in build_generator(architecture, **arguments).parameters())


def test_architectures_are_as_large_as_the_originals() -> None:
    assert parameters("authors-unet", norm="batch") == 54_413_955
    assert parameters("generator-unet", norm="none") == 54_404_099
    assert parameters("resnet", norm="batch") == 11_383_427
    with pytest.raises(ValueError, match="unknown architecture 'gan'"):
        build_generator("gan")


KINDS = {
    "unet": lambda: unet_state(5, 2, "plain", bias=True),
    "resnet": lambda: resnet_state(2, 2, "plain", True, True),
    "generator-unet": lambda: generator_unet_state(5, 2, "batch", final=0, outer_bias=True),
    "mmgeneration": lambda: mmgeneration_state(5, 2),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_foreign_file_becomes_a_checkpoint(tmp_path: Path, kind: str) -> None:
    path = written(tmp_path, KINDS[kind]())
    facts = Facts(task="edges2shoes", direction="AtoB", licence="MIT", notes="A test.")
    config, network = read_foreign(path, facts)
    folder = tmp_path / "checkpoints" / "edges2shoes"
    save_checkpoint(folder, config, network)
    assert check_folder(folder) == config
    assert config.notes.startswith("Converted from latest_net_G.pth: ")
    assert config.generator.summary in (folder / "README.md").read_text(encoding="utf-8")
    again = load_generator(folder)
    again.save_pretrained(tmp_path / "saved")
    assert check_folder(tmp_path / "saved") == config
    translator = Translator.from_folder(folder, "cpu")
    assert len(translator.noises) == sum(isinstance(module, nn.Dropout) for module in network.modules())
    image = np.random.default_rng(0).integers(0, 256, (30, 21, 3), dtype=np.uint8)
    direct = Translator(network, config.generator.levels, device="cpu", precision=Precision()).translate(image)
    assert np.abs(translator.translate(image).astype(int) - direct).mean() < 4
    assert Translator(network, config.generator.levels, device="cpu").translate(image[:1, :1]).shape == (1, 1, 3)


def test_facts_reach_the_config(tmp_path: Path) -> None:
    path = written(tmp_path, {"A": KINDS["mmgeneration"](), "B": KINDS["resnet"]()})
    facts = Facts("labels2facade", "BtoA", "cgan", part="A", dropout=0.25, norm_statistics="running", image_range=(0.0, 1.0))
    config, _ = read_foreign(path, facts)
    assert (config.task, config.direction, config.objective, config.norm_statistics) == (
        "labels2facade",
        "BtoA",
        "cgan",
        "running",
    )
    assert (config.generator.dropout, config.image_range, config.image_size) == (0.25, (0.0, 1.0), 32)
    with pytest.raises(CheckpointError, match="has instance norm and so no running statistics"):
        read_foreign(path, dataclasses.replace(facts, part="B"))


def test_another_value_range(tmp_path: Path) -> None:
    path = written(tmp_path, KINDS["generator-unet"]())
    config, network = read_foreign(path, Facts("edges2shoes", "AtoB", norm_statistics="running", image_range=(0.0, 1.0)))
    save_checkpoint(tmp_path / "edges2shoes", config, network)
    image = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    output, _ = run(network, torch.from_numpy(image).permute(2, 0, 1)[None] / 255)
    expected = (output[0].permute(1, 2, 0) * 255).round().clamp(0, 255).numpy()
    found = Translator.from_folder(tmp_path / "edges2shoes", "cpu").translate(image)
    assert np.abs(found - expected).mean() < 4


def test_a_wrong_config_names_its_field(tmp_path: Path) -> None:
    config, _ = read_foreign(written(tmp_path, KINDS["resnet"]()), Facts("edges2shoes", "AtoB"))
    record = config.model_dump(mode="json")
    record["generator"]["blocks"] = 0
    (tmp_path / "config.json").write_text(json.dumps(record))
    with pytest.raises(CheckpointError, match=r"generator\.resnet\.blocks: Input should be greater"):
        read_config(tmp_path / "config.json")


class Evil:
    """Creates a file where its pickle is loaded without care."""

    def __init__(self, path: Path):
        self.path = path

    def __reduce__(self) -> tuple:
        return Path.touch, (self.path,)


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
@pytest.mark.parametrize("form", ["zip", "legacy", "bare"])
def test_a_pickle_that_runs_code_is_refused(tmp_path: Path, form: str) -> None:
    content = generator_unet_state(5, 2) | {"evil": Evil(tmp_path / "touched")}
    path = tmp_path / "model.pth"
    if form == "bare":
        path.write_bytes(pickle.dumps(content))
    else:
        torch.save(content, path, _use_new_zipfile_serialization=form == "zip")
    with pytest.raises(CheckpointError, match=r"model\.pth is (a pickle that asks to run code|not a file of plain weights)"):
        read_generator(path)
    assert not (tmp_path / "touched").exists()


def test_a_whole_saved_network_is_refused_with_advice(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"asks to run code \(torch.nn.*Conv2d\).*state_dict"):
        read_generator(written(tmp_path, nn.Conv2d(1, 1, 1)))


def test_an_unknown_layout_names_expected_and_found_keys(tmp_path: Path) -> None:
    state = {"encoder.0.weight": torch.zeros(4, 3, 3, 3), "decoder.bias": torch.zeros(3)}
    with pytest.raises(CheckpointError) as caught:
        read_generator(written(tmp_path, state))
    for words in ("latest_net_G.pth", "model.model.1.model.1.weight", "model.10.conv_block.1.weight", "down1.model.0.weight"):
        assert words in str(caught.value)
    for words in ("model.model.1.model.0.conv.weight", "2 tensors", "encoder.0.weight", "decoder.bias"):
        assert words in str(caught.value)


def without(state: State, key: str) -> State:
    return {name: tensor for name, tensor in state.items() if name != key}


UNET = unet_state(5, 2, "batch", bias=False)
AFFINE = generator_unet_state(5, 2, "affine")
INNERMOST = "model.model.1.model.3.model.3.model.3.model"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (without(UNET, f"{INNERMOST}.3.weight"), r"lacks 1\.model\.3\.model\.3\.model\.3\.model\.3\.weight\. It has 0\.weight"),
        (without(UNET, "model.model.0.weight"), r"looks like a U-Net of pytorch-CycleGAN-and-pix2pix, but it lacks 0\.weight"),
        (without(UNET, "model.model.1.model.6.running_var"), r"lacks 1\.model\.6\.running_var"),
        (
            UNET | {"model.model.1.attention.weight": torch.zeros(2)},
            r"1 tensors that such a network does not: 1\.attention\.weight",
        ),
        (UNET | {"model.model.1.model.1.weight": torch.zeros(4, 2, 3, 3)}, r"shape \(4, 2, 3, 3\) where \(4, 2, 4, 4\)"),
        (UNET | {"model.model.0.weight": torch.zeros(2)}, r"0\.weight has shape \(2,\), a convolution's has four sizes"),
        (UNET | {"model.model.0.weight": torch.full((2, 3, 4, 4), float("nan"))}, r"0\.weight holds values that are not finite"),
        (UNET | {"model.model.0.weight": torch.full((2, 3, 4, 4), 1e6)}, r"too large for fp16"),
        (UNET | {"model.model.0.weight": torch.zeros(1, 1, 1, 1).expand(4096, 3, 4, 4)}, r"ngf: Input should be less than"),
        (UNET | {"model.model.0.weight": torch.zeros(1, 1, 1, 1).expand(1 << 20, 3, 64, 64)}, r"more than 2\.1 GB"),
        (UNET | {"model.model.0.weight": torch.zeros(1, 1, 1, 1).expand(512, 3, 4, 4)}, r"has shape"),
        (without(AFFINE, "up2.model.1.weight"), r"lacks up2\.model\.1\.weight"),
        (unet_state(4, 2, "batch", bias=False), r"levels: Input should be greater than or equal to 5"),
        (
            generator_unet_state(5, 2) | {"down5.model.1.weight": torch.zeros(16)},
            r"1 tensors that such a network does not: down5\.model\.1\.weight",
        ),
    ],
)
def test_tensors_that_do_not_fit_are_named(tmp_path: Path, state: State, words: str) -> None:
    with pytest.raises(CheckpointError, match=words):
        read_generator(written(tmp_path, state))


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (["model.1.weight", "model.13.weight", "model.16.conv_block.1.weight"], "pix2pixHD"),
        (["model.1.weight", "model1_1.1.weight", "model1_2.0.conv_block.1.weight"], "pix2pixHD"),
        (["model.diffusion_model.input_blocks.0.0.weight"], "diffusion model.*instruct-pix2pix"),
        (["down_blocks.0.resnets.0.conv1.weight", "mid_block.resnets.0.conv1.weight"], "diffusion model.*instruct-pix2pix"),
        (["model.0.weight", "model.2.weight", "model.5.weight", "model.8.weight", "model.11.weight"], "a discriminator's"),
        (["model.1.weight", "model.7.filt", "model.13.conv_block.1.weight"], "contrastive-unpaired-translation"),
    ],
)
def test_families_are_refused_by_their_keys(tmp_path: Path, keys: list[str], words: str) -> None:
    with pytest.raises(CheckpointError, match=words):
        read_generator(written(tmp_path, {key: torch.zeros(4, 4, 3, 3) for key in keys}))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("edges2shoes.t7", b"", "Lua Torch"),
        ("net_G.bin", b"\4\0\0\0\1\0\0\0\3\0\0\0V 1\r\0\0\0nngraph.gModule", "Lua Torch"),
        ("net_G.txt", b"4\n1\n3\nV 1\n13\nnn.Sequential\n", "Lua Torch"),
        ("generator.h5", b"", "TensorFlow or Keras"),
        ("generator.bin", b"\x89HDF\r\n\x1a\n", "TensorFlow or Keras"),
        ("model-5000.index", b"", "TensorFlow or Keras"),
        ("saved_model.pb", b"", "TensorFlow or Keras"),
        ("generator.onnx", b"", "ONNX"),
        ("pytorch_model.bin", b"version https://git-lfs.github.com/spec/v1\noid sha256:", "Git LFS pointer"),
        ("edges2shoes.pth", b"\n<!DOCTYPE html><html>", "a web page"),
        ("edges2shoes.pth", b"nothing known", "not a file of plain weights"),
        ("edges2shoes.pth", b"", "not a file of plain weights"),
        ("edges2shoes.safetensors", (64).to_bytes(8, "little") + b"{" + b" " * 80, "damaged"),
    ],
)
def test_files_are_refused_by_name_and_content(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CheckpointError, match=words) as caught:
        read_generator(tmp_path / name)
    assert name in str(caught.value)


@pytest.mark.parametrize(
    ("inside", "words"),
    [("saved_model.pb", "TensorFlow"), ("model_index.json", "instruct-pix2pix"), ("config.json", "name the weights file in it")],
)
def test_folders_are_refused(tmp_path: Path, inside: str, words: str) -> None:
    (tmp_path / inside).touch()
    with pytest.raises(CheckpointError, match=words):
        read_generator(tmp_path)


def test_a_missing_file_and_a_cut_file(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="cannot be read: No such file"):
        read_generator(tmp_path / "latest_net_G.pth")
    path = written(tmp_path, generator_unet_state(5, 2))
    whole = path.read_bytes()
    for broken in (whole[:-100], whole[:1000] + whole[1100:], whole.replace(b"PK\1\2", b"PK\1\7")):
        path.write_bytes(broken)
        with pytest.raises(CheckpointError, match="damaged"):
            read_generator(path)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["generator/data.pkl", "generator/constants.pkl"], "TorchScript"),
        (["arr_0.npy"], "a zip archive that torch.save did not write"),
    ],
)
def test_other_zip_archives_are_refused(tmp_path: Path, names: list[str], words: str) -> None:
    path = tmp_path / "generator.pt"
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, b"")
    with pytest.raises(CheckpointError, match=words):
        read_generator(path)


def test_the_unpacked_size_is_bounded_too(tmp_path: Path) -> None:
    path = tmp_path / "generator.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("generator/data.pkl", b"")
        archive.getinfo("generator/data.pkl").file_size = 3 << 30
    with pytest.raises(CheckpointError, match=r"unpacks to 3\.2 GB"):
        read_generator(path)


def test_the_size_is_bounded_before_reading(tmp_path: Path) -> None:
    path = tmp_path / "huge.pth"
    with path.open("wb") as file:
        file.truncate((2 << 30) + 1)  # sparse: takes no space
    with pytest.raises(CheckpointError, match=r"has 2\.1 GB.*instruct-pix2pix"):
        read_generator(path)


def test_a_dict_that_holds_itself_is_read(tmp_path: Path) -> None:
    content: dict[str, object] = {"state_dict": generator_unet_state(5, 2)}
    content["self"] = content
    assert read_generator(written(tmp_path, content)).arguments.levels == 5
