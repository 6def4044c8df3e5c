"""The engines that run a network: all give plain torch's pictures, the fastest is taken, and one that fails is not."""

import json
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from torch import nn

from pix2pix.inference import backend, choose, measurements, precision
from pix2pix.inference.backend import ENGINES, OnnxBackend, Option, TorchBackend, options
from pix2pix.inference.choose import Trial, choose_backend, measure_options
from pix2pix.inference.graph import UnsupportedError, build_graph
from pix2pix.inference.onnx_runtime import onnx_runtime
from pix2pix.inference.precision import PLAIN, Precision, candidates, fastest, worth_trying
from pix2pix.inference.stop import Stop, StoppedError
from pix2pix.inference.translator import Translator, trial_of
from pix2pix.networks.config import GeneratorArguments
from tests.helpers.making import ROOT, make_config, make_networks, picture, write_checkpoint
from tests.helpers.other_projects import KINDS, written

pytestmark = pytest.mark.slow  # every engine is built, tried and timed
CPU = torch.device("cpu")
ARGUMENTS = [
    {"norm": "instance"},
    {"norm": "batch", "upsampling": "resize"},
    {"norm": "none", "skips": False},
    {"norm": "instance", "upsampling": "resize", "noise_injection": True},
    {"norm": "batch", "dropout": 0.0, "noise_injection": True},
]


def network(**arguments) -> nn.Module:
    config = make_config(generator=GeneratorArguments(**{"ngf": 4, "levels": 3, "norm": "instance", **arguments}))
    built = make_networks(config)[0]
    for module in built.modules():
        if isinstance(module, nn.BatchNorm2d):  # as if trained
            nn.init.uniform_(module.running_mean, -0.5, 0.5)
            nn.init.uniform_(module.running_var, 0.5, 2.0)
    return built


@pytest.fixture
def empty_memory(tmp_path, monkeypatch):
    """Nothing remembered, and a file of its own to remember in."""
    monkeypatch.setenv("PIX2PIX_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "measurements.json"


# --- every engine is plain torch ---


@pytest.mark.parametrize("statistics", ["image", "running"])
@pytest.mark.parametrize("arguments", ARGUMENTS)
def test_onnx_runtime_gives_the_numbers_of_torch(arguments, statistics):
    """In every size and batch, with noise and without."""
    trial = trial_of(network(**arguments), statistics, 32)
    plain, onnx = (trial.build(Option(engine), CPU) for engine in ("torch", "onnx"))
    for count, height, width in ((1, 32, 32), (8, 32, 32), (3, 16, 40), (2, 72, 64)):
        torch.manual_seed(count)
        a = torch.rand(count, 3, height, width) * 2 - 1
        for fields in (None, trial.fields.drawn((height, width), range(count))):
            torch.testing.assert_close(onnx(a, fields=fields), plain(a, fields=fields), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_onnx_runtime_runs_the_networks_of_other_projects(tmp_path, kind):
    from pix2pix.convert.reader import ConversionOptions, convert_weights

    config, other = convert_weights(
        written(tmp_path, KINDS[kind]()), ConversionOptions(task="demo", direction="AtoB", license="MIT")
    )
    side = 2**config.generator.levels
    trial = trial_of(other, "image", side)
    torch.testing.assert_close(trial.build(Option("onnx"), CPU)(*trial.inputs), trial.expected, rtol=1e-3, atol=1e-3)


def test_graphs_are_built_while_other_networks_run():
    trial = trial_of(network(), "image", 32)
    with ThreadPoolExecutor(4) as pool:
        graphs = [pool.submit(build_graph, trial.network) for _ in range(30)]
        for _ in range(30):
            assert torch.equal(trial.network(*trial.inputs), trial.expected)
    assert len({graph.result().SerializeToString() for graph in graphs}) == 1


def test_networks_loaded_at_once_share_memory_that_is_set_up_once(monkeypatch):
    calls = []
    monkeypatch.setattr(onnx_runtime(), "create_and_register_allocator", lambda *_: (time.sleep(0.2), calls.append(1)))
    backend._share_memory.cache_clear()
    trial = trial_of(network(), "image", 32)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: trial.build(Option("onnx"), CPU), range(4)))
    assert len(calls) == 1


def test_a_batch_in_parts_is_the_batch(monkeypatch):
    trial = trial_of(network(**ARGUMENTS[3]), "image", 32)
    a, fields = torch.rand(7, 3, 32, 32), trial.fields.drawn((32, 32), range(7))
    whole = trial.build(Option("onnx"), CPU)(a, fields=fields)
    for pixels in (1, 2 * 32 * 32, 3 * 32 * 32):  # the first is less than one picture
        monkeypatch.setattr(OnnxBackend, "MAX_PIXELS_AT_ONCE", pixels)
        torch.testing.assert_close(trial.build(Option("onnx"), CPU)(a, fields=fields), whole)


def test_what_has_no_counterpart_is_named():
    with pytest.raises(UnsupportedError, match="softplus"):
        build_graph(nn.Sequential(nn.Conv2d(3, 3, 3), nn.Softplus()))
    with pytest.raises(UnsupportedError, match="circular"):
        build_graph(nn.Sequential(nn.Conv2d(3, 3, 3, padding=1, padding_mode="circular")))
    trial = Trial(nn.Sequential(nn.Conv2d(3, 3, 3), nn.Softplus()), torch.rand(1, 3, 8, 8))
    assert choose_backend(trial, CPU)[0].engine == "torch"


def test_what_nobody_waits_for_stops():
    engine = trial_of(network(), "image", 32).build(Option("onnx"), CPU)
    a, stop = torch.rand(64, 3, 256, 256), Stop()
    threading.Timer(0.05, stop.set).start()
    begin = time.perf_counter()
    with pytest.raises(StoppedError):
        engine(a, stop=stop)
    stopped = time.perf_counter() - begin
    with pytest.raises(StoppedError):
        engine(a[:1], stop=stop)
    begin = time.perf_counter()
    engine(a, stop=Stop())
    assert stopped < 0.5 * (time.perf_counter() - begin)


WATCH_IMPORTS = """
import os, sys
import torch

class Watch:
    def find_spec(self, name, *_):
        if name == "onnxruntime":
            print("telemetry off" if os.environ.get("ORT_DISABLE_TELEMETRY") == "1" else "telemetry on")

sys.meta_path.insert(0, Watch())
from pix2pix.inference.translator import trial_of
from pix2pix.inference.backend import Option
from pix2pix.networks.unet import UNet

trial_of(UNet(ngf=2, levels=3), "image", 32).build(Option("onnx"), torch.device("cpu"))
"""


def test_onnx_runtime_tells_nobody_of_this_machine():
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    command = [sys.executable, "-c", WATCH_IMPORTS]
    said = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout
    assert said.split("\n")[0] == "telemetry off"
    importing = [path.name for path in (ROOT / "pix2pix").rglob("*.py") if "import onnxruntime" in path.read_text()]
    assert importing == ["onnx_runtime.py"]


class Joins(nn.Module):
    """A convolution of two values of different width, joined, and one of their joint itself."""

    def __init__(self, groups: int):
        super().__init__()
        self.wide, self.narrow, self.activate = nn.Conv2d(3, 5, 3, padding=1), nn.Conv2d(3, 3, 1), nn.ReLU()
        self.both = nn.Conv2d(8, 8, 3, padding=1, groups=groups)
        self.last = nn.Conv2d(16, 3, (3, 5), padding=(1, 2))

    def forward(self, a):
        joined = torch.cat([self.wide(a), self.narrow(a)], 1)
        return self.last(torch.cat([self.both(self.activate(joined)), joined], 1))


@pytest.mark.parametrize("groups", [1, 2])
def test_joined_values_are_convolved_apart(groups):
    a = torch.rand(2, 3, 16, 24)
    trial = Trial(Joins(groups).eval(), a)
    torch.testing.assert_close(trial.build(Option("onnx"), CPU)(a), trial.network(a).detach(), rtol=1e-4, atol=1e-5)


def test_every_engine_of_this_machine_gives_the_picture():
    for option in options(CPU):
        assert Trial.checked(trial_of(network(), "image", 32), option, CPU) is not None
    assert options(CPU)[0] == Option()


# --- processors that are not here ---


def refuses(*arguments):
    raise RuntimeError("mkldnn_reorder_conv2d_weight: bf16 path needs the cpu support avx_ne_convert or avx512bw")


class Wrong(TorchBackend):
    """An engine that computes something else."""

    def __call__(self, *inputs, fields=None, stop=None):
        return super().__call__(*inputs, fields=fields) + 0.1


class Nothing(TorchBackend):
    def __call__(self, *inputs, fields=None, stop=None):
        return super().__call__(*inputs, fields=fields) * float("nan")


@pytest.mark.parametrize("faulty", [refuses, Wrong, Nothing], ids=["raises", "wrong", "not a number"])
def test_an_engine_that_fails_is_not_taken(monkeypatch, empty_memory, faulty):
    for engine in ENGINES.keys() - {"torch"}:
        monkeypatch.setitem(backend.ENGINES, engine, faulty)
    translator = Translator(network(), 3, device="cpu")
    assert translator.option.engine == "torch"
    expected = Translator(network(), 3, device="cpu", precision=PLAIN).translate(picture(1))
    assert np.abs(translator.translate(picture(1)).astype(int) - expected).max() <= 1
    kept = json.loads(empty_memory.read_text())
    assert all(name.startswith("torch") for entry in kept.values() for name in entry["milliseconds"])


def test_a_processor_that_says_it_has_bf16_and_has_none(monkeypatch, empty_memory):
    monkeypatch.setattr(precision, "worth_trying", lambda dtype, device: dtype == "bf16")
    monkeypatch.setattr(backend, "prepack", refuses)
    prepare = Precision.prepare
    monkeypatch.setattr(Precision, "prepare", lambda self, net: refuses() if self.dtype == "bf16" else prepare(self, net))
    assert Option("packed", backend.PACKED) in options(CPU)
    assert Translator(network(), 3, device="cpu").option.precision.dtype == "fp32"


def test_a_torch_without_onednn_and_a_machine_without_onnx_runtime(monkeypatch, empty_memory):
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    monkeypatch.setattr(precision, "worth_trying", lambda dtype, device: dtype == "bf16")
    assert "packed" not in [option.engine for option in options(CPU)]
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    monkeypatch.setitem(sys.modules, "onnx", None)
    monkeypatch.delitem(sys.modules, "pix2pix.inference.graph")
    assert Translator(network(), 3, device="cpu").option.engine == "torch"


def test_where_everything_fails_plain_torch_remains(monkeypatch, empty_memory):
    monkeypatch.setattr(choose, "options", lambda device: [Option("onnx")])
    monkeypatch.setitem(backend.ENGINES, "onnx", refuses)
    option, plain = choose_backend(trial := trial_of(network(), "image", 32), CPU)
    assert option == Option()
    torch.testing.assert_close(plain(*trial.inputs), trial.expected)


def test_an_engine_that_fails_later_is_replaced(empty_memory, tmp_path, caplog):
    translator = Translator.from_folder(write_checkpoint(tmp_path / "demo"), "cpu")
    expected = translator.translate(picture(1), noise=True, seed=3)
    translator.backend = refuses
    for _ in range(2):
        assert np.abs(translator.translate(picture(1), noise=True, seed=3).astype(int) - expected).max() <= 1
    assert translator.option == Option()
    assert caplog.text.count("plain torch takes over") == 1


@pytest.mark.parametrize(("plain", "half", "tried"), [(1.0, 2.0, False), (1.0, 0.5, True)])
def test_half_precision_is_tried_only_where_a_convolution_gains_by_it(monkeypatch, plain, half, tried):
    times = [plain, half]
    monkeypatch.setattr(precision, "seconds_per_call", lambda call, device, repeats: times.pop(0))
    assert worth_trying.__wrapped__("bf16", CPU) is tried


def test_formats_without_any_kernel_are_not_tried(monkeypatch):
    place = Precision.place
    monkeypatch.setattr(Precision, "place", lambda self, x, device: refuses() if self.dtype != "fp32" else place(self, x, device))
    worth_trying.cache_clear()
    assert {each.dtype for each in candidates(CPU)} == {"fp32"}
    worth_trying.cache_clear()


def test_the_fastest_of_what_works():
    def seconds(option, best):
        assert best == {"a": float("inf"), "b": 3.0, "c": 3.0, "d": 1.0}[option]
        return {"a": 3.0, "c": 1.0, "d": 2.0}[option]  # b raises KeyError

    assert fastest("abcd", seconds) == ("c", {"a": 3.0, "c": 1.0, "d": 2.0})
    assert fastest("b", lambda option, best: {}[option]) == (None, {})


@pytest.mark.parametrize("limits", [{"ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"},
                                    {"ONEDNN_MAX_CPU_ISA": "SSE41", "ATEN_CPU_CAPABILITY": "default"}])  # fmt: skip
def test_the_translators_tests_pass_on_older_processors(limits, tmp_path):
    """torch and oneDNN limited to what those have, in a process of its own."""
    environment = os.environ | limits | {"PIX2PIX_CACHE": str(tmp_path)}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "tests/inference/test_translator.py"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]
    kept = json.loads((tmp_path / "measurements.json").read_text()) if (tmp_path / "measurements.json").exists() else {}
    assert all(limits["ONEDNN_MAX_CPU_ISA"] in key for key in kept)


# --- remembering ---


def test_what_was_measured_is_remembered_between_starts(monkeypatch, empty_memory):
    first = Translator(network(), 3, device="cpu")
    (kept,) = json.loads(empty_memory.read_text()).values()
    assert kept["engine"] == first.option.engine
    assert set(kept["milliseconds"]) >= {"torch fp32 nchw", "onnx fp32"}
    monkeypatch.setattr(choose, "measure_options", refuses)
    assert Translator(network(), 3, device="cpu").option == first.option
    with pytest.raises(RuntimeError):
        Translator(network(levels=4), 4, device="cpu")  # another network is measured for itself


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"x": 1}', '{"KEY": 1}', '{"KEY": {"engine": "abacus", "dtype": "fp32", "layout": "nchw"}}',
                '{"KEY": {"engine": ["torch"], "dtype": {}, "layout": null}}']
)  # fmt: skip
def test_a_damaged_memory_is_measured_anew(empty_memory, content):
    trial = trial_of(network(), "image", 32)
    empty_memory.parent.mkdir()
    empty_memory.write_text(content.replace("KEY", choose._key(trial, CPU)))
    assert choose_backend(trial, CPU)[0] in options(CPU)
    assert json.loads(empty_memory.read_text())[choose._key(trial, CPU)]["engine"] in ENGINES


def test_what_is_remembered_and_fails_now_is_forgotten(monkeypatch, empty_memory):
    trial = trial_of(network(), "image", 32)
    measurements.keep(choose._key(trial, CPU), {"engine": "onnx", "dtype": "fp32", "layout": "nchw"})
    monkeypatch.setitem(backend.ENGINES, "onnx", Wrong)
    assert choose_backend(trial, CPU)[0] == Option()
    assert measurements.recall(choose._key(trial, CPU)) == {}
    assert choose_backend(trial, CPU)[0].engine == "torch"


def test_a_folder_that_cannot_be_written_only_forgets(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PIX2PIX_CACHE", str(tmp_path / "file"))
    measurements.keep("machine", {"engine": "torch"})
    assert measurements.recall("machine") == {}
    assert Translator(network(), 3, device="cpu").translate(picture(1)).shape == (32, 32, 3)


def test_the_memory_stays_small(monkeypatch, empty_memory):
    monkeypatch.setattr(measurements, "MAX_ENTRIES", 3)
    for number in range(5):
        measurements.keep(str(number), {"number": number})
    assert list(json.loads(empty_memory.read_text())) == ["2", "3", "4"]


# --- GPUs ---


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA GPU")
@pytest.mark.parametrize("arguments", ARGUMENTS)
def test_cuda_graphs_give_the_numbers_of_torch(arguments):
    device = torch.device("cuda")
    trial = trial_of(network(**arguments), "image", 32)
    for option in options(device):
        ran = trial.checked(option, device)
        for count in (1, 2, 3, 8, 9):
            a = torch.rand(count, 3, 32, 40)
            for fields in (None, trial.fields.drawn((32, 40), range(count))):
                expected = trial.build(Option(), CPU)(a, fields=fields)
                assert (ran(a, fields=fields) - expected).abs().mean() < 0.03


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA GPU")
def test_the_fastest_way_of_a_gpu_is_found(empty_memory):
    option, times = measure_options(trial_of(network(), "image", 32), torch.device("cuda"))
    assert option in times
    assert any(each.engine == "graphs" for each in times)
