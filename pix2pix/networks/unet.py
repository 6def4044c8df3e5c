"""The generator G: a U-Net, or the encoder-decoder it becomes without its skips (paper 3.2.1, 6.1.1)."""

import torch
from torch import Tensor, nn

from pix2pix.networks.layers import NoiseInjection, ResizeConv2d, initialize, norm_layer

UPSAMPLINGS = ("deconv", "resize")
# Side of the fixed noise at picture size. Larger pictures repeat it, so far apart that it does not show.
NOISE_PERIOD = 256


class Down(nn.Module):
    """One encoder level: (leaky ReLU) - 4x4 convolution of stride 2 - (norm). Halves height and width."""

    def __init__(self, in_channels: int, out_channels: int, norm: str, activate: bool):
        super().__init__()
        self.activate = nn.LeakyReLU(0.2) if activate else nn.Identity()
        self.conv = nn.Conv2d(in_channels, out_channels, 4, 2, 1, bias=False)
        self.norm = norm_layer(norm, out_channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.conv(self.activate(x)))


class Up(nn.Module):
    """One decoder level: ReLU - upsampling convolution - (norm) - (dropout) - (noise). Doubles height and width.

    `deconv` is the paper's 4x4 transposed convolution of stride 2, `resize` a `ResizeConv2d`. The outermost level gives
    the picture itself: it has no norm, and after a resize a second convolution, because what comes out of one is blurred.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        norm: str,
        dropout: float,
        upsampling: str,
        noise_period: int,
        outermost: bool,
    ):
        super().__init__()
        self.activate = nn.ReLU()
        if upsampling == "deconv":
            self.conv: nn.Module = nn.ConvTranspose2d(in_channels, out_channels, 4, 2, 1, bias=outermost)
        elif outermost:
            hidden = in_channels // 2
            self.conv = nn.Sequential(
                ResizeConv2d(in_channels, hidden, bias=True),
                NoiseInjection(hidden, noise_period) if noise_period else nn.Identity(),
                nn.ReLU(),
                nn.Conv2d(hidden, out_channels, 3, 1, 1),
            )
        else:
            self.conv = ResizeConv2d(in_channels, out_channels, bias=False)
        self.norm = norm_layer("none" if outermost else norm, out_channels)
        self.dropout = nn.Dropout(dropout) if dropout else nn.Identity()
        self.noise = NoiseInjection(out_channels, noise_period) if noise_period and not outermost else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.noise(self.dropout(self.norm(self.conv(self.activate(x)))))


class UNet(nn.Module):
    """U-Net generator: A in [-1, 1] -> B in [-1, 1], both N x C x H x W, H and W multiples of 2**levels.

    `levels` halvings lead from the picture to the bottleneck: 8 take 256x256 to 1x1 (the paper's); 3 is the short
    variant. Channels grow ngf, 2 ngf, 4 ngf, 8 ngf and stay. The three innermost decoder levels drop half of their
    activations, which is all the noise z the paper uses (2, 3.2.1); `noise_injection` adds noise at every decoder level,
    which `resize` needs for texture. `skips=False` severs the skip connections: the encoder-decoder of section 4.3.

    At ngf=64, 8 levels, batch norm and 3 -> 3 channels it has 54.41 M parameters.
    """

    def __init__(
        self,
        in_channels: int = 3,
        out_channels: int = 3,
        ngf: int = 64,
        levels: int = 8,
        norm: str = "batch",
        dropout: float = 0.5,
        upsampling: str = "deconv",
        noise_injection: bool = False,
        skips: bool = True,
    ):
        super().__init__()
        if upsampling not in UPSAMPLINGS:
            raise ValueError(f"unknown upsampling {upsampling!r}: choose one of {', '.join(UPSAMPLINGS)}")
        if not 3 <= levels <= 10:
            raise ValueError(f"levels is {levels}: choose 3 to 10 (8 for 256x256 pictures)")
        self.in_channels, self.out_channels, self.levels, self.skips = in_channels, out_channels, levels, skips
        widths = [ngf * min(2**level, 8) for level in range(levels)]
        last = levels - 1
        # The outermost level sees raw pixels and the bottleneck has a single pixel at 256x256, whose own mean it would
        # subtract to zero: neither is normalized (the authors' erratum to the paper's table).
        self.down = nn.ModuleList(
            Down(
                widths[level - 1] if level else in_channels,
                widths[level],
                "none" if level in (0, last) else norm,
                activate=level > 0,
            )
            for level in range(levels)
        )
        # The innermost level always deconvolves: a single pixel resized is a flat 2x2, which instance norm would erase.
        self.up = nn.ModuleList(
            Up(
                widths[level] * (2 if skips and level < last else 1),
                widths[level - 1] if level else out_channels,
                norm,
                dropout if level and level > last - 3 else 0.0,
                "deconv" if level == last else upsampling,
                max(2, NOISE_PERIOD >> level) if noise_injection else 0,
                outermost=level == 0,
            )
            for level in reversed(range(levels))
        )
        initialize(self)

    def forward(self, a: Tensor) -> Tensor:
        features = [self.down[0](a)]
        for down in self.down[1:]:
            features.append(down(features[-1]))
        x = self.up[0](features.pop())
        for up in self.up[1:]:
            skip = features.pop()
            x = up(torch.cat([skip, x], 1) if self.skips else x)
        return torch.tanh(x)
