"""The FCN-score: can a network that reads labels from photos read them from generated ones? (paper 4.1)

The paper's is a network for Cityscapes. Here a small one learns from the data set's own pairs, real photos only; its score
for held-out real photos is what generated ones can reach at best.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from pix2pix.data.images import to_tensor
from pix2pix.data.palettes import classes
from pix2pix.evaluation.metrics import LabelScores

WIDTHS = (24, 48, 96, 160, 160)
BATCH, LEARNING_RATE = 4, 1e-3


class LabelNetwork(nn.Module):
    """Photo in [-1, 1], N x 3 x H x W -> logits of `count` labels, N x count x H x W; H and W multiples of 32.

    An encoder of strided convolutions and a decoder that adds the encoder's features (Long et al., *FCN*, 2015): 0.52 M
    parameters for 12 labels. Labels are decided at half the resolution.
    """

    def __init__(self, count: int):
        super().__init__()
        widths = (3, *WIDTHS)
        self.down = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(before, width, 3, 2, 1, bias=False),
                nn.BatchNorm2d(width),
                nn.ReLU(),
                nn.Conv2d(width, width, 3, 1, 1, groups=width // 8, bias=False),
                nn.BatchNorm2d(width),
                nn.ReLU(),
            )
            for before, width in pairwise(widths)
        )
        self.across = nn.ModuleList(
            nn.Sequential(nn.Conv2d(width, before, 1, bias=False), nn.BatchNorm2d(before)) for before, width in pairwise(WIDTHS)
        )
        self.head = nn.Sequential(nn.ReLU(), nn.Conv2d(WIDTHS[0], 48, 3, 1, 1), nn.ReLU(), nn.Conv2d(48, count, 1))

    def forward(self, photo: Tensor) -> Tensor:
        features = [photo]
        for down in self.down:
            features.append(down(features[-1]))
        x = features.pop()
        for across in reversed(self.across):
            skip = features.pop()
            x = F.relu(skip + F.interpolate(across(x), size=skip.shape[2:], mode="bilinear"))
        return F.interpolate(self.head(x), size=photo.shape[2:], mode="bilinear")


@dataclass(frozen=True)
class LabelReader:
    """A trained `LabelNetwork` and the palette whose colors are its labels, in their order."""

    network: LabelNetwork
    palette: dict[str, str]

    @torch.inference_mode()
    def read(self, photo: np.ndarray) -> np.ndarray:
        """Return the number of the label at each pixel: H x W x 3 uint8 -> H x W uint8."""
        return self.network(to_tensor(photo)[None])[0].argmax(0).to(torch.uint8).numpy()

    def score(self, pictures: Iterable[tuple[np.ndarray, np.ndarray]]) -> dict[str, float]:
        """Return how well labels are read from pictures of (photo, label map), each H x W x 3 uint8: see `LabelScores`."""
        scores = LabelScores(self.palette)
        for photo, labels in pictures:
            scores.add_classes(self.read(photo), classes(labels, self.palette))
        return scores.result()

    def save(self, path: Path) -> None:
        """Write weights and palette to a file of torch."""
        torch.save({"palette": self.palette, "network": self.network.state_dict()}, path)


def load_label_reader(path: Path) -> LabelReader:
    """Read what `LabelReader.save` wrote. Raise OSError or RuntimeError."""
    kept = torch.load(path, weights_only=True)
    network = LabelNetwork(len(kept["palette"]))
    network.load_state_dict(kept["network"])
    return LabelReader(network.eval(), kept["palette"])


def train_label_reader(
    pictures: list[tuple[np.ndarray, np.ndarray]], palette: dict[str, str], epochs: int, seed: int = 0
) -> LabelReader:
    """Train on pictures of (photo, label map), H x W x 3 uint8 of one size, by cross-entropy, mirrored and relit at random."""
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    network = LabelNetwork(len(palette)).to(memory_format=torch.channels_last)
    photos = [to_tensor(photo) for photo, _ in pictures]
    labels = [torch.from_numpy(classes(labels, palette)) for _, labels in pictures]
    optimizer = torch.optim.Adam(network.parameters(), LEARNING_RATE)
    steps = epochs * -(-len(pictures) // BATCH)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    with tqdm(total=steps, desc="learning to read labels", unit="step", leave=False) as bar:
        for _ in range(epochs):
            order = random.permutation(len(pictures))
            for start in range(0, len(order), BATCH):
                chosen = order[start : start + BATCH]
                photo = torch.stack([photos[number] for number in chosen])
                label = torch.stack([labels[number] for number in chosen]).long()
                if random.random() < 0.5:
                    photo, label = photo.flip(3), label.flip(2)
                # Generated photos are paler or more colorful than real ones: their labels must be readable all the same.
                gain, shift = random.uniform(0.7, 1.3, (1, 3, 1, 1)), random.uniform(-0.2, 0.2, (1, 3, 1, 1))
                photo = photo * torch.from_numpy(gain).float() + torch.from_numpy(shift).float()
                loss = F.cross_entropy(network(photo.contiguous(memory_format=torch.channels_last)), label)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
                bar.update()
                bar.set_postfix_str(f"loss {loss.item():.3f}", refresh=False)
    return LabelReader(network.eval(), palette)
