"""Endless seeded input pictures the project draws itself: facade label maps and town maps.

The same seed gives the same picture, and the same scene at every size.
"""

from tools.examples.scenes.facade import facade_labels
from tools.examples.scenes.town import town_map

__all__ = ["facade_labels", "town_map"]
