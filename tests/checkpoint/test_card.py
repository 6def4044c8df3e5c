"""The model card: what the model is, and a front matter that any license leaves readable."""

import pytest
import yaml

from pix2pix.checkpoint.card import card_text
from pix2pix.networks.config import GeneratorArguments
from tests.helpers.making import METRICS, TRAINING, make_config, write_checkpoint


def front_matter(text: str) -> dict:
    assert text.startswith("---\n")
    return yaml.safe_load(text.split("---\n")[1])


def test_the_card_says_what_the_model_is(tmp_path):
    config = make_config(training=TRAINING, metrics=METRICS, license="CC BY 4.0", notes="Windows are hard.")
    text = card_text(config, ["samples/01.png"])
    front = front_matter(text)
    assert front["pipeline_tag"] == "image-to-image"
    assert {"pix2pix", "demo", "l1+cgan"} <= set(front["tags"])
    assert (front["license"], "license_name" in front) == ("cc-by-4.0", False)
    front = front_matter(card_text(make_config(license="research and non-commercial use"), []))
    assert (front["license"], front["license_name"]) == ("other", "research-and-non-commercial-use")
    for fact in (
        "demo", "U-Net of 3 levels", "ngf=4", "instance norm", "PatchGAN 16", "CC BY 4.0", "Windows are hard.", "samples/01.png",
        "400 pairs (facades", "direction AtoB", "1200 steps", "seed 7", "lambda 100", "python train.py --data facades",
        "100 pairs of facades, val", "to 32x32", "0.1234", "Isola", "translate --checkpoint", "from_pretrained",
    ):  # fmt: skip
        assert fact in text


def test_a_card_without_training_or_metrics():
    generator = GeneratorArguments(skips=False)
    text = card_text(make_config(objective="l1", discriminator=None, generator=generator), [])
    assert "encoder-decoder" in text
    assert "Discriminator: none" in text
    assert "## Measured" not in text
    assert front_matter(text)["license"] == "unknown"


@pytest.mark.parametrize("license", ["a: b", "# no", "'", "[x]", "zwölf"])
def test_any_license_leaves_the_front_matter_readable(license):
    assert "license_name" in front_matter(card_text(make_config(license=license), []))


def test_a_written_card_is_the_configs(tmp_path):
    folder = write_checkpoint(tmp_path / "demo")
    assert (folder / "README.md").read_text(encoding="utf-8") == card_text(make_config(), ["samples/01.png"])
