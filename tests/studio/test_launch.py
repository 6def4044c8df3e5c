"""The studio's settings."""

import argparse
from pathlib import Path

import pytest

from pix2pix.studio import launch


def test_settings_come_from_arguments_then_environment(monkeypatch, capsys):
    monkeypatch.setenv("PORT", "9000")
    monkeypatch.setenv("HOST", "0.0.0.0")
    settings = launch.parser().parse_args(["--port", "9001"])
    assert isinstance(settings, argparse.Namespace)
    assert (settings.host, settings.port) == ("0.0.0.0", 9001)
    monkeypatch.setenv("PORT", "many")
    with pytest.raises(SystemExit):
        launch.parser().parse_args([])
    assert "whole number" in capsys.readouterr().err


def test_settings_come_from_flags_and_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not launch.parser().parse_args([]).no_pull
    assert launch.parser().parse_args(["--no-pull"]).no_pull
    monkeypatch.setenv("PIX2PIX_NO_PULL", "1")
    monkeypatch.setenv("PIX2PIX_RUNS", "elsewhere")
    monkeypatch.setenv("PIX2PIX_MAX_MODELS", "7")
    settings = launch.parser().parse_args(["--max-waiting", "5"])
    assert (settings.no_pull, settings.runs) == (True, Path("elsewhere"))
    assert (settings.max_models, settings.max_waiting) == (7, 5)
    monkeypatch.setenv("PIX2PIX_NO_PULL", "0")
    assert not launch.parser().parse_args([]).no_pull
