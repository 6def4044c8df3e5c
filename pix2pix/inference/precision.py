"""Devices, number formats and memory layouts, and what a machine does fastest: measured on it, never read off its name."""

import functools
import logging
import os
import platform
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

LAYOUTS = {"nchw": torch.contiguous_format, "channels_last": torch.channels_last}
DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
# Timed calls of each candidate; one that takes this many times as long as the best so far is not timed again.
REPEATS, MAX_SLOWDOWN = 3, 2.0
Candidate = TypeVar("Candidate")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Precision:
    """`dtype` fp32, bf16 or fp16 for convolutions (sums stay fp32), `layout` nchw or channels_last."""

    dtype: str = "fp32"
    layout: str = "nchw"

    @property
    def memory_format(self) -> torch.memory_format:
        return LAYOUTS[self.layout]

    def prepare(self, network: nn.Module) -> nn.Module:
        """Convert the weights for inference, in place."""
        return network.to(DTYPES[self.dtype]).to(memory_format=self.memory_format)

    def place(self, pictures: Tensor, device: torch.device) -> Tensor:
        """Put N x C x H x W where, and in the format in which, a prepared network takes it."""
        return pictures.to(device, DTYPES[self.dtype]).contiguous(memory_format=self.memory_format)

    def autocast(self, device: torch.device) -> torch.autocast:
        return torch.autocast(device.type, DTYPES[self.dtype], enabled=self.dtype != "fp32")


PLAIN = Precision()


def candidates(device: torch.device, dtype: str = "auto", layout: str = "auto") -> list[Precision]:
    """Return the combinations worth trying, plain fp32 first; `dtype` is one of DTYPES, `layout` one of LAYOUTS, or `auto`."""
    dtypes = ["fp32", *(each for each in ("bf16", "fp16") if worth_trying(each, device))] if dtype == "auto" else [dtype]
    layouts = list(LAYOUTS) if layout == "auto" else [layout]
    return [Precision(dtype, layout) for dtype in dtypes for layout in layouts]


@functools.cache
def worth_trying(dtype: str, device: torch.device) -> bool:
    """Return whether one convolution, forward and backward, is faster in a half-precision format than in fp32.

    Where a processor has no units for a format, torch computes it a hundred times slower: a whole network would take minutes.
    """

    def seconds(precision: Precision) -> float:
        weight = precision.place(torch.full((64, 64, 3, 3), 0.01), device).requires_grad_(True)
        x = precision.place(torch.ones(1, 64, 64, 64), device).requires_grad_(True)
        return seconds_per_call(lambda: F.conv2d(x, weight, padding=1).sum().backward(), device, 3)

    plain = seconds(Precision("fp32", "channels_last"))
    try:
        return seconds(Precision(dtype, "channels_last")) < plain
    except (RuntimeError, TypeError) as error:
        log.debug("%s cannot be computed on %s: %s", dtype, device, error)
        return False


def fastest(
    options: Iterable[Candidate], seconds_of: Callable[[Candidate, float], float]
) -> tuple[Candidate | None, dict[Candidate, float]]:
    """Time each option with `seconds_of`, which gets the best time so far; return the fastest, None if none works, and the times.

    An option that raises is not taken, whatever it raises: its engine may be missing, or its kernels for this processor.
    """
    times: dict[Candidate, float] = {}
    for option in options:
        try:
            times[option] = seconds_of(option, min(times.values(), default=float("inf")))
        except Exception as error:
            log.debug("%s is not taken: %s: %s", option, type(error).__name__, error)
        else:
            log.debug("%s takes %.1f ms", option, times[option] * 1000)
    return min(times, key=times.__getitem__, default=None), times


def seconds_per_call(
    call: Callable[[], object], device: torch.device, repeats: int = REPEATS, best: float = float("inf")
) -> float:
    """Return the shortest of `repeats` timed calls after a warm-up; one that is far behind `best` is not repeated."""

    def timed() -> float:
        begin = time.perf_counter()
        call()
        synchronize(device)
        return time.perf_counter() - begin

    timed()
    shortest = timed()
    for _ in range(repeats - 1 if shortest < MAX_SLOWDOWN * best else 0):
        shortest = min(shortest, timed())
    return shortest


def synchronize(device: torch.device) -> None:
    """Wait until a device has finished its work: a GPU returns from a call before that."""
    if device.type != "cpu":
        getattr(torch, device.type).synchronize()


def choose_device(name: str = "auto") -> torch.device:
    """Choose a device: `auto` takes CUDA, then MPS, then the CPU; under torchrun each process takes its own GPU.

    On a ZeroGPU Space `auto` is the CPU: its GPU is lent for seconds, and charged to the visitor. Raise ValueError where the
    device cannot be used.
    """
    if name == "auto":
        if torch.cuda.is_available() and "SPACES_ZERO_GPU" not in os.environ:
            name = f"cuda:{os.environ.get('LOCAL_RANK', 0)}"
        else:
            name = "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ValueError(f"device {name!r} cannot be used: {str(error).splitlines()[0]}") from None
    return device


def processor() -> str:
    """Return the CPU's name, e.g. `AMD EPYC`."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or platform.machine()
