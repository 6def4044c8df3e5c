"""The model that a run ends in, and those it leaves on the way."""

import json
from pathlib import Path

import pytest
import torch

from pix2pix.checkpoint.catalog import list_entries
from pix2pix.checkpoint.config import read_config
from pix2pix.checkpoint.folder import load_generator
from pix2pix.inference.translator import Translator
from pix2pix.training import export
from pix2pix.training.command import main
from pix2pix.training.trainer import Trainer
from tests.helpers.making import picture
from tests.helpers.training_runs import PAIRS, STEPS, command, resumption, state_of, stopping_at, train_apart


def test_a_finished_run_is_a_model_that_the_catalog_offers(uninterrupted, data):
    (entry,) = list_entries(uninterrupted / "checkpoints")
    assert (entry.name, entry.error) == ("demo", "")
    config = entry.config
    assert (config.task, config.objective, config.direction, config.image_size) == ("demo", "l1+cgan", "AtoB", 32)
    assert (config.generator.ngf, config.generator.levels, config.generator.norm) == (4, 4, "instance")
    assert (config.discriminator.ndf, config.discriminator.patch) == (4, 16)
    assert (config.training.steps, config.training.epochs, config.training.pairs) == (STEPS, 5, PAIRS)
    assert (config.training.batch, config.training.seed, config.training.ema) == (2, 3, 0.9)
    assert (config.metrics.count, config.metrics.split) == (2, "val")
    assert set(config.metrics.values) == {"l1", "psnr", "ssim", "sharpness", "lab_l", "lab_a", "lab_b", "lab"}
    assert Translator.from_folder(entry.folder, "cpu").translate(picture(1, 20, 45)).shape == (20, 45, 3)
    card = (entry.folder / "README.md").read_text()
    assert f"{PAIRS} pairs ({data.name}" in card
    assert (entry.folder / "samples" / "01.png").exists()


def test_the_model_is_the_running_mean(uninterrupted):
    state = state_of(uninterrupted)["step"]
    loaded = load_generator(uninterrupted / "checkpoints" / "demo").state_dict()
    for name, tensor in loaded.items():
        assert torch.equal(tensor, state["averaged"][name].half().float())
    assert any(not torch.equal(state["averaged"][name], state["generator"][name]) for name in loaded)


@pytest.mark.slow
def test_exports_while_training(data, tmp_path):
    more = ["--export-every", 2, "--epochs", 50]
    assert train_apart(command(data, tmp_path, *more), tmp_path / "log", stopping_at(20)) == 130
    (entry,) = list_entries(tmp_path / "checkpoints")
    assert entry.config.training.epochs in (2, 4, 6)
    assert entry.config.metrics.count == 2


@pytest.mark.slow
def test_the_card_tells_what_a_resumption_changed(data, tmp_path):
    assert train_apart(command(data, tmp_path), tmp_path / "log", stopping_at(9)) == 130
    assert main(resumption(tmp_path, "--decay-epochs", 0, "--notes", "shorter")) == 0
    commands = list_entries(tmp_path / "checkpoints")[0].config.training.command.splitlines()
    assert commands == [commands[0], "python train.py --resume demo --runs runs --decay-epochs 0 --notes shorter"]
    assert main(resumption(tmp_path, "--notes", "finished")) == 0
    config = list_entries(tmp_path / "checkpoints")[0].config
    assert (config.notes, config.training.command.splitlines()) == ("finished", commands)


@pytest.mark.slow
def test_the_card_does_not_tell_of_this_machine(data, tmp_path):
    more = ["--epochs", 1, "--decay-epochs", 0, f"--runs={tmp_path / 'runs'}", "--notes", "half\na/b"]
    assert main(command(data, tmp_path, *more)) == 0
    folder = tmp_path / "checkpoints" / "demo"
    for file in ("README.md", "config.json"):
        text = (folder / file).read_text()
        assert str(tmp_path) not in text
        assert f"--data {data.name} " in text
    assert "--runs=runs --notes 'half a/b'" in (folder / "README.md").read_text()


def watch_export() -> None:
    export = Trainer._finish

    def watched(trainer):
        before = json.loads((trainer.folder / "progress.json").read_text())
        export(trainer)
        after = json.loads((trainer.folder / "progress.json").read_text())
        print("finished:", before["finished"], after["finished"], "step:", before["step"], after["step"])

    Trainer._finish = watched


@pytest.mark.slow
def test_a_run_is_finished_when_its_model_is_there(data, tmp_path):
    assert train_apart(command(data, tmp_path), tmp_path / "log", watch_export) == 0
    assert f"finished: False True step: {STEPS} {STEPS}" in (tmp_path / "log").read_text()


@pytest.mark.slow
def test_a_command_longer_than_a_config_may_hold_loses_no_model(data, tmp_path):
    assert main(command(data, tmp_path, "--notes", "x" * 19_990)) == 0
    config = read_config(tmp_path / "checkpoints" / "demo" / "config.json")
    assert config.notes == "x" * 19_990
    assert len(config.training.command) == 20_000


@pytest.mark.parametrize("part", ["measure", "read_square"])
def test_whatever_fails_after_the_last_step_the_weights_are_there(data, tmp_path, monkeypatch, part):
    def gone(*_):
        raise FileNotFoundError(2, "No such file or directory", "val/1.png")

    monkeypatch.setattr(export, part, gone)
    monkeypatch.setattr(export, "examples_of", lambda _: [Path("edges.png")])
    assert main([str(word) for word in command(data, tmp_path)]) != 0
    (entry,) = list_entries(tmp_path / "checkpoints")
    assert (entry.error, entry.config.training.steps, entry.config.metrics) == ("", STEPS, None)
    assert load_generator(entry.folder)
