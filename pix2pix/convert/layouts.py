"""How other projects name the tensors of their generators, and what can be read off names and shapes."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count

from torch import Tensor

from pix2pix.networks.config import AnyPortedArguments, AuthorsUNetArguments, GeneratorUNetArguments, ResNetArguments

Tensors = Mapping[str, Tensor]


class LayoutError(Exception):
    """Weights do not have the layout that their names promise; the message does not name the file."""


@dataclass(frozen=True)
class Layer:
    """A convolution and, where there can be one, the norm behind it: under our name and under theirs."""

    ours: str
    theirs: str
    our_norm: str = ""
    their_norm: str = ""


@dataclass(frozen=True)
class Layout:
    """One project's names. `anchor` matches the end of a key that every such generator has and nothing else does.

    What stands before it (`module.`, `netG.model.`) is left off the names that `read` sees. `read` gives the arguments,
    with dropout as these projects train by default where names do not tell, and the layers from input to output.
    """

    name: str
    anchor: str
    expected: str
    read: Callable[[Tensors], tuple[AnyPortedArguments, list[Layer]]]
    channel_order: str = "rgb"

    def prefixes(self, tensors: Tensors) -> list[str]:
        """Return what stands before the names of each such generator among `tensors`."""
        matches = (re.search(rf"^((?:.*\.)?){self.anchor}$", key) for key in tensors)
        found = sorted(dict.fromkeys(match[1] for match in matches if match), key=len)
        # Nested layouts repeat the anchor inside: only the outermost counts.
        return [prefix for index, prefix in enumerate(found) if not any(prefix.startswith(p) for p in found[:index])]


def _shape(tensors: Tensors, name: str) -> tuple[int, int]:
    """Return the first two sizes of a convolution's weight."""
    if name not in tensors:
        raise LayoutError(f"it lacks {name}")
    if tensors[name].ndim != 4:
        raise LayoutError(f"{name} has shape {tuple(tensors[name].shape)}, a convolution's has four sizes")
    return tensors[name].shape[0], tensors[name].shape[1]


def _norm(tensors: Tensors, layers: list[Layer], without_keys: str) -> str:
    """Return which norm the layers have.

    One without a learned scale leaves no keys, or running averages that its network never used.
    """
    norms = [layer.their_norm for layer in layers if layer.their_norm]
    running = any(f"{norm}.running_mean" in tensors for norm in norms)
    if any(f"{norm}.weight" in tensors for norm in norms):
        return "batch" if running else "instance"
    return "instance" if running else without_keys


def _unet_layers(levels: int, down: Callable[[int], tuple[str, str]], up: Callable[[int], tuple[str, str]]) -> list[Layer]:
    """Return layers of `UNet` from input to output; `down` and `up` return the names of convolution and norm at a level."""
    layers = [Layer(f"down.{level}.conv", down(level)[0], f"down.{level}.norm", down(level)[1]) for level in range(levels)]
    layers += [
        Layer(f"up.{levels - 1 - level}.conv", up(level)[0], f"up.{levels - 1 - level}.norm", up(level)[1])
        for level in reversed(range(levels))
    ]
    return layers


def _authors_unet(tensors: Tensors, layers: list[Layer], levels: int) -> AuthorsUNetArguments:
    ngf, in_channels = _shape(tensors, f"{layers[0].theirs}.weight")
    bias = any(f"{layer.theirs}.bias" in tensors for layer in (layers[0], layers[levels - 1]))
    return AuthorsUNetArguments(
        in_channels=in_channels,
        out_channels=_shape(tensors, f"{layers[-1].theirs}.weight")[1],
        ngf=ngf,
        levels=levels,
        # These projects give convolutions a bias where, and only where, they use instance norm.
        norm=_norm(tensors, layers, without_keys="instance" if bias else "none"),
        dropout=0.5,
        bias=bias,
    )


def _nested(tensors: Tensors) -> tuple[AuthorsUNetArguments, list[Layer]]:
    """Read the U-Net of pytorch-CycleGAN-and-pix2pix: a level is a Sequential with the next one between its own layers."""

    def inside(level: int) -> str:
        return "1.model." + "3.model." * (level - 1) if level else ""

    last = next(level for level in count(1) if f"{inside(level + 1)}1.weight" not in tensors)

    def down(level: int) -> tuple[str, str]:
        if level == 0:
            return "0", ""
        return f"{inside(level)}1", f"{inside(level)}2" if level < last else ""

    def up(level: int) -> tuple[str, str]:
        if level == 0:
            return "3", ""
        conv, norm = (3, 4) if level == last else (5, 6)
        return f"{inside(level)}{conv}", f"{inside(level)}{norm}"

    layers = _unet_layers(last + 1, down, up)
    return _authors_unet(tensors, layers, last + 1), layers


def _nested_modules(tensors: Tensors) -> tuple[AuthorsUNetArguments, list[Layer]]:
    """Read the U-Net of mmgeneration: the same, but convolution, norm and activation are one module of the Sequential."""
    last = next(level for level in count(1) if f"{'1.model.' * (level + 1)}0.conv.weight" not in tensors)
    norm = "in" if "1.model.0.in.weight" in tensors else "bn"

    def down(level: int) -> tuple[str, str]:
        module = f"{'1.model.' * level}0"
        return f"{module}.conv", f"{module}.{norm}" if 0 < level < last else ""

    def up(level: int) -> tuple[str, str]:
        module = f"{'1.model.' * level}{1 if level == last else 2}"
        return f"{module}.conv", f"{module}.{norm}" if level else ""

    layers = _unet_layers(last + 1, down, up)
    return _authors_unet(tensors, layers, last + 1), layers


def _generator_unet(tensors: Tensors) -> tuple[GeneratorUNetArguments, list[Layer]]:
    """Read the U-Net of PyTorch-GAN and HugGAN: down1, down2, ... up1, up2, ... final."""
    levels = next(level for level in count(1) if f"down{level + 1}.model.0.weight" not in tensors)
    layers = []
    for level in range(levels):
        norm = f"down{level + 1}.model.1" if 0 < level < levels - 1 else ""
        layers.append(Layer(f"down.{level}.0", f"down{level + 1}.model.0", f"down.{level}.1", norm))
    for level in range(levels - 1):
        layers.append(Layer(f"up.{level}.0", f"up{level + 1}.model.0", f"up.{level}.1", f"up{level + 1}.model.1"))
    # PyTorch-GAN upsamples and pads before its last convolution; variants start `final` with a transposed one.
    upsampling = "deconv" if "final.0.weight" in tensors else "resize"
    layers.append(Layer("final", "final.0" if upsampling == "deconv" else "final.2"))
    ngf, in_channels = _shape(tensors, f"{layers[0].theirs}.weight")
    arguments = GeneratorUNetArguments(
        in_channels=in_channels,
        out_channels=_shape(tensors, f"{layers[-1].theirs}.weight")[1 if upsampling == "deconv" else 0],
        ngf=ngf,
        levels=levels,
        norm=_norm(tensors, layers, without_keys="instance"),
        dropout=0.5,
        bias=any(f"{layer.theirs}.bias" in tensors for layer in (layers[0], layers[levels - 1])),
        upsampling=upsampling,
    )
    return arguments, layers


def _resnet(tensors: Tensors) -> tuple[ResNetArguments, list[Layer]]:
    """Read the ResNet of pytorch-CycleGAN-and-pix2pix, a Sequential: 7x7, two down, blocks from number 10, two up, 7x7."""
    blocks = next(number for number in count(1) if f"{10 + number}.conv_block.1.weight" not in tensors)
    # Dropout has no tensors, but moves the second convolution by one place.
    dropout = "10.conv_block.6.weight" in tensors and tensors["10.conv_block.6.weight"].ndim == 4
    layers = [Layer(f"encoder.{i}", str(i + 1), f"encoder.{i + 1}", str(i + 2)) for i in (0, 3, 6)]
    for block in range(blocks):
        for ours, theirs in ((0, 1), (4, 6 if dropout else 5)):
            ours_in, theirs_in = f"blocks.{block}.layers.", f"{10 + block}.conv_block."
            layers.append(Layer(f"{ours_in}{ours}", f"{theirs_in}{theirs}", f"{ours_in}{ours + 1}", f"{theirs_in}{theirs + 1}"))
    after = 10 + blocks
    layers += [Layer(f"decoder.{i}", str(after + i), f"decoder.{i + 1}", str(after + i + 1)) for i in (0, 3)]
    layers.append(Layer("decoder.6", str(after + 7)))
    ngf, in_channels = _shape(tensors, "1.weight")
    arguments = ResNetArguments(
        in_channels=in_channels,
        out_channels=_shape(tensors, f"{after + 7}.weight")[0],
        ngf=ngf,
        blocks=blocks,
        norm=_norm(tensors, layers, without_keys="instance" if "1.bias" in tensors else "none"),
        dropout=0.5 if dropout else 0.0,
    )
    return arguments, layers


LAYOUTS = (
    Layout("U-Net of pytorch-CycleGAN-and-pix2pix", r"1\.model\.1\.weight", "model.model.1.model.1.weight", _nested),
    Layout("ResNet of pytorch-CycleGAN-and-pix2pix", r"10\.conv_block\.1\.weight", "model.10.conv_block.1.weight", _resnet),
    Layout("U-Net of PyTorch-GAN and HugGAN", r"down1\.model\.0\.weight", "down1.model.0.weight", _generator_unet),
    # OpenCV reads pictures as BGR, and mmgeneration trained on them as they came.
    Layout("U-Net of mmgeneration", r"1\.model\.0\.conv\.weight", "model.model.1.model.0.conv.weight", _nested_modules, "bgr"),
)
