"""Photo -> edges, and drawings made to look sketched."""

import numpy as np
import pytest
from PIL import Image, ImageDraw
from scipy.ndimage import binary_erosion, distance_transform_edt

from pix2pix.data.edges import canny_edges, edge_agreement, ink_of, learned_edges, thin_strokes
from pix2pix.data.sketch import as_sketched
from pix2pix.evaluation.metrics import fill_shares
from tools.examples.products import bag


@pytest.fixture
def photo() -> np.ndarray:
    image = Image.new("RGB", (128, 96), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((20, 20, 90, 70), fill=(120, 30, 30))
    draw.line((30, 45, 80, 45), fill=(150, 60, 60), width=2)
    return np.asarray(image)


@pytest.fixture
def drawing() -> np.ndarray:
    image = Image.new("RGB", (128, 128), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((20, 30, 100, 90), outline="black")
    for row in (45, 60, 75):
        draw.line((40, row, 60, row), fill="black")
    return np.asarray(image)


def test_canny_draws_thin_black_strokes_on_white_around_the_object(photo):
    edges = canny_edges(photo)
    assert edges.shape == photo.shape
    assert set(np.unique(edges)) == {0, 255}
    rows, columns = np.nonzero(ink_of(edges))
    assert abs(columns.min() - 20) <= 2
    assert abs(columns.max() - 90) <= 2
    assert abs(rows.min() - 20) <= 2
    assert ink_of(edges).sum() < 500


def test_more_detail_draws_more(photo):
    assert ink_of(canny_edges(photo, 1.0)).sum() > ink_of(canny_edges(photo, 0.0)).sum()


def test_soft_drawings_become_one_pixel_strokes_without_specks():
    soft = np.full((64, 64, 3), 255, np.uint8)
    soft[30:34, 5:60] = 60  # a thick soft stroke
    soft[10:12, 10:12] = 0  # a speck
    soft[50, 5:60] = 200  # an unlikely stroke
    thin = ink_of(thin_strokes(soft, 0.5))
    assert thin.sum(axis=0).max() == 1
    assert thin[28:36].sum() > 40
    assert not thin[:20].any()
    assert not thin[45:].any()
    assert ink_of(thin_strokes(soft, 1.0))[45:].any()


def test_an_unsure_model_draws_as_a_sure_one_but_of_nothing_nothing():
    sure = np.full((64, 64, 3), 255, np.uint8)
    sure[30:34, 5:60] = 15
    sure[50:52, 5:60] = 195
    faint = (255 - (255 - sure.astype(int)) // 3).astype(np.uint8)
    for detail in (0.0, 0.5, 1.0):
        assert np.array_equal(thin_strokes(faint, detail), thin_strokes(sure, detail))
    assert ink_of(thin_strokes(faint, 0.5)).any()
    noise = np.random.default_rng(0).integers(250, 256, (64, 64, 1), np.uint8).repeat(3, axis=2)
    assert not ink_of(thin_strokes(noise, 1.0)).any()


def test_learned_edges_thin_what_the_model_says(photo):
    soft = np.full_like(photo, 255)
    soft[40:44, 10:100] = 0
    assert np.array_equal(learned_edges(photo, lambda image: soft), thin_strokes(soft))


@pytest.mark.parametrize("detail", [-0.1, 1.1])
def test_detail_outside_its_range_is_refused(photo, detail):
    with pytest.raises(ValueError, match="detail"):
        canny_edges(photo, detail)


def test_agreement_forgives_two_pixels_and_no_more(drawing):
    exact = edge_agreement(drawing, drawing)
    assert exact == {"precision": 1.0, "recall": 1.0, "f1": pytest.approx(1.0)}
    assert edge_agreement(np.roll(drawing, 2, axis=(0, 1)), drawing)["f1"] > 0.95
    assert edge_agreement(np.roll(drawing, 8, axis=(0, 1)), drawing)["f1"] < 0.5
    half = drawing.copy()
    half[:, 64:] = 255
    agreement = edge_agreement(half, drawing)
    assert agreement["precision"] == 1.0
    assert 0.4 < agreement["recall"] < 0.75
    empty = np.full_like(drawing, 255)
    assert edge_agreement(empty, drawing)["recall"] == 0.0


def test_sketching_is_a_function_of_its_seed(drawing):
    photo = np.full_like(drawing, 255)
    first = as_sketched(drawing, photo, np.random.default_rng(5))
    again = as_sketched(drawing, photo, np.random.default_rng(5))
    other = as_sketched(drawing, photo, np.random.default_rng(6))
    assert np.array_equal(first[0], again[0])
    assert not np.array_equal(first[0], other[0])


def test_sketches_vary_in_width_size_and_detail_but_stay_drawings(drawing):
    photo = np.full_like(drawing, 255)
    photo[30:91, 20:101] = (10, 80, 200)
    shares, extents, unchanged = [], [], 0
    for seed in range(120):
        sketch, moved = as_sketched(drawing, photo, np.random.default_rng(seed))
        assert sketch.shape == moved.shape == drawing.shape
        assert sketch.dtype == moved.dtype == np.uint8
        assert np.array_equal(sketch[..., 0], sketch[..., 2])
        ink = sketch[..., 0] < 200
        assert ink.any(), seed
        assert np.median(sketch) == 255
        colored = moved[..., 0] < 128
        if not colored.any():
            continue
        shares.append(ink.sum())
        extents.append(np.ptp(np.argwhere(colored)[:, 1]))
        unchanged += np.array_equal(sketch, drawing)
        # Where the photo went, the drawing went too: lines run along the borders of what is colored.
        border = colored ^ binary_erosion(colored, border_value=1)
        assert np.median(distance_transform_edt(~ink)[border]) < 3, seed
    assert max(shares) > 3 * min(shares)
    assert max(extents) > 1.5 * min(extents)
    assert 0 < unchanged < 60


def test_a_page_with_a_stroke_or_two_is_not_yet_an_object(drawing):
    photo = np.full_like(drawing, 255)
    photo[30:91, 20:101] = (10, 80, 200)
    pages = [as_sketched(drawing, photo, np.random.default_rng(seed)) for seed in range(200)]
    begun = [sketch for sketch, moved in pages if (moved == 255).all()]
    assert 1 <= len(begun) < 20
    full = (drawing[..., 0] < 200).sum()
    for sketch in begun:
        assert 0 < (sketch[..., 0] < 128).sum() < full  # its lines may be wider than those of the drawing


def test_a_handle_encloses_background():
    for seed in range(12):
        drawing, body = bag(seed, crude=1.0), bag(seed, crude=1.0, handles=False)
        assert (body >= drawing).all(), seed  # the same lines, but for the handles
    drawing, body = bag(3, crude=1.0, kind="tote"), bag(3, crude=1.0, kind="tote", handles=False)
    filled = np.full_like(drawing, 255)
    rows = np.flatnonzero((body < 128).any(axis=(1, 2)))
    filled[rows[0] : rows[-1] + 1] = np.where((body < 128).any(axis=(0, 2))[None, :, None], (200, 30, 30), 255)
    assert fill_shares(drawing, filled, body)["colored"] > 0.97
    assert fill_shares(drawing, filled)["colored"] < 0.9


def test_fill_shares_see_holes_inside_and_smears_outside(drawing):
    drawing = drawing.copy()
    drawing[30, 50:55] = 255  # a gap in the outline
    filled = np.full_like(drawing, 255)
    filled[30:91, 20:101] = (200, 30, 30)
    good = fill_shares(drawing, filled)
    assert good["colored"] > 0.97
    assert good["spilled"] == 0.0
    half = filled.copy()
    half[60:] = 255
    assert 0.3 < fill_shares(drawing, half)["colored"] < 0.7
    smeared = filled.copy()
    smeared[110:, :] = 100
    assert 0.1 < fill_shares(drawing, smeared)["spilled"] < 0.3
