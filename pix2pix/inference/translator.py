"""Translating pictures with a trained generator: load once, keep, and speak H x W x 3 uint8 only."""

import contextlib
import copy
import ctypes
import functools
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Self, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from pix2pix.checkpoint.config import CheckpointError
from pix2pix.checkpoint.folder import file_versions, load_discriminator, load_generator, recover
from pix2pix.data.images import to_tensor, to_uint8
from pix2pix.inference.backend import ENGINES, Backend, Option
from pix2pix.inference.choose import Trial, choose_backend
from pix2pix.inference.noise import with_external_noise
from pix2pix.inference.precision import PLAIN, Precision, choose_device
from pix2pix.inference.stop import Stop, StoppedError
from pix2pix.networks.layers import with_image_statistics

MAX_SIDE = 4096
# Black and white in the tensors of pictures.
PICTURE_RANGE = (-1.0, 1.0)
# Pictures that engines are compared on have this many pixels a side, or the least that a network takes.
TRIAL_SIDE = 256
Values = TypeVar("Values", np.ndarray, Tensor)
log = logging.getLogger(__name__)


class Translator:
    """A generator ready to translate, on one device, on the engine that is fastest there. Safe to share between threads.

    `norm_statistics` is `image` (each picture normalized by its own statistics, as in the paper) or `running`; None
    takes what the checkpoint's config says. With a `precision` plain torch runs it in that format; None takes what measures
    fastest on this machine. `image_range` are the network's values for black and white. `reload` gives the network again,
    should its engine fail later; None keeps the one given.
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
        reload: Callable[[], nn.Module] | None = None,
    ):
        if norm_statistics not in ("image", "running"):
            raise ValueError(f"unknown norm statistics {norm_statistics!r}: choose image or running")
        self._range = image_range
        self.device = choose_device(device) if isinstance(device, str) else device
        self.multiple = 2**levels
        self._lock = threading.Lock()
        self._precision = precision
        # Only without `reload` is the network itself kept: it holds as much memory as its engine does.
        self._reload = reload or (lambda: network)
        self._norm_statistics = norm_statistics
        self._trial_side = -(-TRIAL_SIDE // self.multiple) * self.multiple
        trial = trial_of(network, norm_statistics, self._trial_side)
        self.fields = trial.fields
        self.option, self.backend = self._backend(trial)
        self.discriminator = None
        self._judging: Backend | None = None
        if discriminator is not None:
            self.discriminator = with_image_statistics(copy.deepcopy(discriminator).cpu().float().eval().requires_grad_(False))

    def _backend(self, trial: Trial, engines: Sequence[str] = tuple(ENGINES)) -> tuple[Option, Backend]:
        if self._precision is not None:
            option = Option("torch", self._precision)
            return option, trial.build(option, self.device)
        return choose_backend(trial, self.device, engines)

    @classmethod
    def from_folder(cls, folder: str | Path, device: str | torch.device = "auto", norm_statistics: str | None = None) -> Self:
        """Load a checkpoint folder. Raise CheckpointError saying what is wrong with which file."""
        folder = Path(folder)
        generator = load_generator(folder)
        config = generator.checkpoint_config
        channels = config.generator.in_channels, config.generator.out_channels
        if channels != (3, 3):
            raise CheckpointError(f"{folder.absolute().name} translates {channels[0]} to {channels[1]} channels, not RGB")
        statistics = norm_statistics or config.norm_statistics
        return cls(
            generator,
            config.generator.levels,
            load_discriminator(folder),
            statistics,
            device,
            image_range=config.image_range,
            reload=functools.partial(load_generator, folder),
        )

    @property
    def nbytes(self) -> int:
        """Bytes of weights held."""
        discriminator = self.discriminator.state_dict().values() if self.discriminator is not None else ()
        return self.backend.nbytes + sum(tensor.nbytes for tensor in discriminator)

    def translate(self, image: np.ndarray, noise: bool = False, seed: int = 0) -> np.ndarray:
        """Translate H x W x 3 uint8 of any size to the same size. `noise` drops activations as in training; `seed` says which."""
        return self.translate_batch([image], [seed] if noise else None)[0]

    def translate_batch(
        self, images: Sequence[np.ndarray], seeds: Sequence[int] | None = None, stop: Stop | None = None
    ) -> list[np.ndarray]:
        """Translate H x W x 3 uint8 pictures, those of one padded size together. `seeds`, one a picture, turn noise on.

        Each picture comes out as it would by itself, up to the rounding of the number format. Raise StoppedError when `stop`
        is set before the end, where the engine can be interrupted.
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
            batch = np.stack([to_tensor(padded[index][0]).numpy() for index in indices])
            group_seeds = [seeds[index] for index in indices] if seeds is not None else []
            for index, output in zip(indices, self._run(batch, group_seeds, stop), strict=True):
                outputs[index] = output[padded[index][1]]
        return outputs

    def _run(self, batch: np.ndarray, seeds: Sequence[int], stop: Stop | None) -> np.ndarray:
        """Run the network: N x 3 x H x W float32 in [-1, 1] -> N x H x W x 3 uint8."""
        # In numpy, as in images.py: the threads of a torch operation would still hold the cores when the engine starts.
        batch = mapped(batch, PICTURE_RANGE, self._range)
        a = torch.from_numpy(batch)
        fields = self.fields.drawn(batch.shape[2:], seeds) if seeds else None
        with self._lock:
            try:
                output = self.backend(a, fields=fields, stop=stop)
            except StoppedError:
                raise
            except Exception as error:
                if self._precision is not None:
                    raise
                # It worked on the trial picture: whatever happened, from now on the engine that always works.
                log.warning("plain torch takes over: %s: %s", type(error).__name__, error)
                self._precision, self.option = PLAIN, Option()
                self.backend = Option().build(_prepared(self._reload(), self._norm_statistics), self.fields, self.device)
                output = self.backend(a, fields=fields)
        if self._range != PICTURE_RANGE:
            output = torch.from_numpy(mapped(output.numpy(), self._range, PICTURE_RANGE))
        return to_uint8(output)

    def patch_scores(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return how real D finds each patch of B given A, both H x W x 3 uint8: h x w float32 in [0, 1] (1 is real)."""
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
        with self._lock:
            if self._judging is None:
                trial = Trial(self.discriminator, *(_trial_picture(seed, self._trial_side) for seed in range(2)))
                _, self._judging = self._backend(trial, engines=("torch", "packed"))
            return torch.sigmoid(self._judging(*(to_tensor(image)[None] for image in (a, b)))[0, 0]).numpy()


def mapped(values: Values, old: tuple[float, float], new: tuple[float, float]) -> Values:
    """Map float32 values linearly from one range to another; between equal ranges they are returned as they are."""
    if old == new:
        return values
    scale = (new[1] - new[0]) / (old[1] - old[0])
    # Numbers of Python: they change the type of neither an array nor a tensor.
    return values * scale + (new[0] - old[0] * scale)


def check_picture(image: np.ndarray, max_side: float = MAX_SIDE) -> None:
    """Raise ValueError unless `image` is H x W x 3 uint8 with sides of 1 to `max_side`."""
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        found = f"{image.dtype} {image.shape}" if isinstance(image, np.ndarray) else type(image).__name__
        raise ValueError(f"a picture must be H x W x 3 uint8, this is {found}")
    if not 1 <= min(image.shape[:2]) <= max(image.shape[:2]) <= max_side:
        raise ValueError(f"a picture may have 1 to {max_side} pixels a side, this is {image.shape[1]} x {image.shape[0]}")


def pad(image: np.ndarray, multiple: int) -> tuple[np.ndarray, tuple[slice, slice]]:
    """Pad H x W x 3 by reflection, evenly, to multiples of `multiple`; return also the slices that crop the original back out."""
    height, width = image.shape[:2]
    before = [(-side % multiple) // 2 for side in (height, width)]
    after = [-side % multiple - first for side, first in zip((height, width), before, strict=True)]
    crop = (slice(before[0], before[0] + height), slice(before[1], before[1] + width))
    if not any(before) and not any(after):
        return image, crop
    return np.pad(image, ((before[0], after[0]), (before[1], after[1]), (0, 0)), mode="reflect"), crop


def return_memory() -> None:
    """Give freed memory back to the system where the C library keeps it: loading a model frees three times what it holds."""
    with contextlib.suppress(OSError, AttributeError, TypeError):  # another C library than glibc
        ctypes.CDLL(None).malloc_trim(0)


def trial_of(network: nn.Module, norm_statistics: str, side: int) -> Trial:
    """Prepare what engines are compared on: a generator as a translator runs it, and a picture of side x side for it."""
    return Trial(_prepared(network, norm_statistics), _trial_picture(0, side))


def _prepared(network: nn.Module, norm_statistics: str) -> nn.Module:
    """Return a copy of a network, in fp32 on the CPU, with the requested norms and noise that comes from outside."""
    network = with_external_noise(copy.deepcopy(network).cpu().float().eval().requires_grad_(False))
    return with_image_statistics(network) if norm_statistics == "image" else network


def _trial_picture(seed: int, side: int) -> Tensor:
    """Make a picture of soft areas and hard lines, 1 x 3 x side x side in [-1, 1]."""
    generator = torch.Generator().manual_seed(seed)
    soft = nn.functional.interpolate(torch.rand(1, 3, 8, 8, generator=generator), size=(side, side), mode="bilinear")
    soft[..., ::31, :] = 0
    return soft * 2 - 1


Key = tuple[Path, str | None]


class TranslatorCache:
    """Keeps loaded translators up to `max_bytes` of weights, dropping the least recently used; reloads changed folders."""

    def __init__(self, max_bytes: int = 1 << 30, device: str = "auto"):
        self.max_bytes, self.device = max_bytes, device
        self._held: OrderedDict[Key, tuple[tuple, Translator]] = OrderedDict()
        self._loads: dict[Key, Future[Translator]] = {}
        self._lock = threading.Lock()

    def get(self, folder: str | Path, norm_statistics: str | None = None) -> Translator:
        """Return the translator of a checkpoint folder, loaded now if need be. Raise CheckpointError.

        Of many callers one loads. The others wait for it only if they must: what was held before serves until then, and
        other folders' models at any time.
        """
        key = (Path(folder).resolve(), norm_statistics)
        versions = file_versions(key[0])
        with self._lock:
            others = self._loads.get(key)
            if key in self._held and (others is not None or self._held[key][0] == versions):
                self._held.move_to_end(key)
                return self._held[key][1]
            load = self._loads.setdefault(key, Future())
        if others is None:
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
        return_memory()
        load.set_result(translator)

    def _read(self, key: Key) -> tuple[tuple, Translator]:
        """Return a translator and the versions of its files. Files that changed while they were read are read again."""
        folder, norm_statistics = key
        while True:
            versions = file_versions(folder)
            try:
                return versions, Translator.from_folder(folder, self.device, norm_statistics)
            except CheckpointError:
                recover(folder)  # waits where it is just being replaced
                if file_versions(folder) == versions:
                    raise
