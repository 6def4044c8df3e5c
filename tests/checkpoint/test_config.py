"""The config: what it refuses, and its JSON."""

import pytest

from pix2pix.checkpoint.config import Config
from tests.helpers.making import METRICS, TRAINING, make_config


@pytest.mark.parametrize("task", ["", "../up", "a/b", ".hidden", "two words"])
def test_a_task_is_a_folder_name(task):
    with pytest.raises(ValueError, match="task"):
        make_config(task=task)


def test_a_config_reads_its_own_json():
    config = make_config(training=TRAINING, metrics=METRICS)
    assert Config.model_validate_json(config.model_dump_json(by_alias=True)) == config
