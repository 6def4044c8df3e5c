"""The shoes and bags the project draws itself, and the examples written from them."""

import numpy as np
import pytest
from PIL import Image

from pix2pix.data.examples import EXAMPLES, crude_drawings_of
from pix2pix.data.images import read_image
from tools.examples.products import BAG_KINDS, SHOE_KINDS, bag, shoe
from tools.examples.products.page import Page, Role, outline
from tools.examples.products.strokes import bezier, curve, dashes, evenly, ink, lengths, ribbon, rounded
from tools.examples.write import BAGS, SHOES, examples

pytestmark = pytest.mark.slow  # hundreds of pictures are drawn

DRAW = {"shoe": shoe, "bag": bag}
KINDS = [("shoe", kind) for kind in SHOE_KINDS] + [("bag", kind) for kind in BAG_KINDS]


def inked(picture: np.ndarray) -> np.ndarray:
    """H x W x 3 uint8 -> where there is ink, H x W bool."""
    return picture[..., 0] < 128


def extent(picture: np.ndarray) -> tuple[float, float]:
    """Width and height of what is drawn, as shares of the picture's side."""
    rows, columns = np.nonzero(inked(picture))
    return np.ptp(columns) / picture.shape[1], np.ptp(rows) / picture.shape[0]


@pytest.fixture(scope="module")
def clean() -> dict[tuple[str, str], np.ndarray]:
    return {(what, kind): DRAW[what](5, 128, kind=kind) for what, kind in KINDS}


@pytest.fixture(scope="module")
def crude() -> dict[tuple[str, str], np.ndarray]:
    return {(what, kind): DRAW[what](5, 128, kind=kind, crude=1.0) for what, kind in KINDS}


@pytest.mark.parametrize("draw", DRAW.values())
def test_a_drawing_is_a_square_gray_picture_on_white(draw):
    picture = draw(3)
    assert picture.shape == (256, 256, 3)
    assert picture.dtype == np.uint8
    assert (picture == picture[..., :1]).all()
    assert picture.min() == 0
    assert (picture == 255).mean() > 0.8
    for border in (picture[0], picture[-1], picture[:, 0], picture[:, -1]):
        assert (border == 255).all()


@pytest.mark.parametrize("crudeness", [0.0, 0.6])
@pytest.mark.parametrize("draw", DRAW.values())
def test_a_seed_always_gives_the_same_drawing(draw, crudeness):
    first = draw(11, 128, crude=crudeness)
    np.random.random(5)
    assert np.array_equal(draw(11, 128, crude=crudeness), first)


@pytest.mark.parametrize("draw", DRAW.values())
def test_different_seeds_give_different_drawings(draw):
    assert len({draw(seed, 64).tobytes() for seed in range(12)}) == 12


@pytest.mark.parametrize("kind", ["sneaker", "boot", "sandal"])
def test_one_kind_varies(kind):
    assert len({shoe(seed, 64, kind=kind).tobytes() for seed in range(8)}) == 8


@pytest.mark.parametrize("draw", DRAW.values())
def test_a_drawing_is_the_same_at_every_size(draw):
    small = draw(4, 128).astype(float)
    shrunk = np.asarray(Image.fromarray(draw(4, 256)).resize((128, 128), Image.Resampling.BOX)).astype(float)
    assert np.abs(small - shrunk).mean() < 0.3 * np.abs(small - draw(5, 128)).mean()


def test_there_are_twelve_kinds_of_each():
    assert len(SHOE_KINDS) >= 12
    assert len(BAG_KINDS) >= 12


@pytest.mark.parametrize("key", KINDS, ids="-".join)
def test_every_kind_fills_the_picture_with_thin_lines(key, clean):
    assert 0.01 < inked(clean[key]).mean() < 0.12
    assert 0.8 < max(extent(clean[key])) < 0.95
    assert min(extent(clean[key])) > 0.2


@pytest.mark.parametrize("key", KINDS, ids="-".join)
def test_a_crude_drawing_differs_but_is_still_a_drawing(key, clean, crude):
    assert not np.array_equal(crude[key], clean[key])
    assert 0.005 < inked(crude[key]).mean() < 0.15
    assert 0.35 < max(extent(crude[key])) < 0.95


def test_crude_drawings_are_smaller_and_off_center(clean, crude):
    sizes = [np.mean([max(extent(picture)) for picture in pictures.values()]) for pictures in (clean, crude)]
    assert sizes[1] < 0.85 * sizes[0]
    centers = np.array([np.mean(np.nonzero(inked(picture)), axis=1) / 128 for picture in crude.values()])
    assert np.abs(centers - 0.5).max() > 0.1


def test_most_toes_point_left():
    def toe_is_left(picture: np.ndarray) -> bool:
        """The tall half of a boot is its back."""
        columns = np.nonzero(inked(picture)[: picture.shape[0] // 3])[1]
        return columns.mean() > picture.shape[1] / 2

    left = [toe_is_left(shoe(seed, 64, kind="wellington")) for seed in range(16)]
    assert 0.6 < np.mean(left) < 1


def test_width_and_anti_aliasing_are_as_asked():
    assert inked(bag(2, width=3.2)).mean() > 1.6 * inked(bag(2, width=1.6)).mean()
    assert set(np.unique(bag(2, anti_aliased=False))) == {0, 255}
    assert len(np.unique(bag(2))) > 4


@pytest.mark.parametrize("wrong", [{"crude": 1.5}, {"crude": -0.1}, {"kind": "spaceship"}])
@pytest.mark.parametrize("draw", DRAW.values())
def test_what_cannot_be_drawn_is_refused(draw, wrong):
    with pytest.raises(ValueError, match=r"crude must be|unknown kind"):
        draw(0, **wrong)


@pytest.mark.parametrize("draw", DRAW.values())
def test_a_seed_below_zero_is_refused(draw):
    with pytest.raises(ValueError, match="non-negative"):
        draw(-1)


def test_curves_go_through_their_points():
    points = np.array([(10, 10), (60, 30), (40, 90), (90, 60)], float)
    for closed in (False, True):
        line = curve(points, closed)
        assert all(np.abs(line - point).sum(axis=1).min() < 1e-6 for point in points)
    arc = bezier((0, 0), (0, 50), (100, 50), (100, 0))
    assert np.allclose(arc[[0, -1]], [(0, 0), (100, 0)])
    assert arc[:, 1].max() == pytest.approx(37.5, abs=0.5)


def test_lines_become_even_dashed_and_wide():
    line = evenly(np.array([(0, 0), (30, 0), (30, 40)], float))
    assert lengths(line)[-1] == pytest.approx(70, abs=0.5)
    assert np.diff(lengths(line)).max() < 1.1
    assert all(lengths(dash)[-1] <= 4.1 for dash in dashes(line, dash=4))
    band = ribbon(np.array([(0, 0), (50, 0), (100, 0)], float), 8)
    assert np.ptp(band[:, 1]) == pytest.approx(8)


def test_rounded_corners_stay_inside_and_bulges_go_out():
    corners = [(0, 0), (100, 0), (100, 50), (0, 50)]
    plain, bowed = rounded(corners, 10), rounded(corners, 0, [5, 0, 0, 0])
    assert plain.min() >= -1e-6
    assert np.abs(plain - np.array([0, 0])).sum(axis=1).min() > 3
    assert bowed[:, 1].min() == pytest.approx(-5, abs=0.2)


def test_a_shape_hides_what_is_under_it():
    rng = np.random.default_rng(0)
    page = Page(rng, rng)
    page.line([(0, 50), (200, 50)])
    page.shape(np.array([(50, 20), (100, 20), (100, 80), (50, 80)], float))
    crossing = [stroke.points for stroke in page.strokes if np.ptp(stroke.points[:, 1]) < 1]
    assert len(crossing) == 2
    assert crossing[0][:, 0].max() == pytest.approx(50, abs=1.5)
    assert crossing[1][:, 0].min() == pytest.approx(100, abs=1.5)


def test_lines_can_be_kept_inside_a_shape():
    rng = np.random.default_rng(0)
    page = Page(rng, rng)
    with page.inside(np.array([(50, 20), (100, 20), (100, 80), (50, 80)], float)):
        page.line([(0, 50), (200, 50)])
    assert len(page.strokes) == 1
    assert np.ptp(page.strokes[0].points[:, 0]) == pytest.approx(50, abs=2.5)


def test_a_sparing_hand_keeps_outlines_and_leaves_out_details():
    rng = np.random.default_rng(0)
    page = Page(rng, np.random.default_rng(1), sparing=1.0)
    for index in range(100):
        for role in Role:
            page.line([(0, index), (20, index)], role)
    kept = [sum(stroke.role is role for stroke in page.strokes) for role in Role]
    assert kept[0] == kept[1] == 100  # outlines and handles
    assert kept[1] > kept[2] > kept[3] > 0


def test_the_outline_of_overlapping_polygons_is_one_line():
    squares = np.array([[(x, 0), (x + 40, 0), (x + 40, 40), (x, 40)] for x in (0, 30)], float)
    around = outline(squares)
    assert around.min(axis=0) == pytest.approx([0, 0], abs=1)
    assert around.max(axis=0) == pytest.approx([70, 40], abs=1)
    assert lengths(around)[-1] == pytest.approx(220, abs=8)


def test_ink_is_as_wide_as_asked():
    picture = ink([np.array([(10, 64), (246, 64)], float)], 256, [4.0])
    assert inked(picture)[:, 128].sum() == 4


def test_examples_on_disk_are_small_palette_pictures_of_the_right_size():
    for task, least in (("edges2shoes", 12), ("edges2handbags", 12), ("labels2facade", 8), ("map2aerial", 8)):
        paths = sorted((EXAMPLES / task).glob("*.png"))
        assert len(paths) >= least
        for path in paths:
            with Image.open(path) as image:
                assert image.size == (256, 256)
                assert image.mode in ("P", "1")
            assert path.stat().st_size < 30_000


def test_examples_on_disk_are_those_the_writer_names():
    assert {kind for _, kind, _ in SHOES} == set(SHOE_KINDS)
    assert {kind for _, kind, _ in BAGS} == set(BAG_KINDS)
    for task, chosen in (("edges2shoes", SHOES), ("edges2handbags", BAGS)):
        names = [f"{number:02}_{name}.png" for number, (name, _, _) in enumerate(chosen, start=1)]
        assert sorted(path.name for path in (EXAMPLES / task).glob("*.png")) == names


@pytest.mark.parametrize(
    "begin", ["edges2shoes/01", "labels2facade/01", "labels2facade/random", "crude/edges2shoes", "crude/edges2ha"]
)
def test_an_example_on_disk_is_what_the_writer_draws(begin):
    name, draw = next((name, draw) for name, draw in examples() if name.startswith(begin))
    np.testing.assert_array_equal(read_image(EXAMPLES / name), draw())


def test_crude_drawings_on_disk_have_their_bodies():
    for task, bodies in (("edges2shoes", 0), ("edges2handbags", 100)):
        pairs = crude_drawings_of(task)
        assert len(pairs) == 100
        assert sum(drawing != body for drawing, body in pairs) == bodies
        for paths in pairs[:20]:
            drawing, body = (np.asarray(read_image(path)) for path in paths)
            assert (body >= drawing).all()
