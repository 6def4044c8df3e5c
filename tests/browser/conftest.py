"""A real server on small real models, and a real Chromium to use it as a person does."""

import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
import torch

from pix2pix.checkpoint.config import Config
from pix2pix.checkpoint.folder import save_checkpoint
from pix2pix.networks.config import DiscriminatorArguments, GeneratorArguments
from pix2pix.networks.patchgan import PatchGAN
from pix2pix.networks.unet import UNet
from tests.helpers.making import ROOT
from tools.bench.browser import FLAGS, READY, chromium

FACADES = ".card[data-task=labels2facade]"


def save_model(folder: Path, task: str, objective: str, seed: int) -> None:
    """A small untrained model: different drawings give different pictures, and that is all the page needs."""
    torch.manual_seed(seed)
    arguments = GeneratorArguments(ngf=4, norm="instance")
    generator = UNet(**arguments.model_dump())
    discriminator = DiscriminatorArguments(ndf=4, norm="instance") if objective == "l1+cgan" else None
    config = Config(task=task, objective=objective, direction="AtoB", generator=arguments, discriminator=discriminator)
    discriminator = PatchGAN(**discriminator.model_dump()) if discriminator else None
    save_checkpoint(folder, config, generator, discriminator)


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory) -> Path:
    """Three tasks with both models each, a third model of shoes, a photo -> edges model, and a task with a single model."""
    folder = tmp_path_factory.mktemp("checkpoints")
    for number, task in enumerate(("labels2facade", "edges2shoes", "aerial2map")):
        save_model(folder / task, task, "l1+cgan", 2 * number)
        save_model(folder / f"{task}-l1", task, "l1", 2 * number + 1)
    save_model(folder / "photo2edges", "photo2edges", "l2", 6)
    save_model(folder / "edges2shoes-mine", "edges2shoes", "l1+cgan", 7)
    save_model(folder / "edges2cats", "edges2cats", "l1+cgan", 8)
    return folder


@pytest.fixture(scope="session")
def address(checkpoints) -> str:
    """The address of a running studio."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "app.py", "--port", str(port), "--checkpoints", str(checkpoints), "--device", "cpu", "--mcp"]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(url, server)
        yield url
    finally:
        server.terminate()
        server.wait(20)


def wait_for(url: str, server: subprocess.Popen, seconds: float = 240) -> None:
    """Returns once the page is served; fails with what the server said if it ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if server.poll() is not None:
            pytest.fail(f"the studio ended: {server.stderr.read()[-2000:]}")
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except OSError:
            time.sleep(0.2)
    pytest.fail("the studio did not open")


@pytest.fixture(scope="module")
def browser():
    """One Chromium for a file's tests, closed before others need an event loop of their own; skips them where there is none."""
    playwright = pytest.importorskip("playwright.sync_api")
    if chromium() is None:
        pytest.skip("no Chromium is installed")
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=chromium(), args=[f"--{flag}" for flag in FLAGS])
        yield running
        running.close()


def leaves(url: str, address: str) -> bool:
    """Whether a request goes anywhere but to the studio."""
    return not url.startswith((address, "data:", "blob:"))


@pytest.fixture(scope="module")
def window(browser):
    """A desktop window whose cache the tests share: the page opens in half the time."""
    return browser.new_context(viewport={"width": 1440, "height": 900})


@pytest.fixture
def open_studio(browser, window, address):
    """Opens the studio on facades: `open_studio(has_touch=True)`. Errors and requests to other servers fail the test."""
    pages, errors = [], []

    def opened(fragment: str = "", **options):
        page = browser.new_page(**options) if options else window.new_page()
        pages.append(page)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: errors.append(request.url) if leaves(request.url, address) else None)
        page.goto(address + "/" + fragment)
        page.wait_for_selector(READY, timeout=120_000)
        if not fragment:
            page.locator(FACADES).click()
            page.wait_for_selector(f"{FACADES}[aria-pressed=true]")
            page.wait_for_selector(READY)
        return page

    yield opened
    for page in pages:
        page.close()
    assert not errors


@pytest.fixture
def page(open_studio):
    """The studio on a desktop screen, its first pictures shown."""
    return open_studio()
