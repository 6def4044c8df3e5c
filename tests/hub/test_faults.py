"""Everything that can go wrong with the Hub ends in one sentence, and nothing half-written is offered."""

import json
import socket
import threading
import time

import pytest
from huggingface_hub import constants

from pix2pix.checkpoint.folder import CONFIG_FILE, GENERATOR_FILE, Generator
from pix2pix.checkpoint.origin import read_origin
from pix2pix.hub.errors import HubError
from pix2pix.hub.publish import publish
from pix2pix.hub.pull import pull
from pix2pix.hub.search import search
from pix2pix.hub.space import space
from tests.helpers.hub_helpers import INFO, TREE, WEIGHTS, assert_offered, contents, point_at, refused, sentence, translated


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
        (TREE, 429, {"Retry-After": "40"}, "in 40 seconds"),
        (TREE, 500, {}, "HTTP 500"),
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
    monkeypatch.setattr("pix2pix.hub.remote.REQUEST_TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        point_at(monkeypatch, f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert "does not answer" in refused("ada/demo", here)


def test_a_server_that_falls_silent(hub, published, here, monkeypatch) -> None:
    tree, awake = hub.tree, threading.Event()
    monkeypatch.setattr("pix2pix.hub.remote.REQUEST_TIMEOUT_S", 0.5)
    monkeypatch.setattr(hub, "tree", lambda *asked: awake.wait(20) and tree(*asked))
    try:
        assert "does not answer" in refused("ada/demo", here)
    finally:
        awake.set()


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
    hub.fail(TREE, 200, page=json.dumps(listed).encode())
    assert "holds no weights" in refused("ada/demo", here)
