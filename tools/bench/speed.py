"""How fast this machine trains, as medians and ratios of one run."""

from collections.abc import Callable

import torch

from pix2pix.inference.precision import Precision, candidates
from pix2pix.networks.losses import Objective
from pix2pix.networks.patchgan import PatchGAN
from pix2pix.networks.unet import UNet
from pix2pix.training.format import measure_precisions
from pix2pix.training.step import TrainingStep
from tools.bench.engines import medians

SIZE = 256
# The generator as the shipped models have it; at other widths it is measured as the paper's.
SHIPPED = {"ngf": 32, "norm": "instance", "upsampling": "resize", "noise_injection": True}


def _compared(plain: Callable[[], object], ours: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Median seconds of two calls, taken in turns so that both meet the same machine."""
    found = medians({"plain": plain, "ours": ours}, repeats)
    return found["plain"], found["ours"]


def report_training(device: torch.device, repeats: int) -> None:
    """One l1+cgan step, ngf=32, PatchGAN 70 of ndf=32, batch 4, in the format train.py would choose against plain fp32 eager."""
    a, b = torch.rand(2, 4, 3, SIZE, SIZE) * 2 - 1

    def step_in(precision: Precision) -> TrainingStep:
        generator, discriminator = UNet(**SHIPPED).to(device), PatchGAN(ndf=32, norm="instance").to(device)
        return TrainingStep(generator, discriminator, Objective(), precision)

    best, times = measure_precisions(step_in, candidates(device), torch.stack([a, b]), device)
    plain_step, our_step = _PlainStep(device), step_in(best)
    before, after = _compared(lambda: plain_step(a, b), lambda: our_step(a, b), repeats)
    print(
        f"training step ngf=32 ndf=32 batch 4: plain fp32 {before * 250:.0f} ms a picture, ours ({best.dtype} {best.layout})"
        f" {after * 250:.0f} ms, {before / after:.2f} times as fast; tried "
        + ", ".join(f"{each.dtype} {each.layout} {seconds * 250:.0f} ms" for each, seconds in times.items())
    )


class _PlainStep:
    """The step as it is usually written: fp32, D run on real and generated pictures one after the other."""

    def __init__(self, device: torch.device):
        self.device, self.objective = device, Objective()
        self.generator, self.discriminator = UNet(**SHIPPED).to(device), PatchGAN(ndf=32, norm="instance").to(device)
        networks = (self.generator, self.discriminator)
        self.optimizers = [torch.optim.Adam(n.parameters(), 2e-4, (0.5, 0.999), foreach=False) for n in networks]

    def __call__(self, a: torch.Tensor, b: torch.Tensor) -> None:
        a, b = a.to(self.device), b.to(self.device)
        output = self.generator(a)
        self.discriminator.requires_grad_(True)
        self.optimizers[1].zero_grad()
        self.objective.discriminator_gan(self.discriminator(a, b), self.discriminator(a, output.detach())).backward()
        self.optimizers[1].step()
        self.discriminator.requires_grad_(False)
        self.optimizers[0].zero_grad()
        (self.objective.generator_gan(self.discriminator(a, output)) + self.objective.reconstruction(output, b)).backward()
        self.optimizers[0].step()
