"""The engines side by side: what `choose_backend` tried for the shipped models, and its choice against other programs' own ways.

Every figure is a median of calls taken in turns, pictures in and pictures out, so that all meet the same machine.
"""

import contextlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import torch

from pix2pix.checkpoint.catalog import Entry
from pix2pix.checkpoint.folder import load_generator
from pix2pix.data.images import to_tensor, to_uint8
from pix2pix.inference.choose import measure_options
from pix2pix.inference.export import ExportError, export_onnx
from pix2pix.inference.onnx_runtime import onnx_runtime
from pix2pix.inference.translator import Translator, trial_of
from pix2pix.networks.layers import with_image_statistics

SIDE = 256
BATCHES = (1, 8)
# What ours may take against the fastest other.
MAX_SLOWDOWN = 1.15
BLOCKS = 5
Run = Callable[[np.ndarray], np.ndarray]  # N x 3 x H x W fp32 -> the same


def report_engines(entries: list[Entry], device: torch.device, repeats: int) -> None:
    """Prints, for one model of each architecture among `entries`, every engine's time and ours against the best of the others."""
    kinds: dict[str, Entry] = {}
    for entry in entries:
        if entry.config.norm_statistics == "image":
            kinds.setdefault(entry.config.generator.model_dump_json(), entry)
    for entry in kinds.values():
        _report(entry, device, repeats)


def _report(entry: Entry, device: torch.device, repeats: int) -> None:
    folder = entry.folder
    trial = trial_of(load_generator(folder), "image", SIDE)
    _, times = measure_options(trial, device)
    speeds = ", ".join(f"{option} {seconds * 1000:.1f} ms" for option, seconds in sorted(times.items(), key=lambda each: each[1]))
    print(f"{entry.name}: tried {speeds}", flush=True)
    translator = Translator.from_folder(folder, device, "image")
    with _others(folder, device) as others:
        for batch in BATCHES:
            pictures = list(np.random.default_rng(0).integers(0, 256, (batch, SIDE, SIDE, 3), dtype=np.uint8))
            calls: dict[str, Callable[[], object]] = {"ours": partial(translator.translate_batch, pictures)}
            calls |= {name: partial(_translated, run, pictures) for name, run in others.items()}
            found = medians(calls, max(3, repeats // batch))
            ours = found.pop("ours")
            best = min(found, key=found.__getitem__)
            ratio = ours / found[best]
            verdict = "" if ratio <= MAX_SLOWDOWN else f"; more than the {MAX_SLOWDOWN} wanted"
            print(
                f"  batch {batch}: ours ({translator.option}) {ours * 1000 / batch:.1f} ms a picture, "
                + ", ".join(f"{name} {seconds * 1000 / batch:.1f}" for name, seconds in found.items())
                + f": {ratio:.2f} times {best}{verdict}",
                flush=True,
            )


def _translated(run: Run, pictures: list[np.ndarray]) -> np.ndarray:
    return to_uint8(torch.from_numpy(run(np.stack([to_tensor(picture).numpy() for picture in pictures]))))


@contextlib.contextmanager
def _others(folder: Path, device: torch.device) -> Iterator[dict[str, Run]]:
    """The same weights in plain torch, and in ONNX Runtime and OpenVINO as their own examples run a file."""
    network = with_image_statistics(load_generator(folder)).to(device)

    def plain(batch: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return network(torch.from_numpy(batch).to(device)).cpu().numpy()

    runs: dict[str, Run] = {"plain torch": plain}
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary, "model.onnx")
        try:
            export_onnx(folder, path, norm_statistics="image")
            runs |= {"ONNX Runtime": _onnxruntime(path), "OpenVINO": _openvino(path)}
        except (ExportError, ImportError) as error:
            print(f"  other engines: not measured, {error}")
        yield runs


def _onnxruntime(path: Path) -> Run:
    onnxruntime = onnx_runtime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return lambda batch: session.run(None, {session.get_inputs()[0].name: batch})[0]


def _openvino(path: Path) -> Run:
    # It reports each import to its makers, and takes a stand-in of its own where this package is not there.
    sys.modules.setdefault("openvino_telemetry", None)
    import openvino

    core = openvino.Core()
    compiled = core.compile_model(core.read_model(str(path)), "CPU", {"INFERENCE_NUM_THREADS": torch.get_num_threads()})
    return lambda batch: compiled(batch)[0]


def medians(calls: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Median seconds of each call, in blocks taken in turns so that all meet the same machine.

    The first call of a block is not counted: the threads of the engine before it keep the cores for a moment.
    """
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(BLOCKS):
        for name, call in calls.items():
            call()
            for _ in range(-(-repeats // BLOCKS)):
                begin = time.perf_counter()
                call()
                times[name].append(time.perf_counter() - begin)
    return {name: statistics.median(seconds) for name, seconds in times.items()}


def report_limit(repeats: int) -> None:
    """Prints what a matrix product of torch reaches here: no network can be faster than its multiplications at that speed."""
    a, b = torch.rand(2, 1024, 1024)
    seconds = medians({"product": lambda: a @ b}, repeats)["product"]
    print(f"matrix product: {2 * 1024**3 / seconds / 1e9:.0f} GFLOP/s in fp32 on {torch.get_num_threads()} threads")
