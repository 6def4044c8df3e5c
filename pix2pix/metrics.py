"""How close outputs are to the truth: L1, PSNR, SSIM, sharpness and Lab histogram intersection (paper 4.2, figure 7)."""

import numpy as np
from scipy.ndimage import binary_dilation, binary_erosion, binary_fill_holes
from skimage.color import rgb2gray, rgb2lab
from skimage.metrics import structural_similarity
from skimage.morphology import disk

HISTOGRAM_BINS = 64
# Gaps in an outline of up to this many pixels count as closed.
GAP = 8
LAB_RANGES = ((0.0, 100.0), (-110.0, 110.0), (-110.0, 110.0))


def sharpness(image: np.ndarray) -> float:
    """Mean gradient magnitude of the luminance of an H x W x 3 uint8 picture, luminance in [0, 1] per pixel."""
    rows, columns = np.gradient(rgb2gray(image))
    return float(np.hypot(rows, columns).mean())


class Scores:
    """Adds up measures over a set of pictures, each pair H x W x 3 uint8.

    `result()` gives: `l1` mean absolute difference, colours in [0, 1]; `psnr` in dB and `ssim` (Gaussian window of
    sigma 1.5), means over pictures; `sharpness` mean gradient magnitude of the outputs over that of the truths, 1 is
    as sharp as photos; `lab_l`, `lab_a`, `lab_b` the intersection of the set's colour histograms in Lab, 1 is the
    same distribution, and `lab` their mean.
    """

    def __init__(self) -> None:
        self.count = 0
        self.l1 = self.psnr = self.ssim = self.gradient_output = self.gradient_truth = 0.0
        self.histograms = np.zeros((2, 3, HISTOGRAM_BINS))

    def add(self, output: np.ndarray, truth: np.ndarray) -> None:
        if output.shape != truth.shape:
            raise ValueError(f"output {output.shape} and truth {truth.shape} differ in shape")
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
            "sharpness": self.gradient_output / max(self.gradient_truth, 1e-12),
            "lab_l": float(lab[0]),
            "lab_a": float(lab[1]),
            "lab_b": float(lab[2]),
            "lab": float(lab.mean()),
        }


def fill_shares(drawing: np.ndarray, output: np.ndarray, white: int = 245) -> dict[str, float]:
    """How well a drawing without a true picture was filled, both H x W x 3 uint8, black lines on white and a product on white.

    `coloured` is the share of the drawn object's area that is not white (1 is best), `spilled` the share of the
    background that is not white (0 is best). The object is what the lines enclose once its gaps are closed.
    """
    ink = drawing.min(axis=2) < 128
    brush = disk(GAP // 2)
    # Lines thick enough to meet across a gap, what they enclose, and back to their own width.
    thick = binary_dilation(np.pad(ink, GAP), brush)
    drawn = binary_erosion(binary_fill_holes(thick), brush)[GAP:-GAP, GAP:-GAP]
    background = ~binary_dilation(drawn, brush)
    painted = output.min(axis=2) < white
    return {
        "coloured": float(painted[drawn].mean()) if drawn.any() else 1.0,
        "spilled": float(painted[background].mean()) if background.any() else 0.0,
    }
