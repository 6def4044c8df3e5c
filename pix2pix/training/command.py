"""train.py: options in, a finished checkpoint out."""

import argparse
import shlex
import sys
from functools import partial
from pathlib import Path

import numpy as np
import torch
from pydantic import ValidationError

from pix2pix import __version__
from pix2pix.checkpoint.atomic import write_atomically
from pix2pix.checkpoint.config import CheckpointError, Config, Training, faults
from pix2pix.checkpoint.folder import save_checkpoint
from pix2pix.data.augment import augmentation
from pix2pix.data.examples import examples_of
from pix2pix.data.images import read_square
from pix2pix.data.make_pairs import MAKERS
from pix2pix.data.pairs import Pairs, PairsError, find_pairs, has_split, whole_pairs
from pix2pix.evaluation.evaluate import folder_names, measure, metrics_of
from pix2pix.hub.errors import HubError
from pix2pix.hub.publish import check_access, publish
from pix2pix.inference.precision import Precision, choose_device
from pix2pix.networks.losses import Objective
from pix2pix.networks.patchgan import PatchGAN
from pix2pix.networks.registry import build_generator
from pix2pix.training.build import build_networks, networks_of
from pix2pix.training.distributed import process_group, rank, shared, world_size
from pix2pix.training.format import choices_for, in_words, measure_precisions
from pix2pix.training.options import as_json, parse
from pix2pix.training.run_folder import HISTORY_FILE, OPTIONS_FILE, STATE_FILE, RunError, clear, load_state
from pix2pix.training.step import TrainingStep
from pix2pix.training.trainer import Run

CARD_SAMPLES = 4


def main(arguments: list[str] | None = None) -> int:
    """Runs train.py; 0 when the model stands in checkpoints/, 130 when interrupted, 1 with one sentence on failure."""
    arguments = sys.argv[1:] if arguments is None else arguments
    options = parse(arguments)
    # One line a command, also where an argument has several.
    options.given = shlex.join(["python", "train.py", *(" ".join(argument.splitlines()) for argument in arguments)])
    # A resumed run is still what its first command made.
    options.command = getattr(options, "command", options.given)
    try:
        device = choose_device(options.device)
        with process_group(device):
            return _train(options, device)
    except KeyboardInterrupt:
        print("train.py: stopped. What was saved before is intact.", file=sys.stderr)
        return 130
    except ValidationError as error:
        print(f"train.py: {faults(error)}", file=sys.stderr)
    except (RunError, PairsError, CheckpointError, HubError, ValueError) as error:
        print(f"train.py: {error}", file=sys.stderr)
    except OSError as error:
        print(f"train.py: {error}. What was saved before is intact.", file=sys.stderr)
    return 1


def _say(text: str) -> None:
    if rank() == 0:
        print(text, flush=True)


def _train(options: argparse.Namespace, device: torch.device) -> int:
    run_folder = options.runs / options.name
    state = load_state(run_folder) if options.resume else None
    if not options.resume and (run_folder / STATE_FILE).exists() and not options.overwrite:
        raise RunError(f"{run_folder} holds a run already: --resume {options.name} goes on with it, --overwrite starts again.")
    if options.push_to_hub and rank() == 0:
        check_access(options.push_to_hub)
    torch.manual_seed(options.seed)
    objective = Objective(options.objective, options.weight, options.gan_loss)
    config, generator, discriminator = build_networks(options, objective, state and state.get("networks"))
    maker = MAKERS[options.make_pairs] if options.make_pairs else None
    sources = [source for folder in options.data for source in find_pairs(folder, "train")]
    pairs = Pairs(
        sources,
        options.direction,
        options.size,
        options.load_size,
        options.flip,
        options.seed,
        maker,
        augmentation(options.augment),
        progress=rank() == 0,
    )
    measured = [folder for folder in options.data if has_split(folder, "val")]
    held_out = [source for folder in measured for source in find_pairs(folder, "val")]
    validation = list(whole_pairs(held_out[: options.validate_pairs], options.direction, options.size, maker))

    generator.to(device)
    if discriminator is not None:
        discriminator.to(device)
    kept = Precision(**state["precision"]) if state else None
    choices = choices_for(device, options.precision, options.layout, kept)
    precision, times = choices[0], {}
    if not state:
        batch = torch.rand(2, options.batch, 3, options.size, options.size, generator=torch.Generator().manual_seed(0)) * 2 - 1
        precision, times = shared(
            measure_precisions(partial(_trial_step, config, objective, device), choices, batch, device), device
        )
    elif kept != precision:
        _say(f"precision: {precision.dtype} {precision.layout} instead of {kept.dtype} {kept.layout}, as the run was begun")
    step = TrainingStep(
        generator, discriminator, objective, precision, options.learning_rate, options.beta1, options.ema, options.compile
    )

    def export(run: Run) -> None:
        translator = run.translator()
        update: dict[str, object] = {"training": _training(options, run)}
        if validation:
            # While training the first pairs are enough; the finished model is measured on all.
            everything = run.done == run.total_steps
            pictures = whole_pairs(held_out, options.direction, options.size, maker) if everything else validation
            scores = measure(translator, pictures, options.task)
            update["metrics"] = metrics_of(scores, folder_names(measured), "val", options.size)
        described = config.model_copy(update=update)
        inputs = _card_inputs(options, [a for a, _ in run.shown()])
        samples = [(a, translator.translate(a)) for a in inputs]
        save_checkpoint(
            options.checkpoints / options.name, described, step.best_generator, discriminator, run_folder / HISTORY_FILE, samples
        )

    run = Run(
        run_folder,
        step,
        pairs,
        batch=options.batch,
        constant_epochs=options.epochs,
        decay_epochs=options.decay_epochs,
        learning_rate=options.learning_rate,
        seed=options.seed,
        validation=validation,
        networks=networks_of(config),
        export=export,
        workers=options.workers,
        log_every=options.log_every,
        sample_every=options.sample_every,
        validate_every=options.validate_every,
        export_every=options.export_every,
        save_seconds=options.save_minutes * 60,
    )
    if state:
        run.load_state_dict(state)
        changed = {part for part in options.given.split() if part.startswith("--")} - {"--resume", "--runs", "--checkpoints"}
        if changed and run.done < run.total_steps:
            options.command += f"\n{options.given}"  # what it changed belongs to what the model is
        left = run.seconds / max(1, run.done) * (run.total_steps - run.done)
        _say(f"resuming {options.name} at step {run.done} of {run.total_steps}, about {in_words(left)} left at the speed it had")
    elif rank() == 0:
        clear(run_folder)
    if rank() == 0:
        write_atomically(run_folder / OPTIONS_FILE, lambda path: path.write_text(as_json(options)))
    _say(
        f"{options.name}: {len(pairs)} pairs, {len(held_out)} held out, {run.total_steps} steps of {options.batch * world_size()}"
        f" on {device} in {precision.dtype} {precision.layout}, logs in {run_folder}/"
    )
    if times:
        _say(_plan(precision, times, run.total_steps))
    if run.train():
        _say(f"done: {options.checkpoints / options.name}")
        if options.push_to_hub and rank() == 0:
            _publish(options)
        return 0
    _say(f"saved at step {run.done} of {run.total_steps}. Go on with: python train.py --resume {options.name}")
    return 130


def _plan(precision: Precision, times: dict[Precision, float], steps: int) -> str:
    """What a run computes in, why, and how long it will take."""
    measured = ", ".join(f"{each.dtype} {each.layout} {seconds * 1000:.0f} ms" for each, seconds in times.items())
    why = "is fastest here" if len(times) > 1 else "works here"
    whole = in_words(times[precision] * steps)
    return f"precision: {precision.dtype} {precision.layout} {why}, the whole run takes about {whole} (a step: {measured})"


def _trial_step(config: Config, objective: Objective, device: torch.device, precision: Precision) -> TrainingStep:
    """A step of fresh networks, to be measured and thrown away."""
    generator = build_generator(**config.generator.model_dump()).to(device)
    discriminator = PatchGAN(**config.discriminator.model_dump()).to(device) if config.discriminator else None
    return TrainingStep(generator, discriminator, objective, precision)


def _publish(options: argparse.Namespace) -> None:
    try:
        _say(f"published: {publish(options.checkpoints / options.name, options.push_to_hub).url}")
    except HubError as error:
        again = f"python -m pix2pix publish {options.name} --to {options.push_to_hub}"
        raise RunError(f"the model is finished, but not published: {error}. Try again with: {again}") from error


def _shareable(command: str) -> str:
    """A command as others may read it: of paths that lead away from here, which tell of this machine, the last part is left."""
    parts = []
    for part in shlex.split(command):
        option, equals, value = part.rpartition("=")
        away = Path(value).is_absolute() or ".." in Path(value).parts
        parts.append(option + equals + (Path(value).name or value if away else value))
    return shlex.join(parts)


def _training(options: argparse.Namespace, run: Run) -> Training:
    return Training(
        data=folder_names(options.data) + (f", pairs made by {options.make_pairs}" if options.make_pairs else ""),
        pairs=len(run.pairs),
        steps=run.done,
        epochs=round(run.epoch, 2),
        batch=options.batch * world_size(),
        learning_rate=options.learning_rate,
        seed=options.seed,
        hours=round(run.seconds / 3600, 3),
        gan_loss=options.gan_loss,
        ema=options.ema,
        precision=run.step.precision.dtype,
        augment=options.augment,
        init_from=options.init_from.name if options.init_from else None,
        command="\n".join(map(_shareable, options.command.splitlines())),
        code_version=__version__,
        **{"lambda": options.weight},
    )


def _card_inputs(options: argparse.Namespace, fallback: list[np.ndarray]) -> list[np.ndarray]:
    """Inputs for the card's samples: the project's own drawings for this task, else pictures of the user's data."""
    return [read_square(path, options.size) for path in examples_of(options.task)[:CARD_SAMPLES]] or fallback
