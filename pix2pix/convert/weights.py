"""Read the tensors of another project's weights file without running anything in it; name the families that are not read."""

import re
import zipfile
from collections.abc import Collection
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from pix2pix.checkpoint.config import CheckpointError

# A generator of the paper's size has 0.2 GB; a file of both networks and their optimizers stays below 1 GB.
MAX_BYTES = 2 << 30

TENSORFLOW = "are TensorFlow or Keras weights: only PyTorch weights are read"
DIFFUSION = "are a diffusion model's (instruct-pix2pix and the like), not a pix2pix generator's"
PIX2PIXHD = "are pix2pixHD's, a different network: it takes one-hot label maps, not pictures"
CUT = "are contrastive-unpaired-translation's, whose antialiased layers are not read"
DISCRIMINATOR = "are a discriminator's: the generator is in another file, often called latest_net_G.pth"

# Families that are not read, recognized by the file's name, its first bytes, the files beside it, or its keys.
SUFFIXES = {
    ".t7": "are Lua Torch's: convert them to PyTorch first, or take the authors' PyTorch weights",
    ".pb": TENSORFLOW,
    ".h5": TENSORFLOW,
    ".keras": TENSORFLOW,
    ".tflite": TENSORFLOW,
    ".index": TENSORFLOW,
    ".data-00000-of-00001": TENSORFLOW,
    ".onnx": "are an ONNX graph: only PyTorch weights are read",
}
FIRST_BYTES = {
    rb"[\x03\x04]\0\0\0.{4}\x03\0\0\0V 1|[34]\n\d+\n3\nV 1": SUFFIXES[".t7"],
    rb"\x89HDF\r\n": TENSORFLOW,
    rb"version https://git-lfs": "are a Git LFS pointer: the weights themselves were not downloaded (git lfs pull)",
    rb"\s*<(?i:!doctype|html|\?xml)": "are a web page: the download failed",
}
FOLDER_FILES = {
    "saved_model.pb": TENSORFLOW,
    "model_index.json": DIFFUSION,
}
KEYS = {
    r"(^|\.)(diffusion_model|first_stage_model|cond_stage_model|down_blocks\.\d+\.(resnets|attentions))\.": DIFFUSION,
    r"\.filt$": CUT,
    r"(^|\.)(model\d_1\.\d+|(1[3-9]|2\d)\.conv_block\.1)\.weight$": PIX2PIXHD,
    r"(^|\.)(model\.1[14]\.weight$|scale0_layer0\.)": DISCRIMINATOR,
}


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Return every dense tensor in a file of torch.save or safetensors, on the CPU. Nested dicts become dotted keys.

    Nothing in the file is run (`weights_only=True`). Raise CheckpointError if it is missing, larger than 2 GB, of a
    refused family, damaged, or asks for more than tensors.
    """
    _refuse_by_appearance(path)
    try:
        with path.open("rb") as file:
            head = file.read(64)
        size = path.stat().st_size
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror}") from None
    for pattern, reason in FIRST_BYTES.items():
        if re.match(pattern, head, re.DOTALL):
            raise CheckpointError(f"the weights in {path} {reason}")
    if size > MAX_BYTES:
        raise too_large(str(path), size)
    if head[8:9] == b"{" and int.from_bytes(head[:8], "little") <= size:
        try:
            content: object = load_file(path)
        except (OSError, SafetensorError) as error:
            raise CheckpointError(f"{path} is damaged: {error}") from None
    else:
        content = _unpickled(path)
    tensors = _flattened(content)
    # Views of one small storage can pretend to be tensors of any size.
    if sum(tensor.nbytes for tensor in tensors.values()) > MAX_BYTES:
        raise CheckpointError(f"{path} holds tensors of more than {MAX_BYTES / 1e9:.1f} GB")
    return tensors


def too_large(where: str, size: int) -> CheckpointError:
    """Return the error for weights of more than MAX_BYTES."""
    return CheckpointError(
        f"{where} has {size / 1e9:.1f} GB: weights of up to {MAX_BYTES / 1e9:.1f} GB are read. "
        "So large are diffusion models (instruct-pix2pix and the like), which are not pix2pix generators"
    )


def refuse_by_neighbors(where: str, names: Collection[str]) -> None:
    """Raise CheckpointError if a file of a folder or repository shows that its weights are of a family that is not read."""
    for name, reason in FOLDER_FILES.items():
        if name in names:
            raise CheckpointError(f"the weights in {where} {reason}")


def refuse_by_suffix(where: str, name: str) -> None:
    """Raise CheckpointError if a file's name shows that its weights are of a family that is not read."""
    for suffix, reason in SUFFIXES.items():
        if name.lower().endswith(suffix):
            raise CheckpointError(f"the weights in {where} {reason}")


def refuse_by_keys(path: Path, keys: Collection[str]) -> None:
    """Raise CheckpointError if one of the keys shows that the weights are of a family that is not read."""
    for pattern, reason in KEYS.items():
        for key in keys:
            if re.search(pattern, key):
                raise CheckpointError(f"the weights in {path} {reason} (key {key})")


def _refuse_by_appearance(path: Path) -> None:
    if path.is_dir():
        refuse_by_neighbors(str(path), [inside.name for inside in path.iterdir()])
        raise CheckpointError(f"{path} is a folder: name the weights file in it (our own checkpoints need no conversion)")
    refuse_by_suffix(str(path), path.name)


def _unpickled(path: Path) -> object:
    if zipfile.is_zipfile(path):
        try:
            with zipfile.ZipFile(path) as archive:
                names, unpacked = archive.namelist(), sum(entry.file_size for entry in archive.infolist())
        except zipfile.BadZipFile as error:
            raise CheckpointError(f"{path} is damaged: {error}") from None
        if unpacked > MAX_BYTES:
            raise CheckpointError(f"{path} unpacks to {unpacked / 1e9:.1f} GB: up to {MAX_BYTES / 1e9:.1f} GB are read")
        if not any(name.endswith("data.pkl") for name in names):
            raise CheckpointError(f"{path} is a zip archive that torch.save did not write")
        if any(name.endswith("constants.pkl") for name in names):
            raise CheckpointError(f"{path} is a TorchScript program, not weights: ask its author for the state_dict")
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged pickle can fail as almost anything
        if match := re.search(r"GLOBAL (\S+)", str(error)):
            raise CheckpointError(
                f"{path} is a pickle that asks to run code ({match[1]}), which is refused: "
                "ask its author for the state_dict alone, or for safetensors"
            ) from None
        raise CheckpointError(
            f"{path} is not a file of plain weights, or is damaged ({type(error).__name__}): "
            "files of torch.save and safetensors are read"
        ) from None


def _flattened(content: object) -> dict[str, Tensor]:
    tensors: dict[str, Tensor] = {}
    seen: set[int] = set()
    # An explicit stack: a file may nest its dicts deeper than Python's recursion limit.
    waiting = [("", content)]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, Tensor):
            if value.layout == torch.strided and value.device.type == "cpu" and not (value.is_quantized or value.is_nested):
                tensors[name] = value
        # A dict that occurs twice, or contains itself, is read once.
        elif isinstance(value, dict) and id(value) not in seen:
            seen.add(id(value))
            inside = [(f"{name}.{key}" if name else str(key), item) for key, item in value.items()]
            waiting += reversed(inside)
    return tensors
