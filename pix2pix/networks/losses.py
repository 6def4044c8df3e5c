"""What G and D minimize: GAN, cGAN, L1 and their sums (paper 3.1, table 1)."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

OBJECTIVES = ("l1", "l2", "gan", "cgan", "l1+gan", "l1+cgan", "l2+cgan")
GAN_LOSSES = ("vanilla", "lsgan")


@dataclass(frozen=True)
class Objective:
    """One of the paper's objectives by name, e.g. `l1+cgan` (the full model, eq. 4), with its weights.

    `weight` is the paper's lambda, the weight of L1 (or L2) beside a GAN term; on its own the term has weight 1.
    `vanilla` is the paper's log loss, in its non-saturating form for G (3.3); `lsgan` replaces it with least squares.
    """

    name: str = "l1+cgan"
    weight: float = 100.0
    gan_loss: str = "vanilla"

    def __post_init__(self) -> None:
        if self.name not in OBJECTIVES:
            raise ValueError(f"unknown objective {self.name!r}: choose one of {', '.join(OBJECTIVES)}")
        if self.gan_loss not in GAN_LOSSES:
            raise ValueError(f"unknown GAN loss {self.gan_loss!r}: choose one of {', '.join(GAN_LOSSES)}")

    @property
    def terms(self) -> list[str]:
        return self.name.split("+")

    @property
    def adversarial(self) -> bool:
        """Whether there is a discriminator at all."""
        return "gan" in self.name

    @property
    def conditional(self) -> bool:
        """Whether D sees the input A."""
        return "cgan" in self.terms

    def reconstruction(self, output: Tensor, truth: Tensor) -> Tensor | None:
        """Return the weighted L1 (eq. 3) or L2 distance of two N x C x H x W pictures in [-1, 1], or None without one."""
        weight = self.weight if self.adversarial else 1.0
        if "l1" in self.terms:
            return weight * F.l1_loss(output, truth)
        if "l2" in self.terms:
            return weight * F.mse_loss(output, truth)
        return None

    def generator_gan(self, fake_logits: Tensor) -> Tensor:
        """Return G's GAN term: -log D(x, G(x)) rather than log(1 - D(x, G(x))) (3.3)."""
        return self._gan_term(fake_logits, real=True)

    def discriminator_gan(self, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        """Return D's loss, halved to slow it down relative to G (3.3)."""
        return 0.5 * (self._gan_term(real_logits, real=True) + self._gan_term(fake_logits, real=False))

    def _gan_term(self, logits: Tensor, real: bool) -> Tensor:
        target = torch.ones_like(logits) if real else torch.zeros_like(logits)
        if self.gan_loss == "lsgan":
            return F.mse_loss(logits, target)
        return F.binary_cross_entropy_with_logits(logits, target)
