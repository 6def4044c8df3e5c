"""Files of other projects' weights: in any wrapping and form, and with a sentence where they are not what is read."""

import pickle
import sys
import zipfile
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from pix2pix.checkpoint.config import CheckpointError
from pix2pix.convert.reader import read_generator
from tests.helpers.other_projects import State, generator_unet_state, resnet_state, unet_state, written


def prefixed(state: State, prefix: str) -> State:
    return {prefix + key: tensor for key, tensor in state.items()}


WRAPPINGS = {
    "module.": lambda state: prefixed(state, "module."),
    "state_dict": lambda state: {"state_dict": state, "epoch": 7},
    "netG": lambda state: {"netG": state, "netD": {"model.0.weight": torch.zeros(4, 6, 4, 4)}},
    "model": lambda state: {"model": state, "args": {"ngf": 4}},
    "generator": lambda state: {"generator": prefixed(state, "module."), "discriminator": {"model.0.weight": torch.zeros(1)}},
    "lightning": lambda state: {
        "state_dict": prefixed(state, "generator.") | {"discriminator.model.0.weight": torch.zeros(1)},
        "optimizer_states": [{"state": {0: {"exp_avg": torch.zeros(3)}}}],
    },
    "twice": lambda state: {"generator": state, "best": state},
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("kind", ["unet", "resnet", "generator-unet"])
def test_wrappers_and_prefixes_do_not_matter(tmp_path: Path, kind: str, wrapping: str) -> None:
    state = {
        "unet": lambda: unet_state(5, 2, "batch", bias=False),
        "resnet": lambda: resnet_state(2, 2, "batch", False, False),
        "generator-unet": lambda: generator_unet_state(5, 2),
    }[kind]()
    bare = read_generator(written(tmp_path, state))
    wrapped = read_generator(written(tmp_path, WRAPPINGS[wrapping](state)))
    assert wrapped.arguments == bare.arguments
    torch.testing.assert_close(wrapped.network.state_dict(), bare.network.state_dict())


@pytest.mark.parametrize("form", ["safetensors", "legacy", "half", "parameters"])
def test_file_forms(tmp_path: Path, form: str) -> None:
    state = generator_unet_state(5, 2)
    path = tmp_path / "pytorch_model.bin"
    if form == "safetensors":
        save_file(state, path)  # told by its content, not its name
    elif form == "legacy":
        torch.save(state, path, _use_new_zipfile_serialization=False)
    elif form == "half":
        torch.save({key: tensor.half() for key, tensor in state.items()}, path)
    else:
        torch.save({key: nn.Parameter(tensor) for key, tensor in state.items()}, path)
    network = read_generator(path).network
    assert {tensor.dtype for tensor in network.state_dict().values()} == {torch.float32}
    torch.testing.assert_close(network.final.weight.detach(), state["final.2.weight"], atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("change", ["missing", "extra"])
def test_num_batches_tracked_does_not_matter(tmp_path: Path, change: str) -> None:
    if change == "missing":
        state = {k: v for k, v in unet_state(5, 2, "batch", bias=False).items() if not k.endswith("num_batches_tracked")}
    else:
        state = unet_state(5, 2, "plain", bias=True) | {"model.model.1.model.2.num_batches_tracked": torch.tensor(0)}
    assert read_generator(written(tmp_path, state)).arguments.levels == 5


def test_one_of_several_generators(tmp_path: Path) -> None:
    first, second = resnet_state(2, 2, "plain", True, False), resnet_state(3, 2, "plain", True, False)
    path = written(tmp_path, {"netG_A": first, "netG_B": second})
    with pytest.raises(CheckpointError, match=r"netG_A\.model, netG_B\.model: choose one"):
        read_generator(path)
    assert read_generator(path, part="netG_B").arguments.blocks == 3
    with pytest.raises(CheckpointError, match="none of them is in 'netG'"):
        read_generator(path, part="netG")


class Evil:
    """Creates a file where its pickle is loaded without care."""

    def __init__(self, path: Path):
        self.path = path

    def __reduce__(self) -> tuple:
        return Path.touch, (self.path,)


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
@pytest.mark.parametrize("form", ["zip", "legacy", "bare"])
def test_a_pickle_that_runs_code_is_refused(tmp_path: Path, form: str) -> None:
    content = generator_unet_state(5, 2) | {"evil": Evil(tmp_path / "touched")}
    path = tmp_path / "model.pth"
    if form == "bare":
        path.write_bytes(pickle.dumps(content))
    else:
        torch.save(content, path, _use_new_zipfile_serialization=form == "zip")
    with pytest.raises(CheckpointError, match=r"model\.pth is (a pickle that asks to run code|not a file of plain weights)"):
        read_generator(path)
    assert not (tmp_path / "touched").exists()


def test_a_whole_saved_network_is_refused_with_advice(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"asks to run code \(torch.nn.*Conv2d\).*state_dict"):
        read_generator(written(tmp_path, nn.Conv2d(1, 1, 1)))


def test_an_unknown_layout_names_expected_and_found_keys(tmp_path: Path) -> None:
    state = {"encoder.0.weight": torch.zeros(4, 3, 3, 3), "decoder.bias": torch.zeros(3)}
    with pytest.raises(CheckpointError) as caught:
        read_generator(written(tmp_path, state))
    for words in ("latest_net_G.pth", "model.model.1.model.1.weight", "model.10.conv_block.1.weight", "down1.model.0.weight"):
        assert words in str(caught.value)
    for words in ("model.model.1.model.0.conv.weight", "2 tensors", "encoder.0.weight", "decoder.bias"):
        assert words in str(caught.value)


def without(state: State, key: str) -> State:
    return {name: tensor for name, tensor in state.items() if name != key}


UNET = unet_state(5, 2, "batch", bias=False)
AFFINE = generator_unet_state(5, 2, "affine")
INNERMOST = "model.model.1.model.3.model.3.model.3.model"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (without(UNET, f"{INNERMOST}.3.weight"), r"lacks 1\.model\.3\.model\.3\.model\.3\.model\.3\.weight\. It has 0\.weight"),
        (without(UNET, "model.model.0.weight"), r"looks like a U-Net of pytorch-CycleGAN-and-pix2pix, but it lacks 0\.weight"),
        (without(UNET, "model.model.1.model.6.running_var"), r"lacks 1\.model\.6\.running_var"),
        (
            UNET | {"model.model.1.attention.weight": torch.zeros(2)},
            r"1 tensors that such a network does not: 1\.attention\.weight",
        ),
        (UNET | {"model.model.1.model.1.weight": torch.zeros(4, 2, 3, 3)}, r"shape \(4, 2, 3, 3\) where \(4, 2, 4, 4\)"),
        (UNET | {"model.model.0.weight": torch.zeros(2)}, r"0\.weight has shape \(2,\), a convolution's has four sizes"),
        (UNET | {"model.model.0.weight": torch.full((2, 3, 4, 4), float("nan"))}, r"0\.weight holds values that are not finite"),
        (UNET | {"model.model.0.weight": torch.full((2, 3, 4, 4), 1e6)}, r"too large for fp16"),
        (UNET | {"model.model.0.weight": torch.zeros(1, 1, 1, 1).expand(4096, 3, 4, 4)}, r"ngf: Input should be less than"),
        (UNET | {"model.model.0.weight": torch.zeros(1, 1, 1, 1).expand(1 << 20, 3, 64, 64)}, r"more than 2\.1 GB"),
        (UNET | {"model.model.0.weight": torch.zeros(1, 1, 1, 1).expand(512, 3, 4, 4)}, r"has shape"),
        (without(AFFINE, "up2.model.1.weight"), r"lacks up2\.model\.1\.weight"),
        (unet_state(4, 2, "batch", bias=False), r"levels: Input should be greater than or equal to 5"),
        (
            generator_unet_state(5, 2) | {"down5.model.1.weight": torch.zeros(16)},
            r"1 tensors that such a network does not: down5\.model\.1\.weight",
        ),
    ],
)
def test_tensors_that_do_not_fit_are_named(tmp_path: Path, state: State, words: str) -> None:
    with pytest.raises(CheckpointError, match=words):
        read_generator(written(tmp_path, state))


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (["model.1.weight", "model.13.weight", "model.16.conv_block.1.weight"], "pix2pixHD"),
        (["model.1.weight", "model1_1.1.weight", "model1_2.0.conv_block.1.weight"], "pix2pixHD"),
        (["model.diffusion_model.input_blocks.0.0.weight"], "diffusion model.*instruct-pix2pix"),
        (["down_blocks.0.resnets.0.conv1.weight", "mid_block.resnets.0.conv1.weight"], "diffusion model.*instruct-pix2pix"),
        (["model.0.weight", "model.2.weight", "model.5.weight", "model.8.weight", "model.11.weight"], "a discriminator's"),
        (["model.1.weight", "model.7.filt", "model.13.conv_block.1.weight"], "contrastive-unpaired-translation"),
    ],
)
def test_families_are_refused_by_their_keys(tmp_path: Path, keys: list[str], words: str) -> None:
    with pytest.raises(CheckpointError, match=words):
        read_generator(written(tmp_path, {key: torch.zeros(4, 4, 3, 3) for key in keys}))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("edges2shoes.t7", b"", "Lua Torch"),
        ("net_G.bin", b"\4\0\0\0\1\0\0\0\3\0\0\0V 1\r\0\0\0nngraph.gModule", "Lua Torch"),
        ("net_G.txt", b"4\n1\n3\nV 1\n13\nnn.Sequential\n", "Lua Torch"),
        ("generator.h5", b"", "TensorFlow or Keras"),
        ("generator.bin", b"\x89HDF\r\n\x1a\n", "TensorFlow or Keras"),
        ("model-5000.index", b"", "TensorFlow or Keras"),
        ("saved_model.pb", b"", "TensorFlow or Keras"),
        ("generator.onnx", b"", "ONNX"),
        ("pytorch_model.bin", b"version https://git-lfs.github.com/spec/v1\noid sha256:", "Git LFS pointer"),
        ("edges2shoes.pth", b"\n<!DOCTYPE html><html>", "a web page"),
        ("edges2shoes.pth", b"nothing known", "not a file of plain weights"),
        ("edges2shoes.pth", b"", "not a file of plain weights"),
        ("edges2shoes.safetensors", (64).to_bytes(8, "little") + b"{" + b" " * 80, "damaged"),
    ],
)
def test_files_are_refused_by_name_and_content(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CheckpointError, match=words) as caught:
        read_generator(tmp_path / name)
    assert name in str(caught.value)


@pytest.mark.parametrize(
    ("inside", "words"),
    [("saved_model.pb", "TensorFlow"), ("model_index.json", "instruct-pix2pix"), ("config.json", "name the weights file in it")],
)
def test_folders_are_refused(tmp_path: Path, inside: str, words: str) -> None:
    (tmp_path / inside).touch()
    with pytest.raises(CheckpointError, match=words):
        read_generator(tmp_path)


def test_a_missing_file_and_a_cut_file(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="cannot be read: No such file"):
        read_generator(tmp_path / "latest_net_G.pth")
    path = written(tmp_path, generator_unet_state(5, 2))
    whole = path.read_bytes()
    for broken in (whole[:-100], whole[:1000] + whole[1100:], whole.replace(b"PK\1\2", b"PK\1\7")):
        path.write_bytes(broken)
        with pytest.raises(CheckpointError, match="damaged"):
            read_generator(path)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["generator/data.pkl", "generator/constants.pkl"], "TorchScript"),
        (["arr_0.npy"], "a zip archive that torch.save did not write"),
    ],
)
def test_other_zip_archives_are_refused(tmp_path: Path, names: list[str], words: str) -> None:
    path = tmp_path / "generator.pt"
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, b"")
    with pytest.raises(CheckpointError, match=words):
        read_generator(path)


def test_the_unpacked_size_is_bounded_too(tmp_path: Path) -> None:
    path = tmp_path / "generator.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("generator/data.pkl", b"")
        archive.getinfo("generator/data.pkl").file_size = 3 << 30
    with pytest.raises(CheckpointError, match=r"unpacks to 3\.2 GB"):
        read_generator(path)


def test_the_size_is_bounded_before_reading(tmp_path: Path) -> None:
    path = tmp_path / "huge.pth"
    with path.open("wb") as file:
        file.truncate((2 << 30) + 1)  # sparse: takes no space
    with pytest.raises(CheckpointError, match=r"has 2\.1 GB.*instruct-pix2pix"):
        read_generator(path)


def test_a_dict_that_holds_itself_is_read(tmp_path: Path) -> None:
    content: dict[str, object] = {"state_dict": generator_unet_state(5, 2)}
    content["self"] = content
    assert read_generator(written(tmp_path, content)).arguments.levels == 5


def test_dicts_in_dicts_to_any_depth_are_read(tmp_path: Path) -> None:
    """Deeper than Python calls functions, which torch.save cannot write but somebody else can."""
    path, depth = written(tmp_path, {"state_dict": generator_unet_state(5, 2), "epoch": 7}), 2 * sys.getrecursionlimit()
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    (name,) = (name for name in parts if name.endswith("data.pkl"))
    assert parts[name].endswith(b"u.")  # sets the outermost dict's items, and stops
    key = b"X\1\0\0\0k"
    parts[name] = parts[name][:-2] + key + (b"}" + key) * depth + b"}" + b"s" * depth + b"u."
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert read_generator(path).arguments.levels == 5
