"""Everything that can go wrong with the Hub ends in one sentence, and nothing half-written is offered."""

import json
import os
import signal
import socket
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from hub_helpers import assert_offered, contents, point_at, sentence, translated
from huggingface_hub import constants
from making import run_apart, write_checkpoint

from pix2pix.checkpoint import CARD_FILE, CONFIG_FILE, GENERATOR_FILE, Generator
from pix2pix.hub import contents as hub_contents
from pix2pix.hub import download, progress
from pix2pix.hub.errors import HubError
from pix2pix.hub.progress import Progress
from pix2pix.hub.publish import publish
from pix2pix.hub.pull import pull
from pix2pix.hub.search import search
from pix2pix.hub.space import space
from pix2pix.origin import ORIGIN_FILE, read_origin

INFO = "GET /api/models/ada/demo"
WEIGHTS = rf"GET /\S+/{GENERATOR_FILE}"


def refused(*arguments: object, **options: object) -> str:
    """The sentence that a pull ends in."""
    with pytest.raises(HubError) as error:
        pull(*arguments, **options)
    print(error.value)
    return sentence(error)


@pytest.mark.parametrize(
    ("pattern", "status", "headers", "words"),
    [
        (INFO, 401, {}, "hf auth login"),
        (INFO, 401, {"X-Error-Code": "RepoNotFound"}, "no such repository, or it is private"),
        (INFO, 403, {"X-Error-Code": "GatedRepo"}, "grants access on request"),
        (INFO, 403, {}, "no permission"),
        (INFO, 404, {"X-Error-Code": "RepoNotFound"}, "no such repository"),
        (INFO, 404, {"X-Error-Code": "RevisionNotFound"}, "not this revision"),
        (INFO, 404, {}, "nothing at this address"),
        (INFO, 429, {"Retry-After": "40"}, "in 40 seconds"),
        (INFO, 429, {}, "in a few minutes"),
        (INFO, 500, {}, "HTTP 500"),
        (INFO, 418, {}, "HTTP 418"),
        (WEIGHTS, 401, {}, "hf auth login"),
        (WEIGHTS, 404, {"X-Error-Code": "EntryNotFound"}, "not this file"),
        (WEIGHTS, 429, {"Retry-After": "7"}, "in 7 seconds"),
        (WEIGHTS, 503, {}, "HTTP 503"),
    ],
)
def test_what_a_server_may_answer(hub, published, here, pattern, status, headers, words) -> None:
    hub.fail(pattern, status, headers=headers)
    said = refused("ada/demo", here)
    assert said.startswith("ada/demo: ")
    assert words in said
    assert_offered(here)
    pull("ada/demo", here)  # once the fault is gone
    assert_offered(here, "demo")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("ada/absent", "no such repository"),
        ("ada/demo@absent", "not this revision"),
        ("nonsense", "edges2shoes-huggan"),
        ("ftp://ada/demo", "no address of the web"),
        ("ada/de--mo", "not a repository name"),
        ("http://127.0.0.1:9/a.pth", "no connection"),
        ("http:///a.pth", "leads nowhere"),
    ],
)
def test_what_does_not_exist(hub, published, here, source, words) -> None:
    assert words in refused(source, here)
    assert_offered(here)


@pytest.mark.parametrize("source", ["", "x" * 5000, "a/b/c", "-x/y", "\0"])
def test_what_is_no_source_at_all(hub, here, source) -> None:
    with pytest.raises(HubError, match="is no model"):
        pull(source, here)
    assert not hub.requests


def test_a_missing_url(hub, here) -> None:
    assert "nothing at this address" in refused(f"{hub.endpoint}/files/absent.pth", here)


def test_a_repository_without_weights(hub, here) -> None:
    hub.create("models", "ada/empty")
    assert "holds no weights" in refused("ada/empty", here)


@pytest.mark.parametrize("content", [b"{", b'{"format_version": 2}', b'{"format_version": 1, "task": "../x"}'])
def test_a_config_that_is_wrong(hub, published, here, content) -> None:
    hub.commit(hub.root / "models/ada/demo", {CONFIG_FILE: content}, [])
    said = refused("ada/demo", here)
    assert str(here) not in said
    assert_offered(here)


def test_weights_that_do_not_fit_their_config(hub, published, here) -> None:
    hub.commit(hub.root / "models/ada/demo", {GENERATOR_FILE: b"\0" * 64}, [])
    assert f"{GENERATOR_FILE} is damaged" in refused("ada/demo", here)
    assert_offered(here)


def test_a_cut_connection_is_taken_up_again(hub, published, here) -> None:
    hub.fail(WEIGHTS, cut_after=5000)
    hub.fail(WEIGHTS, cut_after=3000)
    pull("ada/demo", here)
    assert [request.split(" ")[2:] for request in hub.downloads(GENERATOR_FILE)] == [[], ["bytes=5000-"], ["bytes=8000-"]]
    assert contents(here / "demo", CARD_FILE, ORIGIN_FILE) == contents(published, CARD_FILE)


def test_a_pull_that_failed_goes_on_where_it_stopped(hub, published, here) -> None:
    hub.fail(WEIGHTS, cut_after=5000)
    hub.fail(WEIGHTS, cut_after=0, times=download.ATTEMPTS)
    assert "connection broke off" in refused("ada/demo", here)
    assert_offered(here)
    hub.requests.clear()
    steps: list[Progress] = []
    pull("ada/demo", here, progress=steps.append)
    assert [request.split(" ")[2:] for request in hub.downloads(GENERATOR_FILE)] == [["bytes=5000-"]]
    assert not hub.downloads(CONFIG_FILE)
    assert max(step.done for step in steps) == steps[-1].total
    assert contents(here / "demo", CARD_FILE, ORIGIN_FILE) == contents(published, CARD_FILE)
    assert not list((here / ".downloads").glob("*/*"))


def test_a_part_of_another_version_is_not_taken_up(hub, published, here) -> None:
    hub.fail(WEIGHTS, cut_after=5000)
    hub.fail(WEIGHTS, cut_after=0, times=download.ATTEMPTS)
    refused("ada/demo", here)
    write_checkpoint(published, seed=3)
    publish(published, "ada/demo")
    pull("ada/demo", here)
    assert (translated(here / "demo") == translated(published)).all()


def test_a_server_that_cannot_resume(hub, published, here) -> None:
    hub.fail(WEIGHTS, cut_after=5000)
    hub.fail(WEIGHTS, content=(published / GENERATOR_FILE).read_bytes(), whole=True)
    pull("ada/demo", here)
    assert contents(here / "demo", CARD_FILE, ORIGIN_FILE) == contents(published, CARD_FILE)


def test_a_wrong_hash(hub, published, here) -> None:
    right = (published / GENERATOR_FILE).read_bytes()
    hub.fail(WEIGHTS, content=right[:-1] + bytes([right[-1] ^ 1]))
    assert "damaged" in refused("ada/demo", here)
    assert_offered(here)
    assert not list((here / ".downloads" / "demo").glob("*.part"))
    pull("ada/demo", here)


@pytest.mark.parametrize(("size", "times"), [(10, download.ATTEMPTS + 1), (1_000_000, 1)])
def test_a_wrong_size(hub, published, here, size, times) -> None:
    hub.fail(WEIGHTS, content=b"\0" * size, times=times)
    refused("ada/demo", here)
    assert_offered(here)
    pull("ada/demo", here)


def test_sizes_are_bounded_before_anything_is_read(hub, published, here, monkeypatch) -> None:
    hub.commit(hub.root / "models/ada/demo", {CONFIG_FILE: b" " * (1 << 20) + b"{}"}, [])
    assert "at most 1.0 MB" in refused("ada/demo", here)
    assert not hub.downloads(CONFIG_FILE)
    monkeypatch.setitem(hub_contents.LIMITS, GENERATOR_FILE, 1000)
    assert "at most" in refused(str(published), here)
    assert_offered(here)


def test_a_full_disk(hub, published, here) -> None:
    """/dev/full takes no byte; the part of the download is made to lie there."""
    hub.fail(WEIGHTS, cut_after=0, times=download.ATTEMPTS)
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


def test_no_connection_leaves_what_is_installed(hub, published, here, monkeypatch) -> None:
    pull("ada/demo", here)
    point_at(monkeypatch, "http://127.0.0.1:9")
    began = time.monotonic()
    assert "no connection" in refused("ada/other", here)
    for function in (search, lambda: publish(published, "ada/demo"), lambda: space("ada/app", here)):
        with pytest.raises(HubError) as error:
            function()
        assert "no connection" in sentence(error)
    assert time.monotonic() - began < 10
    assert_offered(here, "demo")
    translated(here / "demo")


def test_offline_mode_is_named(hub, published, here, monkeypatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert "HF_HUB_OFFLINE" in refused("ada/demo", here)
    assert not hub.requests


def test_a_server_that_is_silent(hub, published, here, monkeypatch) -> None:
    monkeypatch.setattr("pix2pix.hub.remote.PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        point_at(monkeypatch, f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert "does not answer" in refused("ada/demo", here)


def test_a_login_page_in_between(hub, published, here, monkeypatch) -> None:
    hub.fail(INFO, 200)
    assert "did not answer as a Hub" in refused("ada/demo", here)
    hub.fail("GET /api/models", 200, page=b"<html>please log in</html>")
    with pytest.raises(HubError) as error:
        search()
    assert "did not answer as a Hub" in sentence(error)


def test_without_a_connection_the_hub_cache_stands_in(hub, published, here, monkeypatch) -> None:
    Generator.from_pretrained("ada/demo")
    point_at(monkeypatch, "http://127.0.0.1:9")
    pull("ada/demo", here)
    assert read_origin(here / "demo").commit == hub.sha(hub.root / "models/ada/demo", "main")
    assert (translated(here / "demo") == translated(published)).all()


@pytest.mark.parametrize("name", ["..", "../out", "a/b", "/tmp/out", ".hidden", "a\\b", "x" * 101, "C:x"])
def test_names_cannot_leave_the_folder(hub, published, here, tmp_path, name) -> None:
    before = sorted(tmp_path.iterdir())
    assert "cannot name a checkpoint" in refused("ada/demo", here, name)
    assert sorted(tmp_path.iterdir()) == before


def test_paths_in_a_repository_cannot_leave_the_folder(hub, published, here) -> None:
    """Only names that a checkpoint has are ever asked for, whatever a repository lists."""
    hub.commit(hub.root / "models/ada/demo", {"samples/evil.sh": b"x", "samples/a/b.png": b"x", "origin.json": b"{}"}, [])
    folder = pull("ada/demo", here)
    assert "samples/evil.sh" not in contents(folder)
    assert "samples/a/b.png" not in contents(folder)
    assert read_origin(folder).source == "ada/demo"


@pytest.mark.parametrize("path", ["../../../out.pth", "/tmp/out.pth", "a/../../../out.pth", "..\\out.pth"])
def test_paths_that_a_server_makes_up_cannot_either(hub, published, here, path) -> None:
    listed = [{"type": "file", "path": path, "oid": "0" * 40, "size": 10}]
    hub.fail("GET /api/models/ada/demo/tree/", 200, page=json.dumps(listed).encode())
    assert "holds no weights" in refused("ada/demo", here)


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
    progress.INTERVAL = 0

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
    assert contents(here / "demo", CARD_FILE, ORIGIN_FILE) == contents(published, CARD_FILE)


# Publishing


@pytest.mark.parametrize(
    ("pattern", "status", "headers", "words"),
    [
        (INFO, 401, {}, "hf auth login"),
        ("POST .*/commit", 403, {}, "no permission"),
        ("POST .*/commit", 409, {}, "someone else"),
        ("POST .*/commit", 412, {}, "someone else"),
        ("POST .*/commit", 413, {}, "files of this size"),
        ("POST .*/commit", 500, {}, "HTTP 500"),
        ("POST .*/preupload", 403, {}, "no permission"),
        ("POST .*/create", 401, {}, "hf auth login"),
        ("POST .*/create", 403, {}, "no permission"),
    ],
)
def test_publishing_that_is_refused_changes_nothing(hub, published, tmp_path, pattern, status, headers, words) -> None:
    repo = hub.root / "models/ada/demo"
    before = hub.sha(repo, "main")
    write_checkpoint(published, seed=1)
    hub.fail(pattern.replace("demo", "(demo|new)"), status, headers=headers, times=9)
    with pytest.raises(HubError) as error:
        publish(published, "ada/new" if "create" in pattern else "ada/demo")
    assert words in sentence(error)
    assert hub.sha(repo, "main") == before


def test_publishing_without_or_with_a_wrong_token(hub, published, monkeypatch) -> None:
    write_checkpoint(published, seed=1)
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    with pytest.raises(HubError) as error:
        publish(published, "ada/demo")
    assert "hf auth login" in sentence(error)
    assert "hf_wrong" not in str(error.value)


@pytest.mark.parametrize("repo_id", ["demo", "a/b/c", "../demo", "ada/demo@main", ""])
def test_publishing_to_what_is_no_repository(hub, published, repo_id) -> None:
    with pytest.raises(HubError) as error:
        publish(published, repo_id)
    assert "owner/name" in sentence(error)
