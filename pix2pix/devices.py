"""Which device to compute on."""

import os
import platform
from pathlib import Path

import torch


def choose_device(name: str = "auto") -> torch.device:
    """`auto` takes CUDA, then MPS, then the CPU; under torchrun each process takes its own GPU. Raises ValueError.

    On a ZeroGPU Space `auto` is the CPU: its GPU is lent for seconds, and charged to the visitor.
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
    """The CPU's name, e.g. `AMD EPYC`."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or platform.machine()
