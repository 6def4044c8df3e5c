"""The study: every model of it, what the model shows, and where the paper shows the same.

All are trained alike but for the options named here: one data set, seed, width and number of steps. Nothing is tuned.
"""

from dataclasses import dataclass
from typing import Literal

# For every model. Narrow networks and a bottleneck of 2 x 2 pixels, so that the whole study is affordable on a CPU; the rest
# is the paper's: deconvolutions, batches of one picture (where batch norm is instance norm, 3.3), jitter and mirroring (6.2).
SHARED_OPTIONS = ("--ngf", "16", "--ndf", "16", "--levels", "7", "--norm", "instance", "--batch", "1", "--seed", "1")
EPOCHS, DECAY_EPOCHS = 30, 10

# A row of the study is one question, asked of several models.
Row = Literal["objective", "generator", "patch"]


@dataclass(frozen=True)
class Experiment:
    """One model: the options that make it differ from the others, and what it shows."""

    name: str
    title: str
    options: tuple[str, ...]
    shows: str


@dataclass(frozen=True)
class Question:
    """One row: models by name, in the order in which they are shown, and the place in the paper."""

    row: Row
    title: str
    asks: str
    paper: str
    models: tuple[str, ...]


EXPERIMENTS = (
    Experiment(
        "l1",
        "L1",
        ("--objective", "l1"),
        "Asks for the smallest mean error. Where several answers are possible, their median wins: edges blur, colors gray.",
    ),
    Experiment(
        "l2",
        "L2",
        ("--objective", "l2"),
        "Asks for the smallest squared error. The mean of all answers wins, which blurs even more than their median.",
    ),
    Experiment(
        "gan",
        "GAN",
        ("--objective", "gan"),
        "Asks only for something that passes for real, whatever was drawn: the discriminator never sees the input.",
    ),
    Experiment(
        "cgan",
        "cGAN",
        ("--objective", "cgan"),
        "Asks for what passes for real beside the input: sharp and in place, with artifacts that L1 would not allow.",
    ),
    Experiment(
        "l1-gan",
        "L1 + GAN",
        ("--objective", "l1+gan"),
        "L1 ties the output to the input, so that a discriminator that does not see the input is enough for sharpness.",
    ),
    Experiment(
        "l1-cgan",
        "L1 + cGAN",
        ("--objective", "l1+cgan"),
        "The full model: L1 for what is certain, the conditional discriminator for what has to be decided.",
    ),
    Experiment(
        "encoder-decoder-l1",
        "encoder-decoder, L1",
        ("--objective", "l1", "--no-skips"),
        "Everything has to pass the bottleneck of 2 x 2 pixels: the outline of a facade comes through, its windows do not.",
    ),
    Experiment(
        "encoder-decoder-l1-cgan",
        "encoder-decoder, L1 + cGAN",
        ("--objective", "l1+cgan", "--no-skips"),
        "A discriminator cannot give back where things were: details are made up, but not where they were drawn.",
    ),
    Experiment(
        "patch1",
        "PixelGAN, 1 x 1",
        ("--objective", "l1+cgan", "--patch", "1"),
        "Judges single pixels: it knows which colors occur, and nothing of edges. More colorful than L1, as blurred.",
    ),
    Experiment(
        "patch16",
        "PatchGAN, 16 x 16",
        ("--objective", "l1+cgan", "--patch", "16"),
        "Sees a corner of a window: locally sharp, with a pattern that repeats from patch to patch.",
    ),
    Experiment(
        "patch286",
        "ImageGAN, 286 x 286",
        ("--objective", "l1+cgan", "--patch", "286"),
        "Sees the whole picture and has the most weights: hardest to train, and no better for it.",
    ),
)

QUESTIONS = (
    Question(
        "objective",
        "What should the generator be asked for?",
        "Six losses, the same U-Net.",
        "3.1, 4.2, table 1, figure 4",
        ("l1", "l2", "gan", "cgan", "l1-gan", "l1-cgan"),
    ),
    Question(
        "generator",
        "What do the skip connections carry?",
        "The same network with its skips, and without.",
        "3.2.1, 4.3, table 2, figure 5",
        ("l1", "encoder-decoder-l1", "l1-cgan", "encoder-decoder-l1-cgan"),
    ),
    Question(
        "patch",
        "How much should the discriminator see?",
        "Receptive fields of 1, 16, 70 and 286 pixels; L1 alone has none.",
        "3.2.2, 4.4, table 3, figure 6",
        ("l1", "patch1", "patch16", "l1-cgan", "patch286"),
    ),
)

# The paper's FCN-scores for Cityscapes labels -> photos: per-pixel accuracy, per-class accuracy, class IoU (tables 1, 2, 3).
PAPER: dict[Row, dict[str, tuple[float, float, float]]] = {
    "objective": {
        "l1": (0.42, 0.15, 0.11),
        "gan": (0.22, 0.05, 0.01),
        "cgan": (0.57, 0.22, 0.16),
        "l1-gan": (0.64, 0.20, 0.15),
        "l1-cgan": (0.66, 0.23, 0.17),
    },
    "generator": {
        "encoder-decoder-l1": (0.35, 0.12, 0.08),
        "encoder-decoder-l1-cgan": (0.29, 0.09, 0.05),
        "l1": (0.48, 0.18, 0.13),
        "l1-cgan": (0.55, 0.20, 0.14),
    },
    "patch": {
        "patch1": (0.39, 0.15, 0.10),
        "patch16": (0.65, 0.21, 0.17),
        "l1-cgan": (0.66, 0.23, 0.17),
        "patch286": (0.42, 0.16, 0.11),
    },
}
PAPER_TRUTH = (0.80, 0.26, 0.21)


def experiment(name: str) -> Experiment:
    """Return the experiment of a name. Raise ValueError that lists the names there are."""
    for each in EXPERIMENTS:
        if each.name == name:
            return each
    raise ValueError(f"there is no experiment {name!r}: choose from {', '.join(each.name for each in EXPERIMENTS)}")
