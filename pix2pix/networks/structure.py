"""What a network is made of, read off the network itself: its levels in the order they run, and what they are joined with."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from pix2pix.networks.layers import InstanceNorm2d, NoiseInjection, ResizeConv2d

# What may stand between two convolutions, by the words of the paper.
FOLLOWERS: dict[type[nn.Module], str] = {
    nn.BatchNorm2d: "batch norm",
    InstanceNorm2d: "instance norm",
    nn.InstanceNorm2d: "instance norm",
    nn.ReLU: "ReLU",
    nn.LeakyReLU: "leaky ReLU",
    nn.Tanh: "tanh",
    nn.Dropout: "dropout",
    NoiseInjection: "noise",
    nn.Upsample: "upsampling ×2",
    nn.ReflectionPad2d: "reflection padding",
    nn.ZeroPad2d: "zero padding",
}
# By the names of functions: those of operators are other objects than what they are called by.
JOINS = {"cat": "skip", "concat": "skip", "add": "residual", "__add__": "residual", "__radd__": "residual"}
ACTIVATIONS = {"tanh": "tanh", "relu": "ReLU", "leaky_relu": "leaky ReLU"}


@dataclass
class Level:
    """One convolution with what follows it up to the next. Shapes are channels, height, width."""

    kind: str
    kernel: int
    stride: int
    input: tuple[int, int, int]
    output: tuple[int, int, int]
    parameters: int
    multiplications: int
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What it does, as a figure says it: "conv 4×4, stride 2"."""
        return f"{self.kind} {self.kernel}×{self.kernel}" + (f", stride {self.stride}" if self.stride != 1 else "")


@dataclass(frozen=True)
class Join:
    """The output of level `source` also goes into level `target`: concatenated (`skip`) or added (`residual`)."""

    source: int
    target: int
    kind: str


@dataclass(frozen=True)
class Structure:
    """A network at one size of pictures."""

    levels: list[Level]
    joins: list[Join]
    inputs: list[tuple[int, int, int]]

    @property
    def parameters(self) -> int:
        return sum(level.parameters for level in self.levels)

    @property
    def multiplications(self) -> int:
        """Multiplications for one picture, those of the convolutions."""
        return sum(level.multiplications for level in self.levels)


def structure_of(network: nn.Module, *channels: int, size: int = 256) -> Structure:
    """Describe a network that takes pictures of these numbers of channels, `size` pixels a side; its weights are not read.

    The network is put on the meta device, where a run computes shapes alone: it is of no use afterwards. Raise ValueError
    if pictures of that size do not go through it.
    """
    recorder = _Recorder()
    network = network.to("meta").eval()
    hooks = [
        handle
        for module in network.modules()
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d, *FOLLOWERS))
        for handle in (module.register_forward_pre_hook(recorder.begin), module.register_forward_hook(recorder.end))
    ]
    inputs = [torch.empty(1, count, size, size, device="meta") for count in channels]
    try:
        with recorder, torch.no_grad():
            network(*inputs)
    except RuntimeError as error:
        raise ValueError(f"pictures of {size}x{size} do not go through this network ({str(error).splitlines()[0]})") from None
    finally:
        for hook in hooks:
            hook.remove()
    return Structure(recorder.levels, recorder.joins, [(count, size, size) for count in channels])


class _Recorder(TorchFunctionMode):
    """Notes levels as they run, and which earlier ones a concatenation or an addition brings to the next."""

    def __init__(self) -> None:
        super().__init__()
        self.levels: list[Level] = []
        self.joins: list[Join] = []
        # Which levels a tensor comes from, the one on the straight way last. Tensors are kept, or their ids would be given again.
        self.origins: dict[int, tuple[list[int], str]] = {}
        self.kept: list[Tensor] = []
        self.waiting: list[str] = []  # followers that came before the convolution they belong to
        self.depth = 0  # modules that are running, of those that are noted: what they call is theirs

    def __torch_function__(
        self, function: Callable[..., Any], types: Any, arguments: tuple[Any, ...] = (), options: dict[str, Any] | None = None
    ) -> Any:
        result = function(*arguments, **(options or {}))
        name = getattr(function, "__name__", "")
        kind = JOINS.get(name)
        if not isinstance(result, Tensor):
            return result
        if kind:
            tensors = arguments[0] if kind == "skip" else arguments[:2]
            known = [self.origins[id(each)][0][-1] for each in tensors if id(each) in self.origins]
            if known:
                self._note(result, sorted(set(known)), kind)
        elif arguments and isinstance(arguments[0], Tensor) and (origin := self.origins.get(id(arguments[0]))):
            if name in ACTIVATIONS and not self.depth:
                self.levels[origin[0][-1]].after.append(ACTIVATIONS[name])
            self._note(result, *origin)
        return result

    def begin(self, module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        self.depth += 1

    def end(self, module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        self.depth -= 1
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            self._add_convolution(module, inputs[0], output)
        elif not self.depth:
            self._add_follower(module, inputs[0], output)

    def _add_convolution(self, module: nn.Conv2d | nn.ConvTranspose2d, given: Tensor, output: Tensor) -> None:
        number = len(self.levels)
        height, width = given.shape[2:]
        if isinstance(module, nn.ConvTranspose2d):
            kind, places = "deconv", height * width
        else:
            kind = "conv" if not isinstance(module, ResizeConv2d) else "resize conv"
            places = output.shape[2] * output.shape[3] if kind == "conv" else height * width
        sources, join = self.origins.get(id(given), ([], ""))
        self.joins += [Join(source, number, join) for source in sources[:-1]]
        self.levels.append(
            Level(
                kind,
                int(module.kernel_size[0]),
                int(module.stride[0]),
                _shape(given),
                _shape(output),
                _count(module),
                module.weight.numel() * places,
                before=self.waiting,
            )
        )
        self.waiting = []
        self._note(output, [number], "")

    def _add_follower(self, module: nn.Module, given: Tensor, output: Tensor) -> None:
        name = FOLLOWERS[type(module)]
        origin = self.origins.get(id(given))
        # What a network does to a joined tensor, or to the picture itself, belongs to the convolution that comes next.
        if origin is None or origin[1] or not self.levels or self.waiting:
            self.waiting.append(name)
        else:
            level = self.levels[origin[0][-1]]
            level.after.append(name)
            level.output = _shape(output) if name.startswith("upsampling") else level.output
            level.parameters += _count(module)
        if origin is not None:
            self._note(output, *origin)

    def _note(self, tensor: Tensor, sources: list[int], join: str) -> None:
        self.kept.append(tensor)
        self.origins[id(tensor)] = (sources, join)


def _shape(tensor: Tensor) -> tuple[int, int, int]:
    _, channels, height, width = tensor.shape
    return channels, height, width


def _count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())
