"""The paper's study on a data set: trained, measured, written as tables."""

import argparse
import shlex
import sys
from pathlib import Path

from pix2pix.checkpoint.catalog import check_name
from pix2pix.cli.common import Command
from pix2pix.data.pairs import DIRECTIONS, find_pairs
from pix2pix.experiments.measure import measure_study
from pix2pix.experiments.results import TABLE_FILE, write_results
from pix2pix.experiments.study import EPOCHS, EXPERIMENTS, experiment
from pix2pix.experiments.train import StudyOptions, is_finished, measure_step, steps_left, train_missing
from pix2pix.training.format import in_words

# Task and direction of data sets by the name of their study.
STUDIES = {"facades": ("labels2facade", "BtoA"), "maps": ("map2aerial", "BtoA"), "cityscapes": ("labels2street", "BtoA")}


def add_commands(command: Command) -> None:
    """Add this file's command to the parser."""
    add = command("experiment", run_experiment, "Train and measure the paper's study on a data set: objectives, skips, patches.")
    add("study", metavar="STUDY", help="its name: facades, or any name for another data set")
    add("--data", type=Path, required=True, metavar="DIR", help="a folder of pairs, as for train.py")
    add("--task", help="what is translated (default: labels2facade for facades, else STUDY)")
    add("--direction", choices=DIRECTIONS, help="default: BtoA for facades, else AtoB")
    add("--only", nargs="+", metavar="MODEL", help="some of its models, e.g. l1 l1-cgan patch16")
    add("--epochs", type=int, help="at the full learning rate; a third of them more decaying to zero (default 30)")
    add("--to", type=Path, metavar="DIR", help="where its models go (default studies/STUDY)")
    add("--runs", type=Path, metavar="DIR", help="where training keeps its state (default runs/STUDY)")
    add("--measure-only", action="store_true", help="measure what is trained, train nothing")
    add("--arguments", default="", metavar="ARGS", help='more options of train.py for every model, e.g. "--precision fp32"')


def run_experiment(options: argparse.Namespace) -> None:
    chosen = [experiment(name) for name in options.only] if options.only else list(EXPERIMENTS)
    name = check_name(options.study)
    task, direction = STUDIES.get(name, (name, "AtoB"))
    study = StudyOptions(
        options.data,
        options.task or task,
        options.direction or direction,
        options.to or Path("studies", name),
        options.runs or Path("runs", name),
        options.epochs or EPOCHS,
        tuple(shlex.split(options.arguments)),
    )
    if not options.measure_only:
        pairs = len(find_pairs(study.data, "train"))
        left = {each: steps_left(study, each, pairs) for each in chosen}
        missing = [each for each in chosen if left[each]]
        if missing:
            print(
                f"{len(missing)} of {len(chosen)} models to train on {pairs} pairs; measuring how long that takes ...", flush=True
            )
            times = {each: measure_step(study, each) * left[each] for each in missing}
            for each, seconds in times.items():
                print(f"  {each.name:24} {left[each]:7} steps, about {in_words(seconds)}")
            print(
                f"about {in_words(sum(times.values()))} in all. Ctrl-C saves and stops; the same command goes on."
                " --only and --epochs make it shorter.",
                flush=True,
            )
        if status := train_missing(study, chosen):
            if status == 130:
                raise KeyboardInterrupt
            raise ValueError("a model could not be trained; nothing was measured. The same command goes on from here")
    # The tables are of the whole study, also where `--only` trained a part of it.
    finished = [each for each in EXPERIMENTS if is_finished(study, each)]
    if not finished:
        raise ValueError(f"{study.models} holds no trained model of this study yet")
    changed = ["--epochs", str(study.epochs)] if study.epochs != EPOCHS else []
    changed += ["--arguments", options.arguments] if options.arguments else []
    command = shlex.join(["python", "-m", "pix2pix", "experiment", name, "--data", study.data.name, *changed])
    results = measure_study(study, finished, command, lambda sentence: print(sentence, file=sys.stderr))
    write_results(study.models, results)
    print(f"written: {study.models / TABLE_FILE}")
