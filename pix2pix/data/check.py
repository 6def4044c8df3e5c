"""What looks wrong with a data set before time is spent on it: photos that are no pairs, truths that are their inputs."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from pix2pix.data.images import read_image
from pix2pix.data.pairs import Source, find_ranges, read_pair

# So many files, evenly spread, stand for the whole set.
MAX_EXAMINED = 16
# A set is judged by what holds for so many of them.
MOST = 0.8
EXAMINED_SIDE = 512
# Nobody sees pictures whose largest value is so small: they are numbers of classes.
MAX_CLASS = 31


@dataclass
class Findings:
    """Sentences: `clear` ones mean that training would be for nothing, `doubts` that it may be."""

    clear: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


def examine(sources: Sequence[Source]) -> Findings:
    """Look at some of the pairs. Files that cannot be read are left to whoever reads them all."""
    findings, photos, square, equal, count = Findings(), 0, 0, 0, 0
    highest = {"A": 0, "B": 0}
    chosen = sources[:: max(1, len(sources) // MAX_EXAMINED)][:MAX_EXAMINED]
    ranges = find_ranges(chosen)
    for source in chosen:
        try:
            picture = read_image(source.a, EXAMINED_SIDE) if source.b is None else None
            a, b = read_pair(source, ranges=ranges)
        except (OSError, ValueError):
            continue
        count += 1
        photos += picture is not None and is_whole(np.asarray(picture))
        square += a.width == a.height
        for side, image in (("A", a), ("B", b)):
            highest[side] = max(highest[side], int(np.asarray(image).max()))
        equal += a.size == b.size and np.array_equal(np.asarray(a), np.asarray(b))
    if not count:
        return findings
    if equal == count:
        findings.clear.append("input and truth are equal in every pair that was looked at: there is nothing to learn")
    for side, high in highest.items():
        if 0 < high <= MAX_CLASS:
            findings.clear.append(
                f"{side} holds class numbers from 0 to {high}, it seems, which are black to the eye and to a network:"
                " python -m pix2pix data DIR --colors OUT writes them in colors"
            )
    if photos >= MOST * count:
        what = "these look like plain photos, not like pairs side by side: the picture goes on across the middle"
        if square < count:
            findings.clear.append(f"{what}, and its halves are not square. --make-pairs draws the inputs from photos")
        else:
            findings.doubts.append(f"{what}. If they are, --make-pairs draws the inputs from them")
    return findings


def is_whole(picture: np.ndarray) -> bool:
    """Return whether H x W x 3 uint8 goes on across its middle as it does elsewhere, which a pair side by side does not.

    A middle without any texture, such as white paper, or with nothing but texture, such as noise, says nothing: False.
    """
    width = picture.shape[1]
    if width < 8:
        return False
    gray = np.asarray(Image.fromarray(picture).convert("L"), np.float32)
    middle = width // 2
    steps = np.abs(np.diff(gray[:, middle - 4 : middle + 4], axis=1)).mean(axis=0)
    seam, around = steps[3], np.delete(steps, 3).mean()
    return bool(around > 0.5 and around < 0.5 * gray.std() and seam < 2 * around)
