"""train.py: options in, a finished checkpoint out."""

import contextlib
import sys
import tempfile

import torch
from pydantic import ValidationError

from pix2pix.checkpoint.atomic import write_atomically
from pix2pix.checkpoint.config import CheckpointError, describe_errors, read_config
from pix2pix.checkpoint.folder import CONFIG_FILE
from pix2pix.data.pairs import PairsError
from pix2pix.hub.errors import HubError
from pix2pix.hub.publish import check_access, publish
from pix2pix.inference.precision import Precision, choose_device
from pix2pix.training.build import build_trainer
from pix2pix.training.distributed import process_group, rank, world_size
from pix2pix.training.export import export_checkpoint
from pix2pix.training.format import in_words, shorter
from pix2pix.training.options import TrainingOptions, parse
from pix2pix.training.run_folder import OPTIONS_FILE, PROCESS_FILE, STATE_FILE, RunError, claimed, clear, load_state
from pix2pix.training.trainer import Trainer


def main(arguments: list[str] | None = None) -> int:
    """Run train.py; 0 when the model stands in checkpoints/, 130 when interrupted, 1 with one sentence on failure."""
    options = parse(sys.argv[1:] if arguments is None else arguments)
    try:
        device = choose_device(options.device)
        with process_group(device):
            return _train(options, device)
    except KeyboardInterrupt:
        print("train.py: stopped. What was saved before is intact.", file=sys.stderr)
        return 130
    except ValidationError as error:
        print(f"train.py: {describe_errors(error)}", file=sys.stderr)
    except (RunError, PairsError, CheckpointError, HubError, ValueError) as error:
        print(f"train.py: {error}", file=sys.stderr)
    except OSError as error:
        print(f"train.py: {error}. What was saved before is intact.", file=sys.stderr)
    return 1


def _train(options: TrainingOptions, device: torch.device) -> int:
    with claimed(options.run_folder) if rank() == 0 else contextlib.nullcontext():
        return _train_claimed(options, device)


def _check_folders(options: TrainingOptions) -> None:
    """Raise RunError or OSError, before the first step, where the last one could not write its model or would replace another."""
    folder, target = options.run_folder, options.checkpoint_folder
    if folder.resolve() == target.resolve():
        raise RunError(f"--runs and --checkpoints are one folder, {options.runs}: the model would replace the run it comes from.")
    for path, mark in ((folder, OPTIONS_FILE), (target, CONFIG_FILE)):
        held = [each.name for each in sorted(path.glob("*")) if each.name != PROCESS_FILE]
        if held and not (path / mark).exists():
            raise RunError(f"{path} holds other things ({', '.join(held[:3])}), which would be lost: choose another --name.")
    if not options.resume and not options.overwrite:
        if (folder / STATE_FILE).exists():
            raise RunError(f"{folder} holds a run already: --resume {options.name} goes on with it, --overwrite starts again.")
        if (target / CONFIG_FILE).exists():
            raise RunError(f"{target} is a model already: choose another --name, or replace it at the end with --overwrite.")
    there = next(each for each in (options.checkpoints.absolute(), *options.checkpoints.absolute().parents) if each.exists())
    with tempfile.TemporaryFile(dir=there):
        pass


def _train_claimed(options: TrainingOptions, device: torch.device) -> int:
    folder = options.run_folder
    state = load_state(folder) if options.resume else None
    if rank() == 0:
        _check_folders(options)
    if options.push_to_hub and rank() == 0:
        check_access(options.push_to_hub)
    if options.threads:
        torch.set_num_threads(options.threads)
    if rank() == 0 and not state:
        print("reading the pairs and measuring how fast this machine trains ...", flush=True)
    trainer, times = build_trainer(options, device, state, export_checkpoint)
    if rank() == 0:
        if not state:
            clear(folder)
        text = trainer.options.model_dump_json(indent=2)
        write_atomically(folder / OPTIONS_FILE, lambda path: path.write_text(text, encoding="utf-8"))
        if options.init_from and not state:
            _say_direction(trainer, read_config(options.init_from / CONFIG_FILE).direction)
        _announce(trainer, times, Precision(**state["precision"]) if state else None)
    finished = trainer.train()
    if rank() == 0:
        if not finished:
            print(f"saved at step {trainer.done} of {trainer.total_steps}. Go on with: python train.py --resume {options.name}")
        else:
            print(f"done: {options.checkpoint_folder}", flush=True)
            if options.push_to_hub:
                _publish(options, options.push_to_hub)
    return 0 if finished else 130


def _announce(trainer: Trainer, times: dict[Precision, float], kept: Precision | None) -> None:
    """Print what a run is about to do, in what it computes and why, and how long it will take.

    `times` are the seconds a step that were measured for a new run, `kept` is the format that a resumed one was started in.
    """
    options, precision = trainer.options, trainer.step.precision
    if kept and kept != precision:
        print(f"precision: {precision.dtype} {precision.layout} instead of {kept.dtype} {kept.layout}, as the run was started")
    if kept:
        left = trainer.seconds / max(1, trainer.done) * (trainer.total_steps - trainer.done)
        print(
            f"resuming {options.name} at step {trainer.done} of {trainer.total_steps},"
            f" about {in_words(left)} left at the speed it had"
        )
    print(
        f"{options.name}: {len(trainer.pairs)} pairs, {trainer.validation.count} held out,"
        f" {trainer.total_steps} steps of {options.batch * world_size()} on {trainer.step.device}"
        f" in {precision.dtype} {precision.layout}, logs in {options.run_folder}/",
        flush=True,
    )
    if trainer.config.values_a or trainer.config.values_b:
        a, b = (f"{values[0]:g} to {values[1]:g}" if values else "8 bits" for values in trainer.pairs.ranges)
        print(f"values from black to white: A {a}, B {b}; --range LOW HIGH says otherwise", flush=True)
    if times:
        measured = ", ".join(f"{each.dtype} {each.layout} {seconds * 1000:.0f} ms" for each, seconds in times.items())
        why = "is fastest here" if len(times) > 1 else "works here"
        seconds = times[precision] * trainer.total_steps
        print(
            f"precision: {precision.dtype} {precision.layout} {why}, the whole run takes about {in_words(seconds)}"
            f" (a step: {measured}){shorter(options, seconds)}",
            flush=True,
        )


def _say_direction(trainer: Trainer, before: str) -> None:
    """Print that a run starts from a model of the other direction, which may be right for data whose sides are swapped."""
    if trainer.options.direction != before:
        print(f"direction: {trainer.options.direction}, while the model it starts from was trained {before}", flush=True)


def _publish(options: TrainingOptions, repo_id: str) -> None:
    """Publish the finished model. Raise RunError with the command that tries again."""
    try:
        print(f"published: {publish(options.checkpoint_folder, repo_id).url}", flush=True)
    except HubError as error:
        again = f"python -m pix2pix publish {options.name} --to {repo_id}"
        raise RunError(f"the model is finished, but not published: {error}. Try again with: {again}") from error
