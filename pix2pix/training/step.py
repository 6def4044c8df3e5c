"""One training step: a descent step on D, then one on G (paper 3.3)."""

import copy
from typing import Any

import torch
from torch import Tensor, nn

from pix2pix.inference.precision import Precision
from pix2pix.inference.translator import PICTURE_RANGE, mapped
from pix2pix.networks.losses import Objective
from pix2pix.training.distributed import average_gradients


class TrainingStep:
    """G, D (None for L1 alone), their Adam optimizers and, if `ema` > 0, the exponential moving average of G's weights.

    Called with A and B, N x C x H x W in [-1, 1], it does one step and returns the losses as scalars in a dict:
    `G_L1` (unweighted), `G_GAN`, `D`, as far as the objective has them. `image_range` are G's values for black and white: G
    alone speaks in it, losses and D see [-1, 1].
    """

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module | None,
        objective: Objective,
        precision: Precision,
        learning_rate: float = 2e-4,
        beta1: float = 0.5,
        ema: float = 0.0,
        compile: bool = False,
        image_range: tuple[float, float] = PICTURE_RANGE,
    ):
        self.generator = generator.to(memory_format=precision.memory_format).train()
        self.discriminator = discriminator
        self.objective, self.precision, self.ema = objective, precision, ema
        self.ema_steps = 0
        self.device = next(generator.parameters()).device
        self.ema_generator = copy.deepcopy(self.generator).requires_grad_(False) if ema else None
        fused = self.device.type in ("cpu", "cuda")
        adam: dict[str, Any] = {"lr": learning_rate, "betas": (beta1, 0.999), "fused": fused}
        self.optimizers = {"generator": torch.optim.Adam(generator.parameters(), **adam)}
        self._network = torch.compile(generator) if compile else generator
        self.image_range = image_range
        if discriminator is not None:
            discriminator.to(memory_format=precision.memory_format).train()
            self.optimizers["discriminator"] = torch.optim.Adam(discriminator.parameters(), **adam)
            self._discriminate = torch.compile(discriminator) if compile else discriminator
            # Batch norm must see real and generated pictures apart; without it one pass through D serves both.
            self._one_pass = not any(isinstance(module, nn.BatchNorm2d) for module in discriminator.modules())
        # fp16 gradients vanish without scaling; in the other formats this does nothing.
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=precision.dtype == "fp16")

    @property
    def best_generator(self) -> nn.Module:
        """The weights worth keeping: the moving average where there is one."""
        return self.generator if self.ema_generator is None else self.ema_generator

    def set_learning_rate(self, rate: float) -> None:
        """Give both optimizers a new learning rate."""
        for optimizer in self.optimizers.values():
            for group in optimizer.param_groups:
                group["lr"] = rate

    def __call__(self, a: Tensor, b: Tensor) -> dict[str, Tensor]:
        a, b = (x.to(self.device, memory_format=self.precision.memory_format, non_blocking=True) for x in (a, b))
        losses: dict[str, Tensor] = {}
        with self.precision.autocast(self.device):
            output = mapped(self._network(mapped(a, PICTURE_RANGE, self.image_range)), self.image_range, PICTURE_RANGE)
        if self.discriminator is not None:
            self.discriminator.requires_grad_(True)
            with self.precision.autocast(self.device):
                real, fake = self._discriminate_both(a, b, output.detach())
            losses["D"] = self.objective.discriminator_gan(real.float(), fake.float())
            self._descend("discriminator", self.discriminator, losses["D"])
            self.discriminator.requires_grad_(False)
            with self.precision.autocast(self.device):
                logits = self._discriminate(a, output)
            losses["G_GAN"] = self.objective.generator_gan(logits.float())
        total = losses.get("G_GAN", torch.zeros((), device=self.device))
        reconstruction = self.objective.reconstruction(output.float(), b)
        if reconstruction is not None:
            total = total + reconstruction
        losses["G_L1"] = (output.detach().float() - b).abs().mean()
        self._descend("generator", self.generator, total)
        self.scaler.update()
        if self.ema_generator is not None:
            # Short at first, or the random initial weights would stay in the average.
            decay = min(self.ema, (1 + self.ema_steps) / (10 + self.ema_steps))
            self.ema_steps += 1
            with torch.no_grad():
                for mean, value in zip(self.ema_generator.parameters(), self.generator.parameters(), strict=True):
                    mean.lerp_(value, 1 - decay)
                for kept, buffer in zip(self.ema_generator.buffers(), self.generator.buffers(), strict=True):
                    kept.copy_(buffer)
        return {name: loss.detach() for name, loss in losses.items()}

    def _discriminate_both(self, a: Tensor, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
        """Return the patch logits of real and of generated pictures."""
        if not self._one_pass:
            return self._discriminate(a, real), self._discriminate(a, fake)
        logits = self._discriminate(torch.cat([a, a]), torch.cat([real, fake.to(real.dtype)]))
        return logits.chunk(2)

    def _descend(self, name: str, network: nn.Module, loss: Tensor) -> None:
        optimizer = self.optimizers[name]
        optimizer.zero_grad()
        self.scaler.scale(loss).backward()
        average_gradients(network.parameters())
        self.scaler.step(optimizer)

    def state_dict(self) -> dict[str, Any]:
        """Return everything the next step depends on. The moving average goes by the names that the first runs gave it."""
        return {
            "generator": self.generator.state_dict(),
            "discriminator": self.discriminator.state_dict() if self.discriminator is not None else None,
            "averaged": self.ema_generator.state_dict() if self.ema_generator is not None else None,
            "averaged_steps": self.ema_steps,
            "optimizers": {name: optimizer.state_dict() for name, optimizer in self.optimizers.items()},
            "scaler": self.scaler.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what `state_dict` gave. Raise RuntimeError, ValueError or KeyError if it is of other networks."""
        self.generator.load_state_dict(state["generator"])
        if self.discriminator is not None:
            self.discriminator.load_state_dict(state["discriminator"])
        if self.ema_generator is not None:
            self.ema_generator.load_state_dict(state["averaged"])
            self.ema_steps = state["averaged_steps"]
        for name, optimizer in self.optimizers.items():
            optimizer.load_state_dict(state["optimizers"][name])
        self.scaler.load_state_dict(state["scaler"])
