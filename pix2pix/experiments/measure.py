"""Measures the models of a study over the same held-out pairs."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from tqdm import tqdm

from pix2pix.checkpoint.config import read_config
from pix2pix.checkpoint.folder import CONFIG_FILE
from pix2pix.data.pairs import find_pairs, has_split, whole_pairs
from pix2pix.data.palettes import find_palette
from pix2pix.evaluation.evaluate import folder_names
from pix2pix.evaluation.fcn import LabelReader, load_label_reader, train_label_reader
from pix2pix.evaluation.frechet import MEASURE as FRECHET
from pix2pix.evaluation.frechet import MissingPackageError, PhotoClassifier, frechet_distance
from pix2pix.evaluation.metrics import Scores
from pix2pix.experiments.results import StudyResults
from pix2pix.experiments.study import Experiment
from pix2pix.experiments.train import StudyOptions
from pix2pix.inference.translator import Translator

# Larger sets are measured by their first pairs.
MAX_PAIRS = 200
LABEL_READER_FILE = "label-reader.pt"
LABEL_READER_EPOCHS = 40
# Pairs of the training set that are looked at to decide whether its inputs are label maps.
PALETTE_SAMPLE = 30

Pictures = list[tuple[np.ndarray, np.ndarray]]


def measure_study(study: StudyOptions, experiments: list[Experiment], command: str, say: Callable[[str], None]) -> StudyResults:
    """Measure the models of `experiments`, all of which are trained, on the pairs of val/ (else test/, else the training set's).

    `say` is given sentences about what cannot be measured. Raise PairsError, CheckpointError.
    """
    split = next(split for split in ("val", "test", "train") if split == "train" or has_split(study.data, split))
    if split == "train":
        say(f"{study.data} holds nothing out in val/: measured on the training pairs, which flatters every model")
    config = read_config(study.models / experiments[0].name / CONFIG_FILE)
    size, training = config.image_size, config.training
    pictures = list(whole_pairs(find_pairs(study.data, split)[:MAX_PAIRS], study.direction, size))
    reader = _label_reader(study, size, say)
    try:
        classifier = PhotoClassifier()
        real = np.array([classifier.describe(truth) for _, truth in pictures])
    except MissingPackageError as error:
        say(f"not measured: {error}")
        classifier = None
    models = {}
    for experiment in tqdm(experiments, desc="measuring", unit="model", leave=False):
        translator = Translator.from_folder(study.models / experiment.name)
        outputs = [translator.translate(a) for a, _ in pictures]
        scores = Scores()
        for output, (a, truth) in zip(outputs, pictures, strict=True):
            scores.add(output, truth, a)
        values = scores.result()
        if reader is not None:
            values |= _fcn_score(reader, outputs, pictures)
        if classifier is not None:
            values[FRECHET] = frechet_distance(np.array([classifier.describe(output) for output in outputs]), real)
        models[experiment.name] = {name: float(f"{value:.5g}") for name, value in values.items()}
    return StudyResults(
        task=study.task,
        direction=study.direction,
        data=folder_names([study.data]),
        split=split,
        count=len(pictures),
        size=size,
        pairs=training.pairs if training else 0,
        epochs=round(training.epochs) if training else 0,
        steps=training.steps if training else 0,
        label_reader_epochs=LABEL_READER_EPOCHS if reader is not None else 0,
        command=command,
        models=models,
        truth=_fcn_score(reader, [truth for _, truth in pictures], pictures) if reader is not None else {},
    )


def _fcn_score(reader: LabelReader, photos: list[np.ndarray], pictures: Pictures) -> dict[str, float]:
    """Return how well the inputs' labels are read from photos, each measure named `fcn_`."""
    scores = reader.score((photo, labels) for photo, (labels, _) in zip(photos, pictures, strict=True))
    return {f"fcn_{name}": value for name, value in scores.items()}


def _label_reader(study: StudyOptions, size: int, say: Callable[[str], None]) -> LabelReader | None:
    """Return a network that reads the inputs' labels from photos, trained once and kept; None where inputs are no label maps."""
    path: Path = study.runs / LABEL_READER_FILE
    if path.exists():
        return load_label_reader(path)
    sources = find_pairs(study.data, "train")
    step = max(1, len(sources) // PALETTE_SAMPLE)
    palette = find_palette([a for a, _ in whole_pairs(sources[::step], study.direction, size)], study.task)
    if palette is None:
        say("no FCN-score: the inputs are not label maps of a few flat colors")
        return None
    pictures = [(b, a) for a, b in whole_pairs(sources, study.direction, size)]
    reader = train_label_reader(pictures, palette, LABEL_READER_EPOCHS)
    path.parent.mkdir(parents=True, exist_ok=True)
    reader.save(path)
    return reader
