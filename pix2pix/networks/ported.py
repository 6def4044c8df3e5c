"""Generators that other projects trained and `UNet` cannot express."""

from typing import cast

import torch
from torch import Tensor, nn

from pix2pix.networks.layers import initialize, norm_layer
from pix2pix.networks.unet import Down, UNet


class AuthorsUNet(UNet):
    """`UNet` as the paper's authors wrote it in PyTorch (pytorch-CycleGAN-and-pix2pix), which mmgeneration follows.

    Against the paper, dropout leaves out the innermost decoder level and covers all further levels of 8 ngf channels:
    three at 8 levels. `bias` gives one to the two encoder convolutions that no norm follows, as the instance norm
    variant has it; what it adds before a norm is canceled there.
    """

    def __init__(
        self,
        in_channels: int = 3,
        out_channels: int = 3,
        ngf: int = 64,
        levels: int = 8,
        norm: str = "batch",
        dropout: float = 0.5,
        bias: bool = False,
    ):
        super().__init__(in_channels, out_channels, ngf, levels, norm, dropout=0.0)
        if bias:
            for down in (cast(Down, self.down[0]), cast(Down, self.down[-1])):
                down.conv = nn.Conv2d(down.conv.in_channels, down.conv.out_channels, 4, 2, 1)
                initialize(down.conv)
        if dropout:
            for up in self.up[1 : levels - 4]:
                up.dropout = nn.Dropout(dropout)


class GeneratorUNet(nn.Module):
    """U-Net of PyTorch-GAN and HugGAN: A in [-1, 1] -> B in [-1, 1], N x C x H x W, H and W multiples of 2**levels.

    Unlike in `UNet`, skips leave the encoder behind its leaky ReLU and enter the decoder past its ReLU, so that their
    negative values arrive, and all levels of 8 ngf channels have dropout, the encoder's too. The last layer is a nearest
    upsampling with a 4x4 convolution (`upsampling` resize) or, in variants, a transposed convolution (deconv).
    `bias` gives one to the first and the innermost encoder convolution, which no norm follows.
    """

    def __init__(
        self,
        in_channels: int = 3,
        out_channels: int = 3,
        ngf: int = 64,
        levels: int = 8,
        norm: str = "instance",
        dropout: float = 0.5,
        bias: bool = False,
        upsampling: str = "resize",
    ):
        super().__init__()
        widths = [ngf * min(2**level, 8) for level in range(levels)]
        last = levels - 1

        def drop(level: int) -> nn.Module:
            return nn.Dropout(dropout) if dropout and level >= 3 else nn.Identity()

        self.down = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(widths[level - 1] if level else in_channels, widths[level], 4, 2, 1, bias=bias and level in (0, last)),
                norm_layer("none" if level in (0, last) else norm, widths[level]),
                nn.LeakyReLU(0.2),
                drop(level),
            )
            for level in range(levels)
        )
        self.up = nn.ModuleList(
            nn.Sequential(
                nn.ConvTranspose2d(widths[level] * (2 if level < last else 1), widths[level - 1], 4, 2, 1, bias=False),
                norm_layer(norm, widths[level - 1]),
                nn.ReLU(),
                drop(level - 1),
            )
            for level in range(last, 0, -1)
        )
        if upsampling == "resize":
            # An even kernel has no middle: one more row and column on the top and left keep the size.
            self.upsample: nn.Module = nn.Sequential(nn.Upsample(scale_factor=2), nn.ZeroPad2d((2, 1, 2, 1)))
            self.final: nn.Module = nn.Conv2d(widths[0] * 2, out_channels, 4)
        else:
            self.upsample = nn.Identity()
            self.final = nn.ConvTranspose2d(widths[0] * 2, out_channels, 4, 2, 1)
        initialize(self)

    def forward(self, a: Tensor) -> Tensor:
        features = [self.down[0](a)]
        for down in self.down[1:]:
            features.append(down(features[-1]))
        x = features.pop()
        for up in self.up:
            x = torch.cat([up(x), features.pop()], 1)
        return torch.tanh(self.final(self.upsample(x)))


class ResidualBlock(nn.Module):
    """x plus two 3x3 convolutions of it with reflected borders, norm after each, ReLU and dropout between."""

    def __init__(self, channels: int, norm: str, dropout: float):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, padding_mode="reflect", bias=False),
            norm_layer(norm, channels),
            nn.ReLU(),
            nn.Dropout(dropout) if dropout else nn.Identity(),
            nn.Conv2d(channels, channels, 3, padding=1, padding_mode="reflect", bias=False),
            norm_layer(norm, channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x)


class ResNetGenerator(nn.Module):
    """ResNet generator of pytorch-CycleGAN-and-pix2pix, after Johnson et al. (ECCV 2016).

    Two halvings, `blocks` residual blocks, two doublings. A in [-1, 1] -> B in [-1, 1], N x C x H x W, H and W multiples
    of 4 and at least 8.
    """

    def __init__(
        self,
        in_channels: int = 3,
        out_channels: int = 3,
        ngf: int = 64,
        blocks: int = 9,
        norm: str = "instance",
        dropout: float = 0.0,
    ):
        super().__init__()
        encoder: list[nn.Module] = [nn.Conv2d(in_channels, ngf, 7, padding=3, padding_mode="reflect", bias=False)]
        encoder += [norm_layer(norm, ngf), nn.ReLU()]
        for width in (ngf, ngf * 2):
            encoder += [nn.Conv2d(width, width * 2, 3, 2, 1, bias=False), norm_layer(norm, width * 2), nn.ReLU()]
        decoder: list[nn.Module] = []
        for width in (ngf * 4, ngf * 2):
            up = nn.ConvTranspose2d(width, width // 2, 3, 2, 1, output_padding=1, bias=False)
            decoder += [up, norm_layer(norm, width // 2), nn.ReLU()]
        decoder.append(nn.Conv2d(ngf, out_channels, 7, padding=3, padding_mode="reflect"))
        self.encoder = nn.Sequential(*encoder)
        self.blocks = nn.Sequential(*(ResidualBlock(ngf * 4, norm, dropout) for _ in range(blocks)))
        self.decoder = nn.Sequential(*decoder)
        initialize(self)

    def forward(self, a: Tensor) -> Tensor:
        return torch.tanh(self.decoder(self.blocks(self.encoder(a))))
