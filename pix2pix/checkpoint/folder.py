"""The one format of a model on disk and on the Hub: config.json, safetensors in fp16, history, card and samples."""

import contextlib
import math
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from huggingface_hub import PyTorchModelHubMixin, snapshot_download
from PIL import Image
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from pix2pix.checkpoint.atomic import flush, locked, workspace
from pix2pix.checkpoint.card import card_text
from pix2pix.checkpoint.config import CheckpointError, Config, named, read_config
from pix2pix.checkpoint.origin import Origin, write_origin
from pix2pix.networks.patchgan import PatchGAN
from pix2pix.networks.registry import ARCHITECTURES, build_generator
from pix2pix.networks.unet import UNet

CONFIG_FILE = "config.json"
GENERATOR_FILE = "model.safetensors"
DISCRIMINATOR_FILE = "discriminator.safetensors"
HISTORY_FILE = "history.csv"
CARD_FILE = "README.md"
SAMPLES_FOLDER = "samples"

# What weights may be stored as: other formats of safetensors (8-bit floats, complex numbers) cannot be computed with.
STORED_DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.int64)
# The header of a weights file describes each tensor in about 100 bytes.
MAX_HEADER_BYTES_PER_TENSOR = 1_000


class _Checkpointed(PyTorchModelHubMixin):
    """What makes a generator network one that loads from, and saves to, checkpoint folders and Hub repositories."""

    checkpoint_config: Config

    @classmethod
    def _from_pretrained(  # type: ignore[override]  # no further arguments: an unknown one has to raise
        cls,
        *,
        model_id: str,
        revision: str | None,
        cache_dir: str | Path | None,
        force_download: bool,
        local_files_only: bool,
        token: str | bool | None,
        map_location: str | torch.device = "cpu",
    ) -> "Generator":
        folder = Path(model_id)
        if not folder.is_dir():
            snapshot = snapshot_download(
                model_id,
                revision=revision,
                cache_dir=cache_dir,
                force_download=force_download,
                local_files_only=local_files_only,
                token=token,
                allow_patterns=[CONFIG_FILE, GENERATOR_FILE],
            )
            folder = Path(snapshot)
        return _read_generator(folder).to(map_location)

    def _save_pretrained(self, save_directory: Path) -> None:
        """Write what `save_pretrained` and `push_to_hub` keep: the weights in fp16 and the config they were loaded with."""
        assert isinstance(self, nn.Module)  # this class is mixed into networks alone
        save_weights(self, save_directory / GENERATOR_FILE)
        _write_config(save_directory, self.checkpoint_config)


class Generator(UNet, _Checkpointed):
    """A U-Net that loads from checkpoint folders and Hub repositories.

    `Generator.from_pretrained("owner/repo")`, or of a folder, gives the network in fp32 and eval mode. Its architecture
    is what the checkpoint says, also if that is another than a U-Net; its config is kept as `checkpoint_config`.
    """


GENERATORS = {
    name: Generator if network is UNet else type(f"{network.__name__}Checkpoint", (network, _Checkpointed), {})
    for name, network in ARCHITECTURES.items()
}


def load_generator(folder: Path) -> Generator:
    """Return the generator of a checkpoint folder in fp32 on the CPU, in eval mode. Raise CheckpointError."""
    recover(folder)
    return _read_generator(folder)


def _read_generator(folder: Path) -> Generator:
    config = read_config(folder / CONFIG_FILE)
    arguments = config.generator.model_dump()
    with torch.device("meta"):  # weights that are about to be replaced need not be drawn
        network = GENERATORS[arguments.pop("architecture", "unet")](**arguments)
    load_weights(network, folder / GENERATOR_FILE)
    network.checkpoint_config = config
    return network.eval()


def load_discriminator(folder: Path) -> PatchGAN | None:
    """Return the discriminator of a checkpoint folder in fp32 on the CPU, in eval mode; None if it has none."""
    config = read_config(folder / CONFIG_FILE)
    path = folder / DISCRIMINATOR_FILE
    if config.discriminator is None or not path.exists():
        return None
    with torch.device("meta"):
        network = PatchGAN(**config.discriminator.model_dump())
    load_weights(network, path)
    return network.eval()


def check_folder(folder: Path) -> Config:
    """Return the config of a checkpoint folder of which every file has been read through. Raise CheckpointError."""
    config = read_config(folder / CONFIG_FILE)
    with torch.device("meta"):
        networks = {GENERATOR_FILE: build_generator(**config.generator.model_dump())}
        if config.discriminator is not None and (folder / DISCRIMINATOR_FILE).exists():
            networks[DISCRIMINATOR_FILE] = PatchGAN(**config.discriminator.model_dump())
    for name, network in networks.items():
        read_weights(network, folder / name)
    return config


def file_versions(folder: Path) -> tuple[tuple[int, int], ...]:
    """Return a value that differs once any file has changed that `load_generator` or `load_discriminator` reads."""
    versions = []
    for name in (CONFIG_FILE, GENERATOR_FILE, DISCRIMINATOR_FILE):
        try:
            status = (folder / name).stat()
            versions.append((status.st_mtime_ns, status.st_size))
        except OSError:
            versions.append((0, -1))
    return tuple(versions)


def load_weights(network: nn.Module, path: Path) -> None:
    """Fill `network` from a safetensors file; raise CheckpointError saying what is wrong with which file."""
    weights = read_weights(network, path)
    weights = {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in weights.items()}
    network.load_state_dict(weights, assign=True)


def read_weights(network: nn.Module, path: Path) -> dict[str, Tensor]:
    """Return all tensors of `network` from a safetensors file; raise CheckpointError saying what is wrong with which file."""
    where = named(path)
    try:
        _check_header(path, len(network.state_dict()))
        weights = load_file(path)
    except FileNotFoundError:
        raise CheckpointError(f"{where} is missing") from None
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{where} is damaged: {str(error).replace(str(path), path.name)}") from None
    expected = network.state_dict()
    if lacking := sorted(expected.keys() - weights.keys()):
        raise CheckpointError(f"{where} lacks {len(lacking)} tensors that its config asks for, the first is {lacking[0]}")
    if unknown := sorted(weights.keys() - expected.keys()):
        raise CheckpointError(f"{where} has {len(unknown)} tensors that its config does not know, the first is {unknown[0]}")
    for name, tensor in weights.items():
        if tensor.shape != expected[name].shape:
            shapes = f"{tuple(tensor.shape)}, its config asks for {tuple(expected[name].shape)}"
            raise CheckpointError(f"{where}: {name} has shape {shapes}")
        if tensor.is_floating_point() != expected[name].is_floating_point() or tensor.dtype not in STORED_DTYPES:
            raise CheckpointError(f"{where}: {name} is {tensor.dtype}, weights are fp16, bf16, fp32 or fp64")
        if not is_finite(tensor):
            raise CheckpointError(f"{where}: {name} holds values that are not finite")
    return weights


def _check_header(path: Path, tensors: int) -> None:
    """Raise CheckpointError if the header of a safetensors file is far longer than so many tensors need: it is read whole."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
    if length > (limit := MAX_HEADER_BYTES_PER_TENSOR * (tensors + 100)):
        raise CheckpointError(f"{named(path)} is damaged: its header claims {length:,} bytes, at most {limit:,} make sense")


def is_finite(tensor: Tensor) -> bool:
    """Return whether a tensor holds neither NaN nor infinity. Its extremes tell: in half precision that is ten times faster."""
    return all(map(math.isfinite, torch.stack(tensor.aminmax()).tolist()))


def save_checkpoint(
    folder: Path,
    config: Config,
    generator: nn.Module,
    discriminator: nn.Module | None = None,
    history: Path | None = None,
    samples: Sequence[tuple[np.ndarray, np.ndarray]] = (),
    origin: Origin | None = None,
) -> None:
    """Write a checkpoint folder in one step: a kill at any moment leaves the old folder or the new one, whole.

    Weights are stored in fp16. `samples` are pairs of input and output, H x W x 3 uint8, shown on the card. `origin` is where
    the weights were pulled from.
    """
    with staged(folder) as staging:
        save_weights(generator, staging / GENERATOR_FILE)
        if discriminator is not None:
            save_weights(discriminator, staging / DISCRIMINATOR_FILE)
        if history is not None and history.exists():
            shutil.copyfile(history, staging / HISTORY_FILE)
        if origin is not None:
            write_origin(staging, origin)
        (staging / SAMPLES_FOLDER).mkdir()
        names = []
        for number, (a, b) in enumerate(samples, 1):
            names.append(f"{SAMPLES_FOLDER}/{number:02}.png")
            Image.fromarray(np.concatenate([a, b], axis=1)).save(staging / names[-1], optimize=True)
        (staging / CARD_FILE).write_text(card_text(config, names), encoding="utf-8")
        _write_config(staging, config)


@contextlib.contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """Yield an empty folder to fill; when the block ends without an error it takes the place of `folder` in one step.

    Of several writers at once the last to finish wins, whole.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with workspace(folder) as staging:
        yield staging
        for path in staging.rglob("*"):
            if path.is_file():
                flush(path)
        with locked(folder.parent):
            _recover(folder)
            with contextlib.suppress(FileNotFoundError):
                folder.rename(_retired(folder))
            staging.rename(folder)
            shutil.rmtree(_retired(folder), ignore_errors=True)


def _write_config(folder: Path, config: Config) -> None:
    (folder / CONFIG_FILE).write_text(config.model_dump_json(indent=2, by_alias=True) + "\n", encoding="utf-8")


def save_weights(network: nn.Module, path: Path) -> None:
    """Write a network's weights as fp16 safetensors. Raise CheckpointError if they are not finite, OSError on a full disk."""
    half = {
        name: (tensor.half() if tensor.is_floating_point() else tensor).contiguous().cpu()
        for name, tensor in network.state_dict().items()
    }
    if broken := [name for name, tensor in half.items() if not is_finite(tensor)]:
        raise CheckpointError(f"{path.name} was not written: {broken[0]} is not finite in fp16")
    try:
        save_file(half, path, metadata={"format": "pt"})
    except SafetensorError as error:
        raise OSError(f"{path.name} cannot be written: {str(error).partition(' at path ')[0]}") from None
    path.chmod(0o644)  # safetensors makes it readable by its owner only


def _retired(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.old")


def recover(folder: Path) -> None:
    """Finish or undo a `staged` that was killed between its two renames; wait for one that is between them."""
    if _retired(folder).is_dir():
        with locked(folder.parent):
            _recover(folder)


def _recover(folder: Path) -> None:
    if not folder.exists():
        with contextlib.suppress(OSError):  # there is none, or this disk cannot be written
            _retired(folder).rename(folder)
    else:
        shutil.rmtree(_retired(folder), ignore_errors=True)


def recover_all(checkpoints: Path) -> None:
    """Call `recover` for every folder of a checkpoints folder."""
    for retired in checkpoints.glob(".*.old"):
        recover(checkpoints / retired.name.removeprefix(".").removesuffix(".old"))
