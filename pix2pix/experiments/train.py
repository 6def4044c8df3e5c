"""Trains the models of a study that are missing, with train.py's own command: what was interrupted is resumed."""

from dataclasses import dataclass
from pathlib import Path

import torch

from pix2pix.checkpoint.config import CheckpointError, read_config
from pix2pix.checkpoint.folder import CONFIG_FILE
from pix2pix.experiments.study import DECAY_EPOCHS, EPOCHS, SHARED_OPTIONS, Experiment
from pix2pix.inference.precision import Precision, choose_device, seconds_per_call
from pix2pix.networks.losses import Objective
from pix2pix.training.build import build_networks
from pix2pix.training.command import main as train
from pix2pix.training.options import parse
from pix2pix.training.run_folder import STATE_FILE, load_state
from pix2pix.training.step import TrainingStep


@dataclass(frozen=True)
class StudyOptions:
    """Where a study's data is, what it is of, and where its models go. `epochs` at the full rate, a third more decaying."""

    data: Path
    task: str
    direction: str
    models: Path
    runs: Path
    epochs: int = EPOCHS
    arguments: tuple[str, ...] = ()  # of train.py, for every model

    @property
    def decay_epochs(self) -> int:
        return round(self.epochs * DECAY_EPOCHS / EPOCHS)


def arguments_of(study: StudyOptions, experiment: Experiment) -> list[str]:
    """Return what train.py is called with for one model: to begin with it, or to go on with it."""
    folders = ["--runs", str(study.runs), "--checkpoints", str(study.models)]
    started = (study.runs / experiment.name / STATE_FILE).exists()
    if started:
        kept = parse(resumption := ["--resume", experiment.name, *folders])
        if (kept.epochs, kept.decay_epochs) == (study.epochs, study.decay_epochs):
            return resumption
    schedule = ["--epochs", str(study.epochs), "--decay-epochs", str(study.decay_epochs)]
    what = ["--data", str(study.data), "--task", study.task, "--direction", study.direction, "--name", experiment.name]
    # The study's own run of other epochs gives way; a model that no run of the study has made does not.
    again = ["--overwrite"] if started else []
    return [*what, *SHARED_OPTIONS, *schedule, *experiment.options, *study.arguments, *folders, *again]


def is_finished(study: StudyOptions, experiment: Experiment) -> bool:
    """Return whether the model is there, trained for as many epochs as the study asks for."""
    try:
        training = read_config(study.models / experiment.name / CONFIG_FILE).training
    except CheckpointError:
        return False
    return training is not None and training.epochs >= study.epochs + study.decay_epochs


def steps_left(study: StudyOptions, experiment: Experiment, pairs: int) -> int:
    """Return how many steps of training are left for one model, with `pairs` pairs to train on."""
    if is_finished(study, experiment):
        return 0
    options = parse(arguments_of(study, experiment))
    whole = (options.epochs + options.decay_epochs) * -(-pairs // options.batch)
    return whole - (load_state(options.run_folder)["done"] if options.resume else 0)


def measure_step(study: StudyOptions, experiment: Experiment) -> float:
    """Return the seconds that one step of a model takes on this machine, without reading pairs."""
    options = parse(arguments_of(study, experiment))
    device = choose_device(options.device)
    objective = Objective(options.objective, options.weight, options.gan_loss)
    _, generator, discriminator = build_networks(options, objective)
    step = TrainingStep(
        generator.to(device),
        discriminator.to(device) if discriminator is not None else None,
        objective,
        Precision("fp32", "channels_last"),
    )
    a, b = torch.rand(2, options.batch, 3, options.size, options.size) * 2 - 1
    return seconds_per_call(lambda: step(a, b), device, repeats=2)


def train_missing(study: StudyOptions, experiments: list[Experiment]) -> int:
    """Train what is not finished, one model after the other. Return train.py's exit status of the last one: 0 if all are done."""
    statuses = (train(arguments_of(study, each)) for each in experiments if not is_finished(study, each))
    return next((status for status in statuses if status), 0)
