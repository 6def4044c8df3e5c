"""Models, drawings and a Models tab for the tests of the studio."""

from pathlib import Path

import numpy as np
import pytest
import torch

from pix2pix.checkpoint.config import Config
from pix2pix.checkpoint.folder import save_checkpoint
from pix2pix.networks.config import DiscriminatorArguments, GeneratorArguments
from pix2pix.networks.patchgan import PatchGAN
from pix2pix.networks.unet import UNet
from pix2pix.studio.engine import Engine
from pix2pix.studio.library.search import HubSearch
from tests.helpers.shelf import Shelf


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    (tmp_path / "runs").mkdir()
    return tmp_path / "runs"


@pytest.fixture
def shelf(here: Path, runs: Path) -> Shelf:
    here.mkdir()
    return Shelf(Engine(here, "cpu"), runs, HubSearch(here))


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoints")
    torch.manual_seed(0)
    for objective in ("l1", "l1+cgan"):
        arguments = GeneratorArguments(ngf=4, norm="instance")
        arguments_d = DiscriminatorArguments(ndf=4, norm="instance") if objective == "l1+cgan" else None
        config = Config(
            task="labels2facade", objective=objective, direction="AtoB", generator=arguments, discriminator=arguments_d
        )
        discriminator = PatchGAN(**arguments_d.model_dump()) if arguments_d else None
        name = "labels2facade" if arguments_d else "labels2facade-l1"
        save_checkpoint(folder / name, config, UNet(**arguments.model_dump()), discriminator)
    return folder


@pytest.fixture
def drawings():
    return [np.random.default_rng(seed).integers(0, 256, (256, 256, 3), np.uint8) for seed in range(4)]
