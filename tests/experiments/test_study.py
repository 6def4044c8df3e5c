"""The study: what is trained, resumed and measured, and its tables."""

import json

import numpy as np
import pytest
from PIL import Image

from pix2pix.cli import main
from pix2pix.data.palettes import FACADE, find_palette
from pix2pix.evaluation.fcn import load_label_reader, train_label_reader
from pix2pix.evaluation.frechet import frechet_distance
from pix2pix.experiments.results import StudyResults, read_results, tables
from pix2pix.experiments.study import EXPERIMENTS, PAPER, QUESTIONS, experiment
from pix2pix.training.options import parse
from tests.helpers.making import write_checkpoint

COLORS = {"sky": (80, 160, 240), "wall": (200, 90, 60), "door": (40, 120, 40)}
PALETTE = {name: "#{:02x}{:02x}{:02x}".format(*color) for name, color in COLORS.items()}


def label_map(seed: int, side: int = 64) -> np.ndarray:
    random = np.random.default_rng(seed)
    picture = np.empty((side, side, 3), np.uint8)
    picture[:] = COLORS["sky"]
    top, left, right = random.integers(8, 40), random.integers(4, 20), random.integers(36, 60)
    picture[top:, left:right] = COLORS["wall"]
    picture[50:, left + 4 : left + 14] = COLORS["door"]
    return picture


def photo_of(labels: np.ndarray, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, 12, labels.shape)
    return np.clip(labels[..., ::-1] * 0.6 + 60 + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("each", EXPERIMENTS, ids=lambda each: each.name)
def test_every_experiment_is_what_train_py_understands(each):
    options = parse(["--data", "x", "--task", "t", *each.options])
    assert options.objective.replace("+", "-") in each.name or each.name.startswith("patch")
    assert options.no_skips == each.name.startswith("encoder-decoder")
    assert options.patch == (int(each.name.removeprefix("patch")) if each.name.startswith("patch") else 70)


def test_questions_ask_known_models_and_the_paper_answers_for_known_ones():
    assert {name for question in QUESTIONS for name in question.models} == {each.name for each in EXPERIMENTS}
    for question in QUESTIONS:
        assert PAPER[question.row].keys() <= set(question.models)
    with pytest.raises(ValueError, match="choose from l1, l2"):
        experiment("l3")


def test_labels_are_learned_from_photos_and_read_again(tmp_path):
    pictures = [(photo_of(label_map(seed), seed), label_map(seed)) for seed in range(12)]
    reader = train_label_reader(pictures[:8], PALETTE, epochs=30)
    assert reader.score(pictures[8:])["pixel_accuracy"] > 0.85
    noise = [(np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8), labels) for _, labels in pictures[8:]]
    assert reader.score(noise)["class_accuracy"] < 0.6
    reader.save(tmp_path / "reader.pt")
    np.testing.assert_array_equal(load_label_reader(tmp_path / "reader.pt").read(pictures[9][0]), reader.read(pictures[9][0]))


def test_frechet_distance_is_that_of_the_two_gaussians():
    random = np.random.default_rng(0)
    first, second = random.normal(size=(4000, 3)), random.normal(2, 3, (4000, 3))
    # Between isotropic Gaussians: squared distance of the means, and of the deviations, in each dimension.
    assert frechet_distance(first, second) == pytest.approx(3 * (2**2 + (3 - 1) ** 2), rel=0.05)
    assert frechet_distance(first, first) == pytest.approx(0, abs=1e-6)
    few = random.normal(size=(5, 40))
    assert frechet_distance(few, few) == pytest.approx(0, abs=1e-6)
    with pytest.raises(ValueError, match="at least two"):
        frechet_distance(first[:1], second)


def test_a_palette_is_found_in_label_maps_and_not_in_photos():
    found = find_palette([label_map(seed) for seed in range(6)])
    assert set(found.values()) == set(PALETTE.values())
    random = np.random.default_rng(0)
    assert find_palette([random.integers(0, 255, (64, 64, 3), dtype=np.uint8) for _ in range(6)]) is None
    assert find_palette([label_map(0)], "labels2facade") is FACADE


def test_tables_hold_our_figures_and_the_papers():
    values = {"l1": 0.2, "fcn_pixel_accuracy": 0.5, "fcn_class_accuracy": 0.25, "fcn_class_iou": 0.125}
    results = StudyResults(
        task="t", direction="AtoB", data="d", split="val", count=3, size=256, pairs=9, epochs=2, steps=18, command="c",
        models={"l1": values, "patch1": values}, truth=values,
    )  # fmt: skip
    rows = [line for line in tables(results).splitlines() if line.startswith("| PixelGAN")]
    assert rows == ["| PixelGAN, 1 x 1 | 0.500 | 0.250 | 0.125 | 0.2 | 0.39 | 0.15 | 0.10 |"]


@pytest.mark.slow
def test_a_study_is_trained_resumed_and_measured(tmp_path, capsys):
    for split, seeds in (("train", range(6)), ("val", range(6, 9))):
        (tmp_path / "data" / split).mkdir(parents=True)
        for seed in seeds:
            labels = label_map(seed, 256)
            pair = np.concatenate([labels, photo_of(labels, seed)], axis=1)
            Image.fromarray(pair).save(tmp_path / "data" / split / f"{seed}.png")
    folders = ["--to", str(tmp_path / "models"), "--runs", str(tmp_path / "runs")]
    small = "--ngf 4 --ndf 4 --levels 3 --size 64 --workers 0 --precision fp32 --layout channels_last"
    command = ["experiment", "toy", "--data", str(tmp_path / "data"), *folders, "--epochs", "1", "--arguments", small]
    assert main([*command, "--only", "l1", "patch1"]) == 0
    assert "2 of 2 models to train on 6 pairs" in capsys.readouterr().out
    results = read_results(tmp_path / "models")
    assert results.models.keys() == {"l1", "patch1"}
    assert results.truth["fcn_pixel_accuracy"] > results.models["l1"]["fcn_pixel_accuracy"]
    assert json.loads((tmp_path / "models" / "l1" / "config.json").read_text())["training"]["steps"] == results.steps
    assert main([*command, "--only", "l1"]) == 0
    assert "to train" not in capsys.readouterr().out
    assert read_results(tmp_path / "models").models.keys() == {"l1", "patch1"}  # the tables stay those of the whole study
    longer = ["2" if part == "1" else part for part in command]
    assert main([*longer, "--only", "l1"]) == 0
    assert "1 of 1 models to train on 6 pairs" in capsys.readouterr().out
    results = read_results(tmp_path / "models")
    assert (results.models.keys(), results.steps) == ({"l1"}, 18)  # 2 epochs and 1 decaying
    assert results.command.endswith("--epochs 2 --arguments " + repr(small))


def test_a_model_that_no_run_of_the_study_has_made_is_not_replaced(tmp_path, capsys):
    (tmp_path / "data" / "train").mkdir(parents=True)
    labels = label_map(0, 256)
    Image.fromarray(np.concatenate([labels, labels], axis=1)).save(tmp_path / "data" / "train" / "x.png")
    folder = write_checkpoint(tmp_path / "models" / "l1")
    kept = (folder / "model.safetensors").read_bytes()
    folders = ["--to", str(tmp_path / "models"), "--runs", str(tmp_path / "runs")]
    small = "--ngf 4 --ndf 4 --levels 3 --size 64 --workers 0 --precision fp32 --layout channels_last"
    command = ["experiment", "toy", "--data", str(tmp_path / "data"), *folders, "--only", "l1", "--arguments", small]
    assert main(command) == 1
    assert "is a model already" in capsys.readouterr().err
    assert (folder / "model.safetensors").read_bytes() == kept
