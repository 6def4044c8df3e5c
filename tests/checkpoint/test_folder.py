"""Checkpoint folders: what is written is read back, and whatever is broken says so."""

import json
import pickle
import re

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from pix2pix.checkpoint.catalog import list_entries, tasks
from pix2pix.checkpoint.config import CheckpointError, read_config
from pix2pix.checkpoint.folder import Generator, load_discriminator, load_generator, save_checkpoint
from pix2pix.networks.config import GeneratorArguments
from tests.helpers.making import METRICS, TRAINING, make_config, make_networks, picture, write_checkpoint


@pytest.mark.parametrize("norm", ["batch", "instance", "none"])
@pytest.mark.parametrize("upsampling", ["deconv", "resize"])
def test_weights_come_back_up_to_half_precision(tmp_path, norm, upsampling):
    config = make_config(generator=GeneratorArguments(ngf=4, levels=3, norm=norm, upsampling=upsampling))
    generator, discriminator = make_networks(config)
    save_checkpoint(tmp_path / "demo", config, generator, discriminator)
    for network, loaded in (
        (generator, load_generator(tmp_path / "demo")),
        (discriminator, load_discriminator(tmp_path / "demo")),
    ):
        assert not loaded.training
        for name, tensor in loaded.state_dict().items():
            original = network.state_dict()[name]
            assert tensor.dtype == original.dtype
            assert torch.equal(tensor, original.half().float() if original.is_floating_point() else original)


def test_config_comes_back(tmp_path):
    config = make_config(training=TRAINING, metrics=METRICS, license="CC0", notes="By hand.", direction="BtoA")
    save_checkpoint(tmp_path / "demo", config, *make_networks(config))
    assert read_config(tmp_path / "demo" / "config.json") == config
    assert load_generator(tmp_path / "demo").checkpoint_config == config


def test_what_a_folder_holds(tmp_path):
    history = tmp_path / "losses.csv"
    history.write_text("step,D\n1,0.5\n")
    config = make_config()
    save_checkpoint(tmp_path / "demo", config, *make_networks(config), history, [(picture(1), picture(2))])
    files = sorted(str(path.relative_to(tmp_path / "demo")) for path in (tmp_path / "demo").rglob("*") if path.is_file())
    assert files == [
        "README.md", "config.json", "discriminator.safetensors", "history.csv", "model.safetensors", "samples/01.png",
    ]  # fmt: skip
    assert (tmp_path / "demo" / "history.csv").read_text() == history.read_text()
    sample = np.asarray(Image.open(tmp_path / "demo" / "samples" / "01.png"))
    assert np.array_equal(sample, np.concatenate([picture(1), picture(2)], axis=1))
    assert {tensor.dtype for tensor in load_file(tmp_path / "demo" / "model.safetensors").values()} == {torch.float16}
    assert all(path.stat().st_mode & 0o044 == 0o044 for path in (tmp_path / "demo").rglob("*"))  # others may read it


def test_a_discriminator_is_optional(tmp_path):
    write_checkpoint(tmp_path / "demo", objective="l1", discriminator=None)
    assert load_discriminator(tmp_path / "demo") is None
    write_checkpoint(tmp_path / "gone")
    (tmp_path / "gone" / "discriminator.safetensors").unlink()
    assert load_discriminator(tmp_path / "gone") is None
    assert not list_entries(tmp_path)[1].error


def test_saving_again_leaves_nothing_of_the_old(tmp_path):
    write_checkpoint(tmp_path / "demo")
    config = make_config(objective="l1", discriminator=None)
    save_checkpoint(tmp_path / "demo", config, make_networks(config, seed=1)[0])
    assert not (tmp_path / "demo" / "discriminator.safetensors").exists()
    assert list((tmp_path / "demo" / "samples").iterdir()) == []
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


def test_from_pretrained_reads_a_folder(tmp_path):
    folder = write_checkpoint(tmp_path / "demo")
    for model_id in (folder, str(folder)):
        network = Generator.from_pretrained(model_id)
        assert network.checkpoint_config == make_config()
        assert not network.training
        with torch.inference_mode():
            assert network(torch.zeros(1, 3, 16, 16)).shape == (1, 3, 16, 16)


def test_save_pretrained_writes_what_from_pretrained_reads(tmp_path):
    network = load_generator(write_checkpoint(tmp_path / "demo"))
    network.save_pretrained(tmp_path / "copy")
    copy = load_generator(tmp_path / "copy")
    assert copy.checkpoint_config == network.checkpoint_config
    assert all(torch.equal(a, b) for a, b in zip(copy.parameters(), network.parameters(), strict=True))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e6])
def test_weights_that_half_precision_cannot_hold_do_not_replace_good_ones(tmp_path, value):
    folder = write_checkpoint(tmp_path / "demo")
    before = (folder / "model.safetensors").read_bytes()
    generator, _ = make_networks(make_config())
    with torch.no_grad():
        generator.down[1].conv.weight[0, 0, 0, 0] = value
    with pytest.raises(CheckpointError, match=r"down\.1\.conv\.weight is not finite"):
        save_checkpoint(folder, make_config(), generator)
    assert (folder / "model.safetensors").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


def broken_folder(path, how: str):
    """A checkpoint damaged in one way."""
    folder = write_checkpoint(path)
    weights, config = folder / "model.safetensors", folder / "config.json"
    values = json.loads(config.read_text())
    tensors = {name: tensor.clone() for name, tensor in load_file(weights).items()}  # the file itself is about to change
    first = next(iter(tensors))
    match how:
        case "no config":
            config.unlink()
        case "config is no JSON":
            config.write_text("{")
        case "config is no text":
            config.write_bytes(b"\xff\xfe\x00")
        case "config is a list":
            config.write_text("[]")
        case "config is a folder":
            config.unlink()
            config.mkdir()
        case "other version":
            config.write_text(json.dumps({**values, "format_version": 2}))
        case "unknown field":
            config.write_text(json.dumps({**values, "color": "blue"}))
        case "missing field":
            config.write_text(json.dumps({name: value for name, value in values.items() if name != "task"}))
        case "unknown norm":
            config.write_text(json.dumps({**values, "generator": {**values["generator"], "norm": "layer"}}))
        case "black is white":
            config.write_text(json.dumps({**values, "image_range": [1, 1]}))
        case "no weights":
            weights.unlink()
        case "empty weights":
            weights.write_bytes(b"")
        case "truncated weights":
            weights.write_bytes(weights.read_bytes()[:-100])
        case "weights are a pickle":
            torch.save(tensors, weights)
        case "missing tensor":
            save_file({name: tensor for name, tensor in tensors.items() if name != first}, weights)
        case "unknown tensor":
            save_file({**tensors, "more": torch.zeros(1)}, weights)
        case "other shape":
            save_file({**tensors, first: torch.zeros(1, 2)}, weights)
        case "not a number":
            save_file({**tensors, first: torch.full_like(tensors[first], torch.nan)}, weights)
        case "infinite":
            save_file({**tensors, first: torch.full_like(tensors[first], torch.inf)}, weights)
        case "other width":
            config.write_text(json.dumps({**values, "generator": {**values["generator"], "ngf": 5}}))
        case "damaged discriminator":
            (folder / "discriminator.safetensors").write_bytes(b"{}")
    return folder


BROKEN = {
    "no config": "config.json is missing",
    "config is no JSON": "config.json is not a valid config",
    "config is no text": "config.json is not a valid config",
    "config is a list": "config.json is not a valid config",
    "config is a folder": "config.json cannot be read: Is a directory",
    "other version": "config.json is not a valid config: format_version",
    "unknown field": "config.json is not a valid config: color",
    "missing field": "config.json is not a valid config: task",
    "unknown norm": "config.json is not a valid config: generator.unet.norm",
    "black is white": "config.json is not a valid config: image_range: .*an image range of 1 to 1 holds no pictures",
    "no weights": "model.safetensors is missing",
    "empty weights": "model.safetensors is damaged",
    "truncated weights": "model.safetensors is damaged",
    "weights are a pickle": "model.safetensors is damaged",
    "missing tensor": "model.safetensors lacks 1 tensors",
    "unknown tensor": "model.safetensors has 1 tensors that its config does not know, the first is more",
    "other shape": r"model.safetensors: down.0.conv.weight has shape \(1, 2\), its config asks for \(4, 3, 4, 4\)",
    "not a number": "model.safetensors: down.0.conv.weight holds values that are not finite",
    "infinite": "model.safetensors: down.0.conv.weight holds values that are not finite",
    "other width": "model.safetensors: .* has shape",
    "damaged discriminator": "discriminator.safetensors is damaged",
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_folder_says_what_is_wrong_with_which_file(tmp_path, how):
    broken_folder(tmp_path / "broken", how)
    write_checkpoint(tmp_path / "whole")
    with pytest.raises(CheckpointError, match=BROKEN[how]):
        load_discriminator(tmp_path / "broken") if "discriminator" in how else load_generator(tmp_path / "broken")
    broken, whole = list_entries(tmp_path)
    assert (broken.name, broken.config) == ("broken", None)
    assert re.search(BROKEN[how], broken.error)
    assert broken.error.startswith("broken/")
    assert str(tmp_path) not in broken.error  # visitors read it
    assert (whole.name, whole.config, whole.error) == ("whole", make_config(), "")
    assert tasks([broken, whole]) == {"demo": {"l1+cgan": whole}}


def test_a_missing_folder_is_no_checkpoint(tmp_path):
    with pytest.raises(CheckpointError, match=r"nowhere/config\.json is missing"):
        load_generator(tmp_path / "nowhere")


def test_weights_are_never_unpickled(tmp_path):
    folder = write_checkpoint(tmp_path / "demo")
    marker = tmp_path / "opened"

    class Trap:
        def __reduce__(self):
            return (marker.touch, ())

    with (folder / "model.safetensors").open("wb") as file:
        pickle.dump(Trap(), file)
    with pytest.raises(CheckpointError, match="damaged"):
        load_generator(folder)
    assert not marker.exists()


@pytest.mark.parametrize("dtype", [torch.float8_e4m3fn, torch.complex64, torch.int32, torch.bool], ids=str)
def test_weights_of_other_formats_are_refused_where_they_are_read(tmp_path, dtype):
    write_checkpoint(tmp_path / "demo")
    path = tmp_path / "demo" / "model.safetensors"
    weights = load_file(path)
    name = next(iter(weights))
    save_file(weights | {name: weights[name].to(dtype)}, path)
    [entry] = list_entries(tmp_path)
    assert entry.config is None
    assert "weights are fp16, bf16, fp32 or fp64" in entry.error
    with pytest.raises(CheckpointError, match="weights are fp16"):
        load_generator(tmp_path / "demo")


def test_a_header_of_megabytes_is_not_read_and_not_told(tmp_path):
    write_checkpoint(tmp_path / "demo")
    header = b'"' + b"x" * 20_000_000 + b'"'
    (tmp_path / "demo" / "model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)
    [entry] = list_entries(tmp_path)
    assert entry.config is None
    assert "its header claims 20,000,002 bytes" in entry.error
    assert len(entry.error) <= 300
