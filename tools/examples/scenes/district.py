"""One district of a town map: a grid of streets, straight or bent, and what stands in its blocks."""

from itertools import pairwise

import numpy as np

from pix2pix.data.palettes import MAP
from tools.examples.scenes.sheet import MapSheet

# What fills a block in each kind of district, with shares.
BLOCKS = {
    "houses": {"houses": 0.8, "halls": 0.08, "slabs": 0.04, "park": 0.015, "empty": 0.065},
    "terraces": {"terraces": 0.75, "halls": 0.17, "slabs": 0.03, "park": 0.02, "empty": 0.03},
    "center": {"halls": 0.6, "terraces": 0.3, "park": 0.03, "campus": 0.03, "empty": 0.04},
    "estate": {"slabs": 0.55, "houses": 0.15, "halls": 0.12, "park": 0.06, "empty": 0.12},
    "works": {"halls": 0.46, "slabs": 0.18, "yard": 0.12, "empty": 0.24},
    "country": {"slabs": 0.25, "houses": 0.05, "empty": 0.7},
}
KINDS = {"houses": 0.34, "terraces": 0.22, "center": 0.12, "estate": 0.12, "works": 0.12, "country": 0.08}
# How deep and how long a block is, in 256ths.
BLOCK_SIZES = {
    "houses": ((19, 32), (45, 120)),
    "terraces": ((20, 34), (50, 120)),
    "center": ((24, 42), (30, 80)),
    "estate": ((35, 70), (50, 110)),
    "works": ((40, 80), (50, 130)),
    "country": ((70, 140), (80, 200)),
}
GROUND = {"yard": "#dedad4", "campus": "#ebe0c4", "park": MAP["park"]}
OUTLINE = "#e4e0d9"
SHADOW = "#d8d4d0"


def draw_district(sheet: MapSheet, rng: np.random.Generator) -> "District":
    """Draws a random district over the whole sheet."""
    district = District(sheet, rng, rng.choice(list(KINDS), p=list(KINDS.values())))
    district.draw()
    return district


class District:
    """A grid in its own coordinates, u along the blocks and v across them, laid over the picture turned and bent."""

    def __init__(self, sheet: MapSheet, rng: np.random.Generator, kind: str) -> None:
        self.sheet, self.rng, self.kind = sheet, rng, kind
        angle = rng.uniform(0, np.pi)
        self.turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        curvy = 0.75 if kind in ("estate", "country") else 0.3
        self.waves = rng.normal(0, 1 / 300, (2, 2)), rng.uniform(0, 2 * np.pi, 2)
        # Short waves stay low: streets bend gently.
        highest = 0.08 / np.abs(self.waves[0]).max()
        self.bend = rng.uniform(0.3, 1.0) * min(highest, 26.0) if rng.random() < curvy else 0.0
        deep, long = BLOCK_SIZES[kind]
        self.v = self._lines(rng.uniform(*deep), rng.uniform(0.02, 0.25))
        self.u = self._lines(rng.uniform(*long), rng.uniform(0.02, 0.4))
        self.street = rng.uniform(2.8, 4.3)
        # Streets left out between two blocks, by the block before them. Wild districts are missing many.
        missing = rng.uniform(0.15, 0.4) if self.bend else rng.choice([0.0, 0.05, 0.15])
        self.missing_along = rng.random((len(self.u), len(self.v))) < missing
        self.missing_across = rng.random((len(self.u), len(self.v))) < missing * 0.6
        self.boulevards = rng.random() < 0.15
        self.tall = kind == "center" or rng.random() < 0.25

    def _lines(self, spacing: float, uneven: float) -> np.ndarray:
        gaps = spacing * (1 + self.rng.uniform(-uneven, uneven, int(480 / spacing) + 2))
        return np.cumsum(gaps) - 240

    def place(self, uv: np.ndarray) -> np.ndarray:
        """... x 2 grid coordinates -> ... x 2 in the picture."""
        frequencies, phases = self.waves
        return 128 + uv @ self.turn + self.bend * np.sin(2 * np.pi * uv @ frequencies + phases)

    def plot(self) -> np.ndarray:
        """The outline, N x 2, of a random piece of ground several blocks large, bounded by streets."""
        spans = []
        for lines in (self.u, self.v):
            first = self.rng.choice(np.flatnonzero(np.abs(lines[:-1]) < 110))
            length = self.rng.uniform(40, 150)
            spans.append(np.array([lines[first], lines[min(np.searchsorted(lines, lines[first] + length), len(lines) - 1)]]))
        corners = np.array([[spans[0][i], spans[1][j]] for i, j in ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))])
        share = np.arange(0, 4, 1 / 16)
        return self.place(np.stack([np.interp(share, range(5), corners[:, axis]) for axis in (0, 1)], axis=1))

    def draw(self) -> None:
        for i in range(len(self.u) - 1):
            for j in range(len(self.v) - 1):
                block = np.array([self.u[i], self.v[j], self.u[i + 1], self.v[j + 1]])
                middle = self.place((block[:2] + block[2:]) / 2)
                if (np.abs(middle - 128) < 128 + (block[2:] - block[:2]).max()).all():
                    self._draw_block(block + np.array([1, 1, -1, -1]) * (self.street / 2 + 1.2))
        self._draw_streets()

    def _draw_streets(self) -> None:
        wide = self.rng.random(len(self.u)) < 0.2
        for j, v in enumerate(self.v):
            for start, end in self._runs(self.missing_along[:, j], self.u):
                self._draw_street(np.array([[start, v], [end, v]]), self.street)
        for i, u in enumerate(self.u):
            for start, end in self._runs(self.missing_across[i], self.v):
                avenue = np.array([[u, start], [u, end]])
                if wide[i] and self.boulevards:
                    for side in (-0.8, 0.8):
                        self._draw_street(avenue + np.array([side * self.street, 0]), self.street)
                else:
                    self._draw_street(avenue, self.street * (1.5 if wide[i] else 1.1))

    def _runs(self, missing: np.ndarray, places: np.ndarray) -> list[tuple[float, float]]:
        """Where the streets between missing stretches start and end."""
        stops = [0, *np.flatnonzero(missing[:-1]) + 0.5, len(places) - 1]
        bounds = [(int(np.ceil(a)), int(np.floor(b))) for a, b in pairwise(stops)]
        return [(places[a], places[b]) for a, b in bounds if b > a]

    def _draw_street(self, ends: np.ndarray, width: float) -> None:
        steps = 2 if not self.bend else 2 + int(np.abs(ends[1] - ends[0]).max() / 5)
        share = np.linspace(0, 1, steps)[:, None]
        self.sheet.line(self.place(ends[0] * (1 - share) + ends[1] * share), width, MAP["minor road"])

    # -- blocks: each is u and v of two corners

    def _draw_block(self, block: np.ndarray) -> None:
        shares = BLOCKS[self.kind]
        filling = self.rng.choice(list(shares), p=list(shares.values()))
        if filling in GROUND:
            self.sheet.polygon(self.place(_corners(block[None]))[0], GROUND[filling])
        buildings = {
            "houses": lambda: self._rows(block, self.rng.uniform(3.6, 5.5), 0.3, 0.33),
            "terraces": lambda: self._rows(block, self.rng.uniform(2.2, 4.5), 0.06, 0.4),
            "halls": lambda: self._halls(block),
            "slabs": lambda: self._slabs(block),
            "campus": lambda: self._slabs(block),
        }
        if filling in buildings:
            self._draw_buildings(buildings[filling]())

    def _draw_buildings(self, rectangles: np.ndarray) -> None:
        corners = self.place(_corners(rectangles))
        for building in corners:
            if self.tall:
                self.sheet.polygon(building + np.array([0.5, 0.7]), SHADOW)
            self.sheet.polygon(building, MAP["building"], OUTLINE)

    def _rows(self, block: np.ndarray, plot: float, gap: float, depth: float) -> np.ndarray:
        """Houses back to back along both long sides: one every `plot`, less a share `gap`; `depth` is a share of the block."""
        left, top, right, bottom = block
        rows = []
        for side in (0, 1):
            starts = np.arange(left, right - plot, plot)
            starts = starts[self.rng.random(len(starts)) > 0.08]
            wide = plot * (1 - gap * self.rng.uniform(0.6, 1.4, len(starts)))
            # However deep the block, a house is no deeper than a house.
            deep = min((bottom - top) * depth, 12.0) * self.rng.uniform(0.85, 1.1) * self.rng.uniform(0.85, 1.1, len(starts))
            front = self.rng.uniform(0, 0.8, len(starts))
            near = top + front if side == 0 else bottom - front - deep
            rows.append(np.stack([starts, near, starts + wide, near + deep], axis=1))
        return np.concatenate(rows)

    def _halls(self, block: np.ndarray) -> np.ndarray:
        """Large buildings that share the block among them."""
        pieces, done = [block], []
        while pieces:
            left, top, right, bottom = piece = pieces.pop()
            longer = max(right - left, bottom - top)
            if longer < 12 or (longer < 38 and self.rng.random() < 0.45):
                done.append(piece)
                continue
            cut = self.rng.uniform(0.3, 0.7)
            if right - left > bottom - top:
                middle = left + cut * (right - left)
                pieces += [(left, top, middle - 0.4, bottom), (middle + 0.4, top, right, bottom)]
            else:
                middle = top + cut * (bottom - top)
                pieces += [(left, top, right, middle - 0.4), (left, middle + 0.4, right, bottom)]
        halls = np.array(done)
        halls = halls[self.rng.random(len(halls)) > 0.15]
        return halls + np.array([1, 1, -1, -1]) * self.rng.uniform(0, 1, (len(halls), 4))

    def _slabs(self, block: np.ndarray) -> np.ndarray:
        """Free-standing buildings, some of them crossed by a second wing."""
        low, high = block[:2] + 3, block[2:] - 3
        count = int(np.clip(np.prod(high - low) / self.rng.uniform(250, 600), 1, 12))
        half = self.rng.uniform(2, 4, (count, 2)) * self.rng.permuted(np.tile([[1.0, 2.2]], (count, 1)), axis=1)
        middle = self.rng.uniform(low, np.maximum(high, low + 0.1), (count, 2))
        slabs = np.concatenate([middle - half, middle + half], axis=1)
        winged = self.rng.random(count) < 0.3
        wings = np.concatenate([middle - half[:, ::-1], middle + half[:, ::-1]], axis=1)[winged]
        return np.concatenate([slabs, wings])


def _corners(rectangles: np.ndarray) -> np.ndarray:
    """N x 4 rectangles -> N x 4 x 2 corners."""
    return rectangles[:, [[0, 1], [2, 1], [2, 3], [0, 3]]]
