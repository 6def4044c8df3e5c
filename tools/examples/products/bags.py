"""Drawn bags: twelve kinds, each varied in proportions and details by the seed."""

import numpy as np

from tools.examples.products.finish import check, finished
from tools.examples.products.firm_bags import clutch, doctor_bag, handbag, satchel
from tools.examples.products.open_bags import basket, bucket, shopper, tote
from tools.examples.products.page import Page
from tools.examples.products.slung_bags import backpack, crossbody, duffel, hobo

_KINDS = (tote, satchel, bucket, clutch, backpack, duffel, shopper, hobo, handbag, crossbody, doctor_bag, basket)
BAG_KINDS = {draw.__name__: draw for draw in _KINDS}


def bag(
    seed: int,
    size: int = 256,
    width: float | None = None,
    crude: float = 0.0,
    kind: str | None = None,
    anti_aliased: bool = True,
    handles: bool = True,
) -> np.ndarray:
    """Draws a bag, black on white, as size x size x 3 uint8; the same seed gives the same bag at every size.

    The arguments are those of `shoe`; `kind` is one of `BAG_KINDS`. Without `handles` the same bag lacks their lines.
    """
    check(crude, kind, BAG_KINDS)
    rng, hand = np.random.default_rng(seed).spawn(2)
    chosen = rng.choice(list(BAG_KINDS))
    turned = hand.random() < 0.5
    page = Page(rng, hand, sparing=crude)
    BAG_KINDS[kind or chosen](page)
    if turned:
        page.transform([[-1, 0], [0, 1]])
    return finished(page.strokes, hand, size, width, crude, anti_aliased, handles)
