"""Several processes as one: gradients averaged over all of them, everything else done by the first."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, distributed, nn

# What torchrun tells each process.
LAUNCHED = {"WORLD_SIZE", "RANK", "MASTER_ADDR", "MASTER_PORT"}


def rank() -> int:
    """Return the number of this process, 0 for the first or only one."""
    return distributed.get_rank() if distributed.is_initialized() else 0


def world_size() -> int:
    """Return how many processes train together."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


@contextmanager
def process_group(device: torch.device) -> Iterator[None]:
    """Join the processes that torchrun started (none: do nothing), NCCL between GPUs, gloo otherwise.

    Other programs set some of these variables too: only all of them together mean that there is somebody to join.
    """
    if not os.environ.keys() >= LAUNCHED:
        yield
        return
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield
    finally:
        distributed.destroy_process_group()


def average_gradients(parameters: Iterable[nn.Parameter]) -> None:
    """Replace every gradient by its mean over the processes, in one message."""
    if world_size() == 1:
        return
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    distributed.all_reduce(flat)
    flat /= world_size()
    for gradient, mean in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
        gradient.copy_(mean.view_as(gradient))


def all_reduce_mean(values: Tensor) -> Tensor:
    """Return the mean of a tensor over the processes, in every one of them."""
    if world_size() > 1:
        values = values.clone()
        distributed.all_reduce(values)
        values /= world_size()
    return values


def broadcast(value: Any, device: torch.device) -> Any:
    """Send the first process's `value` to every process."""
    box = [value]
    if world_size() > 1:
        distributed.broadcast_object_list(box, device=device)
    return box[0]


def any_rank(flag: bool, device: torch.device) -> bool:
    """Return True in every process if the flag is true in any."""
    if world_size() == 1:
        return flag
    return bool(all_reduce_mean(torch.tensor(float(flag), device=device)) > 0)
