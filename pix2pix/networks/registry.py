"""Every generator by the name that its config says."""

from torch import nn

from pix2pix.networks.ported import AuthorsUNet, GeneratorUNet, ResNetGenerator
from pix2pix.networks.unet import UNet

ARCHITECTURES = {"unet": UNet, "authors-unet": AuthorsUNet, "generator-unet": GeneratorUNet, "resnet": ResNetGenerator}


def build_generator(architecture: str = "unet", **arguments: object) -> nn.Module:
    """Build the generator of a config: `build_generator(**config.generator.model_dump())`.

    Weights are as at the start of training.
    """
    if architecture not in ARCHITECTURES:
        raise ValueError(f"unknown architecture {architecture!r}: choose one of {', '.join(ARCHITECTURES)}")
    return ARCHITECTURES[architecture](**arguments)
