"""The number format and layout a run computes in: the fastest that computes the same losses, and how long the run will take."""

from collections.abc import Callable

import torch

from pix2pix.inference.precision import PLAIN, Precision, candidates, fastest, seconds_per_call, worth_trying
from pix2pix.training.options import TrainingOptions
from pix2pix.training.run_folder import RunError
from pix2pix.training.step import TrainingStep

# A run that takes longer than this is told what would make it shorter.
LONG_S = 2 * 3600
# How far a candidate's first losses may be from plain fp32's, as a share of them.
TOLERANCE = 0.1


def measure_precisions(
    step_in: Callable[[Precision], TrainingStep], choices: list[Precision], batch: torch.Tensor, device: torch.device
) -> tuple[Precision, dict[Precision, float]]:
    """Return the fastest of `choices` for a step, and the seconds per step of each.

    `batch` is of A and B, 2 x N x C x H x W in [-1, 1].

    `step_in` makes throw-away networks. A choice that raises, or whose first losses are not plain fp32's, is not taken. Raise
    RunError if none is left.
    """
    random_state = torch.get_rng_state()

    def first_losses(step: TrainingStep) -> dict[str, float]:
        torch.manual_seed(0)
        return {name: loss.item() for name, loss in step(*batch).items()}

    def built(precision: Precision) -> TrainingStep:
        torch.manual_seed(0)
        return step_in(precision)

    expected = first_losses(built(PLAIN))

    def seconds(precision: Precision, best: float) -> float:
        step = built(precision)
        for name, loss in first_losses(step).items():
            if not abs(loss - expected[name]) <= TOLERANCE * abs(expected[name]):  # NaN too
                raise ValueError(f"its {name} is {loss:.4g}, in plain fp32 {expected[name]:.4g}")
        return seconds_per_call(lambda: step(*batch), device, best=best)

    try:
        best, times = fastest(choices, seconds)
    finally:
        torch.set_rng_state(random_state)
    if best is None:
        requested = " or ".join(f"{choice.dtype} {choice.layout}" for choice in choices)
        raise RunError(f"this machine cannot train in {requested}: leave --precision and --layout to what measures fastest.")
    return best, times


def choices_for(device: torch.device, dtype: str, layout: str, kept: Precision | None) -> list[Precision]:
    """Return the formats to choose from: what was requested, else what a resumed run was `kept` in, else all worth trying.

    A run that was started on another machine does not keep a format that this one computes more slowly than fp32.
    """
    if kept is not None:
        usable = kept.dtype if kept.dtype == "fp32" or worth_trying(kept.dtype, device) else "fp32"
        return [Precision(usable if dtype == "auto" else dtype, kept.layout if layout == "auto" else layout)]
    return candidates(device, dtype, layout)


def shorter(options: TrainingOptions, seconds: float) -> str:
    """Say what would make a run of so many seconds shorter, with how much; nothing where it is short."""
    if seconds < LONG_S:
        return ""
    steps = [
        (options.size > 128, f"--size {options.size // 2} about 4 times"),
        (options.ngf > 32 or options.ndf > 32, f"--ngf {options.ngf // 2} --ndf {options.ndf // 2} up to 4 times"),
        (options.epochs + options.decay_epochs > 20, f"half of the {options.epochs + options.decay_epochs} epochs twice"),
    ]
    chosen = ", ".join(text for applies, text in steps if applies)
    return f"; shorter by: {chosen}" if chosen else ""


def in_words(seconds: float) -> str:
    """Write a duration as people say it, e.g. `2 h 5 min`."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return "less than a minute"
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [f"{number} {unit}" for number, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if number]
    return " ".join(parts[:2])
