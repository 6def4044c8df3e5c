"""The networks of a run: fresh, of a checkpoint, or as the run began."""

import argparse
from pathlib import Path
from typing import Any

from pix2pix.checkpoint.config import Config
from pix2pix.checkpoint.folder import load_discriminator, load_generator
from pix2pix.networks.config import DiscriminatorArguments, GeneratorArguments
from pix2pix.networks.losses import Objective
from pix2pix.networks.patchgan import PatchGAN, smallest_side
from pix2pix.networks.registry import build_generator
from pix2pix.networks.unet import UNet
from pix2pix.training.run_folder import RunError


def build_networks(
    options: argparse.Namespace, objective: Objective, begun: dict[str, Any] | None = None
) -> tuple[Config, UNet, PatchGAN | None]:
    """Networks as the options say, or those of `--init-from`; a discriminator only where the objective has one.

    `begun` are the networks of the run that is resumed, as `networks_of` gave them: a run that began with a checkpoint
    needs it no more. Raises RunError, or CheckpointError.
    """
    if options.init_from and begun:
        generator, discriminator = None, None
        arguments = begun["generator"], begun["discriminator"]
    elif options.init_from:
        generator, discriminator, *arguments = _loaded(options.init_from, objective)
    else:
        generator, discriminator, arguments = None, None, (None, None)
    config = Config(
        task=options.task,
        objective=options.objective,
        direction=options.direction,
        generator=arguments[0] or _generator_arguments(options),
        discriminator=(arguments[1] or _discriminator_arguments(options, objective)) if objective.adversarial else None,
        image_size=options.size,
        licence=options.licence,
        notes=options.notes,
    )
    _check_size(options, config)
    if generator is None:
        generator = build_generator(**config.generator.model_dump())
    if discriminator is None and config.discriminator is not None:
        discriminator = PatchGAN(**config.discriminator.model_dump())
    return config, generator.train().requires_grad_(True), discriminator


def networks_of(config: Config) -> dict[str, Any]:
    """What a run's state keeps of its networks, in plain numbers and words."""
    return config.model_dump(include={"generator", "discriminator"})


def _loaded(folder: Path, objective: Objective) -> tuple:
    """Both networks and their arguments; no discriminator unless this objective can go on with it."""
    generator = load_generator(folder)
    kept = generator.checkpoint_config.discriminator
    usable = objective.adversarial and kept is not None and kept.conditional == objective.conditional
    discriminator = load_discriminator(folder) if usable else None
    return generator, discriminator, generator.checkpoint_config.generator, kept if usable else None


def _generator_arguments(options: argparse.Namespace) -> GeneratorArguments:
    return GeneratorArguments(
        ngf=options.ngf,
        levels=options.levels,
        norm=options.norm,
        dropout=options.dropout,
        upsampling=options.upsampling,
        noise_injection=options.noise_injection,
        skips=not options.no_skips,
    )


def _discriminator_arguments(options: argparse.Namespace, objective: Objective) -> DiscriminatorArguments:
    return DiscriminatorArguments(ndf=options.ndf, patch=options.patch, norm=options.norm, conditional=objective.conditional)


def _check_size(options: argparse.Namespace, config: Config) -> None:
    """Raises RunError where pictures of `--size` do not go through the networks."""
    levels = config.generator.levels
    if options.size % 2**levels:
        raise RunError(
            f"--size {options.size} is not a multiple of {2**levels}, which {levels} levels need: change --size or --levels."
        )
    if config.discriminator is not None:
        least = smallest_side(config.discriminator.patch)
        if options.size < least:
            raise RunError(f"--size {options.size} is too small for --patch {config.discriminator.patch}: {least} is the least.")
