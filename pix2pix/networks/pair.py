"""A generator and its discriminator, described together."""

from typing import NamedTuple

from pix2pix.networks.config import AnyGeneratorArguments, DiscriminatorArguments, GeneratorArguments
from pix2pix.networks.patchgan import PatchGAN
from pix2pix.networks.registry import build_generator
from pix2pix.networks.structure import Structure, structure_of


class Pair(NamedTuple):
    """What both are built with, and the side of the pictures that they were made for."""

    generator: AnyGeneratorArguments
    discriminator: DiscriminatorArguments | None
    size: int = 256


# Those that need no checkpoint: the paper's (6.1), and one with three halvings, which courses begin with.
DESIGNS = {
    "paper": Pair(GeneratorArguments(), DiscriminatorArguments()),
    "short": Pair(GeneratorArguments(levels=3), DiscriminatorArguments()),
}


def described(name: str, pair: Pair, size: int | None = None) -> list[tuple[str, Structure]]:
    """Describe the networks of a pair, each with its title, for pictures of `size` x `size`, by default those it was made for.

    Raise ValueError if such pictures do not go through them.
    """
    generator, discriminator = pair.generator, pair.discriminator
    size = size or pair.size
    network = build_generator(**generator.model_dump())
    networks = [(f"{name}: generator", structure_of(network, generator.in_channels, size=size))]
    if discriminator:
        patch_gan = PatchGAN(**discriminator.model_dump())
        if discriminator.conditional:
            structure = structure_of(patch_gan, discriminator.in_channels, discriminator.out_channels, size=size)
        else:
            structure = structure_of(patch_gan.layers, discriminator.out_channels, size=size)
        networks.append((f"{name}: discriminator, patch {discriminator.patch}", structure))
    return networks
