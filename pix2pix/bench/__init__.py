"""`make bench`: how fast this machine translates, trains, opens the studio and serves the people who draw in it."""

import platform
from pathlib import Path

import httpx
import torch

from pix2pix.bench.browser import report_strokes
from pix2pix.bench.load import VISITS, report_load, report_start, report_visits
from pix2pix.bench.server import ServerError, studio
from pix2pix.bench.speed import report_training, report_translation
from pix2pix.catalog import list_entries
from pix2pix.devices import choose_device


def print_report(checkpoints: Path, seconds: float = 60, quick: bool = False) -> None:
    """Prints every figure with the settings it holds for. `seconds` is how long each crowd draws; `quick` repeats less."""
    device = choose_device()
    repeats = 5 if quick else 25
    kernels = torch.backends.cpu.get_cpu_capability()
    print(f"machine: {_processor()}, {torch.get_num_threads()} threads, {kernels} kernels, torch {torch.__version__}, {device}")
    for width in (32, 64):
        report_translation(width, device, repeats)
    report_training(device, max(3, repeats // 3))
    usable = [entry for entry in list_entries(checkpoints) if entry.config]
    if not usable:
        print(f"studio: {checkpoints} holds no models")
        return
    print("studio with " + ", ".join(f"{entry.name} (ngf={entry.config.generator.ngf})" for entry in usable), flush=True)
    try:
        with studio(checkpoints) as server:
            report_start(server)
            report_strokes(server.address, 12 if quick else 60)
            report_load(server, seconds)
            report_visits(server, 50 if quick else VISITS)
    except (ServerError, httpx.HTTPError) as error:
        print(f"studio: not measured further, {error or type(error).__name__}")


def _processor() -> str:
    if Path("/proc/cpuinfo").exists():
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
