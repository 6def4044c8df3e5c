"""Convolutions whose weights stand in the order that the CPU's kernels read, which torch otherwise makes anew on every call."""

from typing import Any

import torch
from torch import Tensor, nn

from pix2pix.networks.layers import ResizeConv2d

# What oneDNN has kernels for everywhere.
DTYPES = (torch.float32, torch.bfloat16)


class Prepacked(nn.Module):
    """A convolution or transposed convolution for inference: what the plain one gives, for N x C x H x W of any N, H and W."""

    def __init__(self, plain: nn.Conv2d | nn.ConvTranspose2d):
        super().__init__()
        # oneDNN is torch's own, but only its compiler calls these by name: the version is pinned.
        kernels = torch.ops.mkldnn
        self.settings: tuple[Any, ...]
        if isinstance(plain, nn.ConvTranspose2d):
            self.settings = plain.padding, plain.output_padding, plain.stride, plain.dilation, plain.groups
            pack, self.convolve = kernels._reorder_convolution_transpose_weight, kernels._convolution_transpose_pointwise
        else:
            self.settings = plain.padding, plain.stride, plain.dilation, plain.groups
            pack, self.convolve = kernels._reorder_convolution_weight, kernels._convolution_pointwise
        self.bias, self.nbytes = plain.bias, plain.weight.nbytes
        # No buffer: only its kernel can read this tensor.
        self.weight = pack(plain.weight.detach(), *self.settings)

    def forward(self, x: Tensor) -> Tensor:
        return self.convolve(x, self.weight, self.bias, *self.settings, "none", [], "")


def prepack(network: nn.Module) -> nn.Module:
    """Replace, in place, the convolutions of a network for inference on a CPU; where there are no such kernels, none."""
    if torch.backends.mkldnn.is_available():
        _prepack(network)
    return network


def _prepack(network: nn.Module) -> None:
    for name, module in network.named_children():
        if type(module) is ResizeConv2d and _packable(module):
            setattr(network, name, nn.Sequential(Prepacked(module), module.resize))
        elif (type(module) is nn.Conv2d or type(module) is nn.ConvTranspose2d) and _packable(module):
            setattr(network, name, Prepacked(module))
        else:
            _prepack(module)


def _packable(convolution: nn.Conv2d | nn.ConvTranspose2d) -> bool:
    weight = convolution.weight
    return weight.device.type == "cpu" and weight.dtype in DTYPES and convolution.padding_mode == "zeros"
