"""Which build of PyTorch `make app` takes."""

import http.server
import socket
import threading
import time
import types
from collections.abc import Iterator

import pytest

from tools import install_torch
from tools.install_torch import CPU_INDEX, answers, is_installed, main, torch_pin


@pytest.fixture
def index() -> Iterator[str]:
    """The address of a server that answers any request."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    server.RequestHandlerClass.log_message = lambda *_: None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_an_index_answers_or_does_not_within_its_time(index: str) -> None:
    assert answers(f"{index}/")
    assert not answers(f"{index}/absent/")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        start = time.monotonic()
        assert not answers(f"http://127.0.0.1:{silent.getsockname()[1]}/", 0.2)
        assert time.monotonic() - start < 2
    assert not answers("http://nobody.invalid/", 2)


def test_the_pin_is_read_and_any_of_its_builds_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    assert torch_pin("numpy==1.0\ntorch==9.8.7   # the networks\ntorchvision==1\n") == "torch==9.8.7"
    for version, here in (("9.8.7", True), ("9.8.7+cpu", True), ("9.8.6", False)):
        monkeypatch.setattr(install_torch.metadata, "version", {"torch": version}.__getitem__)
        assert is_installed("torch==9.8.7") is here


@pytest.mark.parametrize(
    ("requested", "system", "gpu", "answering", "failing", "taken", "code"),
    [
        ("", "Linux", None, True, 0, CPU_INDEX, 0),
        ("", "Linux", None, True, 1, CPU_INDEX, 0),  # pip goes on with its own index
        ("", "Linux", None, False, 0, None, 0),
        ("", "Linux", "/usr/bin/nvidia-smi", True, 0, None, 0),
        ("", "Darwin", None, True, 0, None, 0),
        ("default", "Linux", None, True, 0, None, 0),
        ("https://example.org/cu130", "Linux", None, False, 0, "https://example.org/cu130", 0),
        ("https://example.org/cu130", "Linux", None, False, 1, "https://example.org/cu130", 1),
    ],
)
def test_the_build_that_fits_is_taken_and_its_size_said_before(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture, requested, system, gpu, answering, failing, taken, code
) -> None:
    commands: list[list[str]] = []

    def install(command: list[str]) -> types.SimpleNamespace:
        assert "GB on disk" in capsys.readouterr().out
        commands.append(command)
        return types.SimpleNamespace(returncode=failing)

    monkeypatch.setattr(install_torch, "is_installed", lambda _: False)
    monkeypatch.setattr(install_torch.platform, "system", lambda: system)
    monkeypatch.setattr(install_torch.shutil, "which", lambda _: gpu)
    monkeypatch.setattr(install_torch, "answers", lambda _: answering)
    monkeypatch.setattr(install_torch.subprocess, "run", install)
    assert main([requested]) == code
    assert [command[-2] for command in commands] == ([taken] if taken else [])
    assert taken or "GB on disk" in capsys.readouterr().out
