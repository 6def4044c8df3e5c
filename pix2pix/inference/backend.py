"""The engines that run a network: plain torch, torch with packed weights, CUDA graphs and ONNX Runtime, behind one call."""

import copy
import functools
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from pix2pix.inference.noise import NoiseFields, noise_modules
from pix2pix.inference.onnx_runtime import onnx_runtime
from pix2pix.inference.precision import PLAIN, Precision, candidates
from pix2pix.inference.prepacked import Prepacked, prepack
from pix2pix.inference.stop import Stop

# The one format in which packed weights were ever faster than ONNX Runtime or plain torch: fp32 is re-ordered at each call.
PACKED = Precision("bf16", "channels_last")

_registering = threading.Lock()


class Backend(Protocol):
    """A network ready to run. Not safe to call from two threads at once."""

    @property
    def nbytes(self) -> int:
        """Bytes of weights held."""
        ...

    def __call__(self, *inputs: Tensor, fields: Sequence[Tensor] | None = None, stop: Stop | None = None) -> Tensor:
        """Run the network: inputs N x C x H x W fp32 on the CPU -> N x C x h x w fp32 on the CPU.

        `fields` are those of the network's `NoiseFields`, for N pictures; None is without noise. Raise StoppedError when
        `stop` is set before the end, where the engine can be interrupted.
        """
        ...


@dataclass(frozen=True)
class Option:
    """One way to run a network: an engine of `ENGINES`, a number format, and a layout, which ONNX Runtime chooses itself."""

    engine: str = "torch"
    precision: Precision = PLAIN

    def __str__(self) -> str:
        layout = "" if self.engine == "onnx" else f" {self.precision.layout}"
        return f"{self.engine} {self.precision.dtype}{layout}"

    def build(self, network: nn.Module, fields: NoiseFields, device: torch.device) -> Backend:
        """Return the network, fp32 on the CPU and left as it is, on this engine. Raise what the engine raises if it cannot."""
        return ENGINES[self.engine](network, fields, self.precision, device)


def options(device: torch.device) -> list[Option]:
    """Return the ways worth trying on a device; plain torch fp32, which always works, is the first."""
    precisions = candidates(device)
    found = [Option("torch", precision) for precision in precisions]
    if device.type == "cpu":
        found.insert(1, Option("onnx"))
        if PACKED in precisions and torch.backends.mkldnn.is_available():
            found.append(Option("packed", PACKED))
    elif device.type == "cuda":
        found += [Option("graphs", precision) for precision in precisions]
    return found


class TorchBackend:
    """The network as it is, in one format and layout."""

    def __init__(self, network: nn.Module, fields: NoiseFields, precision: Precision, device: torch.device):
        self.precision, self.device = precision, device
        self.network = precision.prepare(copy.deepcopy(network).to(device))
        self._noises = noise_modules(self.network)

    @property
    def nbytes(self) -> int:
        return sum(tensor.nbytes for tensor in self.network.state_dict().values())

    def __call__(self, *inputs: Tensor, fields: Sequence[Tensor] | None = None, stop: Stop | None = None) -> Tensor:
        with torch.inference_mode():
            values: Sequence[Tensor | None] = fields or [None] * len(self._noises)
            for noise, field in zip(self._noises, values, strict=True):
                noise.external = None if field is None else self.precision.place(field, self.device)
            return self.network(*(self.precision.place(each, self.device) for each in inputs)).float().cpu()


class PackedBackend(TorchBackend):
    """Torch with its weights packed once for oneDNN, as bf16 units want them; without such units packing raises RuntimeError."""

    def __init__(self, network: nn.Module, fields: NoiseFields, precision: Precision, device: torch.device):
        super().__init__(network, fields, precision, device)
        prepack(self.network)

    @property
    def nbytes(self) -> int:
        return super().nbytes + sum(module.nbytes for module in self.network.modules() if isinstance(module, Prepacked))


class GraphsBackend(TorchBackend):
    """Torch on CUDA, its kernels launched as one graph: at 256 x 256 launching them one by one takes longer than they do.

    A graph has fixed shapes: batches are filled up to the next of BATCHES, and graphs of few picture sizes are kept. Larger
    batches and pictures, where launching does not matter, run as in `TorchBackend`.
    """

    BATCHES = (1, 2, 4, 8)
    MAX_PIXELS = 512 * 512
    MAX_GRAPHS = 8

    def __init__(self, network: nn.Module, fields: NoiseFields, precision: Precision, device: torch.device):
        super().__init__(network, fields, precision, device)
        self._graphs: OrderedDict[tuple, tuple[torch.cuda.CUDAGraph, list[Tensor], list[Tensor], Tensor]] = OrderedDict()

    def __call__(self, *inputs: Tensor, fields: Sequence[Tensor] | None = None, stop: Stop | None = None) -> Tensor:
        count, size = len(inputs[0]), inputs[0].shape[1:]
        if count > self.BATCHES[-1] or size[-2] * size[-1] > self.MAX_PIXELS:
            return super().__call__(*inputs, fields=fields, stop=stop)
        batch = next(each for each in self.BATCHES if each >= count)
        key = (batch, size, fields is not None)
        with torch.inference_mode():
            if key not in self._graphs:
                self._graphs[key] = self._capture(batch, inputs, fields or [])
                if len(self._graphs) > self.MAX_GRAPHS:
                    self._graphs.popitem(last=False)
            self._graphs.move_to_end(key)
            graph, held_inputs, held_fields, output = self._graphs[key]
            for held, value in zip([*held_inputs, *held_fields], [*inputs, *(fields or [])], strict=True):
                held[:count].copy_(value)
            graph.replay()
            return output[:count].float().cpu()

    def _capture(
        self, batch: int, inputs: Sequence[Tensor], fields: Sequence[Tensor]
    ) -> tuple[torch.cuda.CUDAGraph, list[Tensor], list[Tensor], Tensor]:
        def held(tensor: Tensor) -> Tensor:
            return self.precision.place(torch.zeros(batch, *tensor.shape[1:]), self.device)

        held_inputs, held_fields = [held(each) for each in inputs], [held(each) for each in fields]
        for number, noise in enumerate(self._noises):
            noise.external = held_fields[number] if held_fields else None
        stream = torch.cuda.Stream(self.device)
        stream.wait_stream(torch.cuda.current_stream(self.device))
        with torch.cuda.stream(stream):
            for _ in range(3):  # what kernels prepare at their first calls must not be captured
                self.network(*held_inputs)
        torch.cuda.current_stream(self.device).wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        # Other threads may use the device meanwhile.
        with torch.cuda.graph(graph, capture_error_mode="thread_local"):
            output = self.network(*held_inputs)
        return graph, held_inputs, held_fields, output


class OnnxBackend:
    """ONNX Runtime on the CPU in fp32, on as many threads as torch has where it is made."""

    # Pixels computed at once, one picture of 256 x 256: a batch does not fit into the cores' caches, so that it is no faster and
    # keeps more memory. A larger picture is computed in one piece, and its memory released.
    MAX_PIXELS_AT_ONCE = 256 * 256

    def __init__(self, network: nn.Module, fields: NoiseFields, precision: Precision, device: torch.device):
        onnxruntime = onnx_runtime()  # imported only here: it may be missing, or not start on this processor
        from pix2pix.inference.graph import build_graph

        self._fields = fields
        self._fixed: tuple[tuple, list[Tensor]] = ((), [])
        self.nbytes = sum(tensor.nbytes for tensor in network.state_dict().values())
        with _registering:  # two networks may be loaded at once, and a second registration fails
            _share_memory()
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = torch.get_num_threads()
        options.add_session_config_entry("session.force_spinning_stop", "1")  # after a call, other threads want the cores
        options.add_session_config_entry("session.use_env_allocators", "1")
        graph = build_graph(network).SerializeToString()
        self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        self._session._model_bytes = b""  # else kept for falling back to other providers: as much again as the weights
        self._names = [each.name for each in self._session.get_inputs()]
        self._options = onnxruntime.RunOptions

    def __call__(self, *inputs: Tensor, fields: Sequence[Tensor] | None = None, stop: Stop | None = None) -> Tensor:
        (a,) = inputs
        pixels = a.shape[2] * a.shape[3]
        if fields is None:
            if self._fixed[0] != a.shape:
                self._fixed = (a.shape, self._fields.fixed(a.shape[2:], len(a)))
            fields = self._fixed[1]
        parts = zip(*(each.contiguous().split(max(1, self.MAX_PIXELS_AT_ONCE // pixels)) for each in (a, *fields)), strict=True)
        options = self._options()
        if pixels > self.MAX_PIXELS_AT_ONCE:
            options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        with (stop or Stop()).under(functools.partial(setattr, options, "terminate", True)):
            outputs = [self._session.run(None, self._named(part), options)[0] for part in parts]
        return torch.from_numpy(outputs[0] if len(outputs) == 1 else np.concatenate(outputs))

    def _named(self, values: Sequence[Tensor]) -> dict[str, np.ndarray]:
        return {name: each.numpy() for name, each in zip(self._names, values, strict=True)}


@functools.cache
def _share_memory() -> None:
    """Let all networks in ONNX Runtime work in the same memory: otherwise each would keep its own forever."""
    onnxruntime = onnx_runtime()
    place = onnxruntime.OrtMemoryInfo("Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT)
    exact = {"arena_extend_strategy": 1, "max_mem": 0, "initial_chunk_size_bytes": -1, "max_dead_bytes_per_chunk": -1}
    onnxruntime.create_and_register_allocator(place, onnxruntime.OrtArenaCfg(exact))


ENGINES: dict[str, Callable[[nn.Module, NoiseFields, Precision, torch.device], Backend]] = {
    "torch": TorchBackend,
    "packed": PackedBackend,
    "graphs": GraphsBackend,
    "onnx": OnnxBackend,
}
