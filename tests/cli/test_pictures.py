"""`python -m pix2pix` as it is typed."""

import json
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from pix2pix.checkpoint.folder import save_checkpoint
from pix2pix.cli import main
from pix2pix.data.edges import canny_edges
from pix2pix.data.framing import framed, without_frame
from pix2pix.data.images import read_image
from pix2pix.inference.translator import Translator
from tests.helpers.making import make_config, make_networks, picture, write_checkpoint, write_pairs, write_picture


@pytest.fixture
def checkpoints(tmp_path: Path) -> Path:
    config = make_config(discriminator=None)
    save_checkpoint(tmp_path / "checkpoints" / "demo", config, make_networks(config)[0])
    return tmp_path / "checkpoints"


def run(checkpoints: Path, *arguments: object) -> int:
    return main(["--checkpoints", str(checkpoints), *map(str, arguments)])


def read(path: Path) -> np.ndarray:
    return np.asarray(read_image(path))


@pytest.mark.slow
def test_translates_one_picture_as_the_translator_does(checkpoints, tmp_path):
    a = write_picture(tmp_path / "a.png", picture(1, 20, 30))
    translator = Translator.from_folder(checkpoints / "demo")
    assert run(checkpoints, "translate", "--checkpoint", "demo", a, tmp_path / "b.png", "--scale", "own") == 0
    assert np.abs(read(tmp_path / "b.png").astype(int) - translator.translate(picture(1, 20, 30))).max() <= 2


def test_a_model_sees_pictures_at_the_scale_it_was_trained_at(checkpoints, tmp_path, monkeypatch):
    """Resized to 32 x 32 and back, unless scale is part of the task, or told otherwise."""
    write_checkpoint(checkpoints / "map", task="aerial2map", discriminator=None)
    seen = []

    def watched(translator, images, seeds=None):
        seen.extend(image.shape[:2] for image in images)
        return [255 - image for image in images]

    monkeypatch.setattr(Translator, "translate_batch", watched)
    a = write_picture(tmp_path / "a.png", picture(1, 64, 96))
    for name, more, shapes in (
        ("demo", [], {(32, 32)}),
        ("demo", ["--scale", "own", "--whole"], {(64, 96)}),
        ("demo", ["--whole"], {(64, 96)}),
        ("map", ["--scale", "trained"], {(32, 32)}),
    ):
        seen.clear()
        assert run(checkpoints, "translate", "--checkpoint", name, a, tmp_path / "b.png", "--overwrite", *more) == 0
        assert set(seen) == shapes
        assert len(seen) == 1
        output = read(tmp_path / "b.png")
        assert output.shape == (64, 96, 3)
        assert np.abs(output.astype(int) - (255 - picture(1, 64, 96))).mean() < 3
    for name, more in (("map", []), ("demo", ["--scale", "own"])):
        seen.clear()
        assert run(checkpoints, "translate", "--checkpoint", name, a, tmp_path / "b.png", "--overwrite", *more) == 0
        assert set(seen) == {(32, 32)}
        assert len(seen) == 3 * 5  # overlapping tiles


@pytest.mark.slow
def test_noise_follows_the_seed(checkpoints, tmp_path):
    a = write_picture(tmp_path / "a.png", picture(1))
    for name, seed in (("x", 1), ("y", 1), ("z", 2)):
        run(checkpoints, "translate", "--checkpoint", "demo", a, tmp_path / f"{name}.png", "--noise", "--seed", seed)
    assert np.array_equal(read(tmp_path / "x.png"), read(tmp_path / "y.png"))
    assert not np.array_equal(read(tmp_path / "x.png"), read(tmp_path / "z.png"))


def test_translates_a_folder_and_names_what_it_leaves_out(checkpoints, tmp_path, capsys):
    for number in range(5):
        write_picture(tmp_path / "in" / f"{number}.png", picture(number, 32 + number, 32))
    (tmp_path / "in" / "broken.png").write_text("no picture")
    assert run(checkpoints, "translate", "--checkpoint", "demo", "--batch", 2, tmp_path / "in", tmp_path / "out") == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [f"{number}.png" for number in range(5)]
    assert read(tmp_path / "out" / "4.png").shape == (36, 32, 3)
    assert "broken.png" in capsys.readouterr().err


def test_one_large_or_bad_picture_loses_no_folder(checkpoints, tmp_path, capsys, monkeypatch):
    for name, shape in (("0.png", (32, 32)), ("1.png", (16, 5000)), ("2.png", (32, 32)), ("3.png", (31, 30))):
        write_picture(tmp_path / "in" / name, picture(1, *shape))
    translate_batch = Translator.translate_batch

    def failing(translator, images, *rest):
        if any(image.shape == (31, 30, 3) for image in images):
            raise RuntimeError("no memory for this one")
        return translate_batch(translator, images, *rest)

    monkeypatch.setattr(Translator, "translate_batch", failing)
    call = ["translate", "--checkpoint", "demo"]
    assert run(checkpoints, *call, tmp_path / "in", tmp_path / "out", "--scale", "own") == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["0.png", "1.png", "2.png"]
    assert read(tmp_path / "out" / "1.png").shape == (16, 5000, 3)
    assert run(checkpoints, *call, tmp_path / "in", tmp_path / "resized", "--scale", "trained") == 0
    assert read(tmp_path / "resized" / "1.png").shape == (16, 5000, 3)
    assert "left out: 3.png could not be made: no memory for this one" in capsys.readouterr().err
    capsys.readouterr()
    assert run(checkpoints, *call, tmp_path / "in" / "3.png", tmp_path / "alone.png", "--scale", "own") == 1
    assert capsys.readouterr().err == "pix2pix: alone.png could not be made: no memory for this one\n"


@pytest.mark.parametrize("arguments", [["translate", "--checkpoint", "demo"], ["edges", "--as-is"]])
def test_nothing_is_written_over_what_is_there(checkpoints, tmp_path, capsys, arguments):
    for name in ("a.png", "b.jpg"):
        write_picture(tmp_path / "in" / name, picture(1))
    kept = {path: path.read_bytes() for path in (tmp_path / "in").iterdir()}
    for overwrite in ([], ["--overwrite"]):
        assert run(checkpoints, *arguments, tmp_path / "in", tmp_path / "in", *overwrite) == 1
        assert run(checkpoints, *arguments, tmp_path / "in" / "b.jpg", tmp_path / "in" / "b.jpg", *overwrite) == 1
        assert "b.jpg is an input" in capsys.readouterr().err
    mine = write_picture(tmp_path / "out" / "b.png", picture(2))
    assert run(checkpoints, *arguments, tmp_path / "in", tmp_path / "out") == 1
    assert "b.png would be replaced" in capsys.readouterr().err
    assert np.array_equal(read(mine), picture(2))
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["b.png"]
    assert run(checkpoints, *arguments, tmp_path / "in", tmp_path / "out", "--overwrite") == 0
    assert not np.array_equal(read(mine), picture(2))
    assert {path: path.read_bytes() for path in (tmp_path / "in").iterdir()} == kept


def test_evaluate_prints_each_measure_with_its_picture_set(checkpoints, tmp_path, capsys):
    write_pairs(tmp_path / "data" / "val", 3)
    assert run(checkpoints, "evaluate", "--checkpoint", "demo", "--data", tmp_path / "data") == 0
    printed = capsys.readouterr().out
    assert "3 pairs of data, val" in printed
    assert {"l1", "psnr", "ssim", "sharpness", "lab"} <= {line.split()[0] for line in printed.splitlines()}


def test_evaluate_compares_several_in_a_table_or_as_json(checkpoints, tmp_path, capsys):
    write_pairs(tmp_path / "data" / "val", 2)
    write_checkpoint(checkpoints / "noisy", seed=1, discriminator=None)
    call = ["evaluate", "--checkpoint", "demo", "noisy", "--data", tmp_path / "data"]
    assert run(checkpoints, *call) == 0
    head, first, second, on = capsys.readouterr().out.splitlines()
    assert head.split()[:3] == ["l1", "psnr", "ssim"]
    assert [row.split()[0] for row in (first, second)] == ["demo", "noisy"]
    assert on.endswith("noise off")
    assert run(checkpoints, *call, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert f"{told['noisy']['psnr']:.4f}" == second.split()[2]
    assert run(checkpoints, *call, "--json", "--noise") == 0
    noisy = json.loads(capsys.readouterr().out)
    assert noisy["demo"]["measured"].endswith("noise on")
    assert noisy["demo"]["l1"] != told["demo"]["l1"]


@pytest.mark.slow
def test_evaluate_measures_labels_where_the_output_is_a_label_map(checkpoints, tmp_path, capsys):
    write_pairs(tmp_path / "data" / "val", 2)
    write_checkpoint(checkpoints / "map", task="aerial2map")
    assert run(checkpoints, "evaluate", "--checkpoint", "map", "--data", tmp_path / "data") == 0
    printed = dict(line.split() for line in capsys.readouterr().out.splitlines()[1:])
    assert 0 < float(printed["class_iou"]) <= float(printed["pixel_accuracy"]) <= 1


@pytest.mark.slow
def test_evaluate_counts_several_folders_as_one_set(checkpoints, tmp_path, capsys):
    write_pairs(tmp_path / "some" / "val", 2)
    write_pairs(tmp_path / "more" / "val", 3)
    assert run(checkpoints, "evaluate", "--checkpoint", "demo", "--data", tmp_path / "some", tmp_path / "more") == 0
    assert "5 pairs of some + more, val" in capsys.readouterr().out


@pytest.mark.slow
def test_evaluate_measures_how_crude_drawings_are_filled(checkpoints, capsys):
    write_checkpoint(checkpoints / "shoes", task="edges2shoes")
    assert run(checkpoints, "evaluate", "--checkpoint", "shoes", "--drawings", 12) == 0
    printed = {name: float(value) for name, value in (line.split() for line in capsys.readouterr().out.splitlines()[1:])}
    assert 0 <= printed["colored_worst_tenth"] <= printed["colored"] <= 1
    assert 0 <= printed["spilled"] <= printed["spilled_worst_tenth"] <= 1


@pytest.mark.slow
def test_evaluate_measures_how_strokes_of_color_are_followed(checkpoints, capsys, monkeypatch):
    write_checkpoint(checkpoints / "shoes", task="edges2shoes")

    def follows(translator, drawing):  # every part in the color of the stroke in the drawing
        ink = np.ptp(drawing.astype(int), axis=-1) > 40
        return np.broadcast_to(np.median(drawing[ink], axis=0).astype(np.uint8) if ink.any() else drawing[0, 0], drawing.shape)

    monkeypatch.setattr(Translator, "translate", follows)
    assert run(checkpoints, "evaluate", "--checkpoint", "shoes", "--strokes", 9) == 0
    printed = {name: float(value) for name, value in (line.split() for line in capsys.readouterr().out.splitlines()[1:])}
    assert printed["stroked"] == printed["others"] == 0
    monkeypatch.setattr(Translator, "translate", lambda translator, drawing: np.zeros_like(drawing))
    assert run(checkpoints, "evaluate", "--checkpoint", "shoes", "--strokes", 9) == 0
    printed = {name: float(value) for name, value in (line.split() for line in capsys.readouterr().out.splitlines()[1:])}
    assert printed["stroked_worst_tenth"] > printed["stroked"] > 30
    assert run(checkpoints, "evaluate", "--checkpoint", "shoes", "--strokes", 0) == 1


@pytest.mark.slow
def test_edges_are_those_of_the_photo_tab(checkpoints, tmp_path):
    photo = np.full((60, 90, 3), 255, np.uint8)
    photo[20:40, 10:30] = picture(1, 20, 20) // 2
    page = framed(photo)
    assert page.plain
    source = write_picture(tmp_path / "photo.png", photo)
    assert run(checkpoints, "edges", source, tmp_path / "pair.png", "--pairs") == 0
    pair = read(tmp_path / "pair.png")
    assert np.array_equal(pair[:, :256], without_frame(canny_edges(page.picture), page.inner))
    assert np.array_equal(pair[:, 256:], page.picture)
    busy = write_picture(tmp_path / "busy.png", np.random.default_rng(0).integers(0, 256, (30, 90, 3), np.uint8))
    assert run(checkpoints, "edges", busy, tmp_path / "busy-drawn.png", "--detail", 1) == 0
    drawn = read(tmp_path / "busy-drawn.png")
    assert drawn.shape == (256, 256, 3)
    assert drawn[:88].min() == 255  # neither the page above the photo nor where it ends
    assert drawn[90:165].min() == 0
    assert run(checkpoints, "edges", busy, tmp_path / "soft.png", "--checkpoint", "demo") == 0
    assert read(tmp_path / "soft.png").shape == (256, 256, 3)


def test_edges_of_a_photo_as_it_is(checkpoints, tmp_path):
    photo = write_picture(tmp_path / "photo.png", picture(1, 64, 48))
    assert run(checkpoints, "edges", photo, tmp_path / "pair.png", "--pairs", "--as-is") == 0
    pair = read(tmp_path / "pair.png")
    assert np.array_equal(pair[:, 48:], picture(1, 64, 48))
    assert np.array_equal(pair[:, :48], canny_edges(picture(1, 64, 48)))


@pytest.mark.slow
def test_photos_of_phones_are_read(checkpoints, tmp_path):
    (tmp_path / "photos").mkdir()
    pillow_heif.from_pillow(Image.fromarray(picture(1, 40, 60))).save(tmp_path / "photos" / "a.heic", quality=-1)
    Image.fromarray(picture(1, 40, 60)).save(tmp_path / "photos" / "b.avif")
    assert run(checkpoints, "edges", tmp_path / "photos", tmp_path / "drawn") == 0
    assert run(checkpoints, "translate", "--checkpoint", "demo", tmp_path / "photos", tmp_path / "made") == 0
    for name in ("a.png", "b.png"):
        assert read(tmp_path / "made" / name).shape == (40, 60, 3)
        assert read(tmp_path / "drawn" / name).shape == (256, 256, 3)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["translate", "--checkpoint", "absent", "a.png", "b.png"], ["absent", "demo"]),
        (["translate", "--checkpoint", "demo", "absent.png", "b.png"], ["absent.png"]),
        (["translate", "--checkpoint", "demo", "broken.png", "b.png"], ["broken.png"]),
        (["translate", "--checkpoint", "demo", "a.png", "b.xyz"], ["b.xyz"]),
        (["translate", "--checkpoint", "demo", "empty", "out"], ["empty"]),
        (["translate", "--checkpoint", "demo", "a.png", "b.png", "--device", "toaster"], ["toaster"]),
        (["evaluate", "--checkpoint", "demo", "--data", "absent"], ["absent"]),
        (["evaluate", "--checkpoint", "demo"], ["--data", "--drawings"]),
        (["evaluate", "--checkpoint", "demo", "--drawings", "3"], ["edges2shoes"]),
        (["evaluate", "--checkpoint", "demo", "--drawings", "0"], ["--drawings"]),
        (["edges", "a.png", "b.png", "--detail", "7"], ["detail"]),
        (["edges", "a.png", "b.heic"], ["b.heic"]),
        (["edges", "twins", "out"], ["2 pictures called a"]),
    ],
)
def test_mistakes_end_in_one_sentence(checkpoints, tmp_path, monkeypatch, capsys, arguments, words):
    monkeypatch.chdir(tmp_path)
    write_picture(tmp_path / "a.png", picture(1))
    (tmp_path / "broken.png").write_text("no picture")
    (tmp_path / "empty").mkdir()
    for name in ("a.jpg", "a.k.png", "a.png"):
        write_picture(tmp_path / "twins" / name, picture(1))
    assert run(checkpoints, *arguments) == 1
    error = capsys.readouterr().err
    assert error.startswith("pix2pix: ")
    assert error.count("\n") == 1
    for word in words:
        assert word in error
