"""Aligned pairs (A, B) from files: side by side, in folders A/ and B/, or made from plain photos (paper 3.3, 6.2)."""

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset, Sampler
from tqdm import tqdm

from pix2pix.data.images import EXTENSIONS, ValueRange, ignored_in, pictures_in, read_image, resized, to_tensor
from pix2pix.data.values import find_range

DIRECTIONS = ("AtoB", "BtoA")
# A picture of fewer pixels a side is a mistake, not training data.
MIN_SIDE = 16
# What the folders of inputs and truths may be called.
SIDES = (("A", "B"), ("a", "b"))
LAYOUTS = (
    "DIR/*.jpg or DIR/train/*.jpg with input and truth side by side, or from two folders with files of equal names:"
    " DIR/A and DIR/B, DIR/train/A and DIR/train/B, DIR/A/train and DIR/B/train, or DIR/trainA and DIR/trainB"
    " (val and test likewise)"
)
Maker = Callable[[Image.Image], Image.Image]
Ranges = tuple[ValueRange | None, ValueRange | None]
Augmentation = Callable[[np.ndarray, np.ndarray, np.random.Generator], tuple[np.ndarray, np.ndarray]]


class PairsError(ValueError):
    """The data cannot be used; the message names the file or folder and the remedy."""


@dataclass(frozen=True)
class Source:
    """Where one pair is on disk: `a` and `b` of two files, or one side-by-side file (`b` is None)."""

    a: Path
    b: Path | None = None


def has_split(root: Path, split: str) -> bool:
    """Return whether a folder of pairs has pictures for this split in a place of their own."""
    return (root / split).is_dir() or _sides(root, split) is not None


def find_pairs(root: Path, split: str = "train") -> list[Source]:
    """Find the pairs of a split (train, val, test) in one of the `LAYOUTS`; two folders are paired by stem.

    Files that are no pictures are counted in a warning. Raise PairsError where there is nothing to read.
    """
    if not root.is_dir():
        raise PairsError(f"{root} is not a folder. Give the folder that holds the pictures (or train/ and val/).")
    if sides := _sides(root, split):
        return _paired_by_stem(*sides)
    folder = root / split
    if not folder.is_dir():
        if split != "train" or any(has_split(root, other) for other in ("val", "test")):
            raise PairsError(f"{root} has no folder {split}/. It has: {_folders_in(root)}.")
        folder = root
        if sides := _existing((root / a, root / b) for a, b in SIDES):
            return _paired_by_stem(*sides)
    files = pictures_in(folder)
    if not files:
        raise PairsError(
            f"{folder} holds no pictures ({', '.join(sorted(EXTENSIONS))}), and of folders: {_folders_in(folder)}."
            f" Pairs are read from {LAYOUTS}."
        )
    _say_ignored(folder)
    return [Source(path) for path in files]


def _sides(root: Path, split: str) -> tuple[Path, Path] | None:
    """Return the two folders of a split, where the inputs and truths have one each."""
    return _existing(
        folders
        for a, b in SIDES
        for folders in (
            (root / split / a, root / split / b),
            (root / a / split, root / b / split),
            (root / f"{split}{a}", root / f"{split}{b}"),
        )
    )


def _existing(candidates: Iterable[tuple[Path, Path]]) -> tuple[Path, Path] | None:
    """Return the first two folders of which one exists at least."""
    return next((sides for sides in candidates if sides[0].is_dir() or sides[1].is_dir()), None)


def _folders_in(folder: Path) -> str:
    names = sorted(path.name for path in folder.iterdir() if path.is_dir())
    return ", ".join(names[:8]) + (", ..." if len(names) > 8 else "") or "none"


def _say_ignored(folder: Path) -> None:
    if ignored := ignored_in(folder):
        names = ", ".join(path.name for path in ignored[:3]) + (", ..." if len(ignored) > 3 else "")
        warnings.warn(f"{folder}: {len(ignored)} file(s) ignored, no pictures by their endings: {names}", stacklevel=3)


def _paired_by_stem(folder_a: Path, folder_b: Path) -> list[Source]:
    for folder in (folder_a, folder_b):
        if not folder.is_dir():
            raise PairsError(f"{folder} is missing: pairs in two folders need both A and B.")
    a, b = _by_stem(folder_a), _by_stem(folder_b)
    for unpaired, other in ((a.keys() - b.keys(), folder_b), (b.keys() - a.keys(), folder_a)):
        if unpaired:
            names = ", ".join(sorted((a | b)[stem].name for stem in unpaired)[:3])
            raise PairsError(f"{len(unpaired)} picture(s) have no partner of the same name in {other}: {names}.")
    if not a:
        raise PairsError(f"{folder_a} holds no pictures ({', '.join(sorted(EXTENSIONS))}).")
    for folder in (folder_a, folder_b):
        _say_ignored(folder)
    return [Source(a[stem], b[stem]) for stem in sorted(a)]


def _by_stem(folder: Path) -> dict[str, Path]:
    """Return the pictures of a folder by name without ending. Raise PairsError where two share one."""
    found: dict[str, Path] = {}
    for path in pictures_in(folder):
        if (other := found.setdefault(path.stem, path)) != path:
            raise PairsError(f"{folder} holds {other.name} and {path.name}: both would be the pair {path.stem}. Remove one.")
    return found


def find_ranges(sources: Sequence[Source]) -> Ranges:
    """Return what is black and white in the files of A and of B; of a file that holds both, the same for both."""
    a = find_range([source.a for source in sources])
    files = [source.b for source in sources if source.b is not None]
    return a, find_range(files) if files else a


def read_pair(
    source: Source, maker: Maker | None = None, side: int = 0, ranges: Ranges = (None, None)
) -> tuple[Image.Image, Image.Image]:
    """Read A and B as RGB pictures, each at its own size. With `maker` the file is B alone and A is made from it.

    `ranges` are the values for black and white of A and B, where files hold more than 8 bits a channel.

    It is made at the size that the network will see, side x side: strokes drawn on a larger photo would fade, and
    a quarter of its resolution would lose nothing. Raise OSError or ValueError where a file is no pair.
    """
    first = read_image(source.a, values=ranges[0])
    if maker is not None:
        photo = Image.fromarray(resized(first, side)) if side and min(first.size) >= MIN_SIDE else first
        return maker(photo), photo
    if source.b is not None:
        return first, read_image(source.b, values=ranges[1])
    width, height = first.size
    if width < 2 or width % 2:
        raise ValueError(f"is {width} pixels wide: a side-by-side pair has an even width")
    half = width // 2
    return first.crop((0, 0, half, height)), first.crop((half, 0, width, height))


class Pairs(Dataset):
    """Pairs as tensors 3 x size x size in [-1, 1], input first, truth second, whichever `direction` was requested.

    In training each pair is resized to `load_size` and cropped at random to `size` (jitter), then mirrored at random
    if `flip`; `augment` changes input and truth, size x size x 3 uint8, further. Every draw comes from (seed, epoch,
    index) alone, so an interrupted epoch continues exactly and the number of loading processes changes nothing.
    Decoded pictures are kept while they fit into `cache_bytes`.

    Keys are (epoch, index). A file that cannot be read is left out with a warning that names it.
    """

    def __init__(
        self,
        sources: list[Source],
        direction: str = "AtoB",
        size: int = 256,
        load_size: int = 286,
        flip: bool = True,
        seed: int = 0,
        maker: Maker | None = None,
        augment: Augmentation | None = None,
        cache_bytes: int = 4 << 30,
        progress: bool = False,
        ranges: Ranges = (None, None),
    ):
        if direction not in DIRECTIONS:
            raise PairsError(f"unknown direction {direction!r}: choose AtoB or BtoA")
        if load_size < size:
            raise PairsError(f"load size {load_size} is smaller than the crop of {size}")
        self.direction, self.size, self.load_size, self.flip, self.seed = direction, size, load_size, flip, seed
        self.maker, self.augment, self.ranges = maker, augment, ranges
        self.sources: list[Source] = []
        self.cache: list[Tensor] = []
        held = 0
        for source in tqdm(sources, desc="reading pairs", unit="pair", disable=not progress, leave=False):
            try:
                pair = self._decode(source)
            except (OSError, ValueError) as error:
                reason = f"{source.a}: {error}"
                warnings.warn(f"left out {reason}", stacklevel=2)
                continue
            self.sources.append(source)
            held += pair.nbytes
            if held <= cache_bytes:
                self.cache.append(pair)
        if not self.sources:
            raise PairsError(f"none of the {len(sources)} pictures could be used; the last is {reason}")

    def __len__(self) -> int:
        return len(self.sources)

    def _decode(self, source: Source) -> Tensor:
        """Read input and truth, 2 x H x W x 3 uint8, no larger than jitter needs."""
        a, b = read_pair(source, self.maker, self.load_size, self.ranges)
        for image in (a, b):
            if min(image.size) < MIN_SIDE:
                raise ValueError(f"is {image.width}x{image.height} pixels a side: at least {MIN_SIDE}x{MIN_SIDE} is needed")
        # Each from its own size at once: B brought to the size of a smaller A first would have lost its detail for good.
        kept = a.size == b.size == (self.size, self.size)
        pair = (a, b) if self.direction == "AtoB" else (b, a)
        return torch.from_numpy(np.stack([np.asarray(image) if kept else resized(image, self.load_size) for image in pair]))

    def __getitem__(self, key: tuple[int, int]) -> tuple[Tensor, Tensor]:
        epoch, index = key
        pair = self.cache[index] if index < len(self.cache) else self._decode(self.sources[index])
        random = np.random.default_rng((self.seed, epoch, index))
        # Cutting the window first and resizing once is resize-then-crop for a fraction of the work.
        height, width = pair.shape[1:3]
        share = self.size / self.load_size
        left, top = random.integers(0, self.load_size - self.size, 2, endpoint=True) / self.load_size
        box = (left * width, top * height, (left + share) * width, (top + share) * height)
        mirrored = self.flip and random.random() < 0.5

        def cut(image: np.ndarray) -> np.ndarray:
            window = np.asarray(Image.fromarray(image).resize((self.size, self.size), Image.Resampling.BICUBIC, box))
            return window[:, ::-1] if mirrored else window

        first, second = (cut(image) for image in pair.numpy())
        if self.augment is not None:
            first, second = self.augment(first, second, random)
        return to_tensor(first), to_tensor(second)


class EpochBatches(Sampler[list[tuple[int, int]]]):
    """Endless shuffled batches of (epoch, index) keys, starting at any step: the whole data order is a function of the seed.

    Each step takes `batch * world` pairs and this process the `rank`-th share of them. The last, smaller batch of an
    epoch is filled up from the epoch's beginning so that every step weighs the same.
    """

    def __init__(self, count: int, batch: int, seed: int, start: int = 0, rank: int = 0, world: int = 1):
        self.count, self.batch, self.seed, self.start, self.rank, self.world = count, batch, seed, start, rank, world
        self.steps_per_epoch = -(-count // (batch * world))

    def __iter__(self) -> Iterator[list[tuple[int, int]]]:
        epoch, skip = divmod(self.start, self.steps_per_epoch)
        while True:
            order = np.random.default_rng((self.seed, epoch)).permutation(self.count)
            step_size = self.batch * self.world
            order = np.resize(order, self.steps_per_epoch * step_size)
            for step in range(skip, self.steps_per_epoch):
                first = step * step_size + self.rank * self.batch
                yield [(epoch, int(index)) for index in order[first : first + self.batch]]
            skip = 0
            epoch += 1


def whole_pairs(
    sources: list[Source], direction: str, size: int, maker: Maker | None = None, ranges: Ranges = (None, None)
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield input and truth of each pair, size x size x 3 uint8, without jitter: what validation and `evaluate` measure on."""
    for source in sources:
        try:
            pair = read_pair(source, maker, size, ranges)
        except (OSError, ValueError) as error:
            warnings.warn(f"left out {source.a}: {error}", stacklevel=2)
            continue
        a, b = (resized(image, size) for image in pair)
        yield (a, b) if direction == "AtoB" else (b, a)
