"""Writes the checkpoint of a run, while it goes on and at its end."""

import shlex
from pathlib import Path

import numpy as np

from pix2pix import __version__
from pix2pix.checkpoint.config import MAX_LINE, MAX_TEXT, Training, shorten
from pix2pix.checkpoint.folder import HISTORY_FILE, save_checkpoint
from pix2pix.data.examples import examples_of
from pix2pix.data.images import read_square
from pix2pix.evaluation.evaluate import folder_names, measure, metrics_of
from pix2pix.training.distributed import world_size
from pix2pix.training.trainer import Trainer

MAX_CARD_SAMPLES = 4


def export_checkpoint(trainer: Trainer) -> None:
    """Write the generator as it is now, its discriminator, config, card and history to the run's folder in checkpoints/.

    While training it is measured on the first held-out pairs, the finished model on all of them. The card shows the
    project's own inputs for the task, else pictures of the user's data. The finished weights are written before anything of
    that is tried. Raise OSError if they cannot be written.
    """
    options, validation, translator = trainer.options, trainer.validation, trainer.translator()
    update: dict[str, object] = {"training": _describe_training(trainer)}
    if trainer.done == trainer.total_steps:  # first of all, because the data may be gone when it is to be measured
        _save(trainer, update, [])
    pairs = validation.read_all() if trainer.done == trainer.total_steps else validation.pairs
    scores = measure(translator, pairs, options.task)
    if scores.count:
        update["metrics"] = metrics_of(scores, folder_names(validation.folders), "val", options.size)
    inputs = [read_square(path, options.size) for path in examples_of(options.task)[:MAX_CARD_SAMPLES]]
    samples = [(a, translator.translate(a)) for a in inputs or [a for a, _ in trainer.shown()]]
    _save(trainer, update, samples)


def _save(trainer: Trainer, update: dict[str, object], samples: list[tuple[np.ndarray, np.ndarray]]) -> None:
    options = trainer.options
    save_checkpoint(
        options.checkpoint_folder,
        trainer.config.model_copy(update=update),
        trainer.step.best_generator,
        trainer.step.discriminator,
        options.run_folder / HISTORY_FILE,
        samples,
    )


def _describe_training(trainer: Trainer) -> Training:
    options = trainer.options
    return Training(
        data=shorten(
            folder_names(options.data) + (f", pairs made by {options.make_pairs}" if options.make_pairs else ""), MAX_LINE
        ),
        pairs=len(trainer.pairs),
        steps=trainer.done,
        epochs=round(trainer.epoch, 2),
        batch=options.batch * world_size(),
        learning_rate=options.learning_rate,
        seed=options.seed,
        hours=round(trainer.seconds / 3600, 3),
        gan_loss=options.gan_loss,
        ema=options.ema,
        precision=trainer.step.precision.dtype,
        augment=options.augment,
        init_from=options.init_from.name if options.init_from else None,
        command=shorten("\n".join(map(_without_private_paths, options.command.splitlines())), MAX_TEXT),
        code_version=__version__,
        **{"lambda": options.weight},
    )


def _without_private_paths(command: str) -> str:
    """Return a command as others may read it: of a path that leads elsewhere on this machine only the last part is kept."""
    parts = []
    for part in shlex.split(command):
        option, equals, value = part.rpartition("=")
        away = Path(value).is_absolute() or ".." in Path(value).parts
        parts.append(option + equals + (Path(value).name or value if away else value))
    return shlex.join(parts)
