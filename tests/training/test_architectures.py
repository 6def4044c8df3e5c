"""Every architecture that can be pulled is a model like ours: fine-tuned, resumed, drawn with, blended and exported."""

import numpy as np
import pytest
import torch

from pix2pix.checkpoint.config import read_config
from pix2pix.checkpoint.folder import GENERATORS, load_generator, save_checkpoint
from pix2pix.cli import main as pix2pix
from pix2pix.inference.precision import PLAIN
from pix2pix.inference.translator import Translator
from pix2pix.training.command import main
from tests.helpers.making import make_config, picture
from tests.helpers.training_runs import command, history_of, resumption, state_of, stopping_at, train_apart

ported = {"in_channels": 3, "out_channels": 3, "ngf": 4, "norm": "instance", "dropout": 0.5}
ARGUMENTS = {
    "unet": {"ngf": 4, "levels": 3, "norm": "instance"},
    "authors-unet": {"architecture": "authors-unet", "levels": 5, "bias": True, **ported},
    "generator-unet": {"architecture": "generator-unet", "levels": 4, "bias": True, "upsampling": "resize", **ported},
    "resnet": {"architecture": "resnet", "blocks": 2, **ported},
}


def test_every_architecture_is_tried():
    assert ARGUMENTS.keys() == GENERATORS.keys()


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ARGUMENTS)
def test_a_model_of_others_is_a_model_like_ours(data, tmp_path, architecture):
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    config = make_config(generator=ARGUMENTS[architecture], discriminator=None, norm_statistics="image")
    torch.manual_seed(0)
    network = GENERATORS[architecture](**{k: v for k, v in ARGUMENTS[architecture].items() if k != "architecture"})
    save_checkpoint(tmp_path / "checkpoints" / "theirs", config, network)
    arguments = command(data, tmp_path, "--init-from", "theirs", "--epochs", 1, "--decay-epochs", 1)
    assert train_apart(arguments, tmp_path / "log", stopping_at(3)) == 130, (tmp_path / "log").read_text()
    assert state_of(tmp_path)["done"] == 2
    assert (tmp_path / "runs" / "demo" / "samples" / "step_00000002.jpg").exists()
    (tmp_path / "checkpoints" / "theirs" / "model.safetensors").unlink()  # it is needed no more
    assert main(resumption(tmp_path)) == 0
    assert history_of(tmp_path)[-1]["step"] == "6"
    save_checkpoint(tmp_path / "checkpoints" / "theirs", config, network)
    tuned = read_config(tmp_path / "checkpoints" / "demo" / "config.json")
    assert tuned.generator == config.generator
    assert tuned.discriminator is not None
    trained = load_generator(tmp_path / "checkpoints" / "demo").state_dict()
    assert any(not torch.equal(value, network.state_dict()[name]) for name, value in trained.items())
    checkpoints = ["--checkpoints", str(tmp_path / "checkpoints")]
    assert pix2pix([*checkpoints, "blend", "theirs", "demo", "--to", "mixed"]) == 0
    drawn = [
        Translator(load_generator(tmp_path / "checkpoints" / name), config.generator.levels, precision=PLAIN).translate(
            picture(1)
        )
        for name in ("theirs", "mixed", "demo")
    ]
    assert [each.shape for each in drawn] == [(32, 32, 3)] * 3
    assert not np.array_equal(drawn[0], drawn[2])
    assert pix2pix([*checkpoints, "export", "mixed", "--onnx", str(tmp_path / "mixed.onnx")]) == 0
