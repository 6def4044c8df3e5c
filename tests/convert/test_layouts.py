"""Other projects' weights: each layout is written under its project's names, and compared with a plain forward pass."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from pix2pix.checkpoint.config import CheckpointError
from pix2pix.convert.reader import ConversionOptions, convert_weights, read_generator
from pix2pix.networks.config import AuthorsUNetArguments, GeneratorUNetArguments, ResNetArguments
from pix2pix.networks.layers import with_image_statistics
from pix2pix.networks.registry import build_generator
from tests.helpers.other_projects import (
    Reference,
    generator_unet_forward,
    generator_unet_state,
    mmgeneration_forward,
    mmgeneration_state,
    pictures,
    resnet_forward,
    resnet_state,
    run,
    unet_forward,
    unet_state,
    written,
)  # fmt: skip


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
    converted = read_generator(written(tmp_path, state))
    assert converted.arguments == AuthorsUNetArguments(
        in_channels=3, out_channels=3, ngf=ngf, levels=levels, norm="batch", dropout=0.5, bias=False
    )
    a = pictures(2**levels)
    layers = Reference(state, "batch")
    expected = unet_forward(layers, a, levels)
    assert len(layers.dropped) == levels - 5
    running = Reference(state, "batch", "running")
    assert_same(converted.network, running, a, unet_forward(running, a, levels))
    assert_same(with_image_statistics(converted.network), layers, a, expected)


@pytest.mark.parametrize("stale", [False, True])
def test_cyclegan_unet_with_instance_norm(tmp_path: Path, stale: bool) -> None:
    state = unet_state(6, 4, "plain", bias=True, stale=stale)
    converted = read_generator(written(tmp_path, state))
    assert (converted.arguments.norm, converted.arguments.bias) == ("instance", True)
    layers, a = Reference(state, "plain"), pictures(64)
    assert_same(converted.network, layers, a, unet_forward(layers, a, 6))


def test_cyclegan_unet_without_norm(tmp_path: Path) -> None:
    state = unet_state(5, 4, "none", bias=False)
    converted = read_generator(written(tmp_path, state))
    assert (converted.arguments.norm, converted.arguments.bias) == ("none", False)
    layers, a = Reference(state, "none"), pictures(32)
    assert_same(converted.network, layers, a, unet_forward(layers, a, 5))


@pytest.mark.parametrize("statistics", ["image", "running"])
def test_a_bias_before_a_batch_norm_is_kept(tmp_path: Path, statistics: str) -> None:
    state = unet_state(5, 4, "batch", bias=True)
    network = read_generator(written(tmp_path, state)).network
    layers, a = Reference(state, "batch", statistics), pictures(32)
    network = with_image_statistics(network) if statistics == "image" else network
    assert_same(network, layers, a, unet_forward(layers, a, 5))


def test_channels_are_read_off_shapes(tmp_path: Path) -> None:
    state = unet_state(5, 4, "batch", bias=False, inputs=1, outputs=2)
    converted = read_generator(written(tmp_path, state))
    assert (converted.arguments.in_channels, converted.arguments.out_channels) == (1, 2)
    layers, a = Reference(state, "batch"), pictures(32, channels=1)
    assert_same(with_image_statistics(converted.network), layers, a, unet_forward(layers, a, 5))


@pytest.mark.parametrize(("inputs", "outputs"), [(1, 1), (3, 1), (1, 3)])
def test_gray_models_translate_rgb_pictures_exactly(tmp_path: Path, inputs: int, outputs: int) -> None:
    """They see the luminance, and what they make is gray."""
    state = unet_state(5, 4, "batch", bias=False, inputs=inputs, outputs=outputs)
    config, network = convert_weights(written(tmp_path, state), ConversionOptions("demo", "AtoB"))
    assert (config.generator.in_channels, config.generator.out_channels) == (3, 3)
    a = pictures(32)
    luminance = (a * torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1, keepdim=True)
    layers = Reference(state, "batch")
    expected = unet_forward(layers, luminance if inputs == 1 else a, 5).expand(-1, 3, -1, -1)
    assert_same(with_image_statistics(network), layers, a, expected)


def test_models_of_other_channels_are_refused_in_a_sentence(tmp_path: Path) -> None:
    path = written(tmp_path, unet_state(5, 4, "batch", bias=False, inputs=4, outputs=2))
    with pytest.raises(CheckpointError, match=r"translates 4 to 2 channels: pictures have 1 \(gray\) or 3 \(RGB\)"):
        convert_weights(path, ConversionOptions("demo", "AtoB"))


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
    converted = read_generator(written(tmp_path, state))
    assert converted.arguments == ResNetArguments(
        in_channels=3, out_channels=3, ngf=4, blocks=blocks, norm=read, dropout=0.5 if dropout else 0.0
    )
    # Without norm the sum of residuals grows until tanh saturates.
    layers, a = Reference(state, norm), pictures(32) * (0.1 if norm == "none" else 1)
    assert_same(with_image_statistics(converted.network), layers, a, resnet_forward(layers, a, blocks, dropout))


@pytest.mark.parametrize(("levels", "ngf"), [(5, 4), (8, 2)])
def test_generator_unet(tmp_path: Path, levels: int, ngf: int) -> None:
    state = generator_unet_state(levels, ngf)
    assert len(state) == 2 * levels + 1  # 17 at 8 levels, as in huggan/pix2pix-edge2shoes
    converted = read_generator(written(tmp_path, state))
    assert converted.arguments == GeneratorUNetArguments(
        in_channels=3, out_channels=3, ngf=ngf, levels=levels, norm="instance", dropout=0.5, bias=False, upsampling="resize"
    )
    layers, a = Reference(state, "plain"), pictures(2**levels)
    expected = generator_unet_forward(layers, a, levels)
    assert len(layers.dropped) == (9 if levels == 8 else 3)
    assert_same(converted.network, layers, a, expected)


@pytest.mark.parametrize(("norm", "read"), [("batch", "batch"), ("affine", "instance")])
@pytest.mark.parametrize("outer_bias", [False, True])
def test_home_made_generator_unet(tmp_path: Path, norm: str, read: str, outer_bias: bool) -> None:
    state = generator_unet_state(6, 4, norm, final=0, outer_bias=outer_bias)
    converted = read_generator(written(tmp_path, state))
    assert (converted.arguments.norm, converted.arguments.upsampling, converted.arguments.bias) == (read, "deconv", outer_bias)
    layers, a = Reference(state, norm), pictures(64)
    assert_same(with_image_statistics(converted.network), layers, a, generator_unet_forward(layers, a, 6))


@pytest.mark.parametrize(
    ("norm", "bias", "norm_name", "read"),
    [("batch", False, "bn", "batch"), ("plain", True, "in", "instance"), ("affine", True, "in", "instance")],
)
def test_mmgeneration_takes_and_gives_rgb_here(tmp_path: Path, norm: str, bias: bool, norm_name: str, read: str) -> None:
    state = mmgeneration_state(6, 4, norm, bias, norm_name)
    path = written(tmp_path, {"meta": {"epoch": 3, "mmgen_version": "0.1.0"}, "state_dict": state})
    converted = read_generator(path)
    assert (converted.arguments.levels, converted.arguments.norm) == (6, read)
    layers, rgb = Reference(state, norm), pictures(64)
    assert_same(
        with_image_statistics(converted.network), layers, rgb, mmgeneration_forward(layers, rgb.flip(1), 6, norm_name).flip(1)
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


def parameters(architecture: str, **arguments: object) -> int:
    with torch.device("meta"):
        return sum(p.numel() for p in build_generator(architecture, **arguments).parameters())


def test_architectures_are_as_large_as_the_originals() -> None:
    assert parameters("authors-unet", norm="batch") == 54_413_955
    assert parameters("generator-unet", norm="none") == 54_404_099
    assert parameters("resnet", norm="batch") == 11_383_427
    with pytest.raises(ValueError, match="unknown architecture 'gan'"):
        build_generator("gan")
