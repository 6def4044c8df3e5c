"""Points between the weights of two models."""

import numpy as np
import pytest
from PIL import Image

from pix2pix.checkpoint.folder import check_folder, load_discriminator, load_generator, save_checkpoint
from pix2pix.cli import main
from pix2pix.inference.translator import Translator
from pix2pix.networks.config import GeneratorArguments
from tests.helpers.making import make_config, make_networks, picture, write_pairs


@pytest.fixture
def checkpoints(tmp_path):
    config = make_config()
    for seed, name in enumerate(("calm", "sharp")):
        generator, discriminator = make_networks(config, seed)
        samples = [(picture(9), picture(10))] if name == "sharp" else []
        save_checkpoint(tmp_path / name, config, generator, discriminator, samples=samples)
    other = make_config(generator=GeneratorArguments(ngf=8, levels=3, norm="instance"))
    save_checkpoint(tmp_path / "wide", other, *make_networks(other))
    return tmp_path


def blend(checkpoints, *arguments: object) -> int:
    return main(["--checkpoints", str(checkpoints), "blend", *map(str, arguments)])


def weights(folder) -> dict[str, np.ndarray]:
    return {name: value.numpy() for name, value in load_generator(folder).state_dict().items()}


@pytest.mark.slow
def test_every_weight_lies_between_the_two(checkpoints):
    assert blend(checkpoints, "calm", "sharp", "--share", 0.75, "--to", "mixed") == 0
    calm, sharp, mixed = (weights(checkpoints / name) for name in ("calm", "sharp", "mixed"))
    for name, value in mixed.items():
        np.testing.assert_allclose(value, 0.25 * calm[name] + 0.75 * sharp[name], atol=2e-3)
    discriminator = load_discriminator(checkpoints / "mixed").state_dict()
    for name, value in load_discriminator(checkpoints / "sharp").state_dict().items():
        np.testing.assert_array_equal(discriminator[name], value)


@pytest.mark.slow
def test_its_card_shows_what_the_new_weights_make_and_measure(checkpoints, tmp_path):
    write_pairs(tmp_path / "data" / "val", 2)
    assert blend(checkpoints, "calm", "sharp", "--to", "mixed", "--data", tmp_path / "data", "--notes", "Half and half.") == 0
    config = check_folder(checkpoints / "mixed")
    assert config.metrics.count == 2
    assert "Half and half." in (checkpoints / "mixed" / "README.md").read_text()
    sample = np.asarray(Image.open(checkpoints / "mixed" / "samples" / "01.png"))
    made = Translator.from_folder(checkpoints / "mixed").translate(picture(9))
    np.testing.assert_array_equal(sample[:, :32], picture(9))
    assert np.abs(sample[:, 32:].astype(int) - made).max() <= 2


@pytest.mark.slow
def test_a_model_is_replaced_only_when_asked(checkpoints, capsys):
    before = weights(checkpoints / "calm")
    assert blend(checkpoints, "calm", "sharp", "--to", "calm") == 1
    assert "--overwrite" in capsys.readouterr().err
    np.testing.assert_equal(weights(checkpoints / "calm"), before)
    assert blend(checkpoints, "calm", "sharp", "--share", 1, "--to", "calm", "--overwrite") == 0
    np.testing.assert_equal(weights(checkpoints / "calm"), weights(checkpoints / "sharp"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("calm", "wide", "--to", "mixed"), "generator differs"),
        (("calm", "sharp", "--share", 1.5, "--to", "mixed"), "from 0 to 1"),
        (("calm", "nothing", "--to", "mixed"), "there is no checkpoint nothing"),
        (("calm", "sharp", "--to", "../mixed"), "mixed"),
    ],
)
def test_what_cannot_be_blended_is_said_in_a_sentence(checkpoints, capsys, arguments, words):
    assert blend(checkpoints, *arguments) == 1
    assert words in capsys.readouterr().err
    assert not (checkpoints / "mixed").exists()
