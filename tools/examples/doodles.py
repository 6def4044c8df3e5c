"""Forty everyday things as people doodle them, with a dab of color for each part: inputs for a model that draws anything."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tools.examples.products.crude import roughened
from tools.examples.products.page import Role, Stroke
from tools.examples.products.strokes import curve, ellipse, ink

DAB = 6  # radius of a dab of color, in pixels of 256 a side
RED, ORANGE, YELLOW, GREEN, TEAL, BLUE = "#e02020", "#f07818", "#f5d327", "#3faa36", "#19b5a5", "#2a6fdb"
PURPLE, PINK, BROWN, GRAY, BEIGE, WHITE = "#7d3cc0", "#e85aa8", "#7a4a21", "#808080", "#e8c79a", "#f2f2f2"


@dataclass(frozen=True)
class Doodle:
    """Lines, each N x 2, and dabs of color: x, y, #rrggbb."""

    lines: list[np.ndarray]
    dabs: list[tuple[float, float, str]]


def poly(points: str, closed: bool = True) -> np.ndarray:
    """Return a polygon of "x,y x,y ...", or with `closed=False` a line with corners."""
    corners = _points(points)
    return np.vstack([corners, corners[:1]]) if closed else corners


def smooth(points: str, closed: bool = True) -> np.ndarray:
    """Return a soft outline through "x,y x,y ..."."""
    return curve(_points(points), closed)


def _points(text: str) -> np.ndarray:
    return np.array([point.split(",") for point in text.split()], float)


def round_(x: float, y: float, radius: float, other: float | None = None) -> np.ndarray:
    """Return a circle, or an ellipse."""
    return ellipse((x, y), radius, radius if other is None else other)


def arc(x: float, y: float, radius: float, start: float, end: float, flat: float = 1.0) -> np.ndarray:
    """Return a piece of a circle between two angles in degrees, clockwise from the right."""
    angles = np.radians(np.linspace(start, end, 24))
    return np.stack([x + radius * np.cos(angles), y + flat * radius * np.sin(angles)], axis=1)


def _star(x: float, y: float, outer: float, inner: float, rays: int) -> np.ndarray:
    angles = np.arange(2 * rays + 1) * np.pi / rays - np.pi / 2
    radii = np.where(np.arange(2 * rays + 1) % 2, inner, outer)
    return np.stack([x + radii * np.cos(angles), y + radii * np.sin(angles)], axis=1)


def _petals(x: float, y: float, reach: float, radius: float, count: int) -> list[np.ndarray]:
    return [round_(*place, radius) for place in _around(x, y, reach, count)]


def _around(x: float, y: float, reach: float, count: int) -> list[tuple[float, float]]:
    angles = np.arange(count) * 2 * np.pi / count
    return [(x + reach * np.cos(angle), y + reach * np.sin(angle)) for angle in angles]


DOODLES: dict[str, Callable[[], Doodle]] = {
    "cat": lambda: Doodle(
        [
            smooth("70,120 72,60 104,84 128,80 152,84 184,60 186,120 176,168 128,190 80,168"),
            round_(104, 124, 9, 12),
            round_(152, 124, 9, 12),
            poly("120,146 136,146 128,155"),
            smooth("106,162 118,168 128,156 138,168 150,162", closed=False),
        ],
        [(128, 104, ORANGE), (128, 149, PINK), (104, 124, GREEN), (152, 124, GREEN)],
    ),
    "house": lambda: Doodle(
        [
            poly("60,120 196,120 196,210 60,210"),
            poly("46,122 128,46 210,122"),
            poly("112,210 112,158 144,158 144,210"),
            poly("72,140 100,140 100,168 72,168"),
            poly("156,140 184,140 184,168 156,168"),
        ],
        [(128, 90, RED), (128, 140, BEIGE), (128, 184, BROWN), (86, 154, BLUE), (170, 154, BLUE)],
    ),
    "fish": lambda: Doodle(
        [
            smooth("40,128 80,84 140,84 188,128 140,172 80,172"),
            poly("184,128 224,92 214,128 224,164"),
            round_(76, 118, 9),
            smooth("108,92 118,128 108,164", closed=False),
            smooth("120,82 146,58 160,92", closed=False),
        ],
        [(146, 128, ORANGE), (208, 128, YELLOW), (66, 142, ORANGE), (140, 76, YELLOW)],
    ),
    "cup": lambda: Doodle(
        [
            poly("70,90 78,196 162,196 170,90"),
            round_(120, 90, 50, 13),
            smooth("168,108 204,108 204,156 164,160", closed=False),
            smooth("166,122 188,122 188,144 165,146", closed=False),
        ],
        [(120, 146, TEAL), (120, 90, BROWN), (196, 132, TEAL)],
    ),
    "tree": lambda: Doodle(
        [
            smooth("128,40 176,56 200,100 180,144 128,152 76,144 56,100 80,56"),
            poly("112,148 108,216 150,216 144,148"),
        ],
        [(128, 96, GREEN), (129, 186, BROWN)],
    ),
    "face": lambda: Doodle(
        [round_(128, 128, 84), round_(100, 108, 9, 13), round_(156, 108, 9, 13), arc(128, 132, 46, 15, 165)],
        [(128, 70, YELLOW)],
    ),
    "star": lambda: Doodle([_star(128, 134, 92, 40, 5)], [(128, 136, YELLOW)]),
    "heart": lambda: Doodle(
        [smooth("128,92 104,56 62,64 52,108 84,160 128,204 172,160 204,108 194,64 152,56")],
        [(128, 136, RED)],
    ),
    "mushroom": lambda: Doodle(
        [
            smooth("44,132 64,76 128,48 192,76 212,132 128,146"),
            smooth("104,144 100,200 128,210 156,200 152,144", closed=False),
            round_(96, 98, 14),
            round_(146, 80, 12),
            round_(164, 116, 11),
        ],
        [(120, 118, RED), (128, 176, BEIGE), (96, 98, WHITE), (146, 80, WHITE), (164, 116, WHITE)],
    ),
    "flower": lambda: Doodle(
        [
            round_(128, 92, 22),
            *_petals(128, 92, 42, 22, 6),
            poly("126,156 126,224", closed=False),
            smooth("126,204 150,172 172,176 154,202"),
        ],
        [(128, 92, YELLOW), *((x, y, PINK) for x, y in _around(128, 92, 44, 6)), (154, 188, GREEN)],
    ),
    "apple": lambda: Doodle(
        [
            smooth("128,96 92,78 56,108 64,164 100,206 128,198 156,206 192,164 200,108 164,78"),
            smooth("128,96 126,72 134,52", closed=False),
            smooth("134,70 156,46 182,52 164,74"),
        ],
        [(120, 144, RED), (160, 60, GREEN)],
    ),
    "car": lambda: Doodle(
        [
            smooth("36,164 40,128 80,120 108,84 168,84 192,120 218,128 220,164"),
            round_(82, 166, 22),
            round_(176, 166, 22),
            poly("112,92 134,92 134,118 92,118"),
            poly("142,92 166,92 182,118 142,118"),
        ],
        [(128, 140, RED), (82, 166, GRAY), (176, 166, GRAY), (118, 106, BLUE), (158, 106, BLUE)],
    ),
    "ice_cream": lambda: Doodle(
        [smooth("80,120 84,72 128,44 172,72 176,120 128,128"), poly("84,124 128,224 172,124")],
        [(128, 88, PINK), (128, 162, BEIGE)],
    ),
    "umbrella": lambda: Doodle(
        [
            arc(128, 132, 88, 180, 360),
            smooth("40,132 62,120 84,132", closed=False),
            smooth("84,132 106,120 128,132", closed=False),
            smooth("128,132 150,120 172,132", closed=False),
            smooth("172,132 194,120 216,132", closed=False),
            smooth("128,132 128,204 112,216 100,204", closed=False),
        ],
        [(84, 96, BLUE), (128, 84, BLUE), (172, 96, BLUE)],
    ),
    "balloon": lambda: Doodle(
        [round_(128, 96, 58, 66), poly("120,162 136,162 128,172"), smooth("128,172 118,198 134,226", closed=False)],
        [(128, 100, PURPLE)],
    ),
    "sun": lambda: Doodle([_star(128, 128, 100, 68, 12), round_(128, 128, 54)], [(128, 128, YELLOW), (128, 62, ORANGE)]),
    "moon": lambda: Doodle([smooth("150,44 84,64 60,128 84,192 150,212 116,174 104,128 116,82")], [(84, 128, YELLOW)]),
    "boat": lambda: Doodle(
        [
            poly("44,160 212,160 184,204 76,204"),
            poly("124,160 124,44", closed=False),
            poly("132,52 132,148 200,148"),
            poly("116,68 116,148 66,148"),
        ],
        [(128, 182, BROWN), (152, 124, RED), (100, 128, WHITE)],
    ),
    "bird": lambda: Doodle(
        [
            smooth("66,108 84,72 124,76 148,108 200,120 176,164 120,176 80,152"),
            poly("64,98 36,108 66,118"),
            round_(92, 98, 7),
            smooth("120,120 168,116 160,148 124,148"),
            poly("118,176 116,204", closed=False),
            poly("140,174 140,204", closed=False),
        ],
        [(100, 132, BLUE), (140, 132, TEAL), (54, 108, ORANGE)],
    ),
    "snowman": lambda: Doodle(
        [
            round_(128, 168, 52),
            round_(128, 88, 34),
            round_(116, 82, 4),
            round_(140, 82, 4),
            poly("128,92 152,98 128,102"),
            poly("100,60 156,60", closed=False),
            poly("110,60 110,28 146,28 146,60"),
        ],
        [(128, 176, WHITE), (112, 104, WHITE), (128, 46, GRAY), (136, 97, ORANGE)],
    ),
    "ghost": lambda: Doodle(
        [
            smooth("70,200 72,96 128,48 184,96 186,200 164,184 146,202 128,184 110,202 92,184"),
            round_(108, 110, 10, 14),
            round_(148, 110, 10, 14),
            round_(128, 146, 10),
        ],
        [(128, 82, PURPLE)],
    ),
    "robot": lambda: Doodle(
        [
            poly("80,60 176,60 176,124 80,124"),
            round_(106, 90, 11),
            round_(150, 90, 11),
            poly("104,110 152,110", closed=False),
            poly("68,132 188,132 188,208 68,208"),
            poly("128,60 128,38", closed=False),
            round_(128, 32, 7),
            poly("96,150 160,150 160,186 96,186"),
        ],
        [(88, 70, GRAY), (80, 142, TEAL), (128, 168, YELLOW), (106, 90, RED), (150, 90, RED)],
    ),
    "bulb": lambda: Doodle(
        [
            smooth("104,168 70,128 76,76 128,48 180,76 186,128 152,168"),
            poly("104,172 152,172 148,206 108,206"),
            poly("106,188 150,188", closed=False),
        ],
        [(128, 104, YELLOW), (128, 180, GRAY), (128, 198, GRAY)],
    ),
    "cake": lambda: Doodle(
        [
            poly("56,136 200,136 200,204 56,204"),
            smooth("56,136 72,156 92,138 112,158 132,138 152,158 176,138 200,152", closed=False),
            poly("122,136 122,92 134,92 134,136"),
            smooth("128,88 118,74 128,56 138,74"),
        ],
        [(128, 182, BROWN), (64, 142, PINK), (128, 114, BLUE), (128, 74, ORANGE)],
    ),
    "pear": lambda: Doodle(
        [
            smooth("128,60 152,76 160,120 188,160 160,208 128,212 96,208 68,160 96,120 104,76"),
            smooth("128,60 132,42 142,32", closed=False),
        ],
        [(128, 156, GREEN)],
    ),
    "carrot": lambda: Doodle(
        [
            smooth("92,104 128,84 164,104 148,164 128,224 108,164"),
            smooth("116,90 92,56 104,40 124,84"),
            smooth("130,86 128,36 142,32 138,86"),
            smooth("142,90 164,52 176,66 150,96"),
        ],
        [(128, 136, ORANGE), (106, 60, GREEN), (135, 56, GREEN), (162, 70, GREEN)],
    ),
    "butterfly": lambda: Doodle(
        [
            round_(128, 132, 8, 46),
            smooth("120,112 84,60 44,76 60,124 118,130"),
            smooth("136,112 172,60 212,76 196,124 138,130"),
            smooth("120,140 72,144 72,192 112,180"),
            smooth("136,140 184,144 184,192 144,180"),
        ],
        [(80, 96, BLUE), (176, 96, BLUE), (92, 164, PURPLE), (164, 164, PURPLE), (128, 132, BROWN)],
    ),
    "turtle": lambda: Doodle(
        [
            arc(120, 160, 72, 180, 360),
            poly("48,160 192,160", closed=False),
            smooth("188,148 204,112 230,128 222,152 192,160"),
            round_(212, 130, 4),
            poly("70,160 70,188 96,188 96,160"),
            poly("146,160 146,188 172,188 172,160"),
            _star(120, 128, 26, 22, 5),
        ],
        [(78, 132, GREEN), (120, 128, BROWN), (206, 144, TEAL), (82, 174, TEAL), (158, 174, TEAL)],
    ),
    "snail": lambda: Doodle(
        [
            round_(116, 124, 54),
            round_(116, 124, 26),
            smooth("62,148 40,188 196,188 212,140 204,112 184,124 176,156 164,142", closed=False),
            poly("200,112 196,88", closed=False),
            poly("208,114 214,90", closed=False),
        ],
        [(116, 124, ORANGE), (116, 84, BROWN), (196, 160, BEIGE)],
    ),
    "rocket": lambda: Doodle(
        [
            smooth("128,32 160,80 160,152 152,176 104,176 96,152 96,80"),
            round_(128, 100, 16),
            poly("96,136 68,184 102,172"),
            poly("160,136 188,184 154,172"),
            smooth("112,180 128,228 144,180"),
        ],
        [(128, 144, WHITE), (128, 100, BLUE), (86, 166, RED), (170, 166, RED), (128, 196, ORANGE)],
    ),
    "key": lambda: Doodle(
        [
            round_(80, 96, 38),
            round_(80, 96, 16),
            poly("106,122 116,112 206,200 196,210 180,194 168,206 158,196 170,184"),
        ],
        [(80, 68, YELLOW), (146, 158, YELLOW)],
    ),
    "gift": lambda: Doodle(
        [
            poly("60,112 196,112 196,208 60,208"),
            poly("52,88 204,88 204,112 52,112"),
            poly("116,88 140,88 140,208 116,208"),
            smooth("128,86 88,84 84,52 112,56"),
            smooth("128,86 168,84 172,52 144,56"),
        ],
        [(88, 160, BLUE), (168, 160, BLUE), (80, 100, BLUE), (176, 100, BLUE), (128, 160, RED), (100, 70, RED), (156, 70, RED)],
    ),
    "clock": lambda: Doodle(
        [round_(128, 128, 84), round_(128, 128, 70), poly("128,128 128,76", closed=False), poly("128,128 162,144", closed=False)],
        [(100, 100, WHITE), (128, 51, RED)],
    ),
    "cactus": lambda: Doodle(
        [
            smooth("108,176 108,72 128,52 148,72 148,176", closed=False),
            smooth("108,140 72,140 68,100 84,100 88,122 108,122", closed=False),
            smooth("148,128 176,128 178,92 192,92 192,146 148,148", closed=False),
            poly("88,176 168,176 158,220 98,220"),
        ],
        [(128, 116, GREEN), (82, 132, GREEN), (184, 132, GREEN), (128, 198, ORANGE)],
    ),
    "octopus": lambda: Doodle(
        [
            smooth(
                "76,132 76,80 128,48 180,80 180,132 200,192 172,196 160,160 152,204"
                " 132,204 128,164 116,204 98,202 96,160 80,196 54,190"
            ),
            round_(108, 108, 10),
            round_(148, 108, 10),
        ],
        [(128, 78, PINK)],
    ),
    "book": lambda: Doodle(
        [
            poly("128,80 128,196", closed=False),
            smooth("128,80 92,64 44,72", closed=False),
            smooth("128,80 164,64 212,72", closed=False),
            poly("44,72 44,186", closed=False),
            poly("212,72 212,186", closed=False),
            smooth("44,186 92,178 128,196", closed=False),
            smooth("212,186 164,178 128,196", closed=False),
        ],
        [(86, 128, WHITE), (170, 128, WHITE)],
    ),
    "crown": lambda: Doodle(
        [
            poly("52,188 44,88 92,136 128,68 164,136 212,88 204,188"),
            poly("52,164 205,164", closed=False),
            round_(128, 60, 9),
            round_(44, 80, 8),
            round_(212, 80, 8),
        ],
        [(128, 136, YELLOW), (128, 176, YELLOW), (128, 60, RED), (44, 80, BLUE), (212, 80, BLUE)],
    ),
    "guitar": lambda: Doodle(
        [
            smooth("116,124 84,128 72,152 84,172 72,204 104,226 148,214 152,184 148,164 156,140 140,124"),
            round_(114, 172, 14),
            poly("120,128 136,132 180,48 166,40"),
            poly("162,42 184,54 196,34 174,22"),
        ],
        [(96, 148, ORANGE), (114, 172, BROWN), (150, 84, BROWN), (178, 38, GRAY)],
    ),
    "watermelon": lambda: Doodle(
        [
            arc(128, 96, 92, 0, 180),
            arc(128, 96, 76, 0, 180),
            poly("36,96 220,96", closed=False),
            round_(104, 122, 4, 6),
            round_(128, 140, 4, 6),
            round_(152, 122, 4, 6),
        ],
        [(128, 112, RED), (128, 180, GREEN)],
    ),
    "penguin": lambda: Doodle(
        [
            smooth("128,44 168,72 180,140 168,200 128,212 88,200 76,140 88,72"),
            smooth("128,96 152,116 156,164 128,196 100,164 104,116"),
            round_(112, 80, 6),
            round_(144, 80, 6),
            poly("120,88 136,88 128,102"),
            poly("104,210 88,224 120,224"),
            poly("152,210 136,224 168,224"),
        ],
        [(88, 148, "#30343c"), (128, 148, WHITE), (128, 93, ORANGE), (104, 218, ORANGE), (152, 218, ORANGE)],
    ),
}


def doodle(name: str, crude: float = 0.5, width: float = 2.5, seed: int = 0, colored: bool = False) -> np.ndarray:
    """Draw one of `DOODLES` by a hand that is `crude`, 0 to 1, with its dabs of color if `colored`: 256 x 256 x 3 uint8."""
    drawn = DOODLES[name]()
    random = np.random.default_rng((seed, list(DOODLES).index(name)))
    strokes = roughened([Stroke(line, Role.OUTLINE) for line in drawn.lines], crude, random)
    picture = ink([stroke.points for stroke in strokes], 256, [width] * len(strokes))
    if colored:
        rows, columns = np.ogrid[:256, :256]
        for x, y, color in drawn.dabs:
            rgb = np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)], np.uint8)
            dab = (rows - y) ** 2 + (columns - x) ** 2 <= DAB**2
            picture[dab] = np.minimum(picture[dab], rgb)
    return picture
