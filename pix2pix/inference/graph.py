"""A generator as an ONNX graph, node by node: built in a tenth of a second, for any batch and picture size.

torch's own exporter takes twenty seconds a model, too long while somebody waits.
"""

import copy
import functools
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from pix2pix.inference.noise import Noise, noise_modules
from pix2pix.networks.layers import InstanceNorm2d, NoiseInjection, ResizeConv2d

OPSET, IR_VERSION = 20, 10
# Channels that engines compute at once.
CHANNEL_BLOCK = 8


class UnsupportedError(Exception):
    """The network holds an operation that has no counterpart here; the message names it."""


def build_graph(network: nn.Module) -> onnx.ModelProto:
    """Return the graph of a generator in eval mode, fp32 on the CPU.

    Inputs are the pictures, N x C x H x W fp32, and then the field of each of its `noise_modules`. Raise UnsupportedError.
    """
    graph = _Graph()
    a = graph.input()
    fields = [graph.input() for _ in noise_modules(network)]
    # A copy of the structure alone: its tensors are the network's own.
    tensors = [*network.parameters(), *network.buffers()]
    recorder = copy.deepcopy(network, {id(tensor): tensor for tensor in tensors})
    field_of: dict[nn.Module, str] = dict(zip(noise_modules(recorder), fields, strict=True))
    _record(recorder, graph, field_of)
    channels = next(module.in_channels for module in network.modules() if isinstance(module, nn.Conv2d))
    graph.output(recorder(_Value(graph, a, channels)).name)
    return graph.model()


def _record(parent: nn.Module, graph: "_Graph", field_of: dict[nn.Module, str]) -> None:
    """Replace, in place, the modules that have an ONNX counterpart by recorders."""
    for name, module in parent.named_children():
        if type(module) in MODULES:
            setattr(parent, name, _Recorder(graph, module, field_of.get(module)))
        else:
            _record(module, graph, field_of)


class _Recorder(nn.Module):
    """Stands for a module while its network runs on values without numbers, and adds to the graph what it would compute."""

    def __init__(self, graph: "_Graph", module: nn.Module, field: str | None):
        super().__init__()
        self.graph, self.module, self.field = graph, module, field

    def forward(self, x: "_Value") -> "_Value":
        module = self.module
        channels = getattr(module, "out_channels", x.channels)
        if isinstance(x, _Joined) and isinstance(module, nn.ReLU):
            return _Joined([self(part) for part in x.parts])
        if isinstance(x, _Joined) and isinstance(module, nn.Conv2d) and _plain(module):
            return _Value(self.graph, _split_convolution(self.graph, module, x), channels)
        fields = [] if self.field is None else [self.field]
        return _Value(self.graph, MODULES[type(module)](self.graph, module, x.name, *fields), channels)


class _Value:
    """What a network computes with while it is recorded. torch's functions leave it to `__torch_function__`.

    (torch.fx records networks too, but changes every network of the process while it does so, those that other threads run.)
    """

    def __init__(self, graph: "_Graph", name: str, channels: int):
        self.graph, self._name, self.channels = graph, name, channels

    @property
    def name(self) -> str:
        return self._name

    def __add__(self, other: "_Value") -> "_Value":
        return _Value(self.graph, self.graph.add("Add", self.name, other.name), self.channels)

    @classmethod
    def __torch_function__(
        cls, function: Callable, types: object, arguments: tuple = (), named: dict[str, object] | None = None
    ) -> "_Value":
        if function is torch.cat:
            parts, axis = arguments
            if axis == 1:
                return _Joined(parts)
        if function is torch.tanh:
            (x,) = arguments
            return _Value(x.graph, x.graph.add("Tanh", x.name), x.channels)
        raise UnsupportedError(getattr(function, "__name__", repr(function)))


class _Joined(_Value):
    """Values joined by channels. They stay apart until something needs them in one: joining takes as long as what it is for."""

    def __init__(self, parts: Sequence[_Value]):
        self.graph, self.parts, self.channels = parts[0].graph, parts, sum(part.channels for part in parts)

    @functools.cached_property
    def name(self) -> str:
        return self.graph.add("Concat", *(part.name for part in self.parts), axis=1)


class _Graph:
    """An ONNX graph as it grows. Values go by their names."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[TensorProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []

    def input(self) -> str:
        name = f"input_{len(self.inputs)}"
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [None] * 4))
        return name

    def output(self, value: str) -> None:
        self.outputs.append(helper.make_tensor_value_info(value, TensorProto.FLOAT, [None] * 4))

    def constant(self, values: Tensor | np.ndarray) -> str:
        array = values.detach().float().numpy() if isinstance(values, Tensor) else values
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def add(self, kind: str, *inputs: str, **attributes: Any) -> str:
        name = f"value_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def model(self) -> onnx.ModelProto:
        graph = helper.make_graph(self.nodes, "generator", self.inputs, self.outputs, self.constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)


def _convolution(graph: _Graph, module: nn.Conv2d, x: str) -> str:
    if _gives_a_picture(module):
        return _picture_convolution(graph, module, x)
    padding = _sides(module.padding)
    if module.padding_mode == "reflect":
        x, padding = _padded(graph, x, "reflect", *padding), [0, 0, 0, 0]
    elif module.padding_mode != "zeros":
        raise UnsupportedError(f"a convolution with {module.padding_mode} padding")
    return graph.add("Conv", x, *_parameters(graph, module), pads=padding, **_settings(module))


def _split_convolution(graph: _Graph, module: nn.Conv2d, x: _Joined) -> str:
    """Add the convolution of joined values as the sum of the convolutions of each."""
    bias = [] if module.bias is None else [graph.constant(module.bias)]
    settings = {"pads": _sides(module.padding), **_settings(module)}
    result = ""
    for part, weight in zip(x.parts, module.weight.split([part.channels for part in x.parts], 1), strict=True):
        convolved = graph.add("Conv", part.name, graph.constant(weight), *bias, **settings)
        result, bias = graph.add("Add", convolved, result) if result else convolved, []
    return _upsample(graph, module.resize, result) if isinstance(module, ResizeConv2d) else result


def _plain(module: nn.Conv2d) -> bool:
    """Return whether a convolution pads with zeros, or not at all, and every output sees all inputs."""
    return module.padding_mode == "zeros" and module.groups == 1


def _gives_a_picture(module: nn.Conv2d) -> bool:
    """Return whether a convolution keeps the size, which is even wherever this runs, and has a picture's few channels."""
    kernel = module.kernel_size
    kept = all(side % 2 for side in kernel) and module.padding == tuple(side // 2 for side in kernel)
    return kept and _plain(module) and module.stride == module.dilation == (1, 1) and module.out_channels <= CHANNEL_BLOCK // 2


def _picture_convolution(graph: _Graph, module: nn.Conv2d, x: str) -> str:
    """Add a convolution to few channels as one of stride 2 that gives 2 x 2 pixels at once.

    Engines compute channels in blocks of eight: of three they would throw away more than half.
    """
    outputs, inputs, *kernel = module.weight.shape
    weight = torch.zeros(outputs, 2, 2, inputs, *(side + 1 for side in kernel))
    for row, column in itertools.product(range(2), repeat=2):
        weight[:, row, column, :, row : row + kernel[0], column : column + kernel[1]] = module.weight.detach()
    parameters = [graph.constant(weight.flatten(0, 2))]
    if module.bias is not None:
        parameters.append(graph.constant(module.bias.detach().repeat_interleave(4)))
    blocks = graph.add("Conv", x, *parameters, pads=_sides(module.padding), strides=[2, 2])
    return graph.add("DepthToSpace", blocks, blocksize=2, mode="CRD")


def _deconvolution(graph: _Graph, module: nn.ConvTranspose2d, x: str) -> str:
    more = {"pads": _sides(module.padding), "output_padding": list(module.output_padding)}
    return graph.add("ConvTranspose", x, *_parameters(graph, module), **more, **_settings(module))


def _settings(module: nn.Conv2d | nn.ConvTranspose2d) -> dict[str, Any]:
    return {"strides": list(module.stride), "dilations": list(module.dilation), "group": module.groups}


def _parameters(graph: _Graph, module: nn.Conv2d | nn.ConvTranspose2d) -> list[str]:
    return [graph.constant(each) for each in (module.weight, module.bias) if each is not None]


def _sides(padding: tuple[int, ...] | str) -> list[int]:
    """Return torch's padding of rows and columns as ONNX lists it: top, left, bottom, right."""
    if isinstance(padding, str):
        raise UnsupportedError(f"padding {padding!r}")
    return [*padding, *padding]


def _padded(graph: _Graph, x: str, mode: str, top: int, left: int, bottom: int, right: int) -> str:
    pads = np.array([0, 0, top, left, 0, 0, bottom, right], np.int64)
    return graph.add("Pad", x, graph.constant(pads), mode=mode)


def _zero_pad(graph: _Graph, module: nn.ZeroPad2d, x: str) -> str:
    left, right, top, bottom = module.padding
    return _padded(graph, x, "constant", top, left, bottom, right)


def _instance_norm(graph: _Graph, module: nn.InstanceNorm2d, x: str) -> str:
    if module.track_running_stats:
        raise UnsupportedError("an instance norm with running statistics")
    scale, shift = module.weight, module.bias
    if scale is None:
        scale, shift = torch.ones(module.num_features), torch.zeros(module.num_features)
    return graph.add("InstanceNormalization", x, graph.constant(scale), graph.constant(shift), epsilon=module.eps)


def _batch_norm(graph: _Graph, module: nn.BatchNorm2d, x: str) -> str:
    """Add a norm by running statistics. (Those by each picture's own have become instance norms.)"""
    statistics = [each for each in (module.weight, module.bias, module.running_mean, module.running_var) if each is not None]
    if len(statistics) < 4:
        raise UnsupportedError("a batch norm without scale or running statistics")
    return graph.add("BatchNormalization", x, *map(graph.constant, statistics), epsilon=module.eps)


def _upsample(graph: _Graph, module: nn.Upsample, x: str) -> str:
    modes = {
        "nearest": {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"},
        "bilinear": {"mode": "linear", "coordinate_transformation_mode": "half_pixel"},
    }
    if module.mode not in modes or module.scale_factor is None or module.align_corners:
        raise UnsupportedError(f"upsampling by {module.mode}")
    factor = module.scale_factor
    return graph.add("Resize", x, "", graph.constant(np.array([1, 1, factor, factor], np.float32)), **modes[module.mode])


def _resize_convolution(graph: _Graph, module: ResizeConv2d, x: str) -> str:
    return _upsample(graph, module.resize, _convolution(graph, module, x))


def _noise_injection(graph: _Graph, module: NoiseInjection, x: str, field: str) -> str:
    # As a 1x1 convolution, which engines add to what it is added to; a product of broadcast shapes makes them change layouts.
    return graph.add("Add", x, graph.add("Conv", field, graph.constant(module.strength.reshape(-1, 1, 1, 1))))


MODULES: dict[Callable, Callable[..., str]] = {
    nn.Conv2d: _convolution,
    nn.ConvTranspose2d: _deconvolution,
    ResizeConv2d: _resize_convolution,
    InstanceNorm2d: _instance_norm,
    nn.InstanceNorm2d: _instance_norm,
    nn.BatchNorm2d: _batch_norm,
    nn.LeakyReLU: lambda graph, module, x: graph.add("LeakyRelu", x, alpha=module.negative_slope),
    nn.ReLU: lambda graph, module, x: graph.add("Relu", x),
    nn.Identity: lambda graph, module, x: x,
    nn.Upsample: _upsample,
    nn.ZeroPad2d: _zero_pad,
    Noise: lambda graph, module, x, field: graph.add("Mul", x, field),
    NoiseInjection: _noise_injection,
}
