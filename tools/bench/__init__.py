"""`make bench`: how fast this machine translates, trains, opens the studio and serves the people who draw in it."""

import os
import shutil
import tempfile
from pathlib import Path

import httpx
import torch

from pix2pix.checkpoint.catalog import list_entries
from pix2pix.hub.space import space_files
from pix2pix.inference.precision import choose_device, processor
from tools.bench.browser import report_strokes
from tools.bench.engines import report_engines, report_limit
from tools.bench.load import VISITS, report_load, report_start, report_visits
from tools.bench.server import ServerError, opened, studio
from tools.bench.speed import report_training


def print_report(checkpoints: Path, seconds: float = 60, quick: bool = False) -> None:
    """Prints every figure with the settings it holds for. `seconds` is how long each crowd draws; `quick` repeats less."""
    device = choose_device()
    repeats = 5 if quick else 25
    kernels = torch.backends.cpu.get_cpu_capability()
    print(f"machine: {processor()}, {torch.get_num_threads()} threads, {kernels} kernels, torch {torch.__version__}, {device}")
    usable = [entry for entry in list_entries(checkpoints) if entry.config]
    report_limit(repeats)
    report_engines(usable, device, repeats)
    report_training(device, max(3, repeats // 3))
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


def print_cold_start(checkpoints: Path) -> None:
    """Prints how a Space with these models starts: in a clean folder with exactly its files, and nothing compiled or cached."""
    with tempfile.TemporaryDirectory() as folder:
        root, home = Path(folder, "app"), Path(folder, "home")
        home.mkdir()
        files = space_files(checkpoints)
        for name, path in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, root / name)
        size = sum(path.stat().st_size for path in files.values())
        print(f"a Space of {len(files)} files, {size / 1e6:.1f} MB, on {processor()}", flush=True)
        # As a Space has it, and nothing of this user's; but nobody from outside shall come in.
        environment = {"PATH": os.environ["PATH"], "HOME": str(home), "SYSTEM": "spaces", "SPACE_ID": "owner/studio"}
        try:
            with opened(root, environment | {"HOST": "127.0.0.1"}) as server:
                report_start(server)
        except (ServerError, httpx.HTTPError) as error:
            print(f"a Space: not measured, {error or type(error).__name__}")
