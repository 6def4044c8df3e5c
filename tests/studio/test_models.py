"""The Models tab below the page: what is told of models, and where they came from."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from pix2pix.checkpoint.config import Metrics, Training
from pix2pix.checkpoint.folder import CONFIG_FILE, GENERATOR_FILE, SAMPLES_FOLDER, save_checkpoint
from pix2pix.checkpoint.origin import read_origin
from pix2pix.studio.engine import Engine
from pix2pix.studio.errors import RefusedError
from pix2pix.studio.library import runs as runs_module
from pix2pix.studio.pictures import MAX_SAMPLES
from pix2pix.studio.tabs import draw as draw_tab
from pix2pix.studio.tabs import models as models_tab
from pix2pix.studio.tabs import photo as photo_tab
from tests.helpers.fake_hub import FakeHub
from tests.helpers.making import make_config, make_networks, picture, write_checkpoint, write_picture
from tests.helpers.shelf import Shelf, add, ended

HOSTILE = '<img src=x onerror="alert(1)">\n<b>bold</b>\x07'


def metrics(**values: float) -> Metrics:
    return Metrics(data="facades", split="val", count=100, resizing="none", values=values)


def training(**changes: object) -> Training:
    facts = {
        "data": "facades",
        "pairs": 400,
        "steps": 1000,
        "epochs": 2.5,
        "batch": 1,
        "learning_rate": 2e-4,
        "seed": 1,
        "hours": 1.5,
    }
    facts |= {
        "lambda": 100,
        "gan_loss": "vanilla",
        "ema": 0,
        "precision": "bf16",
        "command": "python train.py",
        "code_version": "1",
    }
    return Training(**facts | changes)


def test_whole_and_broken_models_are_told_apart_without_paths(shelf: Shelf, here: Path, tmp_path: Path) -> None:
    write_checkpoint(here / "demo", license="MIT")
    write_checkpoint(here / "cut")
    (here / "cut" / GENERATOR_FILE).write_bytes(b"x" * 100)
    (here / "empty").mkdir()
    looked = shelf.look({})
    whole, *broken = looked["models"]
    assert (whole["name"], whole["objective"], whole["license"]) == ("demo", "L1 + cGAN", "MIT")
    assert whole["picture"].startswith("data:image/jpeg;base64,")
    assert whole["size"] == pytest.approx(
        sum(path.stat().st_size for path in (here / "demo").rglob("*") if path.is_file()) / 1e6, abs=0.06
    )
    assert {model["name"]: model["reason"].partition(" ")[0] for model in broken} == {"cut": GENERATOR_FILE, "empty": CONFIG_FILE}
    assert str(tmp_path) not in json.dumps(looked)
    assert shelf.look({"version": looked["version"]})["models"] is None
    told = shelf.model({"name": "cut"})
    assert "Train it again" in told["remedy"]
    assert str(tmp_path) not in json.dumps(told)


@pytest.mark.parametrize("name", ["../checkpoints/demo", "/etc", "", None, 7, ["demo"]])
def test_only_listed_names_are_answered(shelf: Shelf, here: Path, name: object) -> None:
    write_checkpoint(here / "demo")
    for function in (shelf.model, shelf.run):
        with pytest.raises(RefusedError, match="not here"):
            function({"name": name})


def test_a_model_is_described_with_its_sibling_measures(shelf: Shelf, here: Path) -> None:
    l1 = make_config(
        objective="l1", discriminator=None, metrics=metrics(l1=0.10, sharpness=0.5, psnr=math.nan), training=training()
    )
    full = make_config(
        metrics=metrics(l1=0.15, sharpness=1.2, psnr=12), training=training(hours=math.inf), notes=HOSTILE, license=HOSTILE
    )
    for name, config in (("demo-l1", l1), ("demo", full)):
        save_checkpoint(here / name, config, *make_networks(config))
        # pydantic reads what it does not write: numbers that are none.
        (here / name / CONFIG_FILE).write_text(json.dumps(config.model_dump(by_alias=True)))
    told = shelf.model({"name": "demo"})
    json.dumps(told, allow_nan=False)  # what the server can send
    assert [column["objective"] for column in told["metrics"]["columns"]] == ["L1 only", "L1 + cGAN"]
    rows = {row["measure"]: (row["values"], row["best"]) for row in told["metrics"]["rows"]}
    assert rows["L1 (colors in 0..1)"] == (["0.1000", "0.1500"], 0)
    assert rows["sharpness (gradient, output / truth)"] == (["0.5000", "1.200"], 1)  # 1.2 is closer to 1 than 0.5
    assert rows["PSNR (dB)"] == (["not measured", "12.00"], None)
    assert told["notes"] == '<img src=x onerror="alert(1)"> <b>bold</b>'  # one line of text, for the page to show as text
    assert told["drawn"]
    assert dict(told["training"])["Length"].startswith("1,000 steps of 1")
    assert "critic" in dict(shelf.model({"name": "demo-l1"})["networks"])["Discriminator"]


def test_models_measured_on_other_pictures_are_not_ranked(shelf: Shelf, here: Path) -> None:
    for objective, count in (("l1", 10), ("l1+cgan", 20)):
        config = make_config(
            objective=objective, metrics=Metrics(data="d", split="val", count=count, resizing="none", values={"l1": 0.1})
        )
        save_checkpoint(here / objective.replace("+", "-"), config, *make_networks(config))
    table = shelf.model({"name": "l1"})["metrics"]
    assert not table["comparable"]
    assert [row["best"] for row in table["rows"]] == [None]


def test_where_a_model_came_from(shelf: Shelf, here: Path, runs: Path, hub: FakeHub, published: Path) -> None:
    write_checkpoint(here / "copied")
    write_checkpoint(here / "trained")
    (runs / "trained").mkdir()
    pulls = shelf.hub.pulls
    assert ended(pulls, add(pulls, "ada/demo").number).state == "done"
    write_checkpoint(here / "local")
    origin = read_origin(here / "demo")
    disk = origin.model_copy(update={"source": "/home/someone/secret", "commit": None})
    (here / "local" / "origin.json").write_text(disk.model_dump_json())
    shorts = {model["name"]: model["origin"] for model in shelf.look({})["models"]}
    assert shorts == {"copied": "shipped", "trained": "trained here", "demo": "pulled", "local": "pulled"}
    told = shelf.model({"name": "demo"})
    assert f"ada/demo@{origin.commit[:7]}" in told["origin"]
    assert told["link"] == f"https://huggingface.co/ada/demo/tree/{origin.commit}"
    assert "secret" not in json.dumps(shelf.model({"name": "local"}))


def test_only_the_extractor_is_not_for_drawing(shelf: Shelf, here: Path) -> None:
    write_checkpoint(here / "demo")
    write_checkpoint(here / "other")
    write_checkpoint(here / "photo2edges", task="photo2edges")
    assert [shelf.model({"name": name})["drawn"] for name in ("demo", "other", "photo2edges")] == [True, True, False]


def test_samples_are_bounded_and_come_from_the_model_alone(shelf: Shelf, here: Path, tmp_path: Path) -> None:
    write_checkpoint(here / "demo")
    samples = here / "demo" / SAMPLES_FOLDER
    (samples / "02.png").symlink_to(write_picture(tmp_path / "private.png", picture(3)))
    (samples / "03.png").write_bytes(b"not a picture")
    write_picture(samples / "04.png", np.zeros((8, 6200, 3), np.uint8))
    told = shelf.model({"name": "demo"})
    assert (len(told["samples"]), told["unreadable"]) == (1, 3)
    for number in range(5, 40):
        write_picture(samples / f"{number:02}.png", picture(number))
    told = shelf.model({"name": "demo"})
    assert len(told["samples"]) + told["unreadable"] == MAX_SAMPLES


def test_a_folder_that_fails_in_a_way_nobody_foresaw_is_that_folders_error(shelf, here, runs, monkeypatch):
    write_checkpoint(here / "edges2cats", task="edges2cats")
    write_checkpoint(here / "edges2dogs", task="edges2dogs")
    engine = Engine(here, "cpu")

    def failing(function, wrong):
        def called(first, *more):
            if wrong(first):
                raise RuntimeError("unforeseen")
            return function(first, *more)

        return called

    monkeypatch.setattr(models_tab, "card", failing(models_tab.card, lambda entry: entry.name == "edges2dogs"))
    listed = shelf.look({})["models"]
    assert [(each["name"], "reason" in each) for each in listed] == [("edges2cats", False), ("edges2dogs", True)]
    for tab in (draw_tab, photo_tab):
        monkeypatch.setattr(tab, "card_url", failing(tab.card_url, lambda task: task.name == "edges2dogs"))
        assert [each["name"] for each in tab._cards(engine)] == ["edges2cats"]
    (runs / "whole").mkdir()
    (runs / "wrong").mkdir()
    for run in ("whole", "wrong"):
        (runs / run / "options.json").write_text("{}")
    monkeypatch.setattr(runs_module, "_read", failing(runs_module._read, lambda folder: folder.name == "wrong"))
    assert [each["name"] for each in shelf.look({})["runs"]] == ["whole"]
