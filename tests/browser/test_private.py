"""What stays inside: no file but the page's own is served, nothing is fetched for visitors, and nobody is told of them."""

import os
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request

import pytest

from tests.browser.conftest import wait_for
from tests.helpers.making import ROOT
from tests.helpers.person import at
from tools.bench.browser import READY

SECRETS = (
    "/etc/passwd",
    str(ROOT / "app.py"),
    "app.py",
    "../../../../etc/passwd",
    "/proc/self/environ",
)
ELSEWHERE = "http://127.0.0.1:9/x"


def status(url: str, data: bytes | None = None) -> int:
    try:
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.parametrize("path", SECRETS)
def test_files_of_the_server_are_not_served(address, path):
    assert status(f"{address}/gradio_api/file={path}") == 403


def test_files_of_the_models_are_not_served(address, checkpoints):
    for path in sorted(checkpoints.rglob("*.json")):
        assert status(f"{address}/gradio_api/file={path}") == 403


@pytest.mark.parametrize(
    "path",
    [
        *(f"/gradio_api/file={ELSEWHERE}", "/gradio_api/file=https://huggingface.co/x", f"/gradio_api/proxy={ELSEWHERE}"),
        *("/gradio_api/deep_link?session_hash=x", "/gradio_api/runs", "/gradio_api/run-history/buckets"),
        *("/gradio_api/vibe-code", "/gradio_api/process_recording"),
    ],
)
def test_what_the_page_has_no_use_for_is_closed(address, path):
    assert status(address + path) == status(address + path, b"{}") == 404


@pytest.fixture
def watched():
    """Where a server that asks anything of the world has to pass: its proxy, and who came by."""
    passed = []
    listening = socket.create_server(("127.0.0.1", 0))

    def listen() -> None:
        while True:
            try:
                visitor, _ = listening.accept()
            except OSError:
                return
            with visitor:
                passed.append(visitor.recv(1000))

    threading.Thread(target=listen, daemon=True).start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}", passed
    listening.close()


def test_nothing_is_sent_anywhere_by_opening_and_using_the_studio(watched, checkpoints, browser):
    proxy, passed = watched
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    proxies = {name: proxy for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")}
    away = {"no_proxy": "127.0.0.1,localhost", "NO_PROXY": "127.0.0.1,localhost"}
    command = [sys.executable, "app.py", "--port", str(port), "--checkpoints", str(checkpoints), "--device", "cpu"]
    environment = os.environ | proxies | away
    environment.pop("ORT_DISABLE_TELEMETRY", None)  # the studio's own task
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(url, server)
        page = browser.new_page()
        page.goto(url)
        page.wait_for_selector(READY, timeout=60_000)
        page.mouse.move(*at(page, 20, 20))
        page.mouse.down()
        page.mouse.move(*at(page, 200, 200), steps=5)
        page.mouse.up()
        page.get_by_role("tab", name="Models").click()
        page.wait_for_selector(".shelf .usable .item")
        page.get_by_role("button", name="Add a model").click()
        page.wait_for_selector(".known li")
        page.close()
    finally:
        server.terminate()
        server.wait(20)
    assert passed == []
