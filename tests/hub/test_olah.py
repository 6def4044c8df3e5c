"""What the fake Hub of the tests accepted is read back through a server that other people wrote."""

import time
from pathlib import Path

import numpy as np
import pytest

from pix2pix.checkpoint.folder import CARD_FILE, GENERATOR_FILE, Generator
from pix2pix.checkpoint.origin import ORIGIN_FILE, read_origin
from pix2pix.cli import main
from pix2pix.hub.errors import HubError
from pix2pix.hub.publish import publish
from pix2pix.hub.pull import pull
from pix2pix.studio.engine import CATALOG_CACHE_S, Engine
from pix2pix.studio.jobs import Request
from pix2pix.studio.library.pulls import Pulls
from pix2pix.studio.requests import PullRequest
from tests.helpers.fake_hub import FakeHub
from tests.helpers.hub_helpers import assert_offered, contents, point_at, sentence, translated
from tests.helpers.making import picture, write_checkpoint
from tests.helpers.olah_server import olah


@pytest.mark.slow
def test_published_here_and_pulled_there(
    hub: FakeHub, published: Path, here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = hub.sha(hub.root / "models/ada/demo", "main")
    with olah(hub.root, tmp_path / "olah") as endpoint:
        point_at(monkeypatch, endpoint)
        assert main(["--checkpoints", str(here), "pull", "ada/demo"]) == 0
        assert_offered(here, "demo")
        # the app pulls it too, and draws with it
        app, pulls = Engine(here, "cpu"), Pulls(here)
        app.start()
        pulls.add(PullRequest(source="ada/demo", name="app"))
        while pulls.list()[0].active:
            time.sleep(0.05)
        assert pulls.list()[0].state == "done", pulls.list()[0].error
        time.sleep(CATALOG_CACHE_S)
        answer = app.submit(Request("demo", picture(7), models=("app",))).result(60)
        assert np.array_equal(answer.pictures["app"], translated(published))
        assert read_origin(here / "demo").commit == first
        assert contents(here / "demo", CARD_FILE, ORIGIN_FILE) == contents(published, CARD_FILE)
        assert np.array_equal(translated(here / "demo"), translated(published))
        # Python without the app
        network = Generator.from_pretrained("ada/demo")
        assert network.checkpoint_config == Generator.from_pretrained(published).checkpoint_config
        # a second version, and the first by its commit
        write_checkpoint(published, seed=1)
        point_at(monkeypatch, hub.endpoint)
        assert GENERATOR_FILE in publish(published, "ada/demo").sent
        point_at(monkeypatch, endpoint)
        pull("ada/demo", here)
        assert np.array_equal(translated(here / "demo"), translated(published))
        pull("ada/demo", here, "first", revision=first)
        assert not np.array_equal(translated(here / "first"), translated(published))
        with pytest.raises(HubError) as error:
            pull("ada/absent", here)
        assert "no such repository" in sentence(error)
        assert_offered(here, "app", "demo", "first")
    assert not hub.downloads(GENERATOR_FILE)
