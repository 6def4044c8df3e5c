"""The objectives against the paper's equations, term by term."""

import math

import pytest
import torch

from pix2pix.networks.losses import OBJECTIVES, Objective

OUTPUT = torch.tensor([0.5, -0.5, 0.0, 1.0]).reshape(1, 1, 2, 2)
TRUTH = torch.tensor([0.0, -1.0, 0.0, -1.0]).reshape(1, 1, 2, 2)
L1 = (0.5 + 0.5 + 0 + 2) / 4
L2 = (0.25 + 0.25 + 0 + 4) / 4
LOGITS = torch.tensor([0.0, 2.0, -1.0])


def log_loss(logits: torch.Tensor, real: bool) -> float:
    """Mean -log D or -log(1 - D) with D the sigmoid of the logits."""
    chances = [1 / (1 + math.exp(-value)) for value in logits.tolist()]
    return sum(-math.log(chance if real else 1 - chance) for chance in chances) / len(chances)


@pytest.mark.parametrize(
    ("name", "adversarial", "conditional", "reconstruction"),
    [
        ("l1", False, False, L1),
        ("l2", False, False, L2),
        ("gan", True, False, None),
        ("cgan", True, True, None),
        ("l1+gan", True, False, 100 * L1),
        ("l1+cgan", True, True, 100 * L1),
        ("l2+cgan", True, True, 100 * L2),
    ],
)
def test_terms_of_each_name(name, adversarial, conditional, reconstruction):
    objective = Objective(name)
    assert (objective.adversarial, objective.conditional) == (adversarial, conditional)
    value = objective.reconstruction(OUTPUT, TRUTH)
    assert value == pytest.approx(reconstruction) if reconstruction is not None else value is None


def test_every_name_is_tested():
    assert set(OBJECTIVES) == {"l1", "l2", "gan", "cgan", "l1+gan", "l1+cgan", "l2+cgan"}


def test_lambda_weighs_reconstruction_beside_a_gan_only():
    assert Objective("l1+cgan", weight=10).reconstruction(OUTPUT, TRUTH) == pytest.approx(10 * L1)
    assert Objective("l1", weight=10).reconstruction(OUTPUT, TRUTH) == pytest.approx(L1)


def test_vanilla_losses():
    objective = Objective("cgan")
    fake = LOGITS - 1
    assert objective.generator_gan(fake).item() == pytest.approx(log_loss(fake, True), rel=1e-6)
    # Halved: paper 3.3.
    expected = (log_loss(LOGITS, True) + log_loss(fake, False)) / 2
    assert objective.discriminator_gan(LOGITS, fake).item() == pytest.approx(expected, rel=1e-6)


def test_least_squares_losses():
    objective = Objective("cgan", gan_loss="lsgan")
    assert objective.generator_gan(LOGITS).item() == pytest.approx((1 + 1 + 4) / 3)
    assert objective.discriminator_gan(LOGITS, LOGITS).item() == pytest.approx(((1 + 1 + 4) / 3 + (0 + 4 + 1) / 3) / 2)


@pytest.mark.parametrize("gan_loss", ["vanilla", "lsgan"])
def test_gradients_pull_the_right_way(gan_loss):
    objective = Objective("cgan", gan_loss=gan_loss)
    real, fake = torch.zeros(3, requires_grad=True), torch.zeros(3, requires_grad=True)
    objective.generator_gan(fake).backward()
    assert (fake.grad < 0).all()  # G wants to be called real
    fake.grad = None
    objective.discriminator_gan(real, fake).backward()
    assert (real.grad < 0).all()
    assert (fake.grad >= 0).all()


def test_generator_loss_does_not_saturate():
    # log(1 - D) would have no gradient where D is certain of a fake, which is where G has most to learn (paper 3.3).
    certain = torch.tensor([-20.0], requires_grad=True)
    Objective("cgan").generator_gan(certain).backward()
    assert certain.grad.item() == pytest.approx(-1, abs=1e-6)


def test_certain_logits_stay_finite():
    objective = Objective("cgan")
    far = torch.tensor([1e4, -1e4])
    assert torch.isfinite(objective.discriminator_gan(far, far))
    assert torch.isfinite(objective.generator_gan(far))


@pytest.mark.parametrize("name", ["", "L1", "l1+l2", "cgan+l1", "wgan"])
def test_unknown_objectives_are_named(name):
    with pytest.raises(ValueError, match=r"unknown objective .*l1\+cgan"):
        Objective(name)


def test_unknown_gan_loss_is_named():
    with pytest.raises(ValueError, match="unknown GAN loss 'hinge'"):
        Objective("cgan", gan_loss="hinge")
