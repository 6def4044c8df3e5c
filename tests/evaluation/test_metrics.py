"""The measures against values worked out by hand."""

import numpy as np
import pytest
from PIL import Image, ImageColor, ImageFilter

from pix2pix.data.edges import canny_edges, edge_agreement, thin_strokes
from pix2pix.data.palettes import MAP
from pix2pix.evaluation.evaluate import measure
from pix2pix.evaluation.metrics import LabelScores, Scores, sharpness
from pix2pix.inference.translator import Translator
from tests.helpers.making import picture, write_checkpoint


def scores(output: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    summed = Scores()
    summed.add(output, truth)
    return summed.result()


def textured(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(60, 196, (48, 64, 3), dtype=np.uint8)


def test_identical_pictures_are_perfect():
    result = scores(textured(), textured())
    assert result["l1"] == 0
    assert result["psnr"] >= 60
    assert [result[name] for name in ("ssim", "sharpness", "lab", "lab_l", "lab_a", "lab_b")] == pytest.approx([1] * 6)


@pytest.mark.parametrize("shift", [1, 10, -51])
def test_a_known_shift(shift):
    truth = textured()
    result = scores((truth.astype(int) + shift).astype(np.uint8), truth)
    assert result["l1"] == pytest.approx(abs(shift) / 255)
    assert result["psnr"] == pytest.approx(20 * np.log10(255 / abs(shift)))
    assert result["sharpness"] == pytest.approx(1)


def test_psnr_is_the_formula_on_noise():
    output, truth = textured(1), textured(2)
    error = np.square(output.astype(float) - truth).mean()
    assert scores(output, truth)["psnr"] == pytest.approx(10 * np.log10(255**2 / error))
    assert scores(output, truth)["l1"] == pytest.approx(np.abs(output.astype(float) - truth).mean() / 255)


def test_black_against_white():
    result = scores(np.zeros((32, 32, 3), np.uint8), np.full((32, 32, 3), 255, np.uint8))
    assert (result["l1"], result["psnr"]) == (1, 0)
    assert result["ssim"] < 0.01
    assert result["lab_l"] == 0


def test_ssim_falls_with_noise():
    truth = picture(0, 48, 48)
    random = np.random.default_rng(0)
    noisy = [np.clip(truth + random.normal(0, sigma, truth.shape), 0, 255).astype(np.uint8) for sigma in (2, 10, 50)]
    values = [scores(output, truth)["ssim"] for output in noisy]
    assert 1 > values[0] > values[1] > values[2] > 0


def test_blur_is_less_sharp_and_noise_sharper():
    truth = textured()
    blurred = np.asarray(Image.fromarray(truth).filter(ImageFilter.GaussianBlur(2)))
    assert scores(blurred, truth)["sharpness"] < 0.5
    noisy = np.clip(truth + np.random.default_rng(0).normal(0, 60, truth.shape), 0, 255).astype(np.uint8)
    assert scores(noisy, truth)["sharpness"] > 1.2


def test_sharpness_of_a_ramp_is_its_slope():
    ramp = np.repeat(np.arange(0, 250, 5, dtype=np.uint8)[None, :, None], 3, axis=2).repeat(20, axis=0)
    assert sharpness(ramp) == pytest.approx(5 / 255, rel=1e-3)
    assert sharpness(ramp.swapaxes(0, 1)) == pytest.approx(5 / 255, rel=1e-3)


def test_histograms_compare_colors_not_places():
    truth = textured()
    rolled = np.roll(truth, (7, 11), axis=(0, 1))
    assert scores(rolled, truth)["lab"] == pytest.approx(1)
    assert scores(rolled, truth)["l1"] > 0.1


def test_histograms_of_different_colors_do_not_intersect():
    red, blue = (np.full((32, 32, 3), color, np.uint8) for color in ((200, 0, 0), (0, 0, 200)))
    assert scores(red, blue)["lab_b"] == 0
    assert scores(red, red)["lab"] == 1


def test_histograms_are_of_the_whole_set():
    red, blue = (np.full((32, 32, 3), color, np.uint8) for color in ((200, 0, 0), (0, 0, 200)))
    summed = Scores()
    summed.add(red, blue)
    summed.add(blue, red)
    assert summed.result()["lab"] == pytest.approx(1)


@pytest.mark.parametrize("color", [(255, 255, 255), (0, 0, 0), (0, 0, 255), (0, 255, 0), (255, 0, 255)])
def test_extreme_colors_are_inside_the_histograms(color):
    flat = np.full((32, 32, 3), color, np.uint8)
    result = scores(flat, flat)
    assert [result[name] for name in ("lab_l", "lab_a", "lab_b")] == [1, 1, 1]
    assert np.isfinite(list(result.values())).all()


def test_means_are_over_pictures():
    truth = textured()
    summed = Scores()
    for shift in (10, 30):
        summed.add(truth + np.uint8(shift), truth)
    assert summed.count == 2
    assert summed.result()["l1"] == pytest.approx(20 / 255)
    expected = np.mean([20 * np.log10(255 / shift) for shift in (10, 30)])
    assert summed.result()["psnr"] == pytest.approx(expected)


def test_shapes_must_agree():
    with pytest.raises(ValueError, match="differ in shape"):
        Scores().add(textured(), textured()[:-1])


def test_no_pictures_no_result():
    with pytest.raises(ValueError, match="no pictures"):
        Scores().result()


def flat(*names: str) -> np.ndarray:
    """A picture of equal stripes in colors of the map, 8 x 8 pixels each."""
    return np.concatenate([np.full((8, 8, 3), ImageColor.getrgb(MAP[name]), np.uint8) for name in names], axis=1)


def test_labels_are_counted_by_hand():
    labels = LabelScores(MAP)
    labels.add(flat("water", "water", "park", "land"), flat("water", "park", "park", "land"))
    labels.add(flat("land", "land", "building", "land"), flat("land", "land", "land", "land"))
    found = labels.result()
    assert found["pixel_accuracy"] == 6 / 8
    assert found["class_accuracy"] == pytest.approx((1 + 1 / 2 + 4 / 5) / 3)  # water, park, land; buildings are in no truth
    assert found["class_iou"] == pytest.approx((1 / 2 + 1 / 2 + 4 / 5) / 3)


def test_labels_survive_the_noise_of_files():
    truth = flat("land", "water", "park", "minor road", "main road", "motorway", "building")
    noise = np.random.default_rng(0).integers(-4, 5, truth.shape)
    labels = LabelScores(MAP)
    labels.add(np.clip(truth + noise, 0, 255).astype(np.uint8), truth)
    assert set(labels.result().values()) == {1.0}


@pytest.mark.slow
def test_labels_are_measured_where_outputs_are_label_maps(tmp_path):
    folder = write_checkpoint(tmp_path / "demo")
    translator = Translator.from_folder(folder, "cpu")
    pictures = [(picture(1), flat("water", "park", "land", "water").repeat(4, axis=0))]
    plain, labeled = (measure(translator, pictures, task).result() for task in ("map2aerial", "aerial2map"))
    extra = {name: value for name, value in labeled.items() if name not in plain}
    assert {name: labeled[name] for name in plain} == plain
    by_hand = LabelScores(MAP)
    by_hand.add(translator.translate(pictures[0][0]), pictures[0][1])
    assert extra == by_hand.result()
    assert set(extra) == {"pixel_accuracy", "class_accuracy", "class_iou"}


def test_strokes_are_measured_where_outputs_are_edge_drawings(tmp_path):
    translator = Translator.from_folder(write_checkpoint(tmp_path / "demo"), "cpu")
    pictures = [(picture(seed), picture(seed + 10)) for seed in (1, 2)]
    plain, drawn = (measure(translator, pictures, task).result() for task in ("edges2shoes", "photo2edges"))
    assert {name: drawn[name] for name in plain} == plain
    f1 = [edge_agreement(thin_strokes(translator.translate(photo)), truth)["f1"] for photo, truth in pictures]
    canny = [edge_agreement(canny_edges(photo), truth)["f1"] for photo, truth in pictures]
    assert drawn["edge_f1"] == pytest.approx(np.mean(f1))
    assert drawn["canny_f1"] == pytest.approx(np.mean(canny))
    assert set(drawn) - set(plain) == {"edge_precision", "edge_recall", "edge_f1", "canny_f1"}


def test_flat_truths_have_no_sharpness():
    scores = Scores()
    scores.add(picture(1), np.full((32, 32, 3), 128, np.uint8))
    assert "sharpness" not in scores.result()
    scores.add(picture(1), picture(1))
    assert scores.result()["sharpness"] == pytest.approx(2)
