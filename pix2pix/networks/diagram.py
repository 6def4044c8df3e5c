"""Networks drawn as a thesis shows them: one row for each size of pictures, down on the left, up on the right."""

from dataclasses import dataclass
from html import escape
from math import log2

from pix2pix.networks.structure import Join, Level, Structure

ROW, WIDTH, MARGIN, BOX = 64, 480, 24, 26
HEAD, FOOT = 64, 40
MAX_BAR = 120  # the bar of the widest level, in pixels of the drawing
# A drawing for paper is dark on white; on a dark page it follows the reader's choice.
STYLE = """
svg{--ink:#1c1b1a;--soft:#6b6660;--line:#b9b2a9;--down:#d9e6f2;--up:#f6e0c8;--skip:#3f6ea5;--paper:#fff}
@media (prefers-color-scheme:dark){svg{
 --ink:#f1ede7;--soft:#aaa39a;--line:#5b554e;--down:#2c4258;--up:#5a4025;--skip:#86b3e6;--paper:#191715}}
text{font:12px system-ui,'Helvetica Neue',Arial,'Noto Sans CJK SC',sans-serif;fill:var(--ink)}
.title{font-size:17px;font-weight:600}.soft{fill:var(--soft);font-size:11px}.paper{fill:var(--paper)}
.down{fill:var(--down);stroke:var(--line)}.up{fill:var(--up);stroke:var(--line)}
.skip{stroke:var(--skip);fill:none;stroke-width:1.4}.arrow{fill:var(--skip)}
"""


@dataclass
class _Step:
    """A level of the drawing: one of the network, or several alike after one another."""

    level: Level
    first: int
    count: int = 1

    @property
    def last(self) -> int:
        return self.first + self.count - 1


def diagram(networks: list[tuple[str, Structure]]) -> str:
    """Draw networks under their titles as one SVG document, light or dark as its reader likes. Text stays text."""
    parts: list[str] = []
    top, width = 0, 0
    for title, structure in networks:
        drawn, wide, high = _drawn(structure, title)
        parts += [f'<g transform="translate(0 {top})">', *drawn, "</g>"]
        top, width = top + high, max(width, wide)
    label = escape(", ".join(title for title, _ in networks))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {top}" width="{width}" height="{top}" role="img"'
    paper = f'<rect class="paper" width="{width}" height="{top}"/>'
    return "\n".join([f'{head} aria-label="{label}"><style>{STYLE.strip()}</style>', paper, *parts, "</svg>"]) + "\n"


def _drawn(structure: Structure, title: str) -> tuple[list[str], int, int]:
    """Return the elements of one network's drawing, its width and its height."""
    steps = _steps(structure)
    innermost = max(range(len(steps)), key=lambda at: (-steps[at].level.output[1], at))
    down, up = steps[: innermost + 1], steps[innermost + 1 :]
    # The way up begins beside the innermost level, so that each level stands beside the one whose skip it takes.
    rows = [("down", row) for row in range(len(down))] + [("up", innermost - row) for row in range(len(up))]
    first = min(row for _, row in rows)
    places = {step.first: (side, row - first) for step, (side, row) in zip(steps, rows, strict=True)}
    width = 2 * MARGIN + WIDTH * (2 if up else 1)
    height = HEAD + (1 + max(row for _, row in places.values())) * ROW + FOOT
    parts = [
        f'<text class="title" x="{MARGIN}" y="30">{escape(title)}</text>',
        f'<text class="soft" x="{MARGIN}" y="49">{_inputs(structure)}</text>',
    ]
    for join in structure.joins:
        if join.kind == "skip":
            parts += _skip(join, steps, places)
    for step in steps:
        parts += _box(step, *places[step.first], structure)
    total = f"{_short(structure.parameters)} parameters, {_short(structure.multiplications)} multiplications a picture"
    parts.append(f'<text class="soft" x="{MARGIN}" y="{height - 16}">{total}</text>')
    return parts, width, height


def _steps(structure: Structure) -> list[_Step]:
    steps: list[_Step] = []
    for number, level in enumerate(structure.levels):
        before = steps[-1] if steps else None
        if before and (level.text, level.input, level.output) == (before.level.text, before.level.input, before.level.output):
            before.count += 1
        else:
            steps.append(_Step(level, number))
    return steps


def _place(side: str, row: int) -> tuple[float, float]:
    """Return where the box of a place begins: left edge on the way down, right edge on the way up, and its top."""
    return (MARGIN if side == "down" else MARGIN + 2 * WIDTH), HEAD + row * ROW + 8


def _bar(level: Level, structure: Structure) -> float:
    """Return the length of a level's bar: longer for more channels, by powers of two."""
    widest = max(each.output[0] for each in structure.levels)
    return 44 + (MAX_BAR - 44) * log2(level.output[0] + 1) / log2(widest + 1)


def _box(step: _Step, side: str, row: int, structure: Structure) -> list[str]:
    level, (x, y), bar = step.level, _place(side, row), _bar(step.level, structure)
    channels, height, width = level.output
    left = x if side == "down" else x - bar
    beside, anchor = (x + MAX_BAR + 10, "start") if side == "down" else (x - MAX_BAR - 10, "end")
    times = f"{step.count} × " if step.count > 1 else ""
    added = any(join.kind == "residual" and step.first <= join.target <= step.last for join in structure.joins)
    first = times + " · ".join([*level.before, level.text, *level.after, *(["what came in is added"] if added else [])])
    second = f"{_short(level.parameters * step.count)} parameters, {_short(level.multiplications * step.count)} multiplications"
    return [
        f'<rect class="{side}" x="{left:.1f}" y="{y}" width="{bar:.1f}" height="{BOX}" rx="4"/>',
        f'<text x="{left + bar / 2:.1f}" y="{y + 17}" text-anchor="middle">{channels}</text>',
        f'<text class="soft" x="{left + bar / 2:.1f}" y="{y + BOX + 13}" text-anchor="middle">{height}×{width}</text>',
        f'<text x="{beside}" y="{y + 12}" text-anchor="{anchor}">{escape(first)}</text>',
        f'<text class="soft" x="{beside}" y="{y + 27}" text-anchor="{anchor}">{second}</text>',
    ]


def _skip(join: Join, steps: list[_Step], places: dict[int, tuple[str, int]]) -> list[str]:
    """Draw the arrow of a skip connection, between the texts of its two levels."""
    source, target = (next(step for step in steps if step.first <= number <= step.last) for number in (join.source, join.target))
    start, end = (_place(*places[step.first])[1] + BOX + 12 for step in (source, target))
    x, to = MARGIN + MAX_BAR + 12, MARGIN + 2 * WIDTH - MAX_BAR - 12
    return [
        f'<path class="skip" d="M{x} {start}L{to - 7} {end}"/>',
        f'<path class="arrow" d="M{to} {end}l-8 -4v8z"/>',
    ]


def _inputs(structure: Structure) -> str:
    texts = [f"{channels} × {height}×{width}" for channels, height, width in structure.inputs]
    return "from " + " and ".join(texts) + ": channels in the bars, height and width below"


def _short(number: int) -> str:
    """Return 54413955 as "54.4 M"."""
    for size, unit in ((10**9, " G"), (10**6, " M"), (10**3, " k")):
        if number >= size:
            return f"{number / size:.3g}{unit}"
    return str(number)
