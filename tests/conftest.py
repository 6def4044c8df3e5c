"""A Hub on this machine for the tests that want one."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import constants

from pix2pix.hub import download
from pix2pix.hub.publish import publish
from tests.helpers.fake_hub import TOKEN, FakeHub
from tests.helpers.hub_helpers import point_at
from tests.helpers.making import write_checkpoint

BROWSER = Path(__file__).parent / "browser"


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    server = FakeHub(tmp_path / "hub")
    point_at(monkeypatch, server.endpoint)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)  # a protocol that only the Hub itself speaks
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setattr(download, "RETRY_PAUSE_S", 0)
    yield server
    server.close()


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """The checkpoints folder that models are pulled into."""
    return tmp_path / "checkpoints"


@pytest.fixture
def published(hub: FakeHub, tmp_path: Path) -> Path:
    """A checkpoint that the Hub has as ada/demo."""
    folder = write_checkpoint(tmp_path / "theirs" / "demo")
    publish(folder, "ada/demo")
    hub.requests.clear()
    return folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need a Hub or a browser by what they use, so that no file can forget to."""
    for item in items:
        if "hub" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.hub)
        if BROWSER in item.path.parents:
            item.add_marker(pytest.mark.browser)


def pytest_configure(config: pytest.Config) -> None:
    # What huggingface_hub does when it uploads large files.
    config.addinivalue_line("filterwarnings", "ignore:Use 'content=:DeprecationWarning:httpx2")
    # A shell starts background jobs with Ctrl-C ignored, and the programs under test would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True, scope="session")
def _own_measurements(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What tests measure is kept for the session, beside what this machine's user has."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIX2PIX_CACHE", str(tmp_path_factory.mktemp("measurements")))
        yield
