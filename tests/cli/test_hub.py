"""`pull`, `publish`, `search`, `space` and `train.py --push-to-hub` as they are typed."""

from pathlib import Path

import pytest

from pix2pix.checkpoint.config import read_config
from pix2pix.checkpoint.folder import CONFIG_FILE
from pix2pix.cli import main
from pix2pix.training.command import main as train
from tests.helpers.fake_hub import FakeHub
from tests.helpers.hub_helpers import assert_offered, point_at
from tests.helpers.making import picture, write_checkpoint, write_pairs, write_picture
from tests.helpers.other_projects import unet_state, written


def run(here: Path, *arguments: object) -> int:
    return main(["--checkpoints", str(here), *map(str, arguments)])


def test_publish_search_and_pull(hub: FakeHub, here: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    write_checkpoint(tmp_path / "theirs" / "demo")
    assert run(tmp_path / "theirs", "publish", "demo", "--to", "ada/demo") == 0
    assert "ada/demo: 5 files sent, 0 were there already" in capsys.readouterr().out
    assert run(tmp_path / "theirs", "publish", "demo", "--to", "ada/demo") == 0
    assert "0 files sent, 5 were there already" in capsys.readouterr().out
    assert run(here, "search") == 0
    assert "ada/demo" in capsys.readouterr().out
    assert run(here, "search", "--task", "cats") == 0
    assert "no models of cats" in capsys.readouterr().out
    assert run(here, "pull", "ada/demo", "--as", "mine") == 0
    assert "the studio offers it now" in capsys.readouterr().out
    assert_offered(here, "mine")
    assert run(here, "space", "--to", "ada/studio", "mine") == 0
    assert "spaces/ada/studio" in capsys.readouterr().out


def test_facts_of_weights_are_flags(hub: FakeHub, here: Path, tmp_path: Path) -> None:
    weights = written(tmp_path, unet_state(5, 4, "batch", False))
    flags = [
        "--task",
        "edges2cats",
        "--direction",
        "BtoA",
        "--norm-statistics",
        "running",
        "--dropout",
        "0.2",
        "--license",
        "CC0",
        "--image-range",
        "-0.5",
        "1.5",
    ]
    assert run(here, "pull", weights, "--as", "cats", *flags) == 0
    config = read_config(here / "cats" / CONFIG_FILE)
    assert (config.task, config.direction, config.norm_statistics, config.license) == ("edges2cats", "BtoA", "running", "CC0")
    assert (config.generator.dropout, config.image_range) == (0.2, (-0.5, 1.5))


def test_known_models_are_listed(here: Path, capsys: pytest.CaptureFixture) -> None:
    assert run(here, "search", "--known") == 0
    assert "huggan/pix2pix-edge2shoes" in capsys.readouterr().out


def test_a_model_of_the_hub_is_pulled_where_it_is_named(hub: FakeHub, published: Path, here: Path, tmp_path: Path) -> None:
    a = write_picture(tmp_path / "a.png", picture(1))
    for _ in range(2):
        assert run(here, "translate", "--checkpoint", "ada/demo", a, tmp_path / "b.png", "--overwrite") == 0
    assert (tmp_path / "b.png").is_file()
    assert len(hub.downloads("model.safetensors")) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["pull", "ada/absent"],
        ["pull", "nonsense"],
        ["pull", "ada/demo", "--as", "../out"],
        ["publish", "absent", "--to", "ada/demo"],
        ["publish", "../demo", "--to", "ada/demo"],
        ["publish", "demo", "--to", "nonsense"],
        ["space", "absent", "--to", "ada/studio"],
        ["translate", "--checkpoint", "ada/absent", "a.png", "b.png"],
    ],
)
def test_mistakes_end_in_one_sentence(hub, published, here, tmp_path, monkeypatch, capsys, arguments) -> None:
    monkeypatch.chdir(tmp_path)
    write_picture(tmp_path / "a.png", picture(1))
    assert run(here, *arguments) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[-1].startswith("pix2pix: ")
    assert [line for line in said if line.strip()] == said[-1:]


def training(tmp_path: Path, here: Path, *more: str) -> int:
    data = write_pairs(tmp_path / "data", 2)
    small = (
        "--size 32 --levels 3 --ngf 4 --ndf 4 --patch 16 --epochs 1 --decay-epochs 0 --workers 0 --device cpu --precision fp32"
    )
    folders = ["--runs", str(tmp_path / "runs"), "--checkpoints", str(here), "--data", str(data), "--task", "demo"]
    return train([*folders, *small.split(), *more])


def test_training_publishes(hub: FakeHub, here: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    assert training(tmp_path, here, "--push-to-hub", "ada/trained") == 0
    assert f"published: {hub.endpoint}/ada/trained" in capsys.readouterr().out
    assert hub.read(hub.root / "models/ada/trained", "main", "history.csv")


def test_training_says_at_once_that_it_could_not_publish(
    hub: FakeHub, here: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    assert training(tmp_path, here, "--push-to-hub", "bob/trained") == 1
    assert "you are logged in as ada" in capsys.readouterr().err
    assert_offered(here)


def test_a_finished_model_survives_that_it_is_not_published(
    hub: FakeHub, here: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    hub.fail("POST .*/commit", 500, times=9)
    assert training(tmp_path, here, "--push-to-hub", "ada/trained") == 1
    assert "python -m pix2pix publish demo --to ada/trained" in capsys.readouterr().err
    assert_offered(here, "demo")


def test_without_a_connection_local_models_translate(hub, published, here, tmp_path, monkeypatch, capsys) -> None:
    run(here, "pull", "ada/demo")
    point_at(monkeypatch, "http://127.0.0.1:9")
    a = write_picture(tmp_path / "a.png", picture(1))
    for name in ("demo", "ada/demo"):
        assert run(here, "translate", "--checkpoint", name, a, tmp_path / "b.png", "--overwrite") == 0
    capsys.readouterr()
    assert run(here, "search") == 1
    assert "no connection" in capsys.readouterr().err
