"""The config: what it refuses, and its JSON."""

import json

import pytest

from pix2pix.checkpoint.config import CheckpointError, Config, read_config
from tests.helpers.making import METRICS, TRAINING, make_config


@pytest.mark.parametrize("task", ["", "../up", "a/b", ".hidden", "two words"])
def test_a_task_is_a_folder_name(task):
    with pytest.raises(ValueError, match="task"):
        make_config(task=task)


def test_a_config_reads_its_own_json():
    config = make_config(training=TRAINING, metrics=METRICS)
    assert Config.model_validate_json(config.model_dump_json(by_alias=True)) == config


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("task", "edges2" + "a" * 300),
        ("objective", "x" * 101),
        ("objective", "l1 <b>"),
        ("license", "x" * 1001),
        ("notes", "x" * 20_001),
    ],
)
def test_what_a_config_says_is_bounded(tmp_path, field, value):
    config = json.loads(make_config().model_dump_json(by_alias=True))
    (tmp_path / "config.json").write_text(json.dumps(config | {field: value}))
    with pytest.raises(CheckpointError, match=field) as caught:
        read_config(tmp_path / "config.json")
    assert len(str(caught.value)) <= 1500


def test_a_config_of_megabytes_is_not_parsed(tmp_path):
    (tmp_path / "config.json").write_text('{"notes": "' + "x" * 2_000_000 + '"}')
    with pytest.raises(CheckpointError, match="more than 1,000,000 bytes"):
        read_config(tmp_path / "config.json")


def test_a_license_is_read_under_its_old_name(tmp_path):
    config = json.loads(make_config(license="MIT").model_dump_json(by_alias=True))
    config["licence"] = config.pop("license")
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert read_config(tmp_path / "config.json").license == "MIT"
