"""How close outputs are to the truth: L1, PSNR, SSIM, sharpness, Lab histograms (paper 4.2, figure 7), labels, strokes."""

import numpy as np
from scipy.ndimage import binary_dilation, binary_erosion, binary_fill_holes
from skimage.color import rgb2gray, rgb2lab
from skimage.metrics import structural_similarity
from skimage.morphology import disk, skeletonize

from pix2pix.data.edges import canny_edges, edge_agreement, ink_of, thin_strokes
from pix2pix.data.palettes import classes

HISTOGRAM_BINS = 64
# A mean gradient of the luminance, in [0, 1] per pixel, that 8 bits do not show.
FLAT = 1e-6
# Gaps in an outline of up to this many pixels count as closed.
MAX_GAP_PX = 8
LAB_RANGES = ((0.0, 100.0), (-110.0, 110.0), (-110.0, 110.0))


def sharpness(image: np.ndarray) -> float:
    """Return the mean gradient magnitude of the luminance of an H x W x 3 uint8 picture, luminance in [0, 1] per pixel."""
    rows, columns = np.gradient(rgb2gray(image))
    return float(np.hypot(rows, columns).mean())


class LabelScores:
    """How well label maps agree once every pixel is snapped to the nearest color of `palette` (paper table 6).

    `result()` gives `pixel_accuracy`, the share of pixels with the right label; `class_accuracy`, for each label the share
    of its pixels that were found, and `class_iou`, what output and truth have in common of what either has: means over the
    labels that occur in the truths, counted over the whole set. Where labels meet, pixels of a mixed color fall to either
    or to a third: real map tiles saved once more as JPEG (quality 75) have a pixel accuracy of 0.91 against themselves.
    """

    def __init__(self, palette: dict[str, str]):
        self.palette = palette
        # Rows are true labels, columns those of the outputs.
        self.counts = np.zeros((len(palette), len(palette)), np.int64)

    def add(self, output: np.ndarray, truth: np.ndarray) -> None:
        """Count one pair, both H x W x 3 uint8."""
        self.add_classes(classes(output, self.palette), classes(truth, self.palette))

    def add_classes(self, output: np.ndarray, truth: np.ndarray) -> None:
        """Count one pair of numbers of labels, both H x W uint8."""
        pairs = truth.astype(np.int64) * len(self.palette) + output
        self.counts += np.bincount(pairs.ravel(), minlength=self.counts.size).reshape(self.counts.shape)

    def result(self) -> dict[str, float]:
        right, true, predicted = self.counts.diagonal(), self.counts.sum(axis=1), self.counts.sum(axis=0)
        occurs = true > 0
        return {
            "pixel_accuracy": float(right.sum() / true.sum()),
            "class_accuracy": float((right[occurs] / true[occurs]).mean()),
            "class_iou": float((right[occurs] / (true + predicted - right)[occurs]).mean()),
        }


class EdgeScores:
    """How well the strokes drawn for photos agree with the true ones, within 2 px: learned ones, and Canny's to compare.

    `result()` gives `edge_precision`, `edge_recall` and `edge_f1` of the model's soft drawings made strokes, and `canny_f1`,
    each at the default detail: means over pictures.
    """

    def __init__(self) -> None:
        self.count = 0
        self.sums = {"edge_precision": 0.0, "edge_recall": 0.0, "edge_f1": 0.0, "canny_f1": 0.0}

    def add(self, photo: np.ndarray, output: np.ndarray, truth: np.ndarray) -> None:
        """Count one photo, the model's soft drawing of it and the true one, each H x W x 3 uint8."""
        self.count += 1
        for name, value in edge_agreement(thin_strokes(output), truth).items():
            self.sums[f"edge_{name}"] += value
        self.sums["canny_f1"] += edge_agreement(canny_edges(photo), truth)["f1"]

    def result(self) -> dict[str, float]:
        return {name: value / self.count for name, value in self.sums.items()}


class Scores:
    """Adds up measures over a set of pictures, each pair H x W x 3 uint8.

    `result()` gives: `l1` mean absolute difference, colors in [0, 1]; `psnr` in dB and `ssim` (Gaussian window of
    sigma 1.5), means over pictures; `sharpness` mean gradient magnitude of the outputs over that of the truths, 1 is
    as sharp as photos, absent where the truths are flat; `lab_l`, `lab_a`, `lab_b` the intersection of the set's color
    histograms in Lab, 1 is the same distribution, and `lab` their mean. Where the pictures are label maps of `palette`,
    also what `LabelScores` gives, and what `edges` gives where they are edge drawings.
    """

    def __init__(self, palette: dict[str, str] | None = None, edges: EdgeScores | None = None) -> None:
        self.labels = LabelScores(palette) if palette else None
        self.edges = edges
        self.count = 0
        self.l1 = self.psnr = self.ssim = self.gradient_output = self.gradient_truth = 0.0
        self.histograms = np.zeros((2, 3, HISTOGRAM_BINS))

    def add(self, output: np.ndarray, truth: np.ndarray, source: np.ndarray | None = None) -> None:
        """Count one output and its truth, both H x W x 3 uint8; `source` is what it was made from, for `edges`."""
        if output.shape != truth.shape:
            raise ValueError(f"output {output.shape} and truth {truth.shape} differ in shape")
        if self.labels is not None:
            self.labels.add(output, truth)
        if self.edges is not None:
            if source is None:
                raise ValueError("edges are measured with the picture that they were drawn from")
            self.edges.add(source, output, truth)
        difference = (output.astype(np.float64) - truth) / 255
        self.count += 1
        self.l1 += np.abs(difference).mean()
        # Equal pictures would be infinitely good; 8-bit files cannot show an error below -60 dB anyway.
        self.psnr += -10 * np.log10(max(np.square(difference).mean(), 1e-6))
        self.ssim += structural_similarity(
            output, truth, channel_axis=2, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
        )
        self.gradient_output += sharpness(output)
        self.gradient_truth += sharpness(truth)
        for kind, image in enumerate((output, truth)):
            lab = rgb2lab(image)
            for channel, limits in enumerate(LAB_RANGES):
                self.histograms[kind, channel] += np.histogram(lab[..., channel], HISTOGRAM_BINS, limits)[0]

    def result(self) -> dict[str, float]:
        if not self.count:
            raise ValueError("no pictures were measured")
        shares = self.histograms / self.histograms.sum(axis=2, keepdims=True)
        lab = np.minimum(shares[0], shares[1]).sum(axis=1)
        return {
            "l1": self.l1 / self.count,
            "psnr": self.psnr / self.count,
            "ssim": self.ssim / self.count,
            # Beside truths without any gradient an output is neither sharp nor blurred.
            **({"sharpness": self.gradient_output / self.gradient_truth} if self.gradient_truth > FLAT * self.count else {}),
            "lab_l": float(lab[0]),
            "lab_a": float(lab[1]),
            "lab_b": float(lab[2]),
            "lab": float(lab.mean()),
            **(self.labels.result() if self.labels is not None else {}),
            **(self.edges.result() if self.edges is not None else {}),
        }


def fill_shares(drawing: np.ndarray, output: np.ndarray, body: np.ndarray | None = None, white: int = 245) -> dict[str, float]:
    """Measure how well a drawing without a true picture was filled.

    Both are H x W x 3 uint8: black lines on white, and a product on white.

    `colored` is the share of the drawn object's area that is not white (1 is best), `spilled` the share of the
    background that is not white (0 is best). The object is what the lines enclose, to their middle, once their gaps are
    closed. `body` is the drawing without lines that enclose background, as a bag's handles do; what those enclose counts
    as neither.
    """
    # An object ends in the middle of its lines, however wide they are.
    drawn = _enclosed(skeletonize(ink_of(drawing if body is None else body)))
    background = ~binary_dilation(_enclosed(ink_of(drawing)), disk(MAX_GAP_PX // 2))
    painted = output.min(axis=2) < white
    return {
        "colored": float(painted[drawn].mean()) if drawn.any() else 1.0,
        "spilled": float(painted[background].mean()) if background.any() else 0.0,
    }


def _enclosed(lines: np.ndarray) -> np.ndarray:
    """Return lines, H x W bool, together with what they enclose, H x W bool."""
    brush = disk(MAX_GAP_PX // 2)
    # Lines thick enough to meet across a gap, what they enclose, and back to their own width.
    thick = binary_dilation(np.pad(lines, MAX_GAP_PX), brush)
    return binary_erosion(binary_fill_holes(thick), brush)[MAX_GAP_PX:-MAX_GAP_PX, MAX_GAP_PX:-MAX_GAP_PX]
