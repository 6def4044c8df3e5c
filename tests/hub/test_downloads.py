"""Downloads: cut, resumed, redirected, verified and bounded; what is not whole is never offered."""

import os
import signal
from pathlib import Path
from types import SimpleNamespace

import pytest

from pix2pix.checkpoint.folder import CONFIG_FILE, GENERATOR_FILE
from pix2pix.hub import contents as hub_contents
from pix2pix.hub import download, progress
from pix2pix.hub.progress import Progress
from pix2pix.hub.publish import publish
from pix2pix.hub.pull import pull
from tests.helpers.fake_hub import FakeHub
from tests.helpers.hub_helpers import OWN, WEIGHTS, assert_offered, contents, refused, translated
from tests.helpers.making import run_apart, write_checkpoint


def test_a_cut_connection_is_taken_up_again(hub, published, here) -> None:
    hub.fail(WEIGHTS, cut_after=5000)
    hub.fail(WEIGHTS, cut_after=3000)
    pull("ada/demo", here)
    assert [request.split(" ")[2:] for request in hub.downloads(GENERATOR_FILE)] == [[], ["bytes=5000-"], ["bytes=8000-"]]
    assert contents(here / "demo", *OWN) == contents(published, *OWN)


def test_a_pull_that_failed_goes_on_where_it_stopped(hub, published, here) -> None:
    hub.fail(WEIGHTS, cut_after=5000)
    hub.fail(WEIGHTS, cut_after=0, times=download.MAX_FAILURES)
    assert "connection broke off" in refused("ada/demo", here)
    assert_offered(here)
    hub.requests.clear()
    steps: list[Progress] = []
    pull("ada/demo", here, progress=steps.append)
    assert [request.split(" ")[2:] for request in hub.downloads(GENERATOR_FILE)] == [["bytes=5000-"]]
    assert not hub.downloads(CONFIG_FILE)
    assert max(step.done for step in steps) == steps[-1].total
    assert contents(here / "demo", *OWN) == contents(published, *OWN)
    assert not list((here / ".downloads").glob("*/*"))


def test_a_part_of_another_version_is_not_taken_up(hub, published, here) -> None:
    hub.fail(WEIGHTS, cut_after=5000)
    hub.fail(WEIGHTS, cut_after=0, times=download.MAX_FAILURES)
    refused("ada/demo", here)
    write_checkpoint(published, seed=3)
    publish(published, "ada/demo")
    pull("ada/demo", here)
    assert (translated(here / "demo") == translated(published)).all()


def test_weights_come_from_another_server_which_gets_no_token(hub, published, here, tmp_path) -> None:
    """As of the real Hub, which keeps large files elsewhere."""
    elsewhere = FakeHub(tmp_path / "elsewhere")
    (elsewhere.root / "files" / "weights").write_bytes((published / GENERATOR_FILE).read_bytes())
    hub.fail(WEIGHTS, 302, headers={"Location": f"{elsewhere.endpoint}/files/weights"}, times=2)
    elsewhere.fail("GET /files/weights", cut_after=5000)
    pull("ada/demo", here)
    assert contents(here / "demo", *OWN) == contents(published, *OWN)
    assert [request.split(" ")[2:] for request in elsewhere.downloads("weights")] == [[], ["bytes=5000-"]]
    assert f"GET /ada/demo/resolve/{hub.sha(hub.root / 'models/ada/demo', 'main')}/{GENERATOR_FILE}" in hub.authorised
    assert not elsewhere.authorised
    elsewhere.close()


def test_a_server_that_cannot_resume(hub, published, here) -> None:
    hub.fail(WEIGHTS, cut_after=5000)
    hub.fail(WEIGHTS, content=(published / GENERATOR_FILE).read_bytes(), whole=True)
    pull("ada/demo", here)
    assert contents(here / "demo", *OWN) == contents(published, *OWN)


@pytest.mark.parametrize("name", [CONFIG_FILE, GENERATOR_FILE])  # git's hash and the hash of the content
def test_a_wrong_hash(hub, published, here, name) -> None:
    right = (published / name).read_bytes()
    hub.fail(rf"GET /\S+/{name}", content=right[:-1] + bytes([right[-1] ^ 1]))
    assert "damaged" in refused("ada/demo", here)
    assert_offered(here)
    assert not list((here / ".downloads" / "demo").glob("*.part"))
    pull("ada/demo", here)


@pytest.mark.parametrize(("size", "times"), [(10, download.MAX_FAILURES + 1), (1_000_000, 1)])
def test_a_wrong_size(hub, published, here, size, times) -> None:
    hub.fail(WEIGHTS, content=b"\0" * size, times=times)
    refused("ada/demo", here)
    assert_offered(here)
    pull("ada/demo", here)


def test_sizes_are_bounded_before_anything_is_read(hub, published, here, monkeypatch) -> None:
    hub.commit(hub.root / "models/ada/demo", {CONFIG_FILE: b" " * (1 << 20) + b"{}"}, [])
    assert "at most 1.0 MB" in refused("ada/demo", here)
    assert not hub.downloads(CONFIG_FILE)
    monkeypatch.setitem(hub_contents.MAX_FILE_BYTES, GENERATOR_FILE, 1000)
    assert "at most" in refused(str(published), here)
    assert_offered(here)


def test_a_full_disk(hub, published, here) -> None:
    """/dev/full takes no byte; the part of the download is made to lie there."""
    hub.fail(WEIGHTS, cut_after=0, times=download.MAX_FAILURES)
    refused("ada/demo", here)
    (part,) = (here / ".downloads" / "demo").glob(f".{GENERATOR_FILE}.*.part")
    part.unlink()
    part.symlink_to("/dev/full")
    assert "disk is full" in refused("ada/demo", here)
    assert_offered(here)


def test_a_disk_that_is_too_small_is_known_before_the_download(hub, published, here, monkeypatch) -> None:
    monkeypatch.setattr(download.shutil, "disk_usage", lambda folder: SimpleNamespace(free=100))
    assert "disk is full" in refused("ada/demo", here)
    assert not hub.downloads(GENERATOR_FILE)
    assert_offered(here)


def test_two_pulls_of_one_name_do_not_meet(hub, published, here) -> None:
    said = []

    def meanwhile(progress: Progress) -> None:
        if not said:
            said.append(refused("ada/demo", here))

    pull("ada/demo", here, progress=meanwhile)
    assert "is being pulled already" in said[0]
    assert_offered(here, "demo")


def test_a_pull_can_be_interrupted_and_goes_on(hub, published, here) -> None:
    def stop(progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pull("ada/demo", here, progress=stop)
    assert_offered(here)
    pull("ada/demo", here)
    assert_offered(here, "demo")


def die_midway(endpoint: str, here: Path) -> None:
    """Pulls, and kills its own process when some of the weights have come."""
    progress.REPORT_INTERVAL_S = 0

    def watch(step: Progress) -> None:
        if any(part.stat().st_size >= 5000 for part in here.glob(".downloads/demo/.*.part")):
            os.kill(os.getpid(), signal.SIGKILL)

    pull("ada/demo", here, progress=watch, endpoint=endpoint)


def test_a_killed_pull_leaves_nothing_and_goes_on(hub, published, here) -> None:
    hub.fail(WEIGHTS, cut_after=5000)
    hub.fail(WEIGHTS, cut_after=3000)
    assert run_apart(die_midway, hub.endpoint, here) == -signal.SIGKILL
    assert_offered(here)
    hub.requests.clear()
    pull("ada/demo", here)
    assert hub.downloads(GENERATOR_FILE)[0].endswith(" bytes=5000-")
    assert contents(here / "demo", *OWN) == contents(published, *OWN)
