"""The pictures the project draws itself, and snapping to their palettes."""

import numpy as np
import pytest
from PIL import Image, ImageColor

from pix2pix.data.palettes import FACADE, INK, MAP, nearest
from tools.examples.scenes import facade_labels, town_map

pytestmark = pytest.mark.slow  # hundreds of pictures are drawn

SEEDS = range(24)


def packed(image: np.ndarray) -> np.ndarray:
    """H x W x 3 uint8 -> H x W colors as one number each."""
    return image.astype(np.int64) @ np.array([1 << 16, 1 << 8, 1])


def code(color: str) -> int:
    return int(color[1:], 16)


@pytest.fixture(scope="module")
def facades() -> list[np.ndarray]:
    return [packed(facade_labels(seed, 128)) for seed in SEEDS]


@pytest.fixture(scope="module")
def towns() -> list[np.ndarray]:
    return [packed(town_map(seed, 128)) for seed in SEEDS]


@pytest.mark.parametrize("draw", [facade_labels, town_map])
@pytest.mark.parametrize("size", [128, 256, 512])
def test_a_scene_is_a_square_color_picture(draw, size):
    picture = draw(3, size)
    assert picture.shape == (size, size, 3)
    assert picture.dtype == np.uint8


@pytest.mark.parametrize("draw", [facade_labels, town_map])
def test_the_standard_size_is_256(draw):
    assert draw(0).shape == (256, 256, 3)


@pytest.mark.parametrize("draw", [facade_labels, town_map])
def test_a_seed_always_gives_the_same_scene(draw):
    first = draw(11, 128)
    np.random.random(5)
    assert np.array_equal(draw(11, 128), first)


@pytest.mark.parametrize("pictures", ["facades", "towns"])
def test_different_seeds_give_different_scenes(pictures, request):
    assert len({picture.tobytes() for picture in request.getfixturevalue(pictures)}) == len(SEEDS)


@pytest.mark.parametrize("draw", [facade_labels, town_map])
def test_the_scene_is_the_same_at_every_size(draw):
    for seed in range(4):
        small = draw(seed, 128).astype(float)
        shrunk = np.asarray(Image.fromarray(draw(seed, 256)).resize((128, 128), Image.Resampling.BOX)).astype(float)
        assert np.abs(small - shrunk).mean() < 0.5 * np.abs(small - draw(seed + 1, 128)).mean()


@pytest.mark.parametrize("draw", [facade_labels, town_map])
def test_a_seed_below_zero_is_refused(draw):
    with pytest.raises(ValueError, match="non-negative"):
        draw(-1)


def test_facades_use_the_label_colors_and_no_others(facades):
    allowed = {code(color) for color in FACADE.values()}
    for facade in facades:
        assert set(np.unique(facade)) <= allowed


def test_every_facade_is_a_wall_with_windows(facades):
    for facade in facades:
        assert (facade == code(FACADE["wall"])).mean() > 0.1
        assert (facade == code(FACADE["window"])).mean() > 0.01


def test_every_label_turns_up_among_the_facades(facades):
    for name, color in FACADE.items():
        assert any((facade == code(color)).mean() > 0.002 for facade in facades), name


def test_facades_leave_more_or_less_sky(facades):
    shares = [(facade == code(FACADE["background"])).mean() for facade in facades]
    assert min(shares) < 0.1
    assert max(shares) > 0.3


def test_everything_a_map_can_show_turns_up_in_its_exact_color(towns):
    for name, color in MAP.items():
        assert any((town == code(color)).mean() > 0.005 for town in towns), name


def test_maps_are_mostly_of_their_palette():
    for seed in range(6):
        town = town_map(seed, 128)
        off = np.abs(town.astype(int) - nearest(town, MAP)).max(axis=-1)
        assert (off < 40).mean() > 0.95


def test_maps_vary_in_density(towns):
    shares = [(town == code(MAP["minor road"])).mean() for town in towns]
    assert max(shares) > 4 * min(shares)


@pytest.mark.parametrize("palette", [FACADE, MAP, INK])
def test_palettes_are_distinct_colors(palette):
    assert len({ImageColor.getrgb(color) for color in palette.values()}) == len(palette)


def test_facade_labels_are_in_cmp_class_order():
    order = "background wall window door cornice sill balcony blind decoration molding pillar shop"
    assert " ".join(FACADE) == order


def test_nearest_undoes_small_noise():
    clean = facade_labels(5, 128)
    noise = np.random.default_rng(0).integers(-10, 11, clean.shape)
    noisy = (clean.astype(int) + noise).clip(0, 255).astype(np.uint8)
    assert np.array_equal(nearest(noisy, FACADE), clean)


def test_nearest_leaves_its_input_alone():
    image = np.full((4, 6, 3), 200, np.uint8)
    snapped = nearest(image, INK)
    assert snapped.shape == image.shape
    assert snapped.dtype == np.uint8
    assert (snapped == 0).all()
    assert (image == 200).all()


def test_nearest_takes_the_first_of_two_colors_equally_near():
    middle = np.full((1, 1, 3), 10, np.uint8)
    assert (nearest(middle, {"dark": "#000000", "light": "#141414"}) == 0).all()
    assert (nearest(middle, {"light": "#141414", "dark": "#000000"}) == 20).all()
