"""Drawn shoes: twelve kinds, each varied in proportions, details and view by the seed."""

import numpy as np

from tools.examples.products.boots import ankle_boot, boot, high_top, wellington
from tools.examples.products.finish import check, finished
from tools.examples.products.last import View
from tools.examples.products.low_shoes import ballet_flat, loafer, oxford, pump, runner, sneaker, velcro
from tools.examples.products.page import Page
from tools.examples.products.sandals import sandal

_KINDS = (sneaker, high_top, runner, boot, ankle_boot, ballet_flat, pump, sandal, loafer, oxford, wellington, velcro)
SHOE_KINDS = {draw.__name__: draw for draw in _KINDS}


def shoe(
    seed: int, size: int = 256, width: float | None = None, crude: float = 0.0, kind: str | None = None, anti_aliased: bool = True
) -> np.ndarray:
    """Draws a shoe, black on white, as size x size x 3 uint8; the same seed gives the same shoe at every size.

    `seed` is 0 or more. `width` is that of the lines in 256ths of the side: 1.6, or what a crude hand takes. `crude`, 0 to 1,
    draws the same shoe the way a person in a hurry would. `kind` is one of `SHOE_KINDS`, else the seed chooses.
    Without `anti_aliased` every pixel is 0 or 255.
    """
    check(crude, kind, SHOE_KINDS)
    rng, hand = np.random.default_rng(seed).spawn(2)
    chosen = rng.choice(list(SHOE_KINDS))
    turned = hand.random() < 0.2
    page = Page(rng, hand, sparing=crude)
    # The product photos show shoes from the front left; people draw them from the side.
    yaw, pitch = rng.uniform(0.45, 0.76), rng.uniform(0.3, 0.43)
    if rng.random() < 0.12:
        yaw, pitch = rng.uniform(0.2, 0.28), rng.uniform(0.14, 0.24)
    SHOE_KINDS[kind or chosen](page, View(yaw * (1 - 0.55 * crude), pitch * (1 - 0.4 * crude)))
    # The product photos are squeezed from 4:3 into a square; hands have their own proportions.
    page.transform([[-1 if turned else 1, 0], [0, 1 + (0.06 + 0.16 * rng.random()) * (1 - crude)]])
    return finished(page.strokes, hand, size, width, crude, anti_aliased)
