"""The two drawing surfaces: one for exact label colors, one for smooth maps.

On both, lengths are in 256ths of the picture's side with y pointing down, so a scene is the same at every size.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from PIL import Image, ImageColor, ImageDraw, ImageFilter

from pix2pix.data.palettes import FACADE

# What lies over what, back to front, as in the hand-made label maps: balconies hide windows, windows cut into the cornice
# above them, pillars stand before all but decoration.
LAYERS = (
    "background",
    "wall",
    "molding",
    "cornice",
    "window",
    "door",
    "sill",
    "blind",
    "shop",
    "balcony",
    "pillar",
    "decoration",
)


class LabelSheet:
    """Labeled rectangles, painted back to front by label whatever order they were added in."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self._hand = rng.uniform(0.0, 0.6)
        self._rectangles: list[tuple[str, np.ndarray]] = []

    def add(self, label: str, left: float, top: float, right: float, bottom: float) -> None:
        """Adds a rectangle, its edges a little off as a hand leaves them."""
        self._rectangles.append((label, np.array([left, top, right, bottom]) + self.rng.normal(0, self._hand, 4)))

    def paint(self, size: int) -> np.ndarray:
        """The drawing as size x size x 3 uint8."""
        picture = np.empty((size, size, 3), np.uint8)
        picture[:] = ImageColor.getrgb(FACADE["background"])
        for label, edges in sorted(self._rectangles, key=lambda rectangle: LAYERS.index(rectangle[0])):
            left, top, right, bottom = (edges * size / 256).round().astype(int).clip(0, size)
            picture[top:bottom, left:right] = ImageColor.getrgb(FACADE[label])
        return picture


class MapSheet:
    """Polygons and lines in the order they are drawn, at several times the size and averaged down for smooth borders."""

    OVERSAMPLING = 4

    def __init__(self, size: int, color: str) -> None:
        self._size = size
        self._scale = size * self.OVERSAMPLING / 256
        self._image = Image.new("RGB", (size * self.OVERSAMPLING,) * 2, color)
        self._draw = ImageDraw.Draw(self._image)

    def polygon(self, corners: np.ndarray, color: str, outline: str | None = None) -> None:
        """Fills a polygon; `corners` is N x 2. The outline is a hairline."""
        points = (corners * self._scale).ravel().tolist()
        self._draw.polygon(points, fill=color)
        if outline:
            # Pillow's own wide outline goes through a mask of the whole picture: a hundred times slower.
            self._draw.line(points + points[:2], outline, max(1, round(0.5 * self._scale)))

    def line(self, points: np.ndarray, width: float, color: str) -> None:
        """A line with rounded bends through `points`, N x 2."""
        self._draw.line((points * self._scale).ravel().tolist(), color, max(1, round(width * self._scale)), joint="curve")

    def region(self, corners: np.ndarray) -> Image.Image:
        """The inside of a polygon, for `clipped` and `flood`."""
        mask = Image.new("L", self._image.size)
        ImageDraw.Draw(mask).polygon((corners * self._scale).ravel().tolist(), fill=255)
        return mask

    @contextmanager
    def clipped(self, region: Image.Image) -> Iterator[None]:
        """What is drawn meanwhile shows inside `region` only."""
        before = self._image.copy()
        yield
        self._replace(Image.composite(self._image, before, region))

    def flood(self, region: Image.Image, deep: str, shore: str) -> None:
        """Fills `region` with `deep`, turning to `shore` within some 6 lengths of its border."""
        blurred = region.filter(ImageFilter.GaussianBlur(3 * self._scale))
        # Half of what the blur sees at the border is inside.
        depth = blurred.point([max(0, 2 * value - 255) for value in range(256)])
        water = Image.composite(Image.new("RGB", region.size, deep), Image.new("RGB", region.size, shore), depth)
        self._replace(Image.composite(water, self._image, region))

    def paint(self) -> np.ndarray:
        """The drawing as size x size x 3 uint8."""
        return np.array(self._image.resize((self._size, self._size), Image.Resampling.BOX))

    def _replace(self, image: Image.Image) -> None:
        self._image = image
        self._draw = ImageDraw.Draw(image)
