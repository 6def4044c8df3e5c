"""What the studio knows of each task: its title, palette, tools, and where its random inputs come from."""

from dataclasses import dataclass, replace
from typing import Any, Literal

from pix2pix.data.palettes import FACADE, INK, MAP

# Photographs have no labels; these are the colors that aerial photos are mostly made of.
AERIAL = {
    "trees": "#3d5240",
    "grass": "#7c8b5e",
    "roof": "#b9aca0",
    "asphalt": "#84878a",
    "water": "#33505c",
    "bare soil": "#a3937a",
}

FACADE_HINTS = {
    "background": "sky, street, and everything that is not this building",
    "wall": "the plain surface of the building",
    "window": "one rectangle a window",
    "door": "entrances",
    "cornice": "the ledge under the roof and between storeys",
    "sill": "the ledge below a window",
    "balcony": "balconies, drawn over the windows behind them",
    "blind": "shutters and blinds, over or beside a window",
    "decoration": "reliefs and ornaments",
    "molding": "raised frames around openings and panels",
    "pillar": "columns and pilasters from ground to roof",
    "shop": "shop fronts at street level",
}

MAP_HINTS = {
    "land": "streets and houses nobody drew; the models fill it",
    "water": "rivers, lakes, the sea",
    "park": "grass and trees",
    "minor road": "lines about 6 pixels wide",
    "main road": "lines about 7 pixels wide",
    "motorway": "lines about 8 pixels wide",
    "building": "a little lighter than the land",
}

# Pixels of the brush: roads are as wide as these in training tiles, areas are painted with a broad one.
MAP_SIZES = {"water": 30, "park": 30, "minor road": 6, "main road": 7, "motorway": 8}


@dataclass(frozen=True)
class Task:
    """Facts of one task, as the page shows them. `crisp` drawings have hard edges, others are ink whose edges fade;
    `labels` are drawings that may hold nothing but palette colors, to which other pictures are snapped.
    """

    name: str
    title: str
    subject: str
    palette: dict[str, str]
    background: str
    hints: dict[str, str]
    tools: tuple[str, ...]
    tool: str
    color: str
    sizes: tuple[float, float, float]
    label_sizes: dict[str, float]
    crisp: bool
    labels: bool
    symmetry: bool
    source: Literal["facade", "town", "aerial", "examples"]
    first_seed: int

    @property
    def input(self) -> Literal["edges", "labels", "any"]:
        """What pictures its models make sense of."""
        if takes_edges(self.name):
            return "edges"
        return "labels" if self.source in ("facade", "town") else "any"


def _edges(name: str, title: str, subject: str, first_seed: int = 0) -> Task:
    return Task(
        name=name,
        title=title,
        subject=subject,
        palette=INK,
        background="#ffffff",
        hints={"ink": "thin black lines, as in the training drawings"},
        tools=("pen", "eraser", "line", "rectangle"),
        tool="pen",
        color="ink",
        sizes=(1, 3, 1.5),
        label_sizes={},
        crisp=False,
        labels=False,
        symmetry=False,
        source="examples",
        first_seed=first_seed,
    )


def _labels(name: str, title: str, subject: str, palette: dict[str, str], **changes: Any) -> Task:
    """Build a task of label maps; `changes` are fields of `Task` in which it differs from most of them."""
    task = Task(
        name=name,
        title=title,
        subject=subject,
        palette=palette,
        background=next(iter(palette.values())),
        hints={},
        tools=("pen", "eraser", "line", "rectangle", "fill"),
        tool="pen",
        color=list(palette)[1],
        sizes=(1, 48, 8),
        label_sizes={},
        crisp=True,
        labels=True,
        symmetry=False,
        source="examples",
        first_seed=9,
    )
    return replace(task, **changes)


_KNOWN = (
    _edges("edges2shoes", "Shoes", "a shoe, toe to the left", first_seed=1),
    _edges("edges2handbags", "Handbags", "a handbag, seen from the front"),
    _labels(
        "labels2facade",
        "Building",
        "a house front in labeled rectangles",
        FACADE,
        hints=FACADE_HINTS,
        tools=("rectangle", "fill", "pen", "line", "eraser"),
        tool="rectangle",
        color="window",
        symmetry=True,
        source="facade",
        first_seed=9,
        sizes=(1, 48, 6),
    ),
    # Map tiles are drawn with soft edges and many shades, so what is put on the canvas keeps them.
    _labels(
        "map2aerial",
        "Map to aerial",
        "a street map",
        MAP,
        hints=MAP_HINTS,
        color="minor road",
        sizes=(1, 48, 6),
        label_sizes=MAP_SIZES,
        labels=False,
        source="town",
    ),
    _labels(
        "aerial2map",
        "Aerial to map",
        "or upload an aerial photo",
        AERIAL,
        source="aerial",
        sizes=(2, 64, 16),
        labels=False,
    ),
)
_BY_NAME = {task.name: task for task in _KNOWN}


def task_facts(name: str) -> Task:
    """Return the facts of a task.

    For one that only its checkpoint knows, edges are drawn in ink and all else in the colors of maps and facades.
    """
    if name in _BY_NAME:
        return _BY_NAME[name]
    title = name.replace("2", " to ").replace("_", " ").replace("-", " ").capitalize()
    if takes_edges(name):
        return _edges(name, title, "black lines on white")
    palette = {"paper": "#ffffff"} | INK | AERIAL | FACADE
    return _labels(name, title, "an input like those it was trained on", palette, color="ink", labels=False)


def takes_edges(name: str) -> bool:
    """Return whether the inputs of a task are edge drawings."""
    return name.startswith("edges")


def in_order(names: list[str]) -> list[str]:
    """Return task names as the cards show them: the known ones first, in their own order."""
    known = [task.name for task in _KNOWN]
    return sorted(names, key=lambda name: (known.index(name) if name in known else len(known), name))
