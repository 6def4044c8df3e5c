"""The model card of a checkpoint, written from its config alone."""

import math

from huggingface_hub import ModelCardData

from pix2pix.checkpoint.config import Config

# By this tag the app finds models that others published.
TAG = "pix2pix-studio"

# What the Hub can filter by; other licenses have a name of their own.
HUB_LICENSES = ("mit", "apache-2.0", "bsd-2-clause", "bsd-3-clause", "cc0-1.0", "cc-by-4.0", "cc-by-nc-4.0", "unknown")

METRIC_NAMES = {
    "l1": "L1 (colors in 0..1)",
    "psnr": "PSNR (dB)",
    "ssim": "SSIM",
    "sharpness": "sharpness (gradient, output / truth)",
    "lab": "Lab histogram intersection",
    "lab_l": "  of L",
    "lab_a": "  of a",
    "lab_b": "  of b",
    "pixel_accuracy": "pixels with the right label, by nearest color",
    "class_accuracy": "  mean over labels",
    "class_iou": "  intersection over union, mean over labels",
    "edge_f1": "F1 of strokes at 2 px",
    "edge_precision": "  precision",
    "edge_recall": "  recall",
    "canny_f1": "  F1 of Canny on the same photos",
}


def card_tags(config: Config) -> list[str]:
    """Return tags by which a model is found on the Hub."""
    return ["pix2pix", TAG, config.task, config.objective, "image-to-image"]


def card_text(config: Config, samples: list[str]) -> str:
    """Return README.md with Hub front matter. `samples` are paths of pictures, relative to the card."""
    license = config.license.replace(" ", "-").lower()
    front = ModelCardData(
        license=license if license in HUB_LICENSES else "other",
        license_name=None if license in HUB_LICENSES else license,
        tags=card_tags(config),
        pipeline_tag="image-to-image",
        library_name="pytorch",
    )
    generator, discriminator = config.generator, config.discriminator
    lines = [
        "---",
        front.to_yaml(),
        "---",
        "",
        f"# {config.task}: pix2pix, {config.objective}",
        "",
        "Image-to-image translation after Isola et al., *Image-to-Image Translation with Conditional Adversarial Networks*,",
        "CVPR 2017, trained with pix2pix studio." if config.training else "CVPR 2017, trained elsewhere.",
        "",
        f"- Generator: {generator.summary}, for pictures of {config.image_size} x {config.image_size}",
        f"- Discriminator: PatchGAN {discriminator.patch}, ndf={discriminator.ndf}" if discriminator else "- Discriminator: none",
        f"- Norm statistics: {config.norm_statistics}",
        f"- License: {config.license}",
    ]
    if config.notes:
        lines += ["", config.notes]
    if samples:
        lines += ["", "## Samples", "", "Input | output", ""]
        lines += [f"![sample]({name})" for name in samples]
    if training := config.training:
        lines += [
            "",
            "## Training",
            "",
            f"{training.pairs} pairs ({training.data}, direction {config.direction}), {training.steps} steps of {training.batch}"
            f" ({training.epochs:g} epochs), {training.hours:.1f} hours, {training.precision}, seed {training.seed},"
            f" Adam at {training.learning_rate:g}, lambda {training.lambda_:g}, {training.gan_loss} GAN loss.",
            "",
            *(f"    {command}" for command in training.command.splitlines()),
        ]
    if metrics := config.metrics:
        lines += [
            "",
            "## Measured",
            "",
            f"On {metrics.count} pairs of {metrics.data}, {metrics.split}; {metrics.resizing}.",
            "",
            "| measure | value |",
            "|---|---|",
        ]
        names = sorted(metrics.values, key=lambda name: list(METRIC_NAMES).index(name) if name in METRIC_NAMES else math.inf)
        lines += [f"| {METRIC_NAMES.get(name, name)} | {metrics.values[name]:.4g} |" for name in names]
    lines += [
        "",
        "## Use",
        "",
        "    python -m pix2pix translate --checkpoint CHECKPOINT INPUT OUTPUT",
        "",
        'In Python: `Generator.from_pretrained("owner/repo")` from `pix2pix.checkpoint.folder`.',
        "",
    ]
    return "\n".join(lines)
