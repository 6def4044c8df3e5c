"""Finding the fastest way to run a network on this machine: every way is tried on the network itself, and what fails loses."""

import functools
import hashlib
import importlib.metadata
import logging
import os
import threading
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from pix2pix.inference import measurements
from pix2pix.inference.backend import ENGINES, Backend, Option, options
from pix2pix.inference.noise import first_run
from pix2pix.inference.precision import DTYPES, LAYOUTS, Precision, fastest, processor, seconds_per_call

# How far outputs may be from plain fp32's, in steps of 1/255 of their range: the mean and the largest difference.
TOLERANCES = {"fp32": (0.1, 2.0), "fp16": (0.5, 32.0), "bf16": (2.0, 64.0)}
# Environment variables that keep libraries from using all of a processor's instructions.
ISA_LIMITS = ("ONEDNN_MAX_CPU_ISA", "ATEN_CPU_CAPABILITY")
log = logging.getLogger(__name__)
# One measurement at a time: two would slow each other down.
_measuring = threading.Lock()


class WrongOutputError(Exception):
    """A way to run a network gives other numbers than plain fp32."""


class Trial:
    """A network in fp32 on the CPU, typical inputs for it, N x C x H x W in [-1, 1], and what plain torch makes of them."""

    def __init__(self, network: nn.Module, *inputs: Tensor):
        self.network, self.inputs = network, inputs
        self.expected, self.fields = first_run(network, *inputs)

    def build(self, option: Option, device: torch.device) -> Backend:
        """Return the network on this engine, whatever it gives."""
        return option.build(self.network, self.fields, device)

    def checked(self, option: Option, device: torch.device) -> Backend:
        """Return the network on an engine that gives plain torch's output.

        Raise WrongOutputError, and whatever the engine raises.
        """
        backend = self.build(option, device)
        # Outputs of a generator have a range of 2; a discriminator's logits have their own.
        difference = (backend(*self.inputs) - self.expected).abs() * 255 / max(2.0, float(self.expected.abs().max()))
        mean, largest = float(difference.mean()), float(difference.max())
        # A GPU may multiply fp32 as TF32, which has fp16's digits.
        max_mean, max_largest = TOLERANCES[
            "fp16" if device.type == "cuda" and option.precision.dtype == "fp32" else option.precision.dtype
        ]
        if not (mean <= max_mean and largest <= max_largest):  # NaN too
            raise WrongOutputError(f"its output differs by {mean:.3g} of 255 in the mean and {largest:.3g} at most")
        return backend


def choose_backend(trial: Trial, device: torch.device, engines: Sequence[str] = tuple(ENGINES)) -> tuple[Option, Backend]:
    """Choose the one of `engines` that runs the network of a trial fastest here; return it and the network on it.

    What was measured for such a network on such a machine is remembered between processes. Whatever is chosen has just given
    plain torch's output; where nothing else does, it is plain torch.
    """
    key = _key(trial, device)
    with _measuring:
        option = _known(measurements.recall(key))
        if option is None:
            option, times = measure_options(trial, device, engines)
            found = {"engine": option.engine, **vars(option.precision)}
            measurements.keep(key, found | {"milliseconds": {str(each): round(t * 1000, 2) for each, t in times.items()}})
    if option != Option():
        try:
            return option, trial.checked(option, device)
        except Exception as error:
            log.debug("%s is taken no more: %s: %s", option, type(error).__name__, error)
            measurements.forget(key)
    return Option(), trial.build(Option(), device)


def measure_options(
    trial: Trial, device: torch.device, engines: Sequence[str] = tuple(ENGINES)
) -> tuple[Option, dict[Option, float]]:
    """Return the fastest option for a trial's network, and the seconds per call of all that give plain torch's output."""

    def seconds(option: Option, best: float) -> float:
        backend = trial.checked(option, device)
        # A backend's output is on the CPU: when a call returns, it is computed.
        return seconds_per_call(lambda: backend(*trial.inputs), torch.device("cpu"), best=best)

    chosen, times = fastest((option for option in options(device) if option.engine in engines), seconds)
    return chosen or Option(), times


def _known(found: dict[str, Any]) -> Option | None:
    """Return an option as it was remembered; None where it was not, or by a version that knew others."""
    engine, dtype, layout = (str(found.get(name)) for name in ("engine", "dtype", "layout"))
    return Option(engine, Precision(dtype, layout)) if engine in ENGINES and dtype in DTYPES and layout in LAYOUTS else None


def _key(trial: Trial, device: torch.device) -> str:
    """Name a kind of network on a kind of machine."""
    shapes = [tuple(each.shape) for each in trial.inputs]
    architecture = hashlib.sha256(f"{trial.network!r}{shapes}".encode()).hexdigest()[:16]
    return f"{_machine(str(device), torch.get_num_threads())} {architecture}"


@functools.cache
def _machine(device: str, threads: int) -> str:
    """Describe everything about a machine that speed depends on."""
    if device.startswith("cuda"):
        return f"{torch.cuda.get_device_name(device)}, torch {torch.__version__}"
    try:
        onnx = importlib.metadata.version("onnxruntime")
    except importlib.metadata.PackageNotFoundError:
        onnx = "none"
    limits = "".join(f", {name}={os.environ[name]}" for name in ISA_LIMITS if name in os.environ)
    kernels = torch.backends.cpu.get_cpu_capability()
    return f"{device}, {processor()}, {kernels}, {threads} threads{limits}, torch {torch.__version__}, onnxruntime {onnx}"
