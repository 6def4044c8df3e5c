"""The arguments that a config keeps of each network."""

import inspect

from pix2pix.networks.config import DiscriminatorArguments, GeneratorArguments
from pix2pix.networks.patchgan import PatchGAN
from pix2pix.networks.unet import UNet


def test_network_arguments_are_the_networks_own():
    for arguments, network in ((GeneratorArguments(), UNet), (DiscriminatorArguments(), PatchGAN)):
        parameters = inspect.signature(network.__init__).parameters
        assert arguments.model_dump() == {name: p.default for name, p in parameters.items() if name != "self"}
