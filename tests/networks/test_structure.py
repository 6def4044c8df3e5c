"""Structure and drawing of a network: what is said of it is what it is."""

from xml.etree import ElementTree

import pytest

from pix2pix.cli import main
from pix2pix.networks.diagram import diagram
from pix2pix.networks.patchgan import PATCHES, PatchGAN
from pix2pix.networks.registry import build_generator
from pix2pix.networks.structure import Join, structure_of
from tests.helpers.making import write_checkpoint

PORTED = {"in_channels": 3, "out_channels": 3, "ngf": 4, "norm": "instance", "dropout": 0.5}
GENERATORS = [
    {"ngf": 4, "levels": 5},
    {"ngf": 4, "levels": 5, "upsampling": "resize", "norm": "instance", "noise_injection": True},
    {"ngf": 4, "levels": 4, "skips": False},
    {"architecture": "authors-unet", "levels": 5, "bias": False} | PORTED,
    {"architecture": "generator-unet", "levels": 5, "bias": False, "upsampling": "resize"} | PORTED,
    {"architecture": "resnet", "blocks": 3} | PORTED,
]


@pytest.mark.parametrize("arguments", GENERATORS)
def test_nothing_of_a_generator_is_left_out(arguments):
    network = build_generator(**arguments)
    parameters = sum(parameter.numel() for parameter in network.parameters())
    structure = structure_of(network, 3, size=64)
    assert structure.parameters == parameters
    assert structure.levels[0].input == (3, 64, 64)
    assert structure.levels[-1].output == (3, 64, 64)
    assert structure.levels[-1].after == ["tanh"]


@pytest.mark.parametrize("patch", PATCHES)
def test_nothing_of_a_discriminator_is_left_out(patch):
    network = PatchGAN(ndf=4, patch=patch)
    parameters = sum(parameter.numel() for parameter in network.parameters())
    structure = structure_of(network, 3, 3, size=256)
    assert structure.parameters == parameters
    assert structure.levels[0].input == (6, 256, 256)
    assert structure.levels[-1].output[0] == 1
    assert structure.joins == []


def test_the_numbers_of_the_paper():
    structure = structure_of(build_generator(), 3)
    assert [level.output[0] for level in structure.levels[:8]] == [64, 128, 256, 512, 512, 512, 512, 512]
    assert [level.output[1] for level in structure.levels[:8]] == [128, 64, 32, 16, 8, 4, 2, 1]
    assert [level.input[0] for level in structure.levels[9:]] == [1024, 1024, 1024, 1024, 512, 256, 128]
    assert structure.joins == [Join(6 - number, 9 + number, "skip") for number in range(7)]
    assert structure.levels[0].text == "conv 4×4, stride 2"
    assert structure.levels[0].multiplications == 128 * 128 * 64 * 3 * 4 * 4
    assert structure.levels[8].multiplications == 1 * 512 * 512 * 4 * 4  # a deconvolution multiplies at its input's places
    assert structure.levels[9].after == ["batch norm", "dropout"]
    assert structure.parameters == 54_413_955


def test_a_resized_convolution_multiplies_before_it_is_resized():
    level = structure_of(build_generator(ngf=4, levels=3, upsampling="resize"), 3, size=64).levels[4]
    assert level.text == "resize conv 3×3"
    assert (level.input, level.output) == ((16, 16, 16), (4, 32, 32))
    assert level.multiplications == 16 * 16 * 16 * 4 * 3 * 3


def test_without_skips_there_are_none():
    assert structure_of(build_generator(ngf=4, levels=4, skips=False), 3, size=64).joins == []


def test_residual_blocks_are_seen():
    joins = structure_of(build_generator(architecture="resnet", blocks=3, **PORTED), 3, size=64).joins
    assert {join.kind for join in joins} == {"residual"}
    assert [join.target for join in joins] == [5, 7, 9]  # each block's input is the sum that the block before it made


def test_a_size_that_does_not_go_through():
    with pytest.raises(ValueError, match="pictures of 100x100 do not go through this network"):
        structure_of(build_generator(ngf=4, levels=5), 3, size=100)


@pytest.mark.parametrize("arguments", GENERATORS)
def test_a_drawing_holds_every_level_once(arguments):
    structure = structure_of(build_generator(**arguments), 3, size=64)
    svg = ElementTree.fromstring(diagram([("a <model>", structure)]))
    space = "{http://www.w3.org/2000/svg}"
    texts = [element.text for element in svg.iter(f"{space}text")]
    assert texts[0] == "a <model>"
    boxes = [element for element in svg.iter(f"{space}rect") if element.get("class") in ("down", "up")]
    repeated = sum(int(text.split(" × ")[0]) - 1 for text in texts if text.split(" × ")[0].isdigit() and " conv" in text)
    assert len(boxes) + repeated == len(structure.levels)
    assert sum(element.get("class") == "arrow" for element in svg.iter()) == sum(join.kind == "skip" for join in structure.joins)
    corners = {(box.get("x"), box.get("y")) for box in boxes}
    assert len(corners) == len(boxes)


def test_a_checkpoint_is_drawn(tmp_path, capsys):
    write_checkpoint(tmp_path / "checkpoints" / "demo")
    where = ["--checkpoints", str(tmp_path / "checkpoints"), "diagram"]
    assert main([*where, "demo", "--svg", str(tmp_path / "a" / "demo.svg")]) == 0
    assert "demo: generator" in (tmp_path / "a" / "demo.svg").read_text(encoding="utf-8")
    assert main([*where, "short", "--svg", str(tmp_path / "short.svg")]) == 0
    assert "1,451,651 parameters" in capsys.readouterr().out
    assert main([*where, "demo", "--svg", str(tmp_path / "demo.svg"), "--size", "100"]) == 1
    assert "pictures of 100x100 do not go through" in capsys.readouterr().err
    assert not (tmp_path / "demo.svg").exists()
