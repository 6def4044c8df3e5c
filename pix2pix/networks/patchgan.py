"""The discriminator D: a PatchGAN that judges every patch of a picture by itself (paper 3.2.2, 6.1.2)."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from pix2pix.networks.layers import initialize, norm_layer

# Strides of the convolutions before the last one. With 4x4 kernels they fix the receptive field of one output unit.
PATCH_STRIDES = {16: (2, 1), 70: (2, 2, 2, 1), 286: (2, 2, 2, 2, 2, 1)}
PATCHES = (1, *PATCH_STRIDES)


class Window(NamedTuple):
    """Which pixels logit i judges along each axis: `size` of them from `first` + i * `stride` on, some outside the picture."""

    size: int
    stride: int
    first: int


class _Convolution(NamedTuple):
    kernel: int
    stride: int
    padding: int


def _convolutions(patch: int) -> list[_Convolution]:
    """Return the convolutions of a PatchGAN, the last one included."""
    kernel, padding, strides = (1, 0, (1, 1)) if patch == 1 else (4, 1, PATCH_STRIDES[patch])
    return [_Convolution(kernel, stride, padding) for stride in (*strides, 1)]


def window(patch: int) -> Window:
    """Return the window of one logit of a PatchGAN with this receptive field."""
    size, stride, first = 1, 1, 0
    for convolution in _convolutions(patch):
        size += (convolution.kernel - 1) * stride
        first -= convolution.padding * stride
        stride *= convolution.stride
    return Window(size, stride, first)


def smallest_side(patch: int) -> int:
    """Return the side in pixels that leaves a single logit: smaller pictures cannot be judged."""
    side = 1
    for convolution in reversed(_convolutions(patch)):
        side = (side - 1) * convolution.stride + convolution.kernel - 2 * convolution.padding
    return side


class PatchGAN(nn.Module):
    """PatchGAN: pictures N x C x H x W in [-1, 1] -> logits N x 1 x h x w, one for each patch x patch window.

    Positive logits mean "real". A conditional D sees the input A beside the picture it judges (paper eq. 1), an
    unconditional one the picture only (eq. 2). `patch` is the receptive field in pixels: 1 (C64-C128 of 1x1
    convolutions), 16, 70 (30 x 30 logits at 256 x 256) or 286 (the full picture). At ndf=64, patch 70, conditional, it
    has 2.77 M parameters.
    """

    def __init__(
        self,
        in_channels: int = 3,
        out_channels: int = 3,
        ndf: int = 64,
        patch: int = 70,
        norm: str = "batch",
        conditional: bool = True,
    ):
        super().__init__()
        if patch not in PATCHES:
            raise ValueError(f"unknown patch size {patch}: choose one of {', '.join(map(str, PATCHES))}")
        self.conditional, self.patch = conditional, patch
        *inner, last = _convolutions(patch)
        layers: list[nn.Module] = []
        channels = out_channels + (in_channels if conditional else 0)
        for level, convolution in enumerate(inner):
            width = ndf * min(2**level, 8)
            # A norm makes a bias before it useless; the first layer has no norm (paper 6.1.2).
            layers.append(nn.Conv2d(channels, width, *convolution, bias=level == 0 or norm == "none"))
            if level:
                layers.append(norm_layer(norm, width))
            layers.append(nn.LeakyReLU(0.2))
            channels = width
        layers.append(nn.Conv2d(channels, 1, *last))
        self.layers = nn.Sequential(*layers)
        initialize(self)

    @property
    def smallest_side(self) -> int:
        """The pixels a side of the smallest picture it can judge."""
        return smallest_side(self.patch)

    @property
    def window(self) -> Window:
        """Which pixels one logit judges."""
        return window(self.patch)

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return self.layers(torch.cat([a, b], 1) if self.conditional else b)
