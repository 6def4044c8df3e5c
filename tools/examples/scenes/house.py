"""One house of a facade label map: where its floors and bays lie, and its windows, doors and shops."""

from dataclasses import dataclass, replace

import numpy as np

from tools.examples.scenes.sheet import LabelSheet


@dataclass(frozen=True)
class Manner:
    """How likely a way of building uses each kind of element, 0 to 1: pillar and decoration per house, the rest per floor."""

    cornice: float
    sill: float
    blind: float
    balcony: float
    belt: float
    pillar: float
    decoration: float


# The share of houses built in each manner, and the manner.
MANNERS = {
    "classical": (0.48, Manner(cornice=0.65, sill=0.9, blind=0.08, balcony=0.35, belt=0.6, pillar=0.6, decoration=0.8)),
    "plain": (0.2, Manner(cornice=0.12, sill=0.65, blind=0.08, balcony=0.15, belt=0.3, pillar=0.08, decoration=0.35)),
    "modern": (0.12, Manner(cornice=0.05, sill=0.3, blind=0.08, balcony=0.8, belt=0.5, pillar=0.08, decoration=0.15)),
    "shuttered": (0.2, Manner(cornice=0.4, sill=0.8, blind=0.85, balcony=0.5, belt=0.45, pillar=0.2, decoration=0.5)),
}


@dataclass(frozen=True)
class Bay:
    """One column of openings. `room` is the width it may take; `accent` marks the bays set apart from the others.

    `shift` moves its windows down by a share of the floor, as stairs behind them do.
    """

    center: float
    room: float
    accent: bool
    shift: float


@dataclass(frozen=True)
class Opening:
    """How the windows of one floor look. `width` is a share of the bay's room, `top` and `height` of the floor's height.

    The names say which kind of cornice, sill, blind and balcony it has; the empty name stands for none.
    """

    width: float
    top: float
    height: float
    panes: int
    cornice: str
    sill: str
    blind: str
    balcony: str


class House:
    """A house between two x, from the line under its roof down to the ground, both of which may lie outside the picture."""

    def __init__(
        self, sheet: LabelSheet, manner: Manner, left: float, right: float, roof: float, ground: float, storey: float
    ) -> None:
        self.sheet, self.rng, self.manner = sheet, sheet.rng, manner
        self.left, self.right = left, right
        self.bays = self._lay_bays(storey)
        # y of the lines between floors, roof first, ground last.
        self.lines = self._lay_floors(roof, ground, storey)
        self.base = self._opening()
        # Some fronts have the same balcony in their accented bays all the way up.
        self.stacked = self.chance(0.5 * manner.balcony)

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def pick(self, *choices):
        return choices[self.rng.integers(len(choices))]

    def _lay_bays(self, storey: float) -> list[Bay]:
        rng, width = self.rng, self.right - self.left
        count = int(np.clip(round(width / (storey * rng.uniform(0.62, 1.1))), 1, 10))
        gaps = np.ones(count + 1)
        rhythm = rng.choice(["even", "grouped", "wings", "uneven"], p=[0.48, 0.22, 0.18, 0.12])
        if rhythm == "grouped":
            gaps[1:-1] = np.where(np.arange(1, count) % self.pick(2, 2, 3), 0.75, 1.35)
        elif rhythm == "wings" and count > 4:
            gaps[2] = gaps[-3] = rng.uniform(1.25, 1.6)
        elif rhythm == "uneven":
            gaps[1:-1] = rng.uniform(0.75, 1.4, count - 1)
        if rhythm != "uneven":
            gaps = np.maximum(gaps, gaps[::-1])
        gaps[[0, -1]] = rng.uniform(0.5, 0.75)
        places = np.cumsum(gaps)
        scale = width / places[-1]
        room = np.minimum(np.minimum(gaps[:-1], gaps[1:]), 1.0) * scale
        room[[0, -1]] = room[1:-1].min(initial=2 * gaps[0] * scale)
        accents = {
            "center": range((count - 1) // 2, count // 2 + 1) if count > 2 else (),
            "ends": (0, count - 1) if count > 3 else (),
            "one": (int(rng.integers(count)),),
            "none": (),
        }[rng.choice(["center", "ends", "one", "none"], p=[0.45, 0.17, 0.12, 0.26])]
        stairs = 0.5 if len(accents) == 1 and count > 2 and self.chance(0.3) else 0.0
        return [
            Bay(center=self.left + float(place), room=float(space), accent=bay in accents, shift=stairs * (bay in accents))
            for bay, (place, space) in enumerate(zip(places[:-1] * scale, room, strict=True))
        ]

    def _lay_floors(self, roof: float, ground: float, storey: float) -> np.ndarray:
        count = int(np.clip(round((ground - roof) / storey), 2, 8))
        shares = self.rng.uniform(0.92, 1.08) ** np.arange(count)
        shares[-1] *= self.rng.uniform(0.9, 1.45)
        shares[0] *= self.rng.uniform(0.75, 1.0)
        return roof + (ground - roof) * np.concatenate([[0], np.cumsum(shares) / shares.sum()])

    def _opening(self) -> Opening:
        rng, manner = self.rng, self.manner
        height = rng.uniform(0.4, 0.66)
        return Opening(
            width=rng.uniform(0.4, 0.72),
            top=(1 - height) * rng.uniform(0.4, 0.62),
            height=height,
            panes=int(rng.choice([1, 2, 3], p=[0.78, 0.18, 0.04])),
            cornice=self.pick("bar", "box", "ears") if self.chance(manner.cornice) else "",
            sill=self.pick("bar", "bar", "box") if self.chance(manner.sill) else "",
            blind=self.pick("sides", "sides", "inside", "roller", "roller") if self.chance(manner.blind) else "",
            balcony=self.pick("each", "accent", "accent", "joined", "full") if self.chance(manner.balcony) else "",
        )

    def _vary(self) -> Opening:
        """The windows of another floor of this house: columns of the same width, often with other trimmings."""
        other = self._opening()
        if self.chance(0.4):
            return replace(self.base, balcony=self.pick(self.base.balcony, other.balcony))
        width = self.base.width * self.rng.uniform(0.9, 1.1)
        return replace(other, width=width, panes=self.base.panes, blind=self.pick(self.base.blind, self.base.blind, ""))

    def draw_floors(self, count: int) -> None:
        """Draws the upper `count` floors."""
        for floor in range(count):
            opening = self._vary()
            if self.stacked:
                opening = replace(opening, balcony="accent")
            top, bottom = self.lines[floor], self.lines[floor + 1]
            for bay in self.bays:
                # The stairs end at the front door.
                at_door = bay.shift and floor == len(self.lines) - 3
                if not at_door and not self.chance(0.007):
                    self.draw_window(opening, bay, top, bottom)
            self._draw_balconies(opening, top, bottom)

    def draw_window(self, opening: Opening, bay: Bay, floor_top: float, floor_bottom: float) -> None:
        """One window with its cornice, sill and blinds, in the floor between two y."""
        add, storey = self.sheet.add, floor_bottom - floor_top
        half = bay.room * opening.width / 2 * (1.2 if bay.accent else 1.0)
        left, right = bay.center - half, bay.center + half
        # What is free between this window and its neighbors above and below.
        above = opening.top * storey
        below = storey - above - opening.height * storey
        top = floor_top + above + bay.shift * storey
        bottom = floor_bottom - below + bay.shift * storey
        panes = opening.panes + (1 if bay.accent and opening.panes > 1 else 0)
        step = (right - left) / panes
        mullion = max(1.0, step * 0.1) if panes > 1 else 0.0
        for pane in range(panes):
            add("window", left + pane * step + mullion / 2, top, left + (pane + 1) * step - mullion / 2, bottom)
        lip = half * 0.28
        if opening.cornice == "bar":
            add("cornice", left - lip, top - min(5.0, above * 0.5), right + lip, top)
        elif opening.cornice == "box":
            add("cornice", left - lip, top - above * 0.8, right + lip, top)
        elif opening.cornice == "ears":
            add("cornice", left - lip, top - above * 0.6, right + lip, top + storey * 0.07)
        if opening.sill == "bar":
            add("sill", left - lip, bottom - 1, right + lip, bottom + min(4.0, below * 0.4))
        elif opening.sill == "box":
            add("sill", left - lip * 0.6, bottom, right + lip * 0.6, bottom + below * 0.75)
        self._draw_blinds(opening.blind, left, top, right, bottom)

    def _draw_blinds(self, kind: str, left: float, top: float, right: float, bottom: float) -> None:
        """The blinds of one window: not every window has them, nor are all in the same state."""
        add, width = self.sheet.add, right - left
        if not kind or self.chance(0.2):
            return
        if kind == "sides":
            add("blind", left - 0.3 * width, top, left, bottom)
            add("blind", right, top, right + 0.3 * width, bottom)
        elif kind == "inside":
            wing = width * self.pick(0.25, 0.25, 0.5)
            add("blind", left, top, left + wing, bottom)
            add("blind", right - wing, top, right, bottom)
        else:
            add("blind", left, top, right, top + (bottom - top) * self.pick(0.2, 0.4, 0.6, 0.95))

    def _draw_balconies(self, opening: Opening, top: float, bottom: float) -> None:
        quarter = len(self.bays) // 4
        groups = {
            "each": [[bay] for bay in self.bays],
            "accent": [[bay] for bay in self.bays if bay.accent],
            "joined": [self.bays[quarter : len(self.bays) - quarter]],
            "full": [self.bays],
        }.get(opening.balcony, [])
        low = top + (opening.top + opening.height) * (bottom - top)
        deep = (bottom - top) * opening.height * self.rng.uniform(0.3, 0.6)
        over = self.rng.uniform(0.6, 0.95)
        for group in groups:
            if len(group) == 1 and group[0].shift:
                continue
            reach = group[0].room * opening.width * over
            self.sheet.add("balcony", group[0].center - reach, low - deep, group[-1].center + reach, low + deep * 0.35)

    def draw_ground(self) -> None:
        """Draws the ground floor: a door, and windows or shops beside it."""
        add, rng = self.sheet.add, self.rng
        top, bottom = self.lines[-2], self.lines[-1]
        storey = bottom - top
        door = next((bay for bay in self.bays if bay.accent), self.pick(*self.bays))
        kind = rng.choice(["windows", "shops", "hall", "mixed"], p=[0.46, 0.26, 0.1, 0.18])
        opening = replace(self._vary(), balcony="", blind="")
        lintel = top + storey * rng.uniform(0.12, 0.35)
        if kind == "hall":
            start, end = sorted(rng.choice(self.bays, 2, replace=True), key=lambda bay: bay.center)
            add("shop", start.center - start.room / 2, lintel, end.center + end.room / 2, bottom)
        for bay in self.bays:
            if bay is door:
                self._draw_door(bay, top, bottom)
            elif kind == "shops" or (kind == "mixed" and self.chance(0.5)):
                half = bay.room * rng.uniform(0.38, 0.5)
                add("shop", bay.center - half, lintel, bay.center + half, bottom - rng.uniform(0, 3))
            else:
                self.draw_window(opening, bay, top, bottom)
        if self.chance(0.5):
            start = rng.uniform(self.left, self.right - 20)
            end = min(start + rng.uniform(15, 90), self.right)
            add("shop", start, top + storey * 0.06, end, top + storey * rng.uniform(0.12, 0.2))

    def _draw_door(self, bay: Bay, top: float, bottom: float) -> None:
        add, storey = self.sheet.add, bottom - top
        half = np.clip(bay.room * self.rng.uniform(0.2, 0.36), 3.5, 18)
        head = top + storey * self.rng.uniform(0.2, 0.42)
        add("door", bay.center - half, head, bay.center + half, bottom)
        if self.chance(self.manner.decoration * 0.7):
            add("decoration", bay.center - half * 1.5, head - storey * 0.2, bay.center + half * 1.5, head)
        elif self.chance(0.3):
            add("window", bay.center - half, head - storey * 0.16, bay.center + half, head - 1)
        if self.chance(self.manner.pillar * 0.5):
            for x in (bay.center - half * 1.3, bay.center + half * 1.3):
                add("pillar", x - 1.5, head, x + 1.5, bottom)
