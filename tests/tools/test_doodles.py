"""Doodles: drawn again to the same, black on white, their dabs inside the lines."""

import numpy as np
import pytest
from scipy import ndimage

from tools.examples.doodles import DOODLES, doodle


@pytest.mark.slow
@pytest.mark.parametrize("name", DOODLES)
def test_a_doodle(name):
    drawing = doodle(name)
    assert drawing.shape == (256, 256, 3)
    assert np.array_equal(drawing, doodle(name))
    assert (drawing.min(-1) == drawing.max(-1)).all()
    assert 0.01 < (drawing < 128).mean() < 0.15
    edge = np.concatenate([drawing[:6].ravel(), drawing[-6:].ravel(), drawing[:, :6].ravel(), drawing[:, -6:].ravel()])
    assert edge.min() == 255


@pytest.mark.slow
@pytest.mark.parametrize("name", DOODLES)
def test_dabs_lie_within_the_thing(name):
    neat, colored = doodle(name, crude=0), doodle(name, crude=0, colored=True)
    dabs = (neat != colored).any(-1)
    assert dabs.any()
    inside = ndimage.binary_fill_holes(ndimage.binary_closing(neat[..., 0] < 128, iterations=2))
    assert (dabs & inside).sum() / dabs.sum() > 0.9


def test_another_hand_draws_another_doodle():
    assert (doodle("cat", seed=1) != doodle("cat", seed=2)).any()
