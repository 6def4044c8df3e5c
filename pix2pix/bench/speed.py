"""How fast this machine translates and trains, as medians and ratios of one run."""

import statistics
import time
from collections.abc import Callable

import numpy as np
import torch

from pix2pix.discriminator import PatchGAN
from pix2pix.generator import UNet, with_image_statistics
from pix2pix.images import to_tensor
from pix2pix.objective import Objective
from pix2pix.precision import Precision, candidates, fastest, seconds_per_call
from pix2pix.trainer.step import TrainingStep
from pix2pix.translator import Translator

SIZE = 256
# The generator as the shipped models have it; at other widths it is measured as the paper's.
SHIPPED = {"ngf": 32, "norm": "instance", "upsampling": "resize", "noise_injection": True}


def _compared(plain: Callable[[], object], ours: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Median seconds of two calls, taken in turns so that both meet the same machine."""
    times: tuple[list[float], list[float]] = ([], [])
    for call in (plain, ours):
        call()
    for _ in range(repeats):
        for call, kept in zip((plain, ours), times, strict=True):
            begin = time.perf_counter()
            call()
            kept.append(time.perf_counter() - begin)
    return statistics.median(times[0]), statistics.median(times[1])


def report_translation(width: int, device: torch.device, repeats: int) -> None:
    """The studio's path, uint8 in and out, against the same network in plain fp32 NCHW eager."""
    network = UNet(**(SHIPPED if width == SHIPPED["ngf"] else {"ngf": width})).to(device).eval()
    network = with_image_statistics(network)
    picture = np.random.default_rng(0).integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8)
    translator = Translator(network, network.levels, device=device)

    def plain() -> None:
        with torch.inference_mode():
            ((network(to_tensor(picture)[None].to(device))[0] + 1) * 127.5).to(torch.uint8).permute(1, 2, 0).cpu().numpy()

    before, after = _compared(plain, lambda: translator.translate(picture), repeats)
    form = f"{translator.precision.dtype} {translator.precision.layout}"
    print(
        f"translate ngf={width} batch 1: plain fp32 {before * 1000:.1f} ms, ours ({form}) {after * 1000:.1f} ms,"
        f" {before / after:.2f} times as fast"
    )


def report_training(device: torch.device, repeats: int) -> None:
    """One l1+cgan step, ngf=32, PatchGAN 70 of ndf=32, batch 4, in the format train.py would choose against plain fp32 eager."""
    a, b = torch.rand(2, 4, 3, SIZE, SIZE) * 2 - 1

    def step_in(precision: Precision) -> TrainingStep:
        generator, judge = UNet(**SHIPPED).to(device), PatchGAN(ndf=32, norm="instance").to(device)
        return TrainingStep(generator, judge, Objective(), precision)

    def seconds(precision: Precision) -> float:
        step = step_in(precision)
        return seconds_per_call(lambda: step(a, b), device)

    best, _ = fastest(candidates(device, "auto"), seconds)
    plain_step, our_step = _PlainStep(device), step_in(best)
    before, after = _compared(lambda: plain_step(a, b), lambda: our_step(a, b), repeats)
    print(
        f"training step ngf=32 ndf=32 batch 4: plain fp32 {before * 250:.0f} ms a picture, ours ({best.dtype} {best.layout})"
        f" {after * 250:.0f} ms, {before / after:.2f} times as fast"
    )


class _PlainStep:
    """The step as it is usually written: fp32, D run on real and generated pictures one after the other."""

    def __init__(self, device: torch.device):
        self.device, self.objective = device, Objective()
        self.generator, self.judge = UNet(**SHIPPED).to(device), PatchGAN(ndf=32, norm="instance").to(device)
        networks = (self.generator, self.judge)
        self.optimizers = [torch.optim.Adam(n.parameters(), 2e-4, (0.5, 0.999), foreach=False) for n in networks]

    def __call__(self, a: torch.Tensor, b: torch.Tensor) -> None:
        a, b = a.to(self.device), b.to(self.device)
        output = self.generator(a)
        self.judge.requires_grad_(True)
        self.optimizers[1].zero_grad()
        self.objective.discriminator_gan(self.judge(a, b), self.judge(a, output.detach())).backward()
        self.optimizers[1].step()
        self.judge.requires_grad_(False)
        self.optimizers[0].zero_grad()
        (self.objective.generator_gan(self.judge(a, output)) + self.objective.reconstruction(output, b)).backward()
        self.optimizers[0].step()
