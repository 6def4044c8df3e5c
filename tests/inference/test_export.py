"""ONNX files, run by onnxruntime and compared with torch."""

import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from pix2pix.checkpoint.folder import load_generator
from pix2pix.cli import main
from pix2pix.data.images import to_tensor, to_uint8
from pix2pix.inference import export
from pix2pix.inference.export import ExportError, export_onnx
from pix2pix.inference.onnx_runtime import onnx_runtime
from pix2pix.inference.precision import Precision
from pix2pix.inference.translator import Translator
from pix2pix.networks.config import GeneratorArguments
from tests.helpers.making import picture, write_checkpoint

pytestmark = pytest.mark.slow  # torch.onnx traces every network


def session(path: Path):
    return onnx_runtime().InferenceSession(str(path), providers=["CPUExecutionProvider"])


def studio(folder: Path, statistics: str = "image") -> Translator:
    """What the studio runs, in the exported number format."""
    return Translator(load_generator(folder), 3, None, statistics, "cpu", Precision())


def test_with_noise_it_gives_the_pictures_of_the_studio(tmp_path: Path) -> None:
    """The same numbers, given as inputs, are the same noise; in any batch and size."""
    folder = write_checkpoint(tmp_path / "demo")
    assert export_onnx(folder, tmp_path / "demo.onnx", noise=True) <= 1e-3
    program, translator = session(tmp_path / "demo.onnx"), studio(folder)
    inputs = [node.name for node in program.get_inputs()]
    assert inputs == ["a", "noise_0", "noise_1"]
    for seeds, height, width in (([5], 32, 32), ([1, 2, 3], 40, 56)):
        pictures = [picture(seed, height, width) for seed in seeds]
        feed = {"a": torch.stack([to_tensor(image) for image in pictures]).numpy()}
        for number, (channels, scale) in enumerate(((8, 4), (4, 2))):
            streams = [torch.Generator().manual_seed(seed * 2 + number) for seed in seeds]
            shape = (channels, height // scale, width // scale)
            feed[f"noise_{number}"] = torch.stack([torch.rand(shape, generator=stream) for stream in streams]).numpy()
        outputs = to_uint8(torch.from_numpy(program.run(["b"], feed)[0])).astype(int)
        assert np.abs(outputs - np.stack(translator.translate_batch(pictures, seeds))).max() <= 1
        assert np.abs(outputs - np.stack(translator.translate_batch(pictures))).max() > 1
    assert {entry.key: entry.value for entry in onnx.load(tmp_path / "demo.onnx").metadata_props} == {
        "task": "demo",
        "norm_statistics": "image",
        "image_range": "-1 1",
        "multiple": "8",
        "dropout": "0.5",
        "license": "unknown",
    }


def test_injected_noise_is_the_fixed_field(tmp_path: Path) -> None:
    generator = GeneratorArguments(ngf=4, levels=3, norm="instance", upsampling="resize", noise_injection=True)
    folder = write_checkpoint(tmp_path / "demo", generator=generator)
    assert export_onnx(folder, tmp_path / "demo.onnx") <= 1e-3
    image = picture(1, 40, 56)
    output = session(tmp_path / "demo.onnx").run(["b"], {"a": to_tensor(image)[None].numpy()})[0]
    assert np.abs(to_uint8(torch.from_numpy(output))[0].astype(int) - studio(folder).translate(image)).max() <= 1


def test_the_norm_mode_is_the_checkpoints_or_the_callers(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    arguments = GeneratorArguments(ngf=4, levels=3, norm="batch", upsampling="resize")
    folder = write_checkpoint(tmp_path / "checkpoints" / "demo", generator=arguments)
    file = tmp_path / "out" / "demo.onnx"
    command = ["--checkpoints", str(folder.parent), "export", "demo", "--onnx", str(file)]
    for statistics in ("image", "running"):
        assert main([*command, "--norm-statistics", statistics, "--overwrite"]) == 0
        assert "differ from torch's by at most" in capsys.readouterr().out
        output = to_uint8(torch.from_numpy(session(file).run(["b"], {"a": to_tensor(picture(3))[None].numpy()})[0]))[0]
        assert np.abs(output.astype(int) - studio(folder, statistics).translate(picture(3))).max() <= 1


def test_without_a_file_it_is_named_after_the_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_checkpoint(tmp_path / "checkpoints" / "demo", generator=GeneratorArguments(ngf=4, levels=3, norm="none", dropout=0))
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(export, "_write", lambda exported, config, about, path: path.write_bytes(b"graph"))
    monkeypatch.setattr(export, "_difference", lambda exported, config, path: 0.0)
    assert main(["export", "demo", "--onnx"]) == main(["export", "demo", "--onnx", "out"]) == 0
    assert (tmp_path / "demo.onnx").is_file()
    assert (tmp_path / "out" / "demo.onnx").is_file()
    (tmp_path / "demo.onnx").write_bytes(b"mine")
    assert main(["export", "demo", "--onnx"]) == 1
    assert (tmp_path / "demo.onnx").read_bytes() == b"mine"


def test_what_differs_or_cannot_be_checked_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_checkpoint(tmp_path / "demo", generator=GeneratorArguments(ngf=4, levels=3, norm="instance", dropout=0))
    with pytest.raises(ExportError, match="has no dropout"):
        export_onnx(folder, tmp_path / "a.onnx", noise=True)
    monkeypatch.setattr(export, "_write", lambda exported, config, about, path: path.write_bytes(b""))
    monkeypatch.setattr(export, "_difference", lambda exported, config, path: 0.5)
    with pytest.raises(ExportError, match=r"differ from torch's by 0\.5"):
        export_onnx(folder, tmp_path / "a.onnx")
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ExportError, match=r"requirements-export\.txt"):
        export_onnx(folder, tmp_path / "a.onnx")
    assert not list(tmp_path.glob("*.onnx*"))
