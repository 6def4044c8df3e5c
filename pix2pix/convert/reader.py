"""Convert another project's weights file into a generator and its config in our format."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from pydantic import ValidationError
from torch import Tensor, nn

from pix2pix.checkpoint.config import CheckpointError, Config, checked_image_range, describe_errors
from pix2pix.convert.layouts import LAYOUTS, Layer, Layout, LayoutError, Tensors
from pix2pix.convert.weights import read_tensors, refuse_by_keys
from pix2pix.networks.config import AnyPortedArguments
from pix2pix.networks.registry import build_generator

MAX_KEYS_SHOWN = 8
# What red, green and blue contribute to gray, as in Pillow's mode L.
LUMINANCE = (0.299, 0.587, 0.114)


@dataclass(frozen=True)
class ConvertedGenerator:
    """A generator read from another project's weights: fp32, on the CPU, in eval mode."""

    layout: str
    arguments: AnyPortedArguments
    network: nn.Module


@dataclass(frozen=True)
class ConversionOptions:
    """What a weights file does not say of itself.

    `part` picks one of several generators in a file, e.g. `netG_A`. `dropout` None is what the layout's project trains
    with, `channel_order` None what it reads pictures as. `image_range` are the network's values for black and white.
    `image_size` None is the size at which the bottleneck has one pixel, 256 for a ResNet.
    """

    task: str
    direction: Literal["AtoB", "BtoA"]
    objective: str = "l1+cgan"
    part: str = ""
    dropout: float | None = None
    channel_order: Literal["rgb", "bgr"] | None = None
    norm_statistics: Literal["image", "running"] = "image"
    image_size: int | None = None
    image_range: tuple[float, float] = (-1.0, 1.0)
    license: str = "unknown"
    notes: str = ""


def convert_weights(path: Path, options: ConversionOptions) -> tuple[Config, nn.Module]:
    """Read a weights file into what `save_checkpoint` takes. Raise CheckpointError as `read_generator` does."""
    try:
        checked_image_range(options.image_range)
    except ValueError as error:
        raise CheckpointError(str(error)) from None
    converted = read_generator(path, options.part, options.dropout, options.channel_order)
    try:
        arguments, network = in_color(converted.arguments, converted.network)
    except LayoutError as error:
        raise CheckpointError(f"{path} {error}") from None
    if options.norm_statistics == "running" and arguments.norm != "batch":
        raise CheckpointError(f"{path} has {arguments.norm} norm and so no running statistics: choose image statistics")
    config = Config(
        task=options.task,
        objective=options.objective,
        direction=options.direction,
        generator=arguments,
        image_size=options.image_size or (256 if arguments.architecture == "resnet" else 2**arguments.levels),
        image_range=options.image_range,
        norm_statistics=options.norm_statistics,
        license=options.license,
        notes=" ".join(filter(None, (f"Converted from {path.name}: {converted.layout}.", options.notes))),
    )
    return config, network


def in_color(arguments: AnyPortedArguments, network: nn.Module) -> tuple[AnyPortedArguments, nn.Module]:
    """Return a network of gray pictures as one of RGB pictures, exactly: it sees their luminance and gives equal channels.

    One of RGB pictures is returned as it is. Raise LayoutError for others, which nothing here could show.
    """
    channels = arguments.in_channels, arguments.out_channels
    if channels == (3, 3):
        return arguments, network
    if not set(channels) <= {1, 3}:
        raise LayoutError(f"translates {channels[0]} to {channels[1]} channels: pictures have 1 (gray) or 3 (RGB)")
    arguments = type(arguments)(**arguments.model_dump() | {"in_channels": 3, "out_channels": 3})
    with torch.device("meta"):
        colored = build_generator(**arguments.model_dump())
    state, expected = network.state_dict(), colored.state_dict()
    changed = [name for name in expected if expected[name].shape != state[name].shape]
    for name in changed:
        if channels[0] == 1 and name == changed[0]:  # the first convolution; its weights are out x in x height x width
            state[name] = state[name] * torch.tensor(LUMINANCE).view(1, 3, 1, 1)
        else:
            axis = next(axis for axis, side in enumerate(expected[name].shape) if side != state[name].shape[axis])
            state[name] = state[name].repeat_interleave(3, dim=axis)
    colored.load_state_dict(state, assign=True)
    return arguments, colored.eval()


def read_generator(
    path: Path,
    part: str = "",
    dropout: float | None = None,
    channel_order: Literal["rgb", "bgr"] | None = None,
) -> ConvertedGenerator:
    """Read a generator of any known layout from a file of torch.save or safetensors.

    Prefixes and wrapping dicts do not matter. A network of BGR pictures becomes one of RGB pictures. The other arguments
    are those of `ConversionOptions`. Raise CheckpointError, naming the file, if it cannot be read safely, is of a family that is
    refused, is of no known layout (then with the keys that were expected and found) or has tensors that do not fit.
    """
    tensors = read_tensors(path)
    layout, prefix = _recognized(path, tensors, part)
    named = {key.removeprefix(prefix): tensor for key, tensor in tensors.items() if key.startswith(prefix)}
    try:
        arguments, layers = layout.read(named)
        if dropout is not None:
            # Through the constructor, for its range check.
            arguments = type(arguments)(**arguments.model_dump() | {"dropout": dropout})
        # On the meta device nothing is allocated before all shapes are known to fit.
        with torch.device("meta"):
            network = build_generator(**arguments.model_dump())
        state = _transferred(named, layers, network.state_dict())
        if (channel_order or layout.channel_order) == "bgr":
            _swap_red_and_blue(state, layers, network)
    except LayoutError as error:
        raise CheckpointError(f"{path} looks like a {layout.name}, but {error}") from None
    except ValidationError as error:
        raise CheckpointError(f"{path} looks like a {layout.name}, but {describe_errors(error)}") from None
    network.load_state_dict(state, assign=True)
    return ConvertedGenerator(layout.name, arguments, network.eval())


def _recognized(path: Path, tensors: Tensors, part: str) -> tuple[Layout, str]:
    """Return the layout of the one generator among `tensors`, and what stands before its names."""
    found = [(layout, prefix) for layout in LAYOUTS for prefix in layout.prefixes(tensors)]
    chosen = [(layout, prefix) for layout, prefix in found if not part or f".{part}." in f".{prefix}"]
    if len(chosen) == 1:
        return chosen[0]
    if found:
        names = ", ".join(prefix.rstrip(".") or "(no prefix)" for _, prefix in found)
        remedy = f"none of them is in {part!r}" if part else "choose one with `part`"
        raise CheckpointError(f"{path} holds generators under {names}: {remedy}")
    refuse_by_keys(path, tensors)
    expected = "; ".join(f"{layout.expected} ({layout.name})" for layout in LAYOUTS)
    raise CheckpointError(
        f"{path} is of no known layout. Expected one of these keys, with any prefix: {expected}. "
        f"Found {len(tensors)} tensors: {_listed(tensors) or 'none'}"
    )


def _transferred(named: Tensors, layers: list[Layer], expected: Tensors) -> dict[str, Tensor]:
    """Return the project's tensors under our names, in fp32. Raise LayoutError if one is lacking, left over or does not fit.

    `expected` is the state of our network, on any device. It has a scale and a shift in every norm, which theirs may
    lack, and no bias before a norm, where theirs may have one.
    """
    rest = {key: tensor for key, tensor in named.items() if not key.endswith("num_batches_tracked")}
    state = {key: torch.zeros((), dtype=torch.long) for key in expected if key.endswith("num_batches_tracked")}
    affine = any(f"{layer.their_norm}.weight" in rest for layer in layers if layer.their_norm)

    def take(theirs: str, ours: str, default: float | None = None) -> None:
        shape = expected[ours].shape
        if theirs in rest:
            tensor = rest.pop(theirs)
        elif default is not None:
            tensor = torch.full(shape, default)
        else:
            raise LayoutError(f"it lacks {theirs}. It has {_listed(named)}")
        if tensor.shape != shape:
            raise LayoutError(f"{theirs} has shape {tuple(tensor.shape)} where {tuple(shape)} was expected")
        # Checkpoints store fp16: what is too large for it would come back as infinity.
        if not torch.isfinite(tensor.half()).all():
            raise LayoutError(f"{theirs} holds values that are not finite or too large for fp16")
        state[ours] = tensor.detach().float().clone()

    for layer in layers:
        take(f"{layer.theirs}.weight", f"{layer.ours}.weight")
        if f"{layer.ours}.bias" in expected:
            take(f"{layer.theirs}.bias", f"{layer.ours}.bias", default=0.0)
        if f"{layer.our_norm}.weight" not in expected:
            continue
        for name, default in (("weight", 1.0), ("bias", 0.0)):
            take(f"{layer.their_norm}.{name}", f"{layer.our_norm}.{name}", None if affine else default)
        bias = rest.pop(f"{layer.theirs}.bias", None)
        if f"{layer.our_norm}.running_mean" in expected:
            for name in ("running_mean", "running_var"):
                take(f"{layer.their_norm}.{name}", f"{layer.our_norm}.{name}")
            if bias is not None:
                # The norm subtracts the running mean from the convolution without the bias instead.
                state[f"{layer.our_norm}.running_mean"] -= bias.detach().float()
        else:
            # An instance norm subtracts each picture's own mean, so that a bias before it cancels, and never uses these.
            rest.pop(f"{layer.their_norm}.running_mean", None)
            rest.pop(f"{layer.their_norm}.running_var", None)
    if rest:
        raise LayoutError(f"it has {len(rest)} tensors that such a network does not: {_listed(rest)}")
    return state


def _listed(tensors: Tensors) -> str:
    names = list(tensors)
    return ", ".join(names[:MAX_KEYS_SHOWN]) + (", ..." if len(names) > MAX_KEYS_SHOWN else "")


def _swap_red_and_blue(state: dict[str, Tensor], layers: list[Layer], network: nn.Module) -> None:
    """Turn a network of BGR pictures into one of RGB pictures, exactly, by reordering the outermost weights in place."""
    first, last = layers[0].ours, layers[-1].ours
    if state[f"{first}.weight"].shape[1] == 3:
        state[f"{first}.weight"] = state[f"{first}.weight"].flip(1)
    if state[f"{last}.bias"].shape[0] == 3:
        transposed = isinstance(network.get_submodule(last), nn.ConvTranspose2d)
        state[f"{last}.weight"] = state[f"{last}.weight"].flip(1 if transposed else 0)
        state[f"{last}.bias"] = state[f"{last}.bias"].flip(0)
