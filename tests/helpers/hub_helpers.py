"""What the tests of the Hub share."""

from pathlib import Path

import numpy as np
import pytest
from huggingface_hub import constants

from pix2pix.checkpoint.catalog import list_entries
from pix2pix.checkpoint.folder import CARD_FILE, GENERATOR_FILE
from pix2pix.checkpoint.origin import ORIGIN_FILE
from pix2pix.hub.errors import HubError
from pix2pix.hub.pull import pull
from pix2pix.inference.translator import Translator
from tests.helpers.making import picture

# Requests for what a repository is, for its files, and for a model's weights.
INFO = "GET /api/models/ada/demo"
TREE = f"{INFO}/tree/"
WEIGHTS = rf"GET /\S+/{GENERATOR_FILE}"
# What publishing changes: the card names the repository, and where a model came from is the puller's affair.
OWN = (CARD_FILE, ORIGIN_FILE)


def point_at(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    """Makes huggingface_hub, which read its environment long ago, ask this server."""
    monkeypatch.setattr(constants, "ENDPOINT", endpoint)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", endpoint + "/{repo_id}/resolve/{revision}/{filename}")


def translated(folder: Path) -> np.ndarray:
    return Translator.from_folder(folder, "cpu").translate(picture(7))


def contents(folder: Path, *but: str) -> dict[str, bytes]:
    """What a folder holds."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in files.items() if name not in but}


def assert_offered(here: Path, *names: str) -> None:
    """These checkpoints are offered, whole, and nothing else stands beside them."""
    entries = list_entries(here)
    assert [entry.name for entry in entries] == list(names)
    assert all(entry.config for entry in entries)
    assert {path.name for path in here.glob("*")} <= {*names, ".downloads"}


def sentence(error: pytest.ExceptionInfo) -> str:
    """The message, if it is one that people can read."""
    text = str(error.value)
    assert "\n" not in text
    assert 10 < len(text) < 400
    assert not any(word in text for word in ("Traceback", "Error(", "errno", "httpx", "0x"))
    return text


def refused(*arguments: object, **options: object) -> str:
    """The sentence that a pull ends in."""
    with pytest.raises(HubError) as error:
        pull(*arguments, **options)
    print(error.value)
    return sentence(error)
