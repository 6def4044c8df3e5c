"""The loop: every objective, network and kind of data trains, again to the same, and stops where numbers are none."""

import numpy as np
import pytest
import torch

from pix2pix.checkpoint.catalog import list_entries
from pix2pix.checkpoint.config import read_config
from pix2pix.checkpoint.folder import load_discriminator, load_generator
from pix2pix.inference.precision import PLAIN
from pix2pix.inference.translator import Translator
from pix2pix.networks.config import GeneratorArguments
from pix2pix.training.command import main
from pix2pix.training.step import TrainingStep
from pix2pix.training.trainer import learning_rate_factor
from tests.helpers.making import picture, write_checkpoint, write_pairs, write_picture
from tests.helpers.training_runs import (
    PAIRS,
    STEPS,
    assert_same_run,
    command,
    history_of,
    resumption,
    state_of,
    stopping_at,
    train_apart,
)


@pytest.mark.slow
def test_training_again_gives_the_same(data, uninterrupted, tmp_path):
    assert main(command(data, tmp_path, "--workers", 1, "--save-minutes", 0)) == 0
    assert_same_run(tmp_path, uninterrupted)


@pytest.mark.slow
def test_a_seed_from_a_clock_and_measures_at_the_end_alone(data, tmp_path):
    more = "--seed", 1_764_151_234_567_890_123, "--validate-pairs", 0, "--epochs", 1, "--decay-epochs", 0
    assert main(command(data, tmp_path, *more)) == 0
    (entry,) = list_entries(tmp_path / "checkpoints")
    assert entry.config.metrics.count == 2  # all that are held out
    assert entry.config.training.seed == more[1]
    assert "val_l1" not in history_of(tmp_path)[-1]


@pytest.mark.slow
def test_another_seed_gives_another_model(data, uninterrupted, tmp_path):
    assert main(command(data, tmp_path, "--seed", 4)) == 0
    assert history_of(tmp_path)[0]["G_L1"] != history_of(uninterrupted)[0]["G_L1"]


@pytest.mark.slow
def test_losses_fall(data, tmp_path):
    assert main(command(data, tmp_path, "--objective", "l1", "--epochs", 40, "--decay-epochs", 0, "--learning-rate", 2e-3)) == 0
    losses = [float(row["G_L1"]) for row in history_of(tmp_path, "demo-l1") if row["G_L1"]]
    assert losses[-1] < 0.6 * losses[0]
    assert not (tmp_path / "checkpoints" / "demo-l1" / "discriminator.safetensors").exists()


@pytest.mark.slow
def test_echoed_batches_are_used_again_before_the_next_are_loaded(data, tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(TrainingStep, "__call__", lambda self, a, b: seen.append(a.clone()) or {"G_L1": a.mean()})
    assert main(command(data, tmp_path, "--echo", 2)) == 0
    seen = seen[-2 * STEPS :]  # the first steps are those of the probe, which measures the formats
    assert len(seen) == 2 * STEPS
    assert all(torch.equal(first, again) for first, again in zip(seen[::2], seen[1::2], strict=True))
    assert not any(torch.equal(again, following) for again, following in zip(seen[1::2], seen[2::2], strict=False))


@pytest.mark.slow
def test_an_echoed_run_that_was_stopped_is_uninterrupted_bit_for_bit(data, tmp_path, capsys):
    more = "--echo", 2, "--epochs", 2, "--decay-epochs", 0
    assert main(command(data, tmp_path / "whole", *more)) == 0
    folder = tmp_path / "stopped"
    assert train_apart(command(data, folder, *more), tmp_path / "log", stopping_at(5)) == 130
    assert state_of(folder)["done"] == 5
    assert main(resumption(folder, "--echo", 3)) == 1
    assert "echo 2, not with 6 pairs, batch 2, 1 process(es), echo 3" in capsys.readouterr().err
    assert main(resumption(folder)) == 0
    assert_same_run(folder, tmp_path / "whole")


def test_the_rate_is_constant_and_then_falls_to_zero():
    rates = [learning_rate_factor(step, 4, 4) for step in range(9)]
    assert rates == pytest.approx([1, 1, 1, 1, 0.8, 0.6, 0.4, 0.2, 0])
    assert learning_rate_factor(10**6, 10**6 + 1, 0) == 1


@pytest.mark.slow
def test_the_rate_of_a_run(data, tmp_path):
    assert main(command(data, tmp_path, "--log-every", 1, "--learning-rate", 0.001)) == 0
    rates = [float(row["learning_rate"]) for row in history_of(tmp_path)]
    assert rates == pytest.approx([0.001 * learning_rate_factor(step, 9, 6) for step in range(STEPS)], rel=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("dropout", [0, 0.5])
def test_every_step_draws_its_own_noise(tmp_path, dropout):
    still = ["--load-size", 32, "--no-flip", "--learning-rate", 0, "--batch", 1, "--log-every", 1, "--dropout", dropout]
    assert main(command(write_pairs(tmp_path / "one", 1), tmp_path, *still)) == 0
    assert len({row["G_L1"] for row in history_of(tmp_path)}) == (5 if dropout else 1)


@pytest.mark.slow
@pytest.mark.parametrize("objective", ["l2", "gan", "cgan", "l1+gan", "l2+cgan"])
def test_every_objective_trains(data, tmp_path, objective):
    assert main(command(data, tmp_path, "--objective", objective, "--epochs", 1, "--decay-epochs", 0)) == 0
    (entry,) = list_entries(tmp_path / "checkpoints")
    assert entry.name == f"demo-{objective}"
    assert (entry.config.discriminator is not None) == ("gan" in objective)
    discriminator = load_discriminator(entry.folder)
    assert discriminator is None or discriminator.conditional == ("cgan" in objective)


@pytest.mark.slow
@pytest.mark.parametrize(
    "more",
    [
        ["--norm", "batch", "--upsampling", "resize", "--gan-loss", "lsgan"],
        ["--norm", "none", "--no-skips", "--no-flip", "--load-size", 32, "--patch", 1, "--direction", "BtoA"],
        ["--precision", "bf16", "--layout", "channels_last", "--patch", 70, "--levels", 5],
    ],
)
def test_other_networks_train(data, tmp_path, more):
    assert main(command(data, tmp_path, "--epochs", 1, "--decay-epochs", 0, *more)) == 0
    assert not list_entries(tmp_path / "checkpoints")[0].error


@pytest.mark.slow
@pytest.mark.parametrize("maker", ["edges", "gray", "inpaint", "superres"])
def test_plain_photos_are_enough(tmp_path, maker):
    for number in range(2):
        write_picture(tmp_path / "photos" / f"{number}.png", picture(number, 40, 50))
    more = ["--make-pairs", maker, "--epochs", 1, "--decay-epochs", 0, "--export-every", 1]
    assert main(command(tmp_path / "photos", tmp_path, *more)) == 0
    (entry,) = list_entries(tmp_path / "checkpoints")
    assert maker in entry.config.training.data
    assert entry.config.metrics is None  # nothing was held out


@pytest.mark.slow
def test_several_folders_are_one_data_set(data, tmp_path):
    write_pairs(tmp_path / "more", 3)
    assert main(command(data, tmp_path, "--data", data, tmp_path / "more", "--epochs", 1, "--decay-epochs", 0)) == 0
    config = list_entries(tmp_path / "checkpoints")[0].config
    assert config.training.pairs == PAIRS + 3
    assert "more" in config.training.data
    assert "more" not in config.metrics.data  # it holds no val pictures to measure on


@pytest.mark.slow
def test_init_from_takes_weights_and_architecture(data, uninterrupted, tmp_path):
    original = uninterrupted / "checkpoints" / "demo"
    more = [
        "--init-from",
        original,
        "--name",
        "tuned",
        "--learning-rate",
        0,
        "--ngf",
        9,
        "--levels",
        3,
        "--ndf",
        9,
        "--epochs",
        1,
    ]
    assert main(command(data, tmp_path, *more)) == 0
    tuned = tmp_path / "checkpoints" / "tuned"
    for file in ("model.safetensors", "discriminator.safetensors"):
        assert (tuned / file).read_bytes() == (original / file).read_bytes()
    (entry,) = list_entries(tmp_path / "checkpoints")
    assert entry.config.training.init_from == "demo"
    assert entry.config.generator.ngf == 4


def translated(folder):
    """A picture as a checkpoint translates it, by plain torch."""
    network = load_generator(folder)
    config = network.checkpoint_config
    return Translator(network, config.generator.levels, precision=PLAIN, image_range=config.image_range).translate(picture(5))


@pytest.mark.slow
def test_init_from_takes_all_that_describes_the_model(data, tmp_path, capsys):
    """A network of [0, 1] that learns nothing more translates as before, also where its run was stopped and resumed."""
    described = {"direction": "BtoA", "image_range": (0.0, 1.0), "norm_statistics": "running", "license": "CC0", "image_size": 32}
    batch = GeneratorArguments(ngf=4, levels=3, norm="batch", dropout=0)
    original = write_checkpoint(tmp_path / "checkpoints" / "original", **described, generator=batch)
    arguments = command(data, tmp_path, "--init-from", "original", "--learning-rate", 0, "--ema", 0, "--name", "tuned")
    size = arguments.index("--size")
    del arguments[size : size + 2]
    assert train_apart(arguments, tmp_path / "log", stopping_at(8)) == 130
    assert main(["--resume", "tuned", "--runs", str(tmp_path / "runs")]) == 0
    tuned = tmp_path / "checkpoints" / "tuned"
    config = read_config(tuned / "config.json")
    assert {name: getattr(config, name) for name in described} == described
    assert config.training.init_from == "original"
    before, after = (translated(folder) for folder in (original, tuned))  # batch norm's running averages alone have moved
    assert np.abs(before.astype(int) - after).max() <= 1
    assert "direction:" not in (tmp_path / "log").read_text()


@pytest.mark.slow
def test_a_changed_direction_is_said(data, uninterrupted, tmp_path, capsys):
    more = "--init-from", uninterrupted / "checkpoints" / "demo", "--direction", "BtoA", "--epochs", 1, "--decay-epochs", 0
    assert main(command(data, tmp_path, *more)) == 0
    assert "direction: BtoA, while the model it starts from was trained AtoB" in capsys.readouterr().out


@pytest.mark.slow
def test_init_from_a_model_without_discriminator(data, tmp_path):
    write_checkpoint(tmp_path / "plain", objective="l1", discriminator=None)
    assert main(command(data, tmp_path, "--init-from", tmp_path / "plain", "--epochs", 1, "--decay-epochs", 0)) == 0
    assert load_discriminator(tmp_path / "checkpoints" / "demo") is not None


@pytest.mark.slow
def test_a_loss_that_is_not_finite_stops_the_run(data, tmp_path, capsys):
    assert train_apart(command(data, tmp_path), tmp_path / "log", stopping_at(8)) == 130
    kept = (tmp_path / "runs" / "demo" / "state.pt").read_bytes()
    assert main(resumption(tmp_path, "--learning-rate", 1e30)) == 1
    complaint = capsys.readouterr().err.splitlines()[-1]
    assert "the loss is no longer finite at step" in complaint
    assert "The last good state is kept in" in complaint
    assert (tmp_path / "runs" / "demo" / "state.pt").read_bytes() == kept
    assert not (tmp_path / "checkpoints").exists()


@pytest.mark.slow
def test_weights_that_are_not_finite_are_not_kept(data, tmp_path, capsys):
    assert main(command(data, tmp_path, "--objective", "l1", "--learning-rate", "inf", "--save-minutes", 0)) == 1
    complaint = capsys.readouterr().err.splitlines()[-1]
    assert "weights are no longer finite at step 1. No state was saved before: start again with a lower" in complaint
    assert not (tmp_path / "runs" / "demo-l1" / "state.pt").exists()
