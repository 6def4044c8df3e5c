"""Which number format and memory layout is fastest on this machine: measured, not guessed from its name."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

LAYOUTS = {"nchw": torch.contiguous_format, "channels_last": torch.channels_last}
DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True)
class Precision:
    """`dtype` fp32, bf16 or fp16 for convolutions (sums stay fp32), `layout` nchw or channels_last."""

    dtype: str = "fp32"
    layout: str = "nchw"

    @property
    def memory_format(self) -> torch.memory_format:
        return LAYOUTS[self.layout]

    def prepare(self, network: nn.Module) -> nn.Module:
        """Converts the weights for inference, in place."""
        return network.to(DTYPES[self.dtype]).to(memory_format=self.memory_format)

    def place(self, pictures: Tensor, device: torch.device) -> Tensor:
        """N x C x H x W as a prepared network takes it."""
        return pictures.to(device, DTYPES[self.dtype]).contiguous(memory_format=self.memory_format)

    def autocast(self, device: torch.device) -> torch.autocast:
        return torch.autocast(device.type, DTYPES[self.dtype], enabled=self.dtype != "fp32")


def candidates(device: torch.device, dtype: str) -> list[Precision]:
    """The combinations worth trying; `dtype` is one of DTYPES or `auto`."""
    if dtype != "auto":
        dtypes = [dtype]
    elif device.type == "cuda":
        dtypes = ["fp32", "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"]
    elif device.type == "cpu":
        dtypes = ["fp32", "bf16"]
    else:
        dtypes = ["fp32"]
    return [Precision(dtype, layout) for dtype in dtypes for layout in LAYOUTS]


def fastest(options: list[Precision], seconds_of: Callable[[Precision], float]) -> tuple[Precision, dict[Precision, float]]:
    """Times each option with `seconds_of` and returns the fastest and all times."""
    times = {option: seconds_of(option) for option in options}
    return min(times, key=times.__getitem__), times


def seconds_per_call(call: Callable[[], None], device: torch.device, repeats: int = 3) -> float:
    """The best of `repeats` timed calls after one to warm up."""

    def timed() -> float:
        begin = time.perf_counter()
        call()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        return time.perf_counter() - begin

    timed()
    return min(timed() for _ in range(repeats))
