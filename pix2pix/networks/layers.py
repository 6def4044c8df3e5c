"""The layers that networks are made of: norms, upsampling, noise, and how weights begin."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

NORMS = ("batch", "instance", "none")


class InstanceNorm2d(nn.InstanceNorm2d):
    """Instance norm that is fast in channels_last on a CPU too, where torch's own takes 4 times as long."""

    def forward(self, x: Tensor) -> Tensor:
        if not x.is_cpu or not x.is_contiguous(memory_format=torch.channels_last):
            return super().forward(x)
        # Batch norm over one picture is instance norm, and has a kernel for this layout.
        pictures = [F.batch_norm(one, None, None, self.weight, self.bias, True, eps=self.eps) for one in x.split(1)]
        return pictures[0] if len(pictures) == 1 else torch.cat(pictures)


def norm_layer(norm: str, channels: int) -> nn.Module:
    """Return a normalization over `channels`, with a learned scale and shift.

    Batch norm over a batch of one picture is instance norm (paper 3.3): `instance` makes that hold for any batch size.
    """
    if norm == "batch":
        return nn.BatchNorm2d(channels)
    if norm == "instance":
        return InstanceNorm2d(channels, affine=True)
    if norm == "none":
        return nn.Identity()
    raise ValueError(f"unknown norm {norm!r}: choose one of {', '.join(NORMS)}")


def initialize(network: nn.Module) -> None:
    """Draw weights from N(0, 0.02) and norm scales from N(1, 0.02), biases zero, in place (paper 6.2)."""
    if any(parameter.is_meta for parameter in network.parameters()):
        return  # a network without storage is built for its shapes
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(module.weight, 0.0, 0.02)
        elif isinstance(module, nn.BatchNorm2d | nn.InstanceNorm2d):
            nn.init.normal_(module.weight, 1.0, 0.02)
        else:
            continue
        if module.bias is not None:
            nn.init.zeros_(module.bias)


class ResizeConv2d(nn.Conv2d):
    """A 3x3 convolution, then bilinear upsampling x2, which cannot leave a deconvolution's checkerboard.

    In this order the convolution costs a quarter. (Nearest-neighbor upsampling was tried: it leaves a plaid of thin lines.)
    """

    def __init__(self, in_channels: int, out_channels: int, bias: bool):
        super().__init__(in_channels, out_channels, 3, 1, 1, bias=bias)
        self.resize = nn.Upsample(scale_factor=2, mode="bilinear")

    def forward(self, x: Tensor) -> Tensor:
        return self.resize(super().forward(x))


class NoiseInjection(nn.Module):
    """Adds Gaussian noise, one value a pixel, times a learned strength a channel: what flat areas make their texture from.

    Where the input is flat, a resize-convolution can only give something flat, and a deconvolution its own grid. Training
    draws the noise anew each time. In eval mode it is one fixed field, repeated every `period` pixels, so that a drawing
    always gives the same picture; `external`, N x 1 x H x W, takes its place.
    """

    field: Tensor

    def __init__(self, channels: int, period: int):
        super().__init__()
        self.strength = nn.Parameter(torch.full((channels, 1, 1), 0.1))
        field = torch.randn(period, period, generator=torch.Generator().manual_seed(period), device="cpu")
        self.register_buffer("field", field, persistent=False)
        self.external: Tensor | None = None

    def fixed(self, height: int, width: int) -> Tensor:
        """Return the field of eval mode, 1 x 1 x height x width fp32."""
        rows, columns = (torch.arange(side, device=self.field.device) % len(self.field) for side in (height, width))
        return self.field[rows][:, columns][None, None]

    def forward(self, x: Tensor) -> Tensor:
        count, _, height, width = x.shape
        if self.training:
            noise = torch.randn(count, 1, height, width, device=x.device)
        else:
            noise = self.fixed(height, width) if self.external is None else self.external
        return torch.addcmul(x, self.strength.to(x.dtype), noise.to(x.dtype))


def with_image_statistics(network: nn.Module) -> nn.Module:
    """Replace batch norms, in place, by instance norms with the same scale and shift.

    They normalize each picture by its own statistics, as the paper does at test time (3.3), whatever the batch size.
    """
    for name, module in network.named_children():
        if isinstance(module, nn.BatchNorm2d):
            norm = InstanceNorm2d(module.num_features, eps=module.eps, affine=True)
            norm.weight, norm.bias = module.weight, module.bias
            setattr(network, name, norm)
        else:
            with_image_statistics(module)
    return network
