"""Other projects' weights as checkpoints of ours: written, read back, translating."""

import dataclasses
import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from pix2pix.checkpoint.config import CheckpointError, read_config
from pix2pix.checkpoint.folder import check_folder, load_generator, load_weights, save_checkpoint, save_weights
from pix2pix.convert.reader import ConversionOptions, convert_weights, read_generator
from pix2pix.inference.precision import Precision
from pix2pix.inference.translator import Translator
from pix2pix.networks.registry import build_generator
from tests.helpers.other_projects import KINDS, pictures, run, written


@pytest.mark.parametrize("kind", KINDS)
def test_weights_return_from_a_checkpoint_file(tmp_path: Path, kind: str) -> None:
    converted = read_generator(written(tmp_path, KINDS[kind]()))
    save_weights(converted.network, tmp_path / "model.safetensors")
    again = build_generator(**type(converted.arguments).model_validate_json(converted.arguments.model_dump_json()).model_dump())
    load_weights(again, tmp_path / "model.safetensors")
    a = pictures(32)
    torch.testing.assert_close(run(again.eval(), a)[0], run(converted.network, a)[0], atol=0.05, rtol=0)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_foreign_file_becomes_a_checkpoint(tmp_path: Path, kind: str) -> None:
    path = written(tmp_path, KINDS[kind]())
    options = ConversionOptions(task="edges2shoes", direction="AtoB", license="MIT", notes="A test.")
    config, network = convert_weights(path, options)
    folder = tmp_path / "checkpoints" / "edges2shoes"
    save_checkpoint(folder, config, network)
    assert check_folder(folder) == config
    assert config.notes.startswith("Converted from latest_net_G.pth: ")
    assert config.generator.summary in (folder / "README.md").read_text(encoding="utf-8")
    again = load_generator(folder)
    again.save_pretrained(tmp_path / "saved")
    assert check_folder(tmp_path / "saved") == config
    translator = Translator.from_folder(folder, "cpu")
    assert len(translator.fields.modules) == sum(isinstance(module, nn.Dropout) for module in network.modules())
    image = np.random.default_rng(0).integers(0, 256, (30, 21, 3), dtype=np.uint8)
    direct = Translator(network, config.generator.levels, device="cpu", precision=Precision()).translate(image)
    assert np.abs(translator.translate(image).astype(int) - direct).mean() < 4
    assert Translator(network, config.generator.levels, device="cpu").translate(image[:1, :1]).shape == (1, 1, 3)


def test_facts_reach_the_config(tmp_path: Path) -> None:
    path = written(tmp_path, {"A": KINDS["mmgeneration"](), "B": KINDS["resnet"]()})
    options = ConversionOptions(
        "labels2facade", "BtoA", "cgan", part="A", dropout=0.25, norm_statistics="running", image_range=(0.0, 1.0)
    )
    config, _ = convert_weights(path, options)
    assert (config.task, config.direction, config.objective, config.norm_statistics) == (
        "labels2facade",
        "BtoA",
        "cgan",
        "running",
    )
    assert (config.generator.dropout, config.image_range, config.image_size) == (0.25, (0.0, 1.0), 32)
    with pytest.raises(CheckpointError, match="has instance norm and so no running statistics"):
        convert_weights(path, dataclasses.replace(options, part="B"))


@pytest.mark.slow
def test_another_value_range(tmp_path: Path) -> None:
    path = written(tmp_path, KINDS["generator-unet"]())
    config, network = convert_weights(
        path, ConversionOptions("edges2shoes", "AtoB", norm_statistics="running", image_range=(0.0, 1.0))
    )
    save_checkpoint(tmp_path / "edges2shoes", config, network)
    image = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    output, _ = run(network, torch.from_numpy(image).permute(2, 0, 1)[None] / 255)
    expected = (output[0].permute(1, 2, 0) * 255).round().clamp(0, 255).numpy()
    found = Translator.from_folder(tmp_path / "edges2shoes", "cpu").translate(image)
    assert np.abs(found - expected).mean() < 4


@pytest.mark.parametrize("image_range", [(1.0, 1.0), (0.0, math.nan), (-math.inf, 1.0)])
def test_a_value_range_that_holds_no_pictures_is_refused(tmp_path: Path, image_range: tuple[float, float]) -> None:
    with pytest.raises(CheckpointError, match="holds no pictures"):
        convert_weights(written(tmp_path, KINDS["resnet"]()), ConversionOptions("edges2shoes", "AtoB", image_range=image_range))


def test_a_wrong_config_names_its_field(tmp_path: Path) -> None:
    config, _ = convert_weights(written(tmp_path, KINDS["resnet"]()), ConversionOptions("edges2shoes", "AtoB"))
    record = config.model_dump(mode="json")
    record["generator"]["blocks"] = 0
    (tmp_path / "config.json").write_text(json.dumps(record))
    with pytest.raises(CheckpointError, match=r"generator\.resnet\.blocks: Input should be greater"):
        read_config(tmp_path / "config.json")
