"""Pulling models from a Hub on this machine: the same pictures, pinned, and nothing fetched twice."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from pix2pix.checkpoint.catalog import find_pulled
from pix2pix.checkpoint.config import read_config
from pix2pix.checkpoint.folder import CONFIG_FILE, GENERATOR_FILE, Generator
from pix2pix.checkpoint.origin import read_origin
from pix2pix.hub.errors import HubError
from pix2pix.hub.progress import Progress
from pix2pix.hub.publish import publish
from pix2pix.hub.pull import ensure, pull
from pix2pix.networks.config import GeneratorArguments
from tests.helpers.fake_hub import FakeHub
from tests.helpers.hub_helpers import OWN, assert_offered, contents, translated
from tests.helpers.making import ROOT, write_checkpoint


def test_what_was_published_comes_back_and_makes_the_same_pictures(hub: FakeHub, published: Path, here: Path) -> None:
    assert pull("ada/demo", here) == here / "demo"
    assert_offered(here, "demo")
    assert contents(here / "demo", *OWN) == contents(published, *OWN)
    assert np.array_equal(translated(here / "demo"), translated(published))
    assert "samples/01.png" in contents(here / "demo")


def test_a_pull_is_pinned_to_its_commit_and_files(hub: FakeHub, published: Path, here: Path) -> None:
    commit = hub.sha(hub.root / "models/ada/demo", "main")
    origin = read_origin(pull("ada/demo@main", here))
    assert (origin.source, origin.revision, origin.commit) == ("ada/demo", "main", commit)
    assert origin.files[GENERATOR_FILE].size == (published / GENERATOR_FILE).stat().st_size
    assert len(origin.files[GENERATOR_FILE].sha256) == 64
    write_checkpoint(published, seed=1)
    publish(published, "ada/demo")
    old = pull("ada/demo", here, "old", revision=commit)
    assert read_origin(old).commit == commit
    assert not np.array_equal(translated(old), translated(published))
    assert np.array_equal(translated(pull("ada/demo", here)), translated(published))


def test_pulling_again_fetches_only_what_changed(hub: FakeHub, published: Path, here: Path) -> None:
    pull("ada/demo", here)
    write_checkpoint(published, license="MIT")
    publish(published, "ada/demo")
    hub.requests.clear()
    pull("ada/demo", here)
    assert read_config(here / "demo" / CONFIG_FILE).license == "MIT"
    assert hub.downloads(CONFIG_FILE)
    assert not hub.downloads(GENERATOR_FILE)


def test_the_hub_cache_is_used(hub: FakeHub, published: Path, here: Path) -> None:
    Generator.from_pretrained("ada/demo")
    hub.requests.clear()
    pull("ada/demo", here)
    assert not hub.downloads(GENERATOR_FILE)


def test_progress_tells_bytes_and_speed(hub: FakeHub, published: Path, here: Path) -> None:
    told: list[Progress] = []
    pull("ada/demo", here, progress=told.append)
    origin = read_origin(here / "demo")
    assert told[-1].done == told[-1].total == sum(file.size for file in origin.files.values())
    assert [step.done for step in told] == sorted(step.done for step in told)
    assert told[-1].speed > 0
    assert told[-1].seconds_left == 0
    assert "MB" in str(told[-1])


def test_a_model_of_other_channels_is_refused_in_a_sentence(tmp_path: Path, here: Path) -> None:
    theirs = write_checkpoint(tmp_path / "theirs" / "deep", generator=GeneratorArguments(ngf=4, levels=3, in_channels=5))
    with pytest.raises(HubError, match="translates 5 to 3 channels, which the studio cannot show"):
        pull(str(theirs), here, "deep")
    assert not (here / "deep").exists()


def test_a_model_that_was_made_here_is_not_replaced(hub: FakeHub, published: Path, here: Path) -> None:
    write_checkpoint(here / "demo", seed=5)
    before = contents(here / "demo")
    with pytest.raises(HubError, match="choose another name"):
        pull("ada/demo", here)
    assert contents(here / "demo") == before
    pull("ada/demo", here, overwrite=True)
    assert read_origin(here / "demo").source == "ada/demo"


def test_ensure_pulls_once(hub: FakeHub, published: Path, here: Path) -> None:
    folder = ensure("ada/demo", here)
    commit = read_origin(folder).commit
    hub.requests.clear()
    assert ensure("ada/demo", here) == ensure(f"ada/demo@{commit}", here) == folder
    assert not hub.requests
    write_checkpoint(published, seed=1)
    publish(published, "ada/demo")
    assert ensure("ada/demo", here) == folder
    assert ensure("ada/demo@main", here) == here / "demo-main"
    assert (translated(here / "demo-main") == translated(published)).all()
    assert find_pulled(here, "ada/demo", commit) == folder
    assert find_pulled(here, "ada/other") is None


def test_a_repository_may_be_given_as_its_page(hub: FakeHub, published: Path, here: Path) -> None:
    assert pull(f"{hub.endpoint}/ada/demo/tree/main", here) == here / "demo"
    assert read_origin(here / "demo").source == "ada/demo"


def test_plain_python_loads_a_published_model(hub: FakeHub, published: Path, tmp_path: Path) -> None:
    program = (
        "from pix2pix.checkpoint.folder import Generator; import torch;"
        "torch.manual_seed(1); print(Generator.from_pretrained('ada/demo')(torch.randn(1, 3, 32, 32)).sum().item())"
    )
    environment = os.environ | {"HF_ENDPOINT": hub.endpoint, "HF_HOME": str(tmp_path / "home"), "HF_HUB_DISABLE_TELEMETRY": "1"}
    answer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    torch.manual_seed(1)
    with torch.inference_mode():
        assert float(answer.stdout) == pytest.approx(Generator.from_pretrained(published)(torch.randn(1, 3, 32, 32)).sum().item())
