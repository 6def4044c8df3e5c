"""Endless seeded shoes and bags, drawn by the project as vector strokes.

The same seed gives the same drawing, at every size; `crude` draws it as a hasty hand would.
"""

from tools.examples.products.bags import BAG_KINDS, bag
from tools.examples.products.shoes import SHOE_KINDS, shoe

__all__ = ["BAG_KINDS", "SHOE_KINDS", "bag", "shoe"]
