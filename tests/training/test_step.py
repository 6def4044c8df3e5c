"""One step: which losses, which gradients, and the running mean of the weights."""

import numpy as np
import pytest
import torch

from pix2pix.inference.precision import Precision
from pix2pix.networks.losses import Objective
from pix2pix.networks.patchgan import PatchGAN
from pix2pix.networks.unet import UNet
from pix2pix.training.step import TrainingStep


def make_step(name: str, norm: str = "instance", **options) -> TrainingStep:
    torch.manual_seed(0)
    objective = Objective(name)
    generator = UNet(ngf=4, levels=3, norm=norm, dropout=0.0)
    discriminator = PatchGAN(ndf=4, patch=16, norm=norm, conditional=objective.conditional) if objective.adversarial else None
    return TrainingStep(generator, discriminator, objective, Precision(), **options)


def batch(count: int = 2) -> tuple[torch.Tensor, torch.Tensor]:
    return tuple(torch.rand(2, count, 3, 32, 32, generator=torch.Generator().manual_seed(1)) * 2 - 1)


@pytest.mark.parametrize(
    ("name", "losses"), [("l1", {"G_L1"}), ("gan", {"G_L1", "G_GAN", "D"}), ("l1+cgan", {"G_L1", "G_GAN", "D"})]
)
def test_a_step_tells_the_losses_of_its_objective(name, losses):
    a, b = batch()
    step = make_step(name)
    with torch.no_grad():
        expected = (step.generator(a) - b).abs().mean().item()
    told = step(a, b)
    assert set(told) == losses
    assert told["G_L1"].item() == pytest.approx(expected, rel=1e-5)


def test_each_network_learns_from_its_own_loss_only():
    a, b = batch()
    step, alone = make_step("l1+cgan"), make_step("l1+cgan")
    step.set_learning_rate(1e-3)
    step(a, b)
    # D's step, spelled out: its gradient comes from its own loss over real and generated pictures, and from nothing else.
    fake = alone.generator(a).detach()
    loss = alone.objective.discriminator_gan(alone.discriminator(a, b), alone.discriminator(a, fake))
    gradients = torch.autograd.grad(loss, list(alone.discriminator.parameters()))
    for parameter, gradient in zip(step.discriminator.parameters(), gradients, strict=True):
        torch.testing.assert_close(parameter.grad, gradient, rtol=1e-3, atol=1e-7)


@pytest.mark.parametrize("norm", ["instance", "none", "batch"])
def test_real_and_generated_pictures_may_share_a_pass(norm):
    a, b = batch()
    step = make_step("l1+cgan", norm)
    fake = torch.zeros_like(b)
    for together, apart in zip(
        step._discriminate_both(a, b, fake), (step.discriminator(a, b), step.discriminator(a, fake)), strict=True
    ):
        torch.testing.assert_close(together, apart)


def test_the_running_mean_of_the_weights():
    a, b = batch()
    step = make_step("l1", norm="batch", ema=0.75)
    expected = {name: tensor.clone() for name, tensor in step.generator.named_parameters()}
    for number in range(3):
        step(a, b)
        # Short at first: 1/10, 2/11, 3/12 of the old mean.
        kept = (1 + number) / (10 + number)
        for name, tensor in step.generator.named_parameters():
            expected[name] = kept * expected[name] + (1 - kept) * tensor.detach()
    averaged = dict(step.best_generator.named_parameters())
    for name, tensor in expected.items():
        torch.testing.assert_close(averaged[name], tensor)
    for mine, its in zip(step.best_generator.buffers(), step.generator.buffers(), strict=True):
        assert torch.equal(mine, its)
    assert make_step("l1").best_generator is not None
    step.ema_steps = 1000
    before = {name: tensor.clone() for name, tensor in step.best_generator.named_parameters()}
    step(a, b)
    for name, tensor in step.best_generator.named_parameters():
        now = dict(step.generator.named_parameters())[name].detach()
        torch.testing.assert_close(tensor, 0.75 * before[name] + 0.25 * now)


@pytest.mark.parametrize("layout", ["nchw", "channels_last"])
def test_layouts_learn_the_same(layout):
    a, b = batch()
    losses = []
    for precision in (Precision("fp32", "nchw"), Precision("fp32", layout)):
        torch.manual_seed(0)
        objective = Objective("l1+cgan")
        step = TrainingStep(
            UNet(ngf=4, levels=3, norm="instance", dropout=0), PatchGAN(ndf=4, patch=16, norm="instance"), objective, precision
        )
        losses.append([step(a, b)[name].item() for _ in range(3) for name in ("D", "G_GAN", "G_L1")])
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-3)
