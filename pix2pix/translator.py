"""Translating pictures with a trained generator: load once, keep, and speak H x W x 3 uint8 only."""

import copy
import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Self

import numpy as np
import torch
from torch import Tensor, nn

from pix2pix.checkpoint import file_versions, load_discriminator, load_generator, recover
from pix2pix.config import CheckpointError
from pix2pix.devices import choose_device
from pix2pix.generator import NoiseInjection, with_image_statistics
from pix2pix.images import to_tensor, to_uint8
from pix2pix.precision import Precision, candidates, fastest, seconds_per_call
from pix2pix.prepacked import Prepacked, prepack

MAX_SIDE = 4096


class Noise(nn.Module):
    """Dropout as the paper's z: every picture of a batch has its own seed; without seeds nothing is dropped."""

    def __init__(self, probability: float):
        super().__init__()
        self.probability = probability
        self.generators: list[torch.Generator] = []

    def forward(self, x: Tensor) -> Tensor:
        if not self.generators:
            return x
        # Drawn on the CPU, where the same seed gives the same picture whatever the device.
        kept = torch.stack([torch.rand(x.shape[1:], generator=g) >= self.probability for g in self.generators])
        return x * kept.to(x) / (1 - self.probability)


class Translator:
    """A generator ready to translate, on one device, in the format that is fastest there. Safe to share between threads.

    `norm_statistics` is `image` (each picture normalised by its own statistics, as in the paper) or `running`; None
    takes what the checkpoint's config says. `precision` None measures once per device. `image_range` are the network's
    values for black and white.
    """

    def __init__(
        self,
        network: nn.Module,
        levels: int,
        discriminator: nn.Module | None = None,
        norm_statistics: str = "image",
        device: str | torch.device = "auto",
        precision: Precision | None = None,
        image_range: tuple[float, float] = (-1.0, 1.0),
    ):
        low, high = image_range
        self._scale, self._shift = (high - low) / 2, (high + low) / 2
        self.device = choose_device(device) if isinstance(device, str) else device
        self.multiple = 2**levels
        self._lock = threading.Lock()
        network = _with_noise(copy.deepcopy(network).float().eval().requires_grad_(False))
        if norm_statistics == "image":
            network = with_image_statistics(network)
        elif norm_statistics != "running":
            raise ValueError(f"unknown norm statistics {norm_statistics!r}: choose image or running")
        network.to(self.device)
        self.precision = precision or _measured_precision(network, self.multiple, self.device)
        self.network = prepack(self.precision.prepare(network))
        self.noises = [module for module in network.modules() if isinstance(module, Noise | NoiseInjection)]
        self.discriminator = None
        if discriminator is not None:
            judge = with_image_statistics(copy.deepcopy(discriminator).eval().requires_grad_(False))
            self.discriminator = prepack(self.precision.prepare(judge.to(self.device)))

    @classmethod
    def from_folder(cls, folder: str | Path, device: str | torch.device = "auto", norm_statistics: str | None = None) -> Self:
        """Loads a checkpoint folder. Raises CheckpointError saying what is wrong with which file."""
        folder = Path(folder)
        generator = load_generator(folder)
        config = generator.checkpoint_config
        channels = config.generator.in_channels, config.generator.out_channels
        if channels != (3, 3):
            raise CheckpointError(f"{folder.absolute().name} translates {channels[0]} to {channels[1]} channels, not RGB")
        statistics = norm_statistics or config.norm_statistics
        return cls(
            generator, config.generator.levels, load_discriminator(folder), statistics, device, image_range=config.image_range
        )

    @property
    def nbytes(self) -> int:
        """Bytes of weights held."""
        networks = [network for network in (self.network, self.discriminator) if network is not None]
        tensors = [tensor for network in networks for tensor in network.state_dict().values()]
        packed = [module for network in networks for module in network.modules() if isinstance(module, Prepacked)]
        return sum(each.nbytes for each in [*tensors, *packed])

    def translate(self, image: np.ndarray, noise: bool = False, seed: int = 0) -> np.ndarray:
        """H x W x 3 uint8, any size -> the same size. `noise` drops activations as in training; `seed` says which."""
        return self.translate_batch([image], [seed] if noise else None)[0]

    def translate_batch(self, images: Sequence[np.ndarray], seeds: Sequence[int] | None = None) -> list[np.ndarray]:
        """Translates H x W x 3 uint8 pictures, those of one padded size together. `seeds`, one a picture, turn noise on.

        Each picture comes out as it would by itself, up to the rounding of the number format.
        """
        if seeds is not None and len(seeds) != len(images):
            raise ValueError(f"{len(images)} pictures but {len(seeds)} seeds")
        for image in images:
            check_picture(image)
        groups: dict[tuple[int, ...], list[int]] = {}
        padded = [pad(image, self.multiple) for image in images]
        for index, (picture, _) in enumerate(padded):
            groups.setdefault(picture.shape, []).append(index)
        outputs: list[np.ndarray] = [np.empty(0)] * len(images)
        for indices in groups.values():
            batch = torch.stack([to_tensor(padded[index][0]) for index in indices])
            group_seeds = [seeds[index] for index in indices] if seeds is not None else []
            for index, output in zip(indices, self._run(batch, group_seeds), strict=True):
                outputs[index] = output[padded[index][1]]
        return outputs

    def _run(self, batch: Tensor, seeds: Sequence[int]) -> np.ndarray:
        with self._lock, torch.inference_mode():
            for number, noise in enumerate(self.noises):
                # A stream of its own for every layer: the layers' masks are independent.
                streams = [(int(seed) * len(self.noises) + number) % 2**63 for seed in seeds]
                noise.generators = [torch.Generator().manual_seed(stream) for stream in streams]
            output = self.network(self.precision.place(batch * self._scale + self._shift, self.device))
            return to_uint8((output.float() - self._shift) / self._scale)

    def judge(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """How real D finds each patch of B given A, both H x W x 3 uint8: h x w float32 in [0, 1] (1 is real)."""
        if self.discriminator is None:
            raise CheckpointError("this model has no discriminator")
        for image in (a, b):
            check_picture(image)
        smallest = self.discriminator.smallest_side
        if a.shape != b.shape or min(a.shape[:2]) < smallest:
            raise ValueError(
                f"the discriminator judges two pictures of one size, at least {smallest} pixels a side; these are"
                f" {a.shape[1]} x {a.shape[0]} and {b.shape[1]} x {b.shape[0]}"
            )
        with self._lock, torch.inference_mode():
            placed = [self.precision.place(to_tensor(image)[None], self.device) for image in (a, b)]
            return torch.sigmoid(self.discriminator(*placed)[0, 0].float()).cpu().numpy()


def check_picture(image: np.ndarray) -> None:
    """Raises ValueError unless `image` is H x W x 3 uint8 with sides of 1 to 4096."""
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        found = f"{image.dtype} {image.shape}" if isinstance(image, np.ndarray) else type(image).__name__
        raise ValueError(f"a picture must be H x W x 3 uint8, this is {found}")
    if not 1 <= min(image.shape[:2]) <= max(image.shape[:2]) <= MAX_SIDE:
        raise ValueError(f"a picture may have 1 to {MAX_SIDE} pixels a side, this is {image.shape[1]} x {image.shape[0]}")


def pad(image: np.ndarray, multiple: int) -> tuple[np.ndarray, tuple[slice, slice]]:
    """Reflects H x W x 3 evenly to multiples of `multiple`; also the slices that crop the original back out."""
    height, width = image.shape[:2]
    before = [(-side % multiple) // 2 for side in (height, width)]
    after = [-side % multiple - first for side, first in zip((height, width), before, strict=True)]
    crop = (slice(before[0], before[0] + height), slice(before[1], before[1] + width))
    if not any(before) and not any(after):
        return image, crop
    return np.pad(image, ((before[0], after[0]), (before[1], after[1]), (0, 0)), mode="reflect"), crop


def _with_noise(network: nn.Module) -> nn.Module:
    """Swaps, in place, dropout for `Noise`, which has seeds."""
    for name, module in network.named_children():
        if isinstance(module, nn.Dropout):
            setattr(network, name, Noise(module.p))
        else:
            _with_noise(module)
    return network


_precisions: dict[tuple[str, int], Precision] = {}
_precisions_lock = threading.Lock()


def _measured_precision(network: nn.Module, multiple: int, device: torch.device) -> Precision:
    """The fastest way to run such a network on `device`; measured at the first load, remembered for the process."""
    weights = sum(parameter.numel() for parameter in network.parameters())
    key = (str(device), weights.bit_length())
    with _precisions_lock:
        if key not in _precisions:
            picture = torch.zeros(1, 3, max(256, multiple), max(256, multiple))

            def seconds(precision: Precision) -> float:
                prepared = prepack(precision.prepare(copy.deepcopy(network)))
                placed = precision.place(picture, device)
                with torch.inference_mode():
                    return seconds_per_call(lambda: prepared(placed), device)

            _precisions[key], _ = fastest(candidates(device, "auto"), seconds)
        return _precisions[key]


Key = tuple[Path, str | None]


class TranslatorCache:
    """Keeps loaded translators up to `max_bytes` of weights, dropping the least recently used; reloads changed folders."""

    def __init__(self, max_bytes: int = 1 << 30, device: str = "auto"):
        self.max_bytes, self.device = max_bytes, device
        self._held: OrderedDict[Key, tuple[tuple, Translator]] = OrderedDict()
        self._loads: dict[Key, Future[Translator]] = {}
        self._lock = threading.Lock()

    def get(self, folder: str | Path, norm_statistics: str | None = None) -> Translator:
        """The translator of a checkpoint folder, loaded now if need be. Raises CheckpointError.

        Of many callers one loads. The others wait for it only if they must: what was held before serves until then, and
        other folders' models at any time.
        """
        key = (Path(folder).resolve(), norm_statistics)
        versions = file_versions(key[0])
        with self._lock:
            load = self._loads.get(key)
            if key in self._held and (load is not None or self._held[key][0] == versions):
                self._held.move_to_end(key)
                return self._held[key][1]
            mine = load is None
            if mine:
                load = self._loads[key] = Future()
        if mine:
            self._load(key, load)
        return load.result()

    def _load(self, key: Key, load: Future[Translator]) -> None:
        try:
            versions, translator = self._read(key)
        except BaseException as error:
            with self._lock:
                del self._loads[key]
            load.set_exception(error)
            return
        with self._lock:
            del self._loads[key]
            self._held[key] = (versions, translator)
            self._held.move_to_end(key)
            while len(self._held) > 1 and sum(held.nbytes for _, held in self._held.values()) > self.max_bytes:
                self._held.popitem(last=False)
        load.set_result(translator)

    def _read(self, key: Key) -> tuple[tuple, Translator]:
        """A translator and the versions of its files. Files that changed while they were read are read again."""
        folder, norm_statistics = key
        while True:
            versions = file_versions(folder)
            try:
                return versions, Translator.from_folder(folder, self.device, norm_statistics)
            except CheckpointError:
                recover(folder)  # waits where it is just being replaced
                if file_versions(folder) == versions:
                    raise
