"""An installed model in words, numbers and pictures, as the Models tab shows it. A pulled config may hold any text."""

import math
import re
from pathlib import Path
from urllib.parse import urlsplit

from pix2pix.checkpoint.card import METRIC_NAMES
from pix2pix.checkpoint.catalog import FULL_OBJECTIVE, Entry, UsableEntry
from pix2pix.checkpoint.config import Config
from pix2pix.checkpoint.folder import HISTORY_FILE, SAMPLES_FOLDER
from pix2pix.checkpoint.origin import Origin, read_origin
from pix2pix.studio.errors import without_paths
from pix2pix.studio.library.history import read_curves
from pix2pix.studio.pictures import preview, samples_in
from pix2pix.studio.tasks import task_facts

MAX_TEXT = 2000
MAX_FILES = 1000
MAX_SIBLINGS = 6
CARD_SIDE, SAMPLE_SIDE = 224, 1024
# How to read a measure: -1 means that lower is better, 0 that closest to 1 is; for all others higher is better.
BETTER = {"l1": -1, "sharpness": 0}
BETTER_WORDS = {1: "higher is better", -1: "lower is better", 0: "closest to 1 is best"}
DIRECTIONS = {"AtoB": "A to B: the first half of a pair is the input", "BtoA": "B to A: the second half of a pair is the input"}
TERMS = {"l1": "L1", "l2": "L2", "gan": "GAN", "cgan": "cGAN"}


def objective_title(objective: str) -> str:
    """Write `l1+cgan` as L1 + cGAN."""
    title = " + ".join(TERMS.get(term, term) for term in objective.split("+"))
    return f"{title} only" if objective in ("l1", "l2") else _text(title, 40)


def card(entry: Entry, runs: Path) -> dict:
    """Describe a model for the list. A broken one has a `reason` instead of what its config says."""
    facts = {"name": entry.name, "size": _megabytes(entry.folder)}
    if not isinstance(entry, UsableEntry):
        return facts | {"reason": reason(entry)}
    pictures = (preview(path, CARD_SIDE) for path in samples_in(entry.folder / SAMPLES_FOLDER))
    return facts | {
        "task": entry.config.task[:100],
        "title": task_facts(entry.config.task[:100]).title,
        "objective": objective_title(entry.config.objective),
        "license": _text(entry.config.license, 80),
        "origin": _origin_words(entry, runs)[0],
        "picture": next((picture for picture in pictures if picture), None),
    }


def broken_detail(entry: Entry, runs: Path) -> dict:
    """Describe a folder that cannot be used: why, and what can be done about it."""
    return _about(entry, runs) | {"reason": reason(entry), "remedy": _remedy(entry)}


def _about(entry: Entry, runs: Path) -> dict:
    short, origin, link = _origin_words(entry, runs)
    return {
        "name": entry.name,
        "size": _megabytes(entry.folder),
        "origin": origin,
        "short": short,
        "link": link,
        "source": pulled_from(entry),
    }


def detail(entry: UsableEntry, siblings: list[UsableEntry], runs: Path) -> dict:
    """Describe everything of one model; `siblings` are the usable ones of its task, itself included."""
    config = entry.config
    paths = samples_in(entry.folder / SAMPLES_FOLDER)
    shown = [picture for path in paths if (picture := preview(path, SAMPLE_SIDE))]
    others = [other for other in siblings if other.name != entry.name][: MAX_SIBLINGS - 1]
    compared = sorted([entry, *others], key=lambda each: (each.config.objective != "l1", each.config.objective != FULL_OBJECTIVE))
    curves = {each.name: read_curves(each.folder / HISTORY_FILE) for each in [entry, *others]}
    return _about(entry, runs) | {
        "task": config.task[:100],
        "title": task_facts(config.task[:100]).title,
        "objective": objective_title(config.objective),
        "license": _text(config.license, 200),
        "notes": _text(config.notes),
        "networks": _networks(config),
        "training": _training(config),
        "samples": shown,
        "unreadable": len(paths) - len(shown),
        "metrics": metrics_table(compared),
        "curves": {name: series for name, series in curves.items() if series or name == entry.name},
    }


def reason(entry: Entry) -> str:
    """Return why a folder cannot be used, without paths."""
    return _text(without_paths(entry.error, entry.folder).replace(f"{entry.name}/", ""), 400)


def pulled_from(entry: Entry) -> str | None:
    """Return what to pull to get this model again: `owner/name`, if it came from the Hub."""
    origin = read_origin(entry.folder)
    return origin.source if origin and origin.commit else None


def metrics_table(entries: list[UsableEntry]) -> dict | None:
    """Return the measures of a task's models side by side, the best marked where all saw the same pictures.

    None if there are none.
    """
    measured = [(entry, entry.config.metrics) for entry in entries if entry.config.metrics]
    if not measured:
        return None
    sets = [(metrics.data, metrics.split, metrics.count, metrics.resizing) for _, metrics in measured]
    names = [name for name in METRIC_NAMES if any(name in metrics.values for _, metrics in measured)]
    rows = []
    for name in names:
        values = [metrics.values.get(name, math.nan) for _, metrics in measured]
        direction = BETTER.get(name, 1)
        rows.append(
            {
                "measure": METRIC_NAMES[name].strip(),
                "part": METRIC_NAMES[name].startswith(" "),
                "better": BETTER_WORDS[direction],
                "values": [f"{value:#.4g}" if math.isfinite(value) else "not measured" for value in values],
                "best": _best(values, direction) if len(set(sets)) == 1 else None,
            }
        )
    data, split, count, resizing = sets[0]
    return {
        "columns": [{"name": entry.name, "objective": objective_title(entry.config.objective)} for entry, _ in measured],
        "rows": rows,
        "measured": _text(f"On {count} pairs of {data}, {split}; {resizing}.", 300),
        "comparable": len(set(sets)) == 1,
    }


def _best(values: list[float], direction: int) -> int | None:
    """Return the place of the one best value; None if there is nothing to compare it with, or another as good."""
    merits = {
        place: value * direction if direction else -abs(value - 1) for place, value in enumerate(values) if math.isfinite(value)
    }
    best = [place for place, merit in merits.items() if merit == max(merits.values())]
    return best[0] if len(best) == 1 < len(merits) else None


def _networks(config: Config) -> list[tuple[str, str]]:
    discriminator = "none: no critic's view"
    if d := config.discriminator:
        discriminator = f"PatchGAN {d.patch}, ndf={d.ndf}, {d.norm} norm" + ("" if d.conditional else ", sees the output alone")
    statistics = {"image": "each picture's own", "running": "the training set's running averages"}[config.norm_statistics]
    return [
        ("Generator", config.generator.summary),
        ("Dropout", f"{config.generator.dropout:g} in the decoder, the paper's noise z"),
        ("Discriminator", discriminator),
        ("Picture size", f"{config.image_size} x {config.image_size}"),
        ("Norm statistics", statistics),
        ("Direction", DIRECTIONS[config.direction]),
    ]


def _training(config: Config) -> list[tuple[str, str]]:
    training = config.training
    if training is None:
        return []
    facts = [
        ("Data", f"{training.pairs:,} pairs of {training.data}"),
        ("Length", f"{training.steps:,} steps of {training.batch}, {training.epochs:g} epochs, {training.hours:.2g} hours"),
        ("Optimizer", f"Adam at {training.learning_rate:g}, {training.precision}"),
        ("Loss", f"{training.gan_loss} GAN loss, lambda {training.lambda_:g}" if config.discriminator else "no discriminator"),
        ("Seed", str(training.seed)),
        ("Began from", training.init_from or ""),
        ("Command", training.command),
        ("Code version", training.code_version),
    ]
    return [(name, _text(text, 600)) for name, text in facts if text]


def _origin_words(entry: Entry, runs: Path) -> tuple[str, str, str | None]:
    """Return where a model came from: in a word, in a sentence, and its page on the Hub."""
    origin = read_origin(entry.folder)
    if origin:
        return "pulled", *_pulled_words(origin)
    if (runs / entry.name).is_dir():
        return "trained here", "Trained here with train.py.", None
    return "shipped", "Shipped with this checkpoints folder, or copied into it: nothing here records a run or a pull of it.", None


def _pulled_words(origin: Origin) -> tuple[str, str | None]:
    day = _text(origin.date, 10)
    if origin.commit:
        place = f"{origin.source}@{origin.commit[:7]}"
        page = f"https://huggingface.co/{origin.source}/tree/{origin.commit}"
        linked = re.fullmatch(r"[\w.-]+/[\w.-]+", origin.source) and re.fullmatch(r"[0-9a-f]{40}", origin.commit)
        return _text(f"Pulled from {place} on {day}.", 300), page if linked else None
    if "://" in origin.source:
        return _text(f"Pulled from {urlsplit(origin.source).hostname} on {day}.", 300), None
    return f"Taken from this server's own disk on {day}.", None


def _remedy(entry: Entry) -> str:
    if pulled_from(entry):
        return "Pull it again: what is damaged or missing is fetched anew."
    return f"Train it again, put the missing or damaged file back, or remove the folder {entry.name} from the checkpoints folder."


def _megabytes(folder: Path) -> float:
    """Return the size of a folder's files in MB."""
    total = 0
    for path, _ in zip(folder.rglob("*"), range(MAX_FILES), strict=False):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:  # replaced at this moment
            continue
    return round(total / 1e6, 1)


def _text(text: str, limit: int = MAX_TEXT) -> str:
    """Make text of a pulled file one bounded line that can be shown."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
