"""What a run is made of, as its options say: networks, pairs and the step that trains; or as the run was started."""

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import nn

from pix2pix.checkpoint.config import Config
from pix2pix.checkpoint.folder import load_discriminator, load_generator
from pix2pix.data.augment import augmentation
from pix2pix.data.check import examine
from pix2pix.data.make_pairs import MAKERS
from pix2pix.data.pairs import Pairs, PairsError, Ranges, Source, find_pairs, find_ranges, has_split, whole_pairs
from pix2pix.inference.precision import Precision
from pix2pix.networks.config import DiscriminatorArguments, GeneratorArguments
from pix2pix.networks.losses import Objective
from pix2pix.networks.patchgan import PatchGAN, smallest_side
from pix2pix.networks.registry import build_generator
from pix2pix.training.distributed import broadcast, rank
from pix2pix.training.format import choices_for, measure_precisions
from pix2pix.training.options import TrainingOptions
from pix2pix.training.run_folder import RunError
from pix2pix.training.step import TrainingStep
from pix2pix.training.trainer import NETWORK_FIELDS, Trainer, Validation


def build_trainer(
    options: TrainingOptions, device: torch.device, state: dict[str, Any] | None, export: Callable[[Trainer], None]
) -> tuple[Trainer, dict[Precision, float]]:
    """Build the trainer of a new run, or of the one whose `state` is given; return also the seconds per step, where measured.

    Raise RunError, PairsError, CheckpointError or pydantic's ValidationError where the options do not go together.
    """
    torch.manual_seed(options.seed)
    objective = Objective(options.objective, options.weight, options.gan_loss)
    config, generator, discriminator = build_networks(options, objective, state and state.get("networks"))
    sources = find_sources(options)
    ranges = _value_ranges(options, config, sources, state)
    config = config.model_copy(update={"values_a": ranges[0], "values_b": ranges[1]})
    pairs, validation = build_pairs(options, sources, ranges), build_validation(options, ranges)
    kept = Precision(**state["precision"]) if state else None
    precision, times = _choose_precision(options, config, objective, device, kept)
    step = TrainingStep(
        generator.to(device),
        discriminator.to(device) if discriminator is not None else None,
        objective,
        precision,
        options.learning_rate,
        options.beta1,
        options.ema,
        options.compile,
        config.image_range,
    )
    trainer = Trainer(options, config, step, pairs, validation, export)
    if state:
        trainer.load_state_dict(state)
    return trainer, times


def build_networks(
    options: TrainingOptions, objective: Objective, started: dict[str, Any] | None = None
) -> tuple[Config, nn.Module, PatchGAN | None]:
    """Build networks as the options say, or load those of `--init-from`; a discriminator only where the objective has one.

    `started` are the networks of the run that is resumed, as its state kept them: a run that started from a checkpoint
    needs it no more. Raise RunError, or CheckpointError.
    """
    generator: nn.Module | None = None
    discriminator: PatchGAN | None = None
    kept: dict[str, Any] = {}
    if options.init_from and started:
        kept = started
    elif options.init_from:
        generator = load_generator(options.init_from)
        kept = {name: getattr(generator.checkpoint_config, name) for name in NETWORK_FIELDS}
        # Only where this objective can go on with it.
        if objective.adversarial and kept["discriminator"] and kept["discriminator"].conditional == objective.conditional:
            discriminator = load_discriminator(options.init_from)
        else:
            kept["discriminator"] = None
    discriminator_arguments = kept.get("discriminator")
    if objective.adversarial and discriminator_arguments is None:
        discriminator_arguments = _discriminator_arguments(options, objective)
    config = Config(
        task=options.task,
        objective=options.objective,
        direction=options.direction,
        generator=kept.get("generator") or _generator_arguments(options),
        discriminator=discriminator_arguments if objective.adversarial else None,
        image_size=options.size,
        license=options.license,
        notes=options.notes,
        **{name: kept[name] for name in NETWORK_FIELDS - {"generator", "discriminator"} if name in kept},
    )
    _check_size(options.size, config)
    if generator is None:
        generator = build_generator(**config.generator.model_dump())
    if discriminator is None and config.discriminator is not None:
        discriminator = PatchGAN(**config.discriminator.model_dump())
    return config, generator.train().requires_grad_(True), discriminator


def find_sources(options: TrainingOptions) -> list[Source]:
    """Find the pairs to train on. Raise PairsError, also where they are clearly no pairs."""
    sources = [source for folder in options.data for source in find_pairs(folder, "train")]
    if not options.make_pairs and not options.resume:
        findings = examine(sources)
        if findings.clear and not options.unchecked:
            raise PairsError(f"{findings.clear[0]}. --unchecked trains all the same.")
        for sentence in (*findings.clear, *findings.doubts):
            warnings.warn(sentence, stacklevel=2)
    return sources


def _value_ranges(options: TrainingOptions, config: Config, sources: list[Source], state: dict[str, Any] | None) -> Ranges:
    """Return what is black and white in A and B: what was typed, what the run or its first model has, else by the files."""
    if options.range:
        return options.range, options.range
    if state and "values_a" in state.get("networks", {}):
        return state["networks"]["values_a"], state["networks"]["values_b"]
    if config.values_a or config.values_b:
        return config.values_a, config.values_b
    return find_ranges(sources)


def build_pairs(options: TrainingOptions, sources: list[Source], ranges: Ranges) -> Pairs:
    """Read the pairs to train on. Raise PairsError."""
    return Pairs(
        sources,
        options.direction,
        options.size,
        options.load_size,
        options.flip,
        options.seed,
        MAKERS[options.make_pairs] if options.make_pairs else None,
        augmentation(options.augment),
        progress=rank() == 0,
        ranges=ranges,
    )


def build_validation(options: TrainingOptions, ranges: Ranges) -> Validation:
    """Return the held-out pairs of those folders that have some. Raise PairsError."""
    folders = [folder for folder in options.data if has_split(folder, "val")]
    sources = [source for folder in folders for source in find_pairs(folder, "val")]
    maker = MAKERS[options.make_pairs] if options.make_pairs else None
    read = partial(whole_pairs, direction=options.direction, size=options.size, maker=maker, ranges=ranges)
    return Validation(folders, list(read(sources[: options.validate_pairs])), len(sources), partial(read, sources))


def _choose_precision(
    options: TrainingOptions, config: Config, objective: Objective, device: torch.device, kept: Precision | None
) -> tuple[Precision, dict[Precision, float]]:
    """Choose the format to compute in, the same for all processes; return also the seconds per step measured for a new run."""
    choices = choices_for(device, options.precision, options.layout, kept)
    if kept is not None:
        return choices[0], {}
    batch = torch.rand(2, options.batch, 3, options.size, options.size, generator=torch.Generator().manual_seed(0)) * 2 - 1
    return broadcast(measure_precisions(partial(_build_trial, config, objective, device), choices, batch, device), device)


def _build_trial(config: Config, objective: Objective, device: torch.device, precision: Precision) -> TrainingStep:
    """Build a step of fresh networks, to be measured and thrown away."""
    generator = build_generator(**config.generator.model_dump()).to(device)
    discriminator = PatchGAN(**config.discriminator.model_dump()).to(device) if config.discriminator else None
    return TrainingStep(generator, discriminator, objective, precision)


def _generator_arguments(options: TrainingOptions) -> GeneratorArguments:
    return GeneratorArguments(
        ngf=options.ngf,
        levels=options.levels,
        norm=options.norm,
        dropout=options.dropout,
        upsampling=options.upsampling,
        noise_injection=options.noise_injection,
        skips=not options.no_skips,
    )


def _discriminator_arguments(options: TrainingOptions, objective: Objective) -> DiscriminatorArguments:
    return DiscriminatorArguments(ndf=options.ndf, patch=options.patch, norm=options.norm, conditional=objective.conditional)


def _check_size(size: int, config: Config) -> None:
    """Raise RunError where pictures of size x size do not go through the networks."""
    levels = config.generator.levels
    if size % 2**levels:
        raise RunError(f"--size {size} is not a multiple of {2**levels}, which {levels} levels need: change --size or --levels.")
    if config.discriminator is not None:
        patch = config.discriminator.patch
        if size < smallest_side(patch):
            raise RunError(f"--size {size} is too small for --patch {patch}: {smallest_side(patch)} is the least.")
