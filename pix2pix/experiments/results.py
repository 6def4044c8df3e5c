"""What was measured of a study, kept as study.json beside its models, and the tables written from it."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from pix2pix.checkpoint.atomic import write_atomically
from pix2pix.evaluation.frechet import MEASURE as FRECHET
from pix2pix.experiments.study import PAPER, PAPER_TRUTH, QUESTIONS, Question, experiment

RESULTS_FILE, TABLE_FILE = "study.json", "README.md"
# The three numbers of the paper's tables.
FCN_SCORE = ("fcn_pixel_accuracy", "fcn_class_accuracy", "fcn_class_iou")
COLUMNS = {
    "l1": "L1",
    "psnr": "PSNR",
    "ssim": "SSIM",
    "sharpness": "sharpness",
    "lab_l": "Lab, L",
    "lab_a": "a",
    "lab_b": "b",
    FRECHET: "Fréchet",
}


class StudyResults(BaseModel):
    """Measures of every model of a study over the same held-out pairs. `truth` is what the measures give for real photos."""

    model_config = ConfigDict(frozen=True)

    task: str
    direction: str
    data: str
    split: str
    count: int
    size: int
    pairs: int
    epochs: int
    steps: int
    label_reader_epochs: int = 0
    command: str
    models: dict[str, dict[str, float]] = {}
    truth: dict[str, float] = {}


def read_results(folder: Path) -> StudyResults | None:
    """Return the results of the study in `folder`; None if it was not measured.

    Raise ValueError naming the file if it is damaged.
    """
    path = folder / RESULTS_FILE
    try:
        return StudyResults.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        raise ValueError(f"{path} cannot be read: {error.errors()[0]['msg']}. Remove it and measure again.") from None


def write_results(folder: Path, results: StudyResults) -> None:
    """Write study.json and the tables."""
    text = results.model_dump_json(indent=2) + "\n"
    write_atomically(folder / RESULTS_FILE, lambda path: _write_text(path, text))
    write_atomically(folder / TABLE_FILE, lambda path: _write_text(path, tables(results)))


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def tables(results: StudyResults) -> str:
    """Return the study in Markdown: one table a question, our figures beside the paper's."""
    lines = [
        f"# The paper's experiments on {results.data}",
        "",
        f"{results.task}, {results.direction}: {results.pairs} pairs, {results.steps} steps ({results.epochs} epochs) each,"
        f" measured on {results.count} pairs of {results.split} at {results.size} x {results.size}, noise off.",
        "",
        "The paper's figures are its FCN-scores for Cityscapes, another data set: compare the order of rows, not values.",
        "Fréchet distances are over features of EfficientNet-lite0 (not FIDs), from few pictures: compare rows only.",
        "",
    ]
    for question in QUESTIONS:
        lines += [f"## {question.title}", "", f"{question.asks} Paper: {question.paper}.", "", *_table(results, question), ""]
    lines += ["Made by:", "", f"    {results.command}", ""]
    return "\n".join(lines)


def _table(results: StudyResults, question: Question) -> list[str]:
    measured = [name for name in question.models if name in results.models]
    columns = {name: title for name, title in COLUMNS.items() if any(name in results.models[each] for each in measured)}
    labeled = any(FCN_SCORE[0] in results.models[name] for name in measured)
    scores = ["per-pixel", "per-class", "IoU"]
    header = ["model", *(scores if labeled else []), *columns.values(), f"paper: {scores[0]}", *scores[1:]]
    rows = [header, ["---"] * len(header)]
    for name in measured:
        values, paper = results.models[name], PAPER[question.row].get(name, ())
        rows.append(
            [
                experiment(name).title,
                *([f"{values.get(measure, float('nan')):.3f}" for measure in FCN_SCORE] if labeled else []),
                *(f"{values[column]:.4g}" if column in values else "" for column in columns),
                *([f"{value:.2f}" for value in paper] or ["", "", ""]),
            ]
        )
    if labeled:
        truth = [f"{results.truth[measure]:.3f}" for measure in FCN_SCORE]
        rows.append(["real photos", *truth, *[""] * len(columns), *(f"{value:.2f}" for value in PAPER_TRUTH)])
    return [f"| {' | '.join(row)} |" for row in rows]
