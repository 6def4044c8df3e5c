"""Noise that a seed decides: drawn once outside the network, so that every engine and device makes the same picture of it."""

import copy
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from pix2pix.networks.layers import NoiseInjection


class Noise(nn.Module):
    """Dropout as the paper's z (2, 3.2.1), whose mask is `external`, N x C x H x W of 0 and 1 / (1 - p); None drops nothing."""

    def __init__(self, probability: float):
        super().__init__()
        self.probability = probability
        self.external: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        return x if self.external is None else x * self.external.to(x.dtype)


def with_external_noise(network: nn.Module) -> nn.Module:
    """Swap, in place, dropout for `Noise`."""
    for name, module in network.named_children():
        if isinstance(module, nn.Dropout):
            setattr(network, name, Noise(module.p))
        else:
            with_external_noise(module)
    return network


def noise_modules(network: nn.Module) -> list[Noise | NoiseInjection]:
    """Return the modules of a network that take a field, in the order in which `NoiseFields` gives them."""
    return [module for module in network.modules() if isinstance(module, Noise | NoiseInjection)]


class NoiseFields:
    """The fields of every noise module of a network, for pictures of any size: `places` are their channels and their scale."""

    def __init__(self, modules: list[Noise | NoiseInjection], places: list[tuple[int, int]]):
        self.modules, self.places = modules, places

    def drawn(self, size: Sequence[int], seeds: Sequence[int]) -> list[Tensor]:
        """Return fields for a batch of inputs of H x W, one seed a picture: each module's, N x C x h x w fp32 on the CPU."""
        fields = []
        for number, (module, shape) in enumerate(zip(self.modules, self._shapes(size), strict=True)):
            # A stream of its own for every module: the modules' fields are independent.
            streams = [(int(seed) * len(self.modules) + number) % 2**63 for seed in seeds]
            fields.append(torch.stack([_draw(module, shape, torch.Generator().manual_seed(stream)) for stream in streams]))
        return fields

    def fixed(self, size: Sequence[int], count: int) -> list[Tensor]:
        """Return fields for `count` inputs of H x W that stand for no noise: nothing dropped, and the fixed field injected."""
        return [
            torch.ones(count, *shape)
            if isinstance(module, Noise)
            else module.fixed(*shape[1:]).expand(count, -1, -1, -1).contiguous()
            for module, shape in zip(self.modules, self._shapes(size), strict=True)
        ]

    def _shapes(self, size: Sequence[int]) -> list[tuple[int, int, int]]:
        return [(channels, size[0] // scale, size[1] // scale) for channels, scale in self.places]


def first_run(network: nn.Module, *inputs: Tensor) -> tuple[Tensor, NoiseFields]:
    """Run a network, in fp32 on the CPU, without noise; return its output and its noise fields, whose sizes the run shows."""
    modules = noise_modules(network)
    places: dict[nn.Module, tuple[int, int]] = {}

    def look(module: nn.Module, arguments: tuple[Tensor]) -> None:
        _, channels, height, _ = arguments[0].shape
        places[module] = (channels if isinstance(module, Noise) else 1, inputs[0].shape[2] // height)

    handles = [module.register_forward_pre_hook(look) for module in modules]
    with torch.inference_mode():
        output = network(*inputs)
    for handle in handles:
        handle.remove()
    return output, NoiseFields([copy.deepcopy(module) for module in modules], [places[module] for module in modules])


def _draw(module: Noise | NoiseInjection, shape: tuple[int, int, int], generator: torch.Generator) -> Tensor:
    if isinstance(module, Noise):
        return (torch.rand(shape, generator=generator) >= module.probability).float() / (1 - module.probability)
    return torch.randn(shape, generator=generator)
